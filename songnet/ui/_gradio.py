"""Imports Gradio in three fifths of its time, before any module of the page does.

Gradio writes typing stubs (``.pyi``) for each of its components, into its own folder, whenever it
is imported: it parses its sources twice for each. An editor has a use for them, a server has none.
Classes whose source has no file are passed over, and here Gradio's own are taken for such.
"""

import inspect
from contextlib import contextmanager


@contextmanager
def _without_stubs():
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


with _without_stubs():
    import gradio  # noqa: F401
