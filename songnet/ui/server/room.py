"""Room on the disk: reserved before an upload's bytes come, so that the floor holds to the byte."""

import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from songnet.errors import SongNetError

NO_ROOM = "The server has no room for more songs at the moment: try again in an hour."
TOO_MANY_FILES = "Too many files came from your address: send more in an hour."

# Kept free on the disk that holds the uploads. A file takes two of its entries (inodes), as it has
# a folder of its own.
FREE_BYTES = 512 * 2**20
FREE_FILES = 2_000
# What an upload takes beside its content: blocks that are not full, and what is buffered.
_BESIDES = 64 * 2**10
_ENTRIES = 2


class NoRoomError(SongNetError):
    """There is no room on the disk for what was announced, or has come."""


def free(folder: str | Path) -> tuple[int, int | None]:
    """Free bytes and entries of the disk that holds a folder; None where entries are not counted.

    Parameters
    ----------
    folder : path
        It need not be there yet.
    """
    folder = Path(folder)
    while not folder.exists():
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize, disk.f_favail if disk.f_files else None


@dataclass
class Room:
    """The room that all uploads of this process have reserved and not yet filled.

    Attributes
    ----------
    size : int >= 0 [bytes]
    files : int >= 0
        Entries of the disk.
    """

    size: int = 0
    files: int = 0

    def check(self, folder: str | Path, size: int = 0, files: int = 0) -> None:
        """Raises a `NoRoomError` unless so many more bytes and entries leave the floor free."""
        free_bytes, free_files = free(folder)
        enough = free_bytes - self.size - size >= FREE_BYTES
        if free_files is not None:
            enough = enough and free_files - self.files - files >= FREE_FILES
        if not enough:
            raise NoRoomError(NO_ROOM)


@dataclass
class Upload:
    """One upload's share of the room, and the files that it wrote.

    Parameters
    ----------
    room : Room
    folder : path
        Where it is written.
    announced : int or None [bytes]
        What the upload says of its length; None if it does not.
    may_add_file : function
        Says of each further file whether its sender may have it.

    Raises
    ------
    NoRoomError
        If there is no room for what is announced.
    """

    room: Room
    folder: str | Path
    announced: int | None
    may_add_file: Callable[[], bool] = lambda: True
    paths: list[Path] = field(default_factory=list)
    _size: int = 0
    _come: int = 0
    _files: int = 0

    def __post_init__(self) -> None:
        self._reserve((self.announced or 0) + _BESIDES)

    def _reserve(self, size: int) -> None:
        self.room.check(self.folder, size)
        self.room.size += size
        self._size += size

    def take(self, size: int) -> None:
        """Counts bytes that have come and will be written.

        What came before has been written by then, and is no longer reserved.

        Raises
        ------
        NoRoomError
            If nothing was reserved for them and there is no room.
        """
        self._release(self._come)
        self._come = 0
        missing = size + _BESIDES - self._size
        if missing > 0:
            self._reserve(missing)
        self._come = size

    def add_file(self) -> None:
        """Reserves what a further file takes beside its content.

        Raises
        ------
        NoRoomError
            If there is no room, or its sender has had enough.
        """
        if not self.may_add_file():
            raise NoRoomError(TOO_MANY_FILES)
        self.room.check(self.folder, 0, _ENTRIES)
        self.room.files += _ENTRIES
        self._files += _ENTRIES

    def _release(self, size: int) -> None:
        self.room.size -= size
        self._size -= size

    def close(self) -> None:
        """Gives back what is left of the share, and deletes files that did not become a song."""
        self._release(self._size)
        self.room.files -= self._files
        self._files = 0
        for path in self.paths:
            path.unlink(missing_ok=True)


# The upload that the current request is; the gate sets it, the parser writes into it.
CURRENT: ContextVar[Upload | None] = ContextVar("songnet_upload", default=None)
# All pages of a process write to one disk.
ROOM = Room()
