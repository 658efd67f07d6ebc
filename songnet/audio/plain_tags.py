"""Two kinds of tags that are read here, byte by byte.

mutagen's way of reading APEv2 takes hours for a hostile file, and 3GP's own tags nobody else reads.

APEv2 stands at the end of MP3, WavPack, Musepack and others, before ID3v1; 3GP's lie in boxes of
its own, ``moov/udta/titl`` and so on (3GPP TS 26.244, section 8).
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

_APE = b"APETAGEX"
_APE_FOOTER = 32  # bytes
_ID3V1 = 128  # bytes
# Any cover art fits. Of items and boxes, more than any program writes.
_MOST_APE_BYTES = 64 * 2**20
_MOST_PARTS = 1000
_LONGEST_KEY = 255
_LONGEST_TEXT = 2**16

_BOXES = {"title": b"titl", "artist": b"perf", "album": b"albm", "year": b"yrrc", "genre": b"gnre"}
# Version, flags and language come before a text, version and flags before the year.
_BEFORE_TEXT = 6
_BEFORE_YEAR = 4


def ape_items(file: BinaryIO) -> dict[str, bytes]:
    """The items of the APEv2 tag at a file's end.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    dict of str to bytes
        By their keys in small letters: texts, with NUL between several, or ``name NUL picture``.
        Empty without such a tag.
    """
    start, end = _ape_place(file)
    file.seek(start)
    return dict(_ape_items(file.read(end - start)))


def sound_end(file: BinaryIO) -> int:
    """Where a file's APEv2 begins, or the file ends: an MP3 goes on to here.

    The position in the file stays.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    int [bytes]
    """
    place = file.tell()
    start, end = _ape_place(file)
    if start == end:
        start = file.seek(0, os.SEEK_END)
    else:
        file.seek(max(0, start - _APE_FOOTER))
        # Some have their footer as a header, too.
        start -= _APE_FOOTER if file.read(len(_APE)) == _APE else 0
    file.seek(place)
    return start


def _ape_place(file: BinaryIO) -> tuple[int, int]:
    """Where the items of an APEv2 begin and end; twice 0 without one."""
    size = file.seek(0, os.SEEK_END)
    for end in (size, size - _ID3V1):
        file.seek(max(0, end - _APE_FOOTER))
        footer = file.read(_APE_FOOTER)
        if footer.startswith(_APE) and len(footer) == _APE_FOOTER:
            length = int.from_bytes(footer[12:16], "little")
            if _APE_FOOTER < length <= min(end, _MOST_APE_BYTES):
                return end - length, end - _APE_FOOTER
    return 0, 0


def _ape_items(tag: bytes) -> Iterator[tuple[str, bytes]]:
    """Each item is its value's length, four bytes of flags, its key, NUL and the value."""
    start = 0
    for _ in range(_MOST_PARTS):
        key_end = tag.find(b"\0", start + 8, start + 9 + _LONGEST_KEY)
        if key_end < 0:
            return
        key = tag[start + 8 : key_end].decode("latin-1").lower()
        value = key_end + 1
        start = value + int.from_bytes(tag[start : start + 4], "little")
        yield key, tag[value:start]


def id3v1_texts(file: BinaryIO) -> dict[str, bytes]:
    """The texts of the ID3v1 at a file's end, each cut off after 30 characters.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    dict of str to bytes
        Title, artist, album and year; empty without such a tag.
    """
    file.seek(max(0, file.seek(0, os.SEEK_END) - _ID3V1))
    tag = file.read(_ID3V1)
    if not tag.startswith(b"TAG"):
        return {}
    places = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "year": (93, 97)}
    return {
        field: tag[start:end].partition(b"\0")[0].strip() for field, (start, end) in places.items()
    }


def asset_texts(file: BinaryIO) -> dict[str, bytes]:
    """The title, artist, album, year and genre in a 3GP's boxes.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    dict of str to bytes
        UTF-8, by their field; empty for other files.
    """
    file.seek(4)
    if file.read(4) != b"ftyp":
        return {}
    start, end = 0, file.seek(0, os.SEEK_END)
    for name in (b"moov", b"udta"):
        boxes = dict(reversed(list(_boxes(file, start, end))))
        if name not in boxes:
            return {}
        start, end = boxes[name]
    boxes = dict(_boxes(file, start, end))
    return {
        field: _box_text(file, name, *boxes[name])
        for field, name in _BOXES.items()
        if name in boxes
    }


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The names of boxes, and where their contents start and end."""
    for _ in range(_MOST_PARTS):
        # A forged size leads to where no file can be read.
        if start + 8 > end:
            return
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:
            return
        size, content = int.from_bytes(header[:4], "big"), start + 8
        if size == 1:
            size, content = int.from_bytes(header[8:], "big"), start + 16
        # 0 is "to the end".
        size = size or end - start
        if size < content - start:
            return
        yield header[4:8], (content, min(start + size, end))
        start += size


def _box_text(file: BinaryIO, name: bytes, start: int, end: int) -> bytes:
    file.seek(start)
    content = file.read(min(end - start, _LONGEST_TEXT))
    if name == _BOXES["year"]:
        return str(int.from_bytes(content[_BEFORE_YEAR:][:2], "big")).encode()
    text = content[_BEFORE_TEXT:]
    if text.startswith((b"\xfe\xff", b"\xff\xfe")):
        return text.decode("utf-16", "replace").partition("\0")[0].encode()
    return text.partition(b"\0")[0]
