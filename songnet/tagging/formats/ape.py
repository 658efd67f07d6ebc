"""Genres in APEv2, at the end of Monkey's Audio, WavPack and Musepack, and of some MP3s.

mutagen writes such tags anew, in another order, and drops an ID3v1 after them.
"""

from dataclasses import dataclass
from typing import BinaryIO

from songnet.errors import UnwritableError
from songnet.tagging.formats.splice import read_at, size_of, splice
from songnet.tagging.values import Field

_MAGIC = b"APETAGEX"
_FRAME = 32  # bytes of the header, and of the footer
_V1 = 128
_VERSION = 2000
_HAS_HEADER, _IS_HEADER = 0x80000000, 0x20000000
_MOST_ITEMS = 1000
_LARGEST = 64 * 2**20


@dataclass(frozen=True)
class _Item:
    """An item: its key, its value, and all its bytes."""

    key: str
    flags: int
    value: bytes
    whole: bytes


@dataclass(frozen=True)
class _Tag:
    """A tag from `start` to before `end`; an empty one where a new one would be."""

    start: int
    end: int
    flags: int
    items: tuple[_Item, ...]


def read(file: BinaryIO, field: Field) -> tuple[str, ...]:
    """The values of a field."""
    return tuple(
        text
        for item in _tag(file).items
        if _holds(item, field) and not item.flags & 6
        for text in item.value.decode("utf-8", "replace").split("\0")
        if text.strip()
    )


def others(file: BinaryIO, field: Field) -> list[bytes]:
    """All other items, byte by byte, and what stands after the tag."""
    tag = _tag(file)
    kept = [item.whole for item in tag.items if not _holds(item, field)]
    return [*kept, read_at(file, tag.end, _V1)]


def write(file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
    """Writes a field in the place where it is, or at the end of the items; what is read then."""
    tag = _tag(file)
    key = next((item.key for item in tag.items if _holds(item, field)), field.name or "Genre")
    value = "\0".join(values).encode()
    new = len(value).to_bytes(4, "little") + bytes(4) + key.encode() + b"\0" + value
    at, kept = None, []
    for item in tag.items:
        if _holds(item, field):
            at = len(kept) if at is None else at
        else:
            kept.append(item.whole)
    kept.insert(len(kept) if at is None else at, new)
    splice(file, tag.start, tag.end, _rendered(kept, tag.flags))
    return values


def _holds(item: _Item, field: Field) -> bool:
    return item.key.upper() == (field.name or "Genre").upper()


def _rendered(items: list[bytes], flags: int) -> bytes:
    content = b"".join(items)
    numbers = (_VERSION, len(content) + _FRAME, len(items))

    def frame(kind: int) -> bytes:
        parts = (number.to_bytes(4, "little") for number in (*numbers, kind | flags))
        return _MAGIC + b"".join(parts) + bytes(8)

    return (frame(_IS_HEADER) if flags & _HAS_HEADER else b"") + content + frame(0)


def _tag(file: BinaryIO) -> _Tag:
    """The tag at a file's end, or before its ID3v1."""
    size = size_of(file)
    has_v1 = read_at(file, max(0, size - _V1), 3) == b"TAG" and size >= _V1
    end = size - _V1 if has_v1 else size
    footer = read_at(file, max(0, end - _FRAME), _FRAME)
    if not footer.startswith(_MAGIC):
        return _Tag(end, end, _HAS_HEADER, ())
    version, length, count, flags = (
        int.from_bytes(footer[at : at + 4], "little") for at in (8, 12, 16, 20)
    )
    start = end - length
    if version != _VERSION or not _FRAME <= length <= min(end, _LARGEST) or count > _MOST_ITEMS:
        raise UnwritableError("its APE tag is damaged, or older than version 2")
    items = _items(read_at(file, start, length - _FRAME), count)
    if flags & _HAS_HEADER:
        start -= _FRAME
        if start < 0 or read_at(file, start, len(_MAGIC)) != _MAGIC:
            raise UnwritableError("its APE tag has lost its header")
    flags &= ~_IS_HEADER
    whole = _rendered([item.whole for item in items], flags)
    if whole != read_at(file, start, end - start):
        raise UnwritableError("its APE tag is damaged")
    return _Tag(start, end, flags, items)


def _items(content: bytes, count: int) -> tuple[_Item, ...]:
    found: list[_Item] = []
    start = 0
    for _ in range(count):
        key_end = content.find(b"\0", start + 8)
        if key_end < 0:
            break
        size, flags = (int.from_bytes(content[at : at + 4], "little") for at in (start, start + 4))
        end = key_end + 1 + size
        key = content[start + 8 : key_end].decode("latin-1")
        found.append(_Item(key, flags, content[key_end + 1 : end], content[start:end]))
        start = end
    if start != len(content) or len(found) != count:
        raise UnwritableError("its APE tag is damaged")
    return tuple(found)
