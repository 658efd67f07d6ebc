"""The colours of the genres, the same on the page and in the plots.

Petroff's sequence of 8 (arXiv 2107.02270), which was optimised to stay distinguishable under
protanopia, deuteranopia and tritanopia. A colour never stands alone: the genre's name is beside it.
"""

import colorsys
from collections.abc import Iterable

GENRE_COLOURS = {
    "Electronic": "#1845fb",
    "Experimental": "#656364",
    "Folk": "#adad7d",
    "Hip-Hop": "#ff5e02",
    "Instrumental": "#86c8dd",
    "International": "#c849a9",
    "Pop": "#578dff",
    "Rock": "#c91f16",
}
# A turn of the colour wheel that keeps any number of colours apart.
_GOLDEN_TURN = 0.618


def genre_colours(genres: Iterable[str]) -> dict[str, str]:
    """A colour for each genre that a network knows.

    Parameters
    ----------
    genres : iterable of str
        All of them, always in the same order.

    Returns
    -------
    dict of str to str
        ``"#rrggbb"``. Those of `GENRE_COLOURS` keep theirs. Others get what is left of the
        sequence, and where nothing is left, hues that are evenly spread.
    """
    genres = list(genres)
    kept = {genre: GENRE_COLOURS[genre] for genre in genres if genre in GENRE_COLOURS}
    free = iter([colour for colour in GENRE_COLOURS.values() if colour not in kept.values()])
    return {
        genre: kept.get(genre) or next(free, None) or _on_the_wheel(i)
        for i, genre in enumerate(genres)
    }


def _on_the_wheel(i: int) -> str:
    channels = colorsys.hls_to_rgb(_GOLDEN_TURN * i % 1, 0.5, 0.6)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


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
    return "#000000" if luminance(colour) > 0.179 else "#ffffff"
