"""How an old file differs from the new one, so that the new one leads back to it byte by byte.

It is a list of parts: either bytes that only the old file has, or where in the new file they are. A
tag that changed in its place is a few bytes; where an Ogg's pages were numbered anew, so is each.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from songnet.errors import UnwritableError

# Most bytes of the old file alone, unpacked: any cover is smaller.
LARGEST = 64 * 2**20
_BLOCK = 2**20
# What two files have to share to be taken for the same, and most places that are remembered.
_SHORTEST = 32
_MOST_PLACES = 200_000
# How far a changed number in a page's header reaches.
_NEAR = 64

# Bytes of the old file, or where in the new file they begin and end.
Part = bytes | tuple[int, int]


def difference(old: BinaryIO, new: BinaryIO) -> list[Part]:
    """What makes the old file of the new one.

    Parameters
    ----------
    old, new : binary files

    Returns
    -------
    list of Part

    Raises
    ------
    UnwritableError
        If more than `LARGEST` differs.
    """
    old_size, new_size = old.seek(0, 2), new.seek(0, 2)
    common = min(old_size, new_size)
    head = _shared(old, new, 0, 0, common)
    tail = _shared_end(old, new, common - head)
    parts: list[Part] = [(0, head)] if head else []
    old.seek(head)
    new.seek(head)
    middle = old.read(old_size - head - tail), new.read(new_size - head - tail)
    parts += (
        part if isinstance(part, bytes) else (part[0] + head, part[1] + head)
        for part in _matched(*middle)
    )
    if tail:
        parts.append((new_size - tail, new_size))
    if sum(len(part) for part in parts if isinstance(part, bytes)) > LARGEST:
        raise UnwritableError("too much of it would change")
    return parts


def applied(parts: list[Part], new: BinaryIO) -> Iterator[bytes]:
    """The old file's bytes, block by block."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        start, end = part
        new.seek(start)
        for at in range(start, end, _BLOCK):
            yield new.read(min(_BLOCK, end - at))


def to_json(parts: list[Part]) -> list[Any]:
    """A difference for a journal: pairs of numbers, and texts for bytes."""
    return [
        base64.b64encode(zlib.compress(part)).decode() if isinstance(part, bytes) else list(part)
        for part in parts
    ]


def from_json(stored: Any) -> list[Part]:
    """The inverse of `to_json`; raises a ValueError for anything else."""
    if not isinstance(stored, list):
        raise ValueError("no list")
    parts: list[Part] = []
    room = LARGEST
    for item in stored:
        if isinstance(item, str):
            parts.append(_unpacked(item, room))
            room -= len(parts[-1])
        elif (
            isinstance(item, list)
            and len(item) == 2
            and all(type(number) is int for number in item)
            and 0 <= item[0] < item[1] < 2**62
        ):
            parts.append((item[0], item[1]))
        else:
            raise ValueError("no part")
    return parts


def _unpacked(text: str, room: int) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(text, validate=True), room + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("no bytes") from error
    if len(content) > room or not unpacker.eof:
        raise ValueError("too many bytes")
    return content


def _shared(old: BinaryIO, new: BinaryIO, old_at: int, new_at: int, most: int) -> int:
    """How many bytes are the same from two places on."""
    found = 0
    while found < most:
        count = min(_BLOCK, most - found)
        old.seek(old_at + found)
        new.seek(new_at + found)
        same = _same(old.read(count), new.read(count))
        found += same
        if same < count:
            break
    return found


def _shared_end(old: BinaryIO, new: BinaryIO, most: int) -> int:
    """How many bytes are the same before the ends of two files."""
    old_size, new_size = old.seek(0, 2), new.seek(0, 2)
    found = 0
    while found < most:
        count = min(_BLOCK, most - found)
        old.seek(old_size - found - count)
        new.seek(new_size - found - count)
        same = _same(old.read(count)[::-1], new.read(count)[::-1])
        found += same
        if same < count:
            break
    return found


def _same(first: bytes, second: bytes) -> int:
    """How many bytes are the same at the beginning."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _matched(old: bytes, new: bytes) -> Iterator[Part]:
    """The parts of `old`, each in `new` or by itself."""
    step = max(_SHORTEST, len(new) // _MOST_PLACES)
    places = {new[at : at + step]: at for at in range(0, len(new) - step + 1, step)}
    at = alone = expected = 0
    while at < len(old):
        place = _place(old, new, at, expected, step, places, alone)
        if place is None:
            at += 1
            continue
        back = 0
        while (
            at - back > alone and place - back > 0 and old[at - back - 1] == new[place - back - 1]
        ):
            back += 1
        at, place = at - back, place - back
        if at > alone:
            yield old[alone:at]
        length = _same_from(old, new, at, place)
        yield place, place + length
        at = alone = at + length
        expected = place + length
    if len(old) > alone:
        yield old[alone:]


def _place(
    old: bytes,
    new: bytes,
    at: int,
    expected: int,
    step: int,
    places: dict[bytes, int],
    alone: int,
) -> int | None:
    """Where in `new` the bytes from `at` on are: where they would be, or where else."""
    skipped = at - alone
    if 0 < skipped <= _NEAR:
        near = expected + skipped
        wanted = old[at : at + _SHORTEST]
        if len(wanted) == _SHORTEST and new[near : near + _SHORTEST] == wanted:
            return near
    return places.get(old[at : at + step])


def _same_from(old: bytes, new: bytes, at: int, place: int) -> int:
    length = 0
    while True:
        count = _same(
            old[at + length : at + length + 65536], new[place + length : place + length + 65536]
        )
        length += count
        if count < 65536:
            return length


def digest_of(parts: list[Part], new: BinaryIO) -> str:
    """SHA-256 of the old file, as hex."""
    found = hashlib.sha256()
    for block in applied(parts, new):
        found.update(block)
    return found.hexdigest()
