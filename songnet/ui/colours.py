"""The colours of the genres, the same everywhere on the page.

Petroff's sequence of 8 (arXiv 2107.02270), which was optimised to stay distinguishable under
protanopia, deuteranopia and tritanopia. A colour never stands alone: the genre's name is beside it.
"""

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
