"""What a shared link to the page shows: the page's own name, words and picture.

Gradio writes those of its own into the template of its page, and has no setting for most of them.
"""

import re
from collections.abc import Callable
from importlib.metadata import version

from jinja2 import BaseLoader, Environment

from songnet.errors import PatchError
from songnet.ui.server.gradio_patches import PACKAGE

TITLE = "SongNet: which genre is this song?"
DESCRIPTION = (
    "A small neural network listens and says which genre a song is, how sure it is, and which "
    "moments told it so."
)
CARD, ICON = "songnet-card.png", "songnet-icon.png"
_TEMPLATE = "frontend/index.html"
_THEIRS = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>')
_PLACE = "</head>"
# The root is the page's own address as the visitor knows it, behind a proxy, too.
_OURS = (
    f'<meta name="description" content="{DESCRIPTION}">'
    '<meta property="og:type" content="website">'
    '<meta property="og:site_name" content="SongNet">'
    f'<meta property="og:title" content="{TITLE}">'
    f'<meta property="og:description" content="{DESCRIPTION}">'
    '<meta property="og:url" content="{{ config[\'root\'] }}/">'
    f'<meta property="og:image" content="{{{{ config[\'root\'] }}}}/{CARD}">'
    '<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">'
    f'<meta property="og:image:alt" content="{TITLE}">'
    '<meta name="twitter:card" content="summary_large_image">'
    f'<meta name="twitter:title" content="{TITLE}">'
    f'<meta name="twitter:description" content="{DESCRIPTION}">'
    f'<meta name="twitter:image" content="{{{{ config[\'root\'] }}}}/{CARD}">'
    f'<link rel="icon" type="image/png" href="{ICON}">'
    f'<link rel="apple-touch-icon" href="{ICON}">'
)


class Loader(BaseLoader):
    """Loads Gradio's templates, that of the page with the tags of this page.

    Parameters
    ----------
    theirs : BaseLoader
        Gradio's own.
    """

    def __init__(self, theirs: BaseLoader) -> None:
        self._theirs = theirs

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The source of a template, the file that it is from, and whether it is up to date."""
        source, file, up_to_date = self._theirs.get_source(environment, template)
        return (rewritten(source) if template == _TEMPLATE else source), file, up_to_date


def rewritten(source: str) -> str:
    """Gradio's template of the page with this page's tags in place of Gradio's.

    Raises
    ------
    PatchError
        If it has no head, or something is left there that names Gradio's picture.
    """
    ours = _THEIRS.sub("", source).replace(_PLACE, f"{_OURS}{_PLACE}", 1)
    if _OURS not in ours or "gradio-app/gradio" in ours:
        raise PatchError(
            f"Gradio {version('gradio')} has another page, whose tags SongNet cannot replace: "
            f"pip install {PACKAGE}"
        )
    return ours


def apply() -> None:
    """Puts the loader in place of Gradio's; a second call changes nothing."""
    # Importing it belongs to `without_stubs`.
    from gradio import routes

    environment = routes.templates.env
    if not isinstance(environment.loader, Loader):
        assert environment.loader is not None
        environment.loader = Loader(environment.loader)
    environment.get_template(_TEMPLATE)
