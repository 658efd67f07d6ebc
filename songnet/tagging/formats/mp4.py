"""Genres in MP4: `©gen`, or a free-form field of the user's own."""

from collections.abc import Iterator
from typing import BinaryIO

from mutagen import MutagenError
from mutagen.mp4 import MP4, AtomDataType, MP4FreeForm

from songnet.errors import UnwritableError
from songnet.tagging.formats.splice import read_at, size_of
from songnet.tagging.values import Field

_GENRE, _GENRE_NUMBER = b"\xa9gen", b"gnre"
_OWN = "----:com.apple.iTunes:"
_MOST_ATOMS = 10_000
_LARGEST = 64 * 2**20
_DEEPEST = 4
_FILM = b"vide"
_CHAPTERS = (b"moov", b"udta", b"chpl")
_HANDLERS = (b"moov", b"trak", b"mdia", b"hdlr")


def check(file: BinaryIO) -> None:
    """Raises an `UnwritableError` for a film, and for QuickTime, whose tags are others."""
    if read_at(file, 8, 4) == b"qt  ":
        raise UnwritableError("it is a QuickTime file, whose tags are not written")
    if any(read_at(file, start + 8, 4) == _FILM for start, _ in _find(file, *_HANDLERS)):
        raise UnwritableError("it is a film")


def read(file: BinaryIO, field: Field) -> tuple[str, ...]:
    """The values of a field."""
    tags = _opened(file).tags or {}
    values = tags.get(_key(field)) or []
    texts = (v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values)
    return tuple(text for text in texts if text.strip())


def others(file: BinaryIO, field: Field) -> list[bytes]:
    """All other tags, and the chapters, byte by byte."""
    kept = [atom for name, atom in _tags(file) if not _holds(name, atom, field)]
    chapters = [read_at(file, start, end - start) for start, end in _find(file, *_CHAPTERS)]
    # mutagen writes tags in an order of its own, which says nothing.
    return [*sorted(kept), *chapters]


def write(file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
    """Writes a field, and gives what is read then; mutagen moves what has to make room."""
    opened = _opened(file)
    if opened.tags is None:
        opened.add_tags()
    texts = [MP4FreeForm(value.encode(), AtomDataType.UTF8) for value in values]
    opened[_key(field)] = list(values) if field.name is None else texts
    file.seek(0)
    try:
        opened.save(file, padding=lambda info: max(info.padding, 0) or info.get_default_padding())
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its tags cannot be written") from error
    return values


def _key(field: Field) -> str:
    return "\xa9gen" if field.name is None else f"{_OWN}{field.name}"


def _opened(file: BinaryIO) -> MP4:
    file.seek(0)
    try:
        return MP4(file)
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its tags cannot be read") from error


def _tags(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The name and the bytes of each tag."""
    for meta, end in _find(file, b"moov", b"udta", b"meta"):
        # Version and flags come first.
        for name, start, stop in _atoms(file, meta + 4, end):
            if name == b"ilst":
                for tag, at, until in _atoms(file, start, stop):
                    yield tag, read_at(file, at, until - at)


def _holds(name: bytes, atom: bytes, field: Field) -> bool:
    if field.name is None:
        return name in (_GENRE, _GENRE_NUMBER)
    if name != b"----":
        return False
    # "mean" and "name", each with its size before it, and four bytes of flags behind.
    mean = int.from_bytes(atom[:4], "big")
    size = int.from_bytes(atom[mean : mean + 4], "big")
    return (atom[12:mean], atom[mean + 12 : mean + size]) == (
        b"com.apple.iTunes",
        field.name.encode(),
    )


def _find(file: BinaryIO, *names: bytes) -> list[tuple[int, int]]:
    """Where the contents of the atoms of a path begin and end."""
    places = [(0, size_of(file))]
    for name in names:
        places = [
            (start, end)
            for place in places
            for found, start, end in _atoms(file, *place)
            if found == name
        ]
    return places


def _atoms(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_MOST_ATOMS):
        if start + 8 > end:
            return
        header = read_at(file, start, 16)
        size, content = int.from_bytes(header[:4], "big"), start + 8
        if size == 1:
            size, content = int.from_bytes(header[8:], "big"), start + 16
        size = size or end - start
        if size < content - start or start + size > end:
            raise UnwritableError("its boxes are damaged")
        yield header[4:8], content, start + size
        start += size
    raise UnwritableError("its boxes are too many")
