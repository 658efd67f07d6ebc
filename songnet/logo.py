"""SongNet's sign: a waveform of four bars."""

import io

from PIL import Image, ImageDraw

from songnet.colours import SIGN

_SIZE = 22
# Left edge, upper edge and height of each bar, in a square of `_SIZE`, with its colour.
_BARS = (
    (0, 7, 8, SIGN[0]),
    (6, 1, 20, SIGN[1]),
    (12, 4, 14, SIGN[2]),
    (18, 8, 6, SIGN[3]),
)
_WIDTH, _RADIUS = 4, 2
# The part of an icon's side that telephones may cut off, at each edge.
_MARGIN = 0.22


def svg() -> str:
    """The sign as an SVG element, without a ground."""
    bars = "".join(
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{height}" rx="{_RADIUS}" fill="{colour}"/>'
        for x, y, height, colour in _BARS
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
        f'aria-hidden="true">{bars}</svg>'
    )


def png(side: int, ground: str) -> bytes:
    """The sign as an icon of an installed page.

    Parameters
    ----------
    side : int [pixels]
    ground : str
        Colour of the ground, ``"#rrggbb"``.

    Returns
    -------
    bytes
        A PNG file.
    """
    picture = Image.new("RGB", (side, side), ground)
    draw = ImageDraw.Draw(picture)
    scale = side * (1 - 2 * _MARGIN) / _SIZE
    for x, y, height, colour in _BARS:
        left, top = (_MARGIN * side + scale * edge for edge in (x, y))
        box = (left, top, left + scale * _WIDTH, top + scale * height)
        draw.rounded_rectangle(box, scale * _RADIUS, fill=colour)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
