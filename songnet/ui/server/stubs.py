"""Keeps Gradio from writing typing stubs, which takes two fifths of the time to import it.

Gradio writes stubs (``.pyi``) for each of its components, into its own folder, whenever it is
imported: it parses its sources twice for each. They are for editors, and of no use to a server.
This module replaces a function of Python itself, while Gradio is imported; what is replaced in
Gradio, and for good, is in `songnet.ui.server.gradio_patches`.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """Keeps Gradio from writing stubs if it is imported in this ``with`` block.

    Gradio writes none for a class whose source file is not found; here none of its own is found.
    """
    find = inspect.getfile

    def hide(thing: Any) -> str:
        if str(getattr(thing, "__module__", "")).startswith("gradio."):
            raise OSError("no file, no stubs")
        return find(thing)

    inspect.getfile = hide
    try:
        yield
    finally:
        inspect.getfile = find
