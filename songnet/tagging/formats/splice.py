"""Puts bytes in the place of others in a file, and moves what comes after them."""

import os
from typing import BinaryIO

_BLOCK = 2**20


def splice(file: BinaryIO, start: int, end: int, new: bytes) -> None:
    """Replaces the bytes from `start` to before `end` by others, of whatever number.

    Parameters
    ----------
    file : binary file, open for reading and writing
    start, end : int [bytes]
    new : bytes
    """
    size = file.seek(0, os.SEEK_END)
    move = len(new) - (end - start)
    if move < 0:
        for at in range(end, size, _BLOCK):
            _copy(file, at, min(_BLOCK, size - at), move)
        file.truncate(size + move)
    elif move > 0:
        at = size
        while at > end:
            count = min(_BLOCK, at - end)
            at -= count
            _copy(file, at, count, move)
    file.seek(start)
    file.write(new)


def _copy(file: BinaryIO, at: int, count: int, move: int) -> None:
    file.seek(at)
    block = file.read(count)
    file.seek(at + move)
    file.write(block)


def read_at(file: BinaryIO, start: int, count: int) -> bytes:
    """Up to so many bytes from a place on."""
    file.seek(start)
    return file.read(count)


def size_of(file: BinaryIO) -> int:
    """The size of an open file [bytes]."""
    return file.seek(0, os.SEEK_END)
