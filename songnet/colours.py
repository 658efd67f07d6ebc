"""Every colour that Python code uses: of the genres, of the page and of the plots.

All are written ``"#rrggbb"``. A colour never stands alone: a genre's name is always next to its
colour. `songnet/ui/assets` takes the page's colours from Gradio's variables, which
`songnet.ui.theme` sets.
"""

from collections.abc import Iterable
from typing import NamedTuple

from songnet.palette import ON_DARK, ON_LIGHT, continued


class Pair(NamedTuple):
    """A colour for each of the page's two schemes; as text, what CSS takes for both at once."""

    light: str
    dark: str

    def __str__(self) -> str:
        return f"light-dark({self.light}, {self.dark})"


# Found by a search: 3:1 or more against the ground of a bar and of a card in their scheme, told
# apart at a glance under protanopia, deuteranopia and tritanopia, and none of them the red of an
# error or the grey of "Not sure". A genre has nearly the same hue in both.
GENRE_COLOURS = {
    "Electronic": Pair("#102a6e", "#6ca2fc"),
    "Experimental": Pair("#7015b0", "#a263ff"),
    "Folk": Pair("#968700", "#d8e175"),
    "Hip-Hop": Pair("#a04400", "#eaab63"),
    "Instrumental": Pair("#007878", "#75f3ea"),
    "International": Pair("#e028b0", "#e175c6"),
    "Pop": Pair("#1f86f5", "#abc6ff"),
    "Rock": Pair("#5f120a", "#e16351"),
}
# SongNet's sign, on every ground.
SIGN = ("#86c8dd", "#578dff", "#c849a9", "#ff5e02")


# The page: near-monochrome, so that the genres' colours are the only ones that stand out. Text on
# each ground passes WCAG AA.
INK, WHITE, BLACK = "#15171c", "#ffffff", "#000000"
GROUND = Pair("#f6f6f4", "#0f1116")
CARD = Pair(WHITE, "#171a21")
FILL = Pair("#f0f0ed", "#1e222b")
STRIPE = Pair("#f6f6f4", "#1c2029")
LINE = Pair("#e3e3df", "#2a2f3a")
TEXT = Pair(INK, "#eceef2")
TEXT_REVERSED = Pair(WHITE, INK)
MUTED = Pair("#5a606b", "#a0a7b4")
LINK = Pair("#3b3bc4", "#a5b0ff")
SELECTED = Pair("#ecebfd", "#25274a")
STRONG_HOVER = Pair("#33363d", WHITE)
BUTTON = Pair(WHITE, "#1e222b")
BUTTON_HOVER = Pair("#f0f0ed", "#272c37")
BUTTON_LINE = Pair("#d6d6d1", "#363c49")
# An error.
PROBLEM = "#c91f16"
# Legible on the light page and on the dark one.
NEUTRAL = "#858b96"
# The ground of a bar, in the picture of an answer.
TRACK = "#242a35"

# The plots.
BLUE, ORANGE, GREY, PALE = "#3b5bdb", "#e8590c", "#868e96", "#ced4da"

# Colours are found so many at a time.
_BATCH = 200


def genre_colours(genres: Iterable[str]) -> dict[str, Pair]:
    """Colours for the genres of a network.

    Parameters
    ----------
    genres : iterable of str
        All of them, always in the same order.

    Returns
    -------
    dict of str to Pair
        The genres of `GENRE_COLOURS` keep theirs. Others get what is left of these, and then what
        `songnet.palette` goes on with, for each scheme by itself.
    """
    genres = list(genres)
    kept = {genre: GENRE_COLOURS[genre] for genre in genres if genre in GENRE_COLOURS}
    others = [genre for genre in genres if genre not in kept]
    free = [colour for colour in GENRE_COLOURS.values() if colour not in kept.values()]
    if (more := len(others) - len(free)) > 0:
        count = -(-more // _BATCH) * _BATCH
        light, dark = zip(*GENRE_COLOURS.values(), strict=True)
        free += map(Pair, continued(light, count, ON_LIGHT), continued(dark, count, ON_DARK))
    found = dict(zip(others, free, strict=False))
    return {genre: kept.get(genre) or found[genre] for genre in genres}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it.

    Parameters
    ----------
    colour : str
        ``"#rrggbb"``

    Returns
    -------
    float, 0 (black) .. 1 (white)
    """
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour."""
    # At 0.179, black and white have the same contrast: (L + 0.05) / 0.05 = 1.05 / (L + 0.05).
    return BLACK if luminance(colour) > 0.179 else WHITE
