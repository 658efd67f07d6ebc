"""Spares a server the typing stubs that Gradio writes, two fifths of the time to import it.

Gradio writes stubs (``.pyi``) for each of its components, into its own folder, whenever it is
imported: it parses its sources twice for each. An editor has a use for them, a server has none.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_stubs() -> Iterator[None]:
    """Within it, `gradio` can be imported for the first time without stubs being written.

    Gradio passes over classes whose source has no file; its own are taken for such.
    """
    find = inspect.getfile

    def hide(thing) -> str:
        if str(getattr(thing, "__module__", "")).startswith("gradio."):
            raise OSError("no file, no stubs")
        return find(thing)

    inspect.getfile = hide
    try:
        yield
    finally:
        inspect.getfile = find
