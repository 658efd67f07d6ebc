"""Artist, title, album, year and genres from a file's own tags."""

import re
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypedDict, final

from mutagen.id3 import TCON

from songnet.audio.code_pages import decoder
from songnet.audio.files import open_file
from songnet.audio.tag_sources import Text, ffmpeg_texts, mutagen_texts
from songnet.names import is_control

# Characters of a tag that are kept: longer than any real title.
_LONGEST = 300

# 2008, 2008-05-01, 20080501 and May 2008, but not the 2008 in 120089.
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?=\d{4}(?!\d)|(?!\d))")
# A genre by its number in ID3.
_NUMBER = re.compile(r"\(?(\d{1,3})\)?")
# Spaces of ASCII: others are part of a name.
_SPACES = re.compile(" {2,}")


@final
class MetadataJson(TypedDict):
    """What of `Tags` an answer has, as JSON."""

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
        The first genre in the tags, which has nothing to do with SongNet's prediction.
    genres : tuple of str
        All of them.
    album_artist : str or None
        The artist of the whole album, also where the song's own is another.
    """

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: int | None = None
    genre: str | None = None
    genres: tuple[str, ...] = ()
    album_artist: str | None = None

    def to_json(self) -> MetadataJson:
        """What of the tags an answer has, as a dict for JSON, in this order."""
        return {
            "title": self.title,
            "artist": self.artist,
            "album": self.album,
            "year": self.year,
            "genre": self.genre,
        }


def read_tags(path: str | Path) -> Tags:
    """Reads a file's own tags, in whatever container it is.

    mutagen reads ID3 (MP3, WAV, AIFF), MP4, ASF and Vorbis comments (FLAC, OGG, Opus), SongNet
    itself APEv2. What is lacking then FFmpeg is asked for (RIFF's INFO, Matroska and WebM,
    QuickTime, CAF), and 3GP's own boxes. Several artists are joined with commas; of any other field
    but the genres the first value is taken.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    Tags
        Empty where the file has no tags or they cannot be read: a song with broken tags is still a
        song.

    Notes
    -----
    A hostile file of some megabytes keeps the parsers busy for minutes, and no exception ends that.
    `songnet.sandbox` reads tags in a process with a limit of time.
    """
    tags = Tags()
    # Parsers of untrusted bytes raise more than they document.
    with suppress(Exception), open_file(path, sys.maxsize) as file:
        for texts_of in (mutagen_texts, ffmpeg_texts):
            with suppress(Exception):
                found = asdict(_tags(texts_of(file)))
                lacking = [field for field, value in asdict(tags).items() if not value]
                tags = replace(tags, **{field: found[field] for field in lacking})
            # An album has an artist of its own rarely: FFmpeg is not asked for it alone.
            if None not in tags.to_json().values():
                break
    return tags


def _tags(texts: dict[str, list[Text]]) -> Tags:
    """The tags in the texts of each field."""
    decode = decoder([text for text in chain(*texts.values()) if isinstance(text, bytes)])
    clean = {
        field: [
            shown
            for value in values
            if (shown := _clean(decode(value) if isinstance(value, bytes) else value))
        ]
        for field, values in texts.items()
    }
    named = (genre for text in clean["genre"] if (genre := _genre(text)))
    genres = tuple(dict.fromkeys(named))
    return Tags(
        title=next(iter(clean["title"]), None),
        # Some programs write an artist in two places.
        artist=_clean(", ".join(dict.fromkeys(clean["artist"]))) or None,
        album=next(iter(clean["album"]), None),
        year=next((int(y[1]) for text in clean["year"] if (y := _YEAR.search(text))), None),
        genre=next(iter(genres), None),
        genres=genres,
        album_artist=_clean(", ".join(dict.fromkeys(clean["album_artist"]))) or None,
    )


def _genre(text: str) -> str | None:
    """A genre as words; None for a number that stands for none, such as 255."""
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    named = int(number[1])
    return TCON.GENRES[named] if named < len(TCON.GENRES) else None


def _clean(text: str) -> str:
    """The text without control characters and surplus spaces, of at most `_LONGEST` characters."""
    spaced = "".join(" " if is_control(c) else c for c in text[: 4 * _LONGEST])
    return _SPACES.sub(" ", spaced).strip()[:_LONGEST].rstrip()
