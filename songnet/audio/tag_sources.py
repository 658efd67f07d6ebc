"""Where a file's tags are: in what mutagen reads, and in what FFmpeg tells of the other containers.

Tags are a stranger's bytes, and both parsers raise more than they document.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import Any, BinaryIO

import av
import mutagen
from av.container import InputContainer
from mutagen.aiff import AIFF
from mutagen.asf import ASF, ASFTags
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TCON, Encoding, Frame, ID3FileType
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Tags
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE

from songnet.audio.files import Reader, is_wav
from songnet.audio.formats import FORMATS
from songnet.audio.plain_tags import ape_items, asset_texts, id3v1_texts

# A text whose encoding is only claimed, or not stated at all, is bytes.
Text = str | bytes

FIELDS = ("title", "artist", "album", "year", "genre", "album_artist")
# Characters of a text, and values of a field, that are looked at: more than any real song has.
LONGEST = 1200
MOST_VALUES = 100

# What mutagen is asked for: each kind whose tags it reads by itself, without APEv2.
_KINDS = [
    *(MP3, TrueAudio, OggSpeex, OggVorbis, OggFLAC, OggOpus, FLAC),
    *(AIFF, MP4, ID3FileType, ASF, DSF, WAVE),
]
# Where each kind of tags keeps the fields.
_KEYS = {
    ID3: ("TIT2", "TPE1", "TALB", "TDRC TDOR TYER", "TCON", "TPE2"),
    MP4Tags: ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9day", "\xa9gen", "aART"),
    ASFTags: ("Title", "Author", "WM/AlbumTitle", "WM/Year", "WM/Genre", "WM/AlbumArtist"),
}
# Those of APEv2, too, where a space stands for the line.
_VORBIS_KEYS = ("title", "artist", "album", "date year", "genre", "albumartist album_artist")
# FFmpeg's names, in small letters: those that it gives most containers; then Matroska's, whose tags
# say of what they are; then QuickTime's.
_QUICKTIME = "com.apple.quicktime."
_FFMPEG_KEYS = (
    ("title", "track/title", f"{_QUICKTIME}title", f"{_QUICKTIME}displayname"),
    ("artist", "track/artist", "album/artist", f"{_QUICKTIME}artist", "author"),
    ("album", "album/title", f"{_QUICKTIME}album"),
    (
        *("date", "year", "date_released", "track/date_released", "album/date_released"),
        *("album/date", "date_recorded", "recorded date", f"{_QUICKTIME}year", "tyer"),
    ),
    ("genre", "track/genre", "album/genre", f"{_QUICKTIME}genre"),
    ("album_artist", "album/artist"),
)
# As in `songnet.audio.decode`: FFmpeg is slow to believe that a WAV is one.
_WAV_PROBE_BYTES = 2**16


def mutagen_texts(file: BinaryIO) -> dict[str, list[Text]]:
    """The texts of each of `FIELDS` in ID3, MP4 and ASF tags and Vorbis comments, and in APEv2.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    dict of str to list of (str or bytes)
        At most `MOST_VALUES` texts a field.
    """
    opened = opened_by_mutagen(file)
    tags = None if opened is None else opened.tags
    keys = next((keys for kind, keys in _KEYS.items() if isinstance(tags, kind)), _VORBIS_KEYS)
    own: dict[str, list[Text]] = {field: [] for field in FIELDS}
    if tags:
        for field, alternatives in zip(FIELDS, keys, strict=True):
            values = chain.from_iterable(_texts(tags.get(key)) for key in alternatives.split())
            own[field] = list(islice(filter(None, values), MOST_VALUES))
    ape, cut = _ape_texts(file), id3v1_texts(file)
    found = {
        field: ape[field] if ape[field] and own[field] in ([], [cut.get(field)]) else own[field]
        for field in FIELDS
    }
    # The artist of a whole album is a song's where it names no other.
    found["artist"] = found["artist"] or found["album_artist"]
    return found


def opened_by_mutagen(file: BinaryIO) -> Any:
    """A file as mutagen opens it: a `mutagen.FileType`, or None if it is of no known kind.

    Parameters
    ----------
    file : binary file
    """
    file.seek(0)
    with suppress(mutagen.MutagenError):
        return mutagen.File(file, _KINDS)
    return None


def _ape_texts(file: BinaryIO) -> dict[str, list[Text]]:
    items = ape_items(file)
    return {
        field: [
            text[:LONGEST]
            for key in keys.split()
            for value in [items.get(key.replace("_", " "), b"")]
            for text in value.split(b"\0", MOST_VALUES)[:MOST_VALUES]
            if text
        ]
        for field, keys in zip(FIELDS, _VORBIS_KEYS, strict=True)
    }


def _texts(value: Any) -> Iterator[Text]:
    """The texts of one of mutagen's tags, which is None where it is missing."""
    if isinstance(value, Frame):
        is_claimed = getattr(value, "encoding", None) == Encoding.LATIN1
        for text in _frame_texts(value)[:MOST_VALUES]:
            yield text.encode("latin-1", "replace") if is_claimed else text
    elif isinstance(value, str | bytes):
        yield value[:LONGEST]
    elif isinstance(value, list):
        yield from (str(text)[:LONGEST] for text in islice(value, MOST_VALUES))


def _frame_texts(frame: Any) -> list[str]:
    texts = [str(text)[:LONGEST] for text in islice(frame.text, MOST_VALUES)]
    if isinstance(frame, TCON):
        # Numbers stand for genres. "Unknown" is what mutagen says of a number that stands for none;
        # where the tag says so itself, FFmpeg will tell.
        texts = TCON(encoding=Encoding.UTF8, text=texts).genres
        texts = [genre for genre in texts if genre != "Unknown"]
    return texts


def ffmpeg_texts(file: BinaryIO) -> dict[str, list[Text]]:
    """The texts of each of `FIELDS` that FFmpeg finds, in RIFF and Matroska, say, and 3GP's own.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    dict of str to list of bytes
        At most one text for each name that FFmpeg has for a field.
    """
    with container(file) as opened:
        # Surrogates are what was not UTF-8.
        named: dict[str, str] = {}
        for metadata in (opened.metadata, *(s.metadata for s in opened.streams.audio[:1])):
            for name, text in metadata.items():
                named.setdefault(name.lower(), text)
    boxes = asset_texts(file)
    return {
        field: [
            *(named[n].encode("utf-8", "surrogateescape")[:LONGEST] for n in names if n in named),
            *([boxes[field][:LONGEST]] if field in boxes else []),
        ]
        for field, names in zip(FIELDS, _FFMPEG_KEYS, strict=True)
    }


@contextmanager
def container(file: BinaryIO) -> Iterator[InputContainer]:
    """Opens a file with FFmpeg to read its tags: no decoder, and no other file.

    Parameters
    ----------
    file : binary file

    Yields
    ------
    InputContainer
        What is not UTF-8 in its texts is surrogates.

    Raises
    ------
    FFmpegError
        If it is none of `songnet.audio.formats.FORMATS`.
    """
    options = {
        "format_whitelist": ",".join(FORMATS),
        "protocol_whitelist": "",
        "codec_whitelist": "none",
        # Nothing of the sound is wanted.
        "analyzeduration": "1",
    }
    if is_wav(file):
        options["probesize"] = str(_WAV_PROBE_BYTES)
    file.seek(0)
    with av.open(Reader(file), "r", options=options, metadata_errors="surrogateescape") as opened:
        yield opened
