"""SongNet's sign: a waveform of four bars."""

import io

from PIL import Image, ImageDraw, ImageFont

from songnet.colours import GROUND, MUTED, SIGN, TEXT

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
# The size of a picture that social networks show of a link [pixels].
_CARD = (1200, 630)


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
    _draw(ImageDraw.Draw(picture), _MARGIN * side, _MARGIN * side, side * (1 - 2 * _MARGIN))
    return _encoded(picture)


def card() -> bytes:
    """What a link to the page shows where it is shared: the sign, the name and a question.

    Returns
    -------
    bytes
        A PNG file of 1200 x 630 pixels.
    """
    picture = Image.new("RGB", _CARD, GROUND.dark)
    draw = ImageDraw.Draw(picture)
    _draw(draw, 96, 120, 200)
    draw.text((340, 220), "SongNet", TEXT.dark, ImageFont.load_default(132), anchor="lm")
    draw.text((96, 430), "Which genre is this song?", TEXT.dark, ImageFont.load_default(72))
    draw.text(
        (96, 525), "Drop it, and see which moments told.", MUTED.dark, ImageFont.load_default(40)
    )
    return _encoded(picture)


def _draw(draw: ImageDraw.ImageDraw, left: float, top: float, side: float) -> None:
    scale = side / _SIZE
    for x, y, height, colour in _BARS:
        at = (left + scale * x, top + scale * y)
        box = (*at, at[0] + scale * _WIDTH, at[1] + scale * height)
        draw.rounded_rectangle(box, scale * _RADIUS, fill=colour)


def _encoded(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
