"""The strip above an answer, as HTML: cover, title and artist of the song that was heard.

Text that comes from a file is escaped here.
"""

import base64
from html import escape

from songnet.known_tracks import Track
from songnet.prediction import Prediction


def heard(prediction: Prediction, cover: bytes | None = None, known: Track | None = None) -> str:
    """Names the song: its title and artist, or the file where it has no title.

    Parameters
    ----------
    prediction : Prediction
    cover : bytes or None
        A JPEG.
    known : Track or None
        The same track in the archive, whose artist and title are shown if the file has neither.
    """
    tags = prediction.tags
    named = known if known and not (tags.artist or tags.title) else tags
    title = named.title or prediction.file or "A song"
    artist = f'<p class="sn-artist">{escape(named.artist)}</p>' if named.artist else ""
    return (
        f'<div class="sn-heard">{_image(cover)}<div class="sn-names">'
        f'<p class="sn-song-title" title="{escape(title)}">{escape(title)}</p>{artist}</div></div>'
    )


def _image(cover: bytes | None) -> str:
    """A cover as an image inside the page; a note in its place where there is none."""
    if cover is None:
        return '<span class="sn-cover sn-no-cover" aria-hidden="true">♪</span>'
    data = base64.b64encode(cover).decode()
    return f'<img class="sn-cover" alt="Cover art" src="data:image/jpeg;base64,{data}">'
