"""Keeps Gradio from writing typing stubs, which takes two fifths of the time to import it.

Gradio writes stubs (``.pyi``) for each of its components, into its own folder, whenever it is
imported: it parses its sources twice for each. An editor has a use for them, a server has none.
This replaces a function of Python's own, and only while Gradio is imported; what is replaced in
Gradio, and for good, is in `songnet.ui.server.gradio_patches`.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """Lets `gradio` be imported for the first time without stubs being written.

    Gradio writes none for a class whose source has no file; its own are made to look like that.
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
