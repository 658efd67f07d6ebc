"""Protects Gradio from strangers: gate, tools for assistants, patches, memory."""

from songnet.ui.server import gradio_patches, memory, page_template, schema_words


def prepare() -> None:
    """Prepares this process for serving the page; call it once, before the page is built.

    It changes what the whole process shares: names in Gradio (`gradio_patches`), what stands in the
    head of its page (`page_template`) and in its API's description (`schema_words`), and how the C
    library allocates memory (`memory`).

    Raises
    ------
    PatchError
        If this version of Gradio lacks a name that is replaced.
    """
    gradio_patches.apply()
    page_template.apply()
    schema_words.apply()
    memory.share_arenas()
