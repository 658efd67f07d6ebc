"""Whether a song's file is as it was, and where it was."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class FileState:
    """What the file system says of a file, by which a change is noticed.

    Attributes
    ----------
    size : int [bytes]
    mtime_ns : int [ns]
    """

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: bytes) -> "FileState | None":
        """The state of a file; None where it cannot be had, as of a broken link."""
        try:
            status = os.stat(path)
        except OSError:
            return None
        return cls(status.st_size, status.st_mtime_ns)


def mount_of(path: bytes) -> bytes:
    """The mount point that a file is below: the root of its disk."""
    folder = os.path.dirname(path)
    while not os.path.ismount(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder


def has_gone(path: bytes, mount: bytes) -> bool:
    """Whether a file is certainly no longer where it was.

    It is not certain where its disk is not there, or where a folder cannot be looked into.

    Parameters
    ----------
    path : bytes
    mount : bytes
        `mount_of` the file while it was there.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return os.path.ismount(mount)
    except OSError:
        return False
    return False
