"""An ID3v2 tag as the frames that it consists of, so that one can change and the others stay.

mutagen reads ID3 well and writes a tag anew: v2.2 becomes v2.4, unsynchronised and compressed
frames become plain ones, and their order changes. Here, every other frame keeps its bytes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from songnet.errors import UnwritableError

_HEADER = 10  # bytes
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
# Room for later changes, so that these need not move the sound.
_NEW_PADDING = 1024
_LARGEST = 2**28
# After which bytes programs put a zero: where the standard says so, where they forget the last
# one, and everywhere.
_NEEDED = tuple(
    re.compile(pattern)
    for pattern in (rb"\xff(?=[\x00\xe0-\xff]|\Z)", rb"\xff(?=[\x00\xe0-\xff])", rb"\xff")
)


@dataclass(frozen=True)
class Frame:
    """A frame: its name, and all its bytes, the header among them."""

    name: bytes
    whole: bytes


@dataclass(frozen=True)
class Block:
    """A tag.

    Attributes
    ----------
    version : int
        2, 3 or 4.
    revision, flags : int
    extended : bytes
        The extended header.
    frames : tuple of Frame
    padding : int [bytes]
    plain_sizes : bool
        Whether a v2.4's frames have their sizes in 8 bits a byte, as iTunes wrote them.
    unsynchronise : function or None
        What gives the body the bytes that it had; None if it is as it is.
    """

    version: int = 4
    revision: int = 0
    flags: int = 0
    extended: bytes = b""
    frames: tuple[Frame, ...] = ()
    padding: int = 0
    plain_sizes: bool = False
    unsynchronise: Callable[[bytes], bytes] | None = None

    @classmethod
    def parse(cls, tag: bytes) -> Self:
        """Takes a tag apart; empty bytes are a tag of version 4 without frames.

        Raises
        ------
        UnwritableError
            If the same bytes would not come out again, or if it has a checksum or a footer.
        """
        if not tag:
            return cls()
        version, revision, flags = tag[3], tag[4], tag[5]
        if version not in (2, 3, 4):
            raise UnwritableError(f"its ID3v2.{version} tag is of no known version")
        known = {2: _UNSYNCHRONISED, 3: _UNSYNCHRONISED | _EXTENDED, 4: 0xC0}[version]
        if flags & _FOOTER or flags & 0x0F or (version == 2 and flags & ~known):
            raise UnwritableError("its ID3 tag has a footer, or is compressed")
        body, unsynchronise = tag[_HEADER:], None
        if flags & _UNSYNCHRONISED and version < 4:
            body, unsynchronise = _synchronised(body)
        extended = _extended_header(version, body) if flags & _EXTENDED else b""
        frames, padding, plain_sizes = _frames(version, body[len(extended) :])
        block = cls(version, revision, flags, extended, frames, padding, plain_sizes, unsynchronise)
        if block.rendered() != tag:
            raise UnwritableError("its ID3 tag is damaged")
        return block

    def with_frames(self, frames: tuple[Frame, ...]) -> Self:
        """The same tag with other frames: of the same size if the padding allows that."""
        room = self._frame_bytes(self.frames) + self.padding - self._frame_bytes(frames)
        padding = room if room >= 0 else _NEW_PADDING
        extended = self.extended
        if self.version == 3 and extended:
            extended = extended[:6] + padding.to_bytes(4, "big") + extended[10:]
        return replace(self, frames=frames, padding=padding, extended=extended)

    def rendered(self) -> bytes:
        """The tag's bytes."""
        body = self.extended + b"".join(frame.whole for frame in self.frames)
        body += bytes(self.padding)
        if self.unsynchronise is not None:
            body = self.unsynchronise(body)
        if len(body) >= _LARGEST:
            raise UnwritableError("its ID3 tag would be too large")
        head = bytes((self.version, self.revision, self.flags))
        return b"ID3" + head + sync_safe(len(body)) + body

    def frame(self, name: bytes, content: bytes) -> Frame:
        """A frame of this tag's version."""
        size = len(content)
        if self.version == 2:
            return Frame(name, name + size.to_bytes(3, "big") + content)
        sizes = sync_safe(size) if self.version == 4 and not self.plain_sizes else _plain(size)
        return Frame(name, name + sizes + bytes(2) + content)

    @staticmethod
    def _frame_bytes(frames: tuple[Frame, ...]) -> int:
        return sum(len(frame.whole) for frame in frames)


def tag_length(header: bytes) -> int:
    """The length of the tag that begins so [bytes]; 0 if none does."""
    if len(header) < _HEADER or not header.startswith(b"ID3") or max(header[6:10]) > 0x7F:
        return 0
    size = sum(byte << 7 * place for place, byte in enumerate(header[9:5:-1]))
    return _HEADER + size + (_HEADER if header[5] & _FOOTER and header[3] == 4 else 0)


def sync_safe(number: int) -> bytes:
    """A number of up to 28 bits in four bytes of 7."""
    return bytes(number >> 7 * place & 0x7F for place in (3, 2, 1, 0))


def _plain(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _synchronised(body: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
    """The body of an unsynchronised tag without what this added, and how it was added."""
    plain = body.replace(b"\xff\x00", b"\xff")
    for needed in _NEEDED:
        way = partial(needed.sub, b"\xff\x00")
        if way(plain) == body:
            return plain, way
    raise UnwritableError("its ID3 tag is unsynchronised in a way of its own")


def _extended_header(version: int, body: bytes) -> bytes:
    if version == 3:
        size = 4 + int.from_bytes(body[:4], "big")
        checksum, whole = body[4:5] >= b"\x80", size in (10, 14)
    else:
        size = sum(byte << 7 * place for place, byte in enumerate(body[3::-1]))
        checksum, whole = bool(body[5:6] and body[5] & 0x20), 6 <= size <= 64
    if not whole or len(body) < size:
        raise UnwritableError("its ID3 tag has a damaged extended header")
    if checksum:
        raise UnwritableError("its ID3 tag has a checksum, which would be wrong afterwards")
    return body[:size]


def _frames(version: int, body: bytes) -> tuple[tuple[Frame, ...], int, bool]:
    """The frames, the number of zeros after them, and whether sizes are plain in a v2.4."""
    for plain_sizes in (False, True) if version == 4 else (False,):
        frames, end = _walk(version, body, plain_sizes)
        if not body[end:].strip(b"\0"):
            return tuple(frames), len(body) - end, plain_sizes
    raise UnwritableError("its ID3 tag holds bytes that are no frames")


def _walk(version: int, body: bytes, plain_sizes: bool) -> tuple[list[Frame], int]:
    letters, header = (3, 6) if version == 2 else (4, _HEADER)
    safe = version == 4 and not plain_sizes
    frames: list[Frame] = []
    start = 0
    while start + header < len(body):
        name, sizes = body[start : start + letters], body[start + letters : start + 2 * letters]
        if not (name.isalnum() and name.isupper()) or (safe and max(sizes) > 0x7F):
            break
        bits = 7 if safe else 8
        size = sum(byte << bits * place for place, byte in enumerate(reversed(sizes)))
        end = start + header + size
        if end > len(body):
            break
        frames.append(Frame(name, body[start:end]))
        start = end
    return frames, start
