"""The page's own pictures: its icon, and what a shared link to it shows."""

from functools import cache

from fastapi.responses import Response

from songnet import logo
from songnet.colours import GROUND
from songnet.ui.server.page_template import CARD, ICON

_CACHED = {"cache-control": "public, max-age=86400"}
_ICON_SIDE = 256  # pixels
FILES = frozenset({CARD, ICON, "favicon.ico"})


def answer(name: str) -> Response:
    """The answer to a request for one of `FILES`."""
    return Response(_drawn(name == CARD), media_type="image/png", headers=_CACHED)


@cache
def _drawn(card: bool) -> bytes:
    return logo.card() if card else logo.png(_ICON_SIDE, GROUND.dark)
