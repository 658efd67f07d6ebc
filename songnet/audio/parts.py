"""Where in a file its sound lies: behind a tag, or in the links of a chained Ogg."""

import io
import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from songnet.audio import files

# A page that begins a stream of an Ogg: flags 2, or 6 if it is the last one too; position 0.
_FIRST_PAGE = re.compile(rb"OggS\x00[\x02\x06]\x00{8}")
_FIRST_PAGE_BYTES = 14
_PAGE_HEADER_BYTES = 27
_SEARCHED_BYTES = 2**20
# A radio's half an hour has a link for each song, and a link a stream or two. What follows more of
# them is left to FFmpeg.
_MOST_FIRST_PAGES = 500


class Part(io.RawIOBase, BinaryIO):
    """A stretch of an open file, which is read as if it were a file.

    Several parts of one file may be read by turns. No position lies behind the end: a forged size
    may be more than a disk's file can have, and seeking there would be an error.

    Parameters
    ----------
    file : binary file
    start, stop : int [bytes]
        Where the part begins and ends in the file; by default it is the whole file.
    """

    def __init__(self, file: BinaryIO, start: int = 0, stop: int | None = None):
        super().__init__()
        self.file = file
        self.start = start
        self.stop = os.fstat(file.fileno()).st_size if stop is None else stop
        self._position = 0

    @property
    def name(self) -> str:
        """The name of the whole file."""
        return self.file.name

    def fileno(self) -> int:
        """The descriptor of the whole file."""
        return self.file.fileno()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Reads up to `size` bytes, all if it is negative."""
        left = self.stop - self.start - self._position
        self.file.seek(self.start + self._position)
        content = self.file.read(left if size < 0 else min(size, left))
        self._position += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Goes to a position within the part, as a file does, and says which that is."""
        length = self.stop - self.start
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: length}[whence]
        self._position = min(max(0, base + offset), length)
        return self._position

    def tell(self) -> int:
        """The position at which is read next."""
        return self._position


def behind_tags(file: BinaryIO) -> Part:
    """The part of a file behind ID3v2 tags that are where they do not belong.

    FFmpeg steps over a tag before an MP3 and its kin. Some programs write one before a WAV, an AIFF
    or a CAF, too, which begin with a header of their own.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    Part
        The whole file, unless a header of another format follows the tags.
    """
    whole = part = Part(file)
    while (header := part.read(10))[:3] == b"ID3" and len(header) == 10:
        # Four bytes of seven bits each, and ten more for a footer.
        size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(header[:5:-1]))
        start = part.start + 10 + size + (10 if header[5] & 0x10 else 0)
        part = Part(file, min(start, whole.stop), whole.stop)
    part.seek(0)
    whole.seek(0)
    return part if files.looks_like_audio(part) else whole


def links(part: Part) -> list[Part]:
    """The songs of a chained Ogg, one after the other.

    FFmpeg gives up where the rate or the channels change from one to the next, and takes the length
    of one for that of all.

    Parameters
    ----------
    part : Part
        A file of any format.

    Returns
    -------
    list of Part
        The part itself, unless it is a chained Ogg.
    """
    starts: list[int] = []
    # Where a link has several streams, their first pages follow each other.
    following = -1
    for start, end in islice(_first_pages(part), _MOST_FIRST_PAGES):
        if start != following:
            starts.append(start)
        following = end
    part.seek(0)
    if len(starts) < 2 or starts[0] != 0:
        return [part]
    places = [part.start + start for start in starts]
    stops = [*places[1:], part.stop]
    return [Part(part.file, *place) for place in zip(places, stops, strict=True)]


def _first_pages(part: Part) -> Iterator[tuple[int, int]]:
    """Begin and end of each page with which a stream of an Ogg begins [bytes]."""
    part.seek(0)
    if part.read(4) == b"OggS":
        searched = 0
        while len(block := _at(part, searched, _SEARCHED_BYTES)) > _PAGE_HEADER_BYTES:
            for found in _FIRST_PAGE.finditer(block):
                start = searched + found.start()
                yield start, start + _page_bytes(_at(part, start, _PAGE_HEADER_BYTES + 255))
            # Enough is read again to find a page on the border, and too little to find it twice.
            searched += len(block) - (_FIRST_PAGE_BYTES - 1)


def _page_bytes(page: bytes) -> int:
    """Length of an Ogg page by its header [bytes]."""
    segments = page[_PAGE_HEADER_BYTES - 1] if len(page) >= _PAGE_HEADER_BYTES else 0
    return _PAGE_HEADER_BYTES + segments + sum(page[_PAGE_HEADER_BYTES:][:segments])


def _at(part: Part, offset: int, count: int) -> bytes:
    part.seek(offset)
    return part.read(count)
