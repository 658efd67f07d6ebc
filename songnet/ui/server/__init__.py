"""What stands between strangers and Gradio: the gate, tools for assistants, patches, memory."""

from songnet.ui.server import gradio_patches, memory


def prepare() -> None:
    """Makes this process fit to serve the page, once, before the page is built.

    It changes what all of the process shares: names of Gradio's (`gradio_patches`) and how the
    C library hands out memory (`memory`).

    Raises
    ------
    PatchError
        If this version of Gradio lacks a name that is replaced.
    """
    gradio_patches.apply()
    memory.share_arenas()
