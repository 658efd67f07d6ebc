"""Where a file has its ID3v2 tag: in front, in a chunk of a WAV or an AIFF, at a DSF's end."""

from dataclasses import dataclass
from typing import BinaryIO, Literal

from songnet.errors import UnwritableError
from songnet.tagging.formats.id3_block import tag_length
from songnet.tagging.formats.splice import read_at, size_of, splice

_CHUNK = 8  # bytes of a chunk's header
_MOST_CHUNKS = 10_000
_DSF_HEADER = 28


@dataclass(frozen=True)
class Place:
    """The tag of a file: from `start` to before `end`, where a chunk's header is not counted.

    Attributes
    ----------
    chunk : bytes or None
        The name of the chunk that holds it, or is to hold it.
    """

    start: int
    end: int
    chunk: bytes | None = None


def in_front(file: BinaryIO) -> Place:
    """The tag at the beginning of an MP3, say; empty if there is none."""
    end = tag_length(read_at(file, 0, 10))
    if end > size_of(file):
        raise UnwritableError("its ID3 tag is longer than the file")
    if end and tag_length(read_at(file, end, 10)):
        raise UnwritableError("it has two ID3 tags, one after the other")
    return Place(0, end)


def in_chunk(file: BinaryIO) -> Place:
    """The chunk of a WAV's or an AIFF's tag; at the end, and empty, if there is none."""
    order = _order(file)
    end = _CHUNK + int.from_bytes(read_at(file, 4, 4), order)
    if end > size_of(file):
        raise UnwritableError("it is shorter than its header says")
    found: list[Place] = []
    start = 12
    for _ in range(_MOST_CHUNKS):
        if start >= end:
            break
        header = read_at(file, start, _CHUNK)
        size = int.from_bytes(header[4:], order)
        if header[:4].upper() == b"ID3 ":
            length = tag_length(read_at(file, start + _CHUNK, 10))
            if length > size:
                raise UnwritableError("its ID3 tag is longer than its chunk")
            found.append(Place(start + _CHUNK, start + _CHUNK + size, header[:4]))
        start += _CHUNK + size + size % 2
    if start != end:
        raise UnwritableError("its chunks do not end where its header says")
    if len(found) > 1:
        raise UnwritableError("it has two ID3 tags")
    return found[0] if found else Place(end, end, b"id3 " if order == "little" else b"ID3 ")


def put_in_chunk(file: BinaryIO, place: Place, tag: bytes) -> None:
    """Writes a tag where `in_chunk` has found its place."""
    order = _order(file)
    is_new = place.start == place.end
    start = place.start if is_new else place.start - _CHUNK
    end = place.end + (place.end - place.start) % 2
    header = (place.chunk or b"id3 ") + len(tag).to_bytes(4, order)
    chunk = header + tag + bytes(len(tag) % 2)
    size = int.from_bytes(read_at(file, 4, 4), order) + len(chunk) - (end - start)
    if size >= 2**32:
        raise UnwritableError("it would be larger than 4 GB, which it cannot be")
    splice(file, start, end, chunk)
    file.seek(4)
    file.write(size.to_bytes(4, order))


def at_dsf_end(file: BinaryIO) -> Place:
    """The tag at the end of a DSF."""
    header = read_at(file, 0, _DSF_HEADER)
    size, at = (int.from_bytes(header[start : start + 8], "little") for start in (12, 20))
    end = size_of(file)
    if size != end or at > end:
        raise UnwritableError("it is not as long as its header says")
    if not at:
        return Place(end, end)
    if tag_length(read_at(file, at, 10)) != end - at:
        raise UnwritableError("its ID3 tag does not end where the file does")
    return Place(at, end)


def put_at_dsf_end(file: BinaryIO, place: Place, tag: bytes) -> None:
    """Writes a tag where `at_dsf_end` has found its place."""
    splice(file, place.start, place.end, tag)
    file.seek(12)
    file.write((place.start + len(tag)).to_bytes(8, "little") + place.start.to_bytes(8, "little"))


def _order(file: BinaryIO) -> Literal["little", "big"]:
    return "little" if read_at(file, 0, 4) == b"RIFF" else "big"
