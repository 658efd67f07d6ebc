"""Protects Gradio from strangers: gate, tools for assistants, patches, memory."""

from songnet.ui.server import gradio_patches, memory


def prepare() -> None:
    """Prepares this process for serving the page; call it once, before the page is built.

    It changes what the whole process shares: names in Gradio (`gradio_patches`) and how the C
    library allocates memory (`memory`).

    Raises
    ------
    PatchError
        If this version of Gradio lacks a name that is replaced.
    """
    gradio_patches.apply()
    memory.share_arenas()
