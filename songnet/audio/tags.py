"""Artist, title, album, year and genre from a file's own tags."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, final

import mutagen
from mutagen.asf import ASFTags
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

# Characters of a tag that are kept: longer than any real title.
_LONGEST = 300

# Where each kind of tags keeps title, artist, album, year and genre.
_KEYS = {
    ID3: ("TIT2", "TPE1", "TALB", "TDRC TDOR TYER", "TCON"),
    MP4Tags: ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9day", "\xa9gen"),
    ASFTags: ("Title", "Author", "WM/AlbumTitle", "WM/Year", "WM/Genre"),
}
_VORBIS_KEYS = ("title", "artist", "album", "date year", "genre")
# 2008, 2008-05-01, 20080501 and May 2008, but not the 2008 in 120089.
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?=\d{4}(?!\d)|(?!\d))")


@final
class MetadataJson(TypedDict):
    """`Tags` as JSON."""

    title: str | None
    artist: str | None
    album: str | None
    year: int | None
    genre: str | None


@dataclass(frozen=True)
class Tags:
    """The contents of a file's own tags; None where one is missing.

    Attributes
    ----------
    title, artist, album : str or None
    year : int or None
    genre : str or None
        The genre in the tags, which has nothing to do with SongNet's prediction.
    """

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: int | None = None
    genre: str | None = None

    def to_json(self) -> MetadataJson:
        """The tags as a dict for JSON, in this order."""
        return {
            "title": self.title,
            "artist": self.artist,
            "album": self.album,
            "year": self.year,
            "genre": self.genre,
        }


def read_tags(path: str | Path) -> Tags:
    """Reads ID3 (MP3, WAV, AIFF), MP4, ASF and Vorbis comments (FLAC, OGG, Opus).

    Several artists are joined with commas; of any other field the first value is taken.

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
        if file is None or not file.tags:
            return Tags()
        title, artist, album, year, genre = _values(file.tags)
        return Tags(
            title=next(title, None),
            artist=_clean(", ".join(artist)) or None,
            album=next(album, None),
            year=next((int(found[1]) for text in year if (found := _YEAR.search(text))), None),
            genre=next(genre, None),
        )
    # A parser of untrusted bytes raises more than it documents.
    except Exception:
        return Tags()


def _values(tags: Any) -> Iterator[Iterator[str]]:
    """The non-empty texts of each of the five fields."""
    keys = next((keys for kind, keys in _KEYS.items() if isinstance(tags, kind)), _VORBIS_KEYS)
    for alternatives in keys:
        yield (
            text
            for key in alternatives.split()
            for value in _listed(tags.get(key))
            if (text := _clean(str(value)))
        )


def _listed(value: Any) -> list[Any]:
    """The values of one tag as a list, which is empty where the tag is missing."""
    # ID3 has numbers for genres, too, which `genres` puts into words.
    value = getattr(value, "genres", getattr(value, "text", value))
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _clean(text: str) -> str:
    """The text without control characters and surplus spaces, of at most `_LONGEST` characters."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST])
    return " ".join(printable.split())[:_LONGEST]
