"""Artist, title, album and year from a file's own tags."""

import re
from dataclasses import dataclass
from pathlib import Path

import mutagen
from mutagen.id3 import ID3

# Longer than any real title; what is beyond it is cut off.
_LONGEST = 300

_ID3 = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "year": ("TDRC", "TDOR", "TYER")}
_MP4 = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "year": "\xa9day"}
_VORBIS = {"title": "title", "artist": "artist", "album": "album", "year": ("date", "year")}


@dataclass(frozen=True)
class Tags:
    """What a file says of itself; None where it says nothing.

    Attributes
    ----------
    title, artist, album : str or None
    year : int or None
    """

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: int | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """The four as a dict, in this order."""
        return {
            "title": self.title,
            "artist": self.artist,
            "album": self.album,
            "year": self.year,
        }


def read_tags(path: str | Path) -> Tags:
    """Reads ID3 (MP3, WAV, AIFF), MP4 and Vorbis comments (FLAC, OGG, Opus).

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    Tags
        Empty where the file has no tags or mutagen cannot read them: a song with broken tags is
        still a song.
    """
    try:
        file = mutagen.File(path)
    except (mutagen.MutagenError, OSError, ValueError, KeyError, IndexError, EOFError):
        return Tags()
    if file is None or not file.tags:
        return Tags()
    if isinstance(file.tags, ID3):
        names = _ID3
    elif isinstance(file.tags, mutagen.mp4.MP4Tags):
        names = _MP4
    else:
        names = _VORBIS
    found = {field: _first(file.tags, keys) for field, keys in names.items()}
    return Tags(found["title"], found["artist"], found["album"], _year(found["year"]))


def _first(tags, keys: str | tuple[str, ...]) -> str | None:
    for key in [keys] if isinstance(keys, str) else keys:
        value = tags.get(key)
        text = getattr(value, "text", value)
        if isinstance(text, list):
            text = text[0] if text else None
        if text is not None and (cleaned := _clean(str(text))):
            return cleaned
    return None


def _clean(text: str) -> str:
    """Without control characters and surplus spaces, and not endless."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST])
    return " ".join(printable.split())[:_LONGEST]


def _year(text: str | None) -> int | None:
    match = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", text or "")
    return int(match.group()) if match else None
