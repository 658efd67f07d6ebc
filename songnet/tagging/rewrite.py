"""Puts a changed copy in the place of a file, in one step, so that the old or the new one is whole.

The copy is written beside the file, synced and compared before; the file itself is never opened to
be changed, but where it has other names (hard links) and its owner asks for that.
"""

import contextlib
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from songnet.errors import SongNetError, UnwritableError

_BLOCK = 2**20

# Makes the new file of the old one; both are open.
Make = Callable[[BinaryIO, BinaryIO], None]
# Compares the old file with the new one, which has this path, and puts down what is to be done; the
# last chance to raise an error.
Confirm = Callable[[BinaryIO, BinaryIO, Path], None]


def rewrite(
    path: Path,
    copy: Path,
    make: Make,
    confirm: Confirm,
    *,
    hard_links: bool = False,
    mtime_ns: int | None = None,
) -> None:
    """Changes a file; whatever happens at whatever point, it is as before or as it should be.

    Parameters
    ----------
    path : Path
        Of a file that is no link.
    copy : Path
        Of the new file, in the same folder; nothing may be there.
    make, confirm : functions
    hard_links : bool
        Whether a file with several names is changed for all of them. It is written in its place,
        from the copy, which stays until that is done: `finish` completes what was interrupted.
    mtime_ns : int or None
        The time of change that the file then has; None for the present.

    Raises
    ------
    UnwritableError
        If it is read-only, locked, gone, changed meanwhile, or as `make` and `confirm` raise. The
        file is as it was, and the copy is gone.
    """
    with explained(), _opened(path, hard_links) as old:
        about = os.fstat(old.fileno())
        try:
            with open(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b") as new:
                make(old, new)
                new.flush()
                _keep_attributes(path, copy, about)
                if mtime_ns is not None:
                    os.utime(copy, ns=(about.st_atime_ns, mtime_ns))
                os.fsync(new.fileno())
                confirm(old, new, copy)
            if _identity(os.stat(path, follow_symlinks=False)) != _identity(about):
                raise UnwritableError("it was changed or replaced meanwhile")
            if about.st_nlink == 1:
                os.replace(copy, path)
            else:
                _make_room(old, os.stat(copy).st_size)
        except FileExistsError:
            raise
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(copy)
            raise
        if about.st_nlink > 1:
            sync_folder(path.parent)
            finish(old, copy)
        sync_folder(path.parent)


def finish(file: BinaryIO, copy: Path) -> None:
    """Writes a copy into the file that it is to become, and removes the copy.

    Where this is interrupted, the copy has all of the new content still.
    """
    with open(copy, "rb") as new:
        file.seek(0)
        shutil.copyfileobj(new, file, _BLOCK)
        file.truncate()
        file.flush()
        times = os.fstat(new.fileno())
    os.utime(file.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
    os.fsync(file.fileno())
    os.unlink(copy)


def _make_room(file: BinaryIO, size: int) -> None:
    """Has the disk reserve what a file will need; the file stays as it is where it cannot."""
    old_size = os.fstat(file.fileno()).st_size
    if size > old_size:
        try:
            os.posix_fallocate(file.fileno(), old_size, size - old_size)
        except OSError:
            os.ftruncate(file.fileno(), old_size)
            raise


def sync_folder(folder: Path) -> None:
    """Has the disk know what a folder holds; some file systems have no such thing."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def check_writable(path: Path, *, hard_links: bool = False) -> os.stat_result:
    """Raises an `UnwritableError` now where `rewrite` would certainly do so; opens nothing."""
    with explained():
        about = os.stat(path, follow_symlinks=False)
        if stat.S_ISLNK(about.st_mode):
            raise UnwritableError("it is a symbolic link: name the file that it leads to")
        if not stat.S_ISREG(about.st_mode):
            raise UnwritableError("it is no file")
        # Root may write all the same, and should not.
        if not about.st_mode & 0o222 or not os.access(path, os.W_OK):
            raise UnwritableError("it is read-only")
        folder = path.parent
        if not os.stat(folder).st_mode & 0o222 or not os.access(folder, os.W_OK | os.X_OK):
            raise UnwritableError("its folder is read-only")
        if about.st_nlink > 1 and not hard_links:
            raise UnwritableError(
                f"it has {about.st_nlink} names (hard links), which would become two files: "
                "--hard-links changes it for all of them"
            )
    return about


@contextlib.contextmanager
def _opened(path: Path, hard_links: bool) -> Iterator[BinaryIO]:
    """The file, open and locked against other programs."""
    about = check_writable(path, hard_links=hard_links)
    # Not to be waited for, should it be a pipe by now.
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
    with open(os.open(path, flags), "r+b") as file:
        if not os.path.samestat(os.fstat(file.fileno()), about):
            raise UnwritableError("it was replaced meanwhile")
        _lock(file)
        yield file


def _lock(file: BinaryIO) -> None:
    """Takes both kinds of locks; a file system without any is used without."""
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            raise UnwritableError("another program has locked it") from error
        except OSError:
            pass


def _identity(about: os.stat_result) -> tuple[int, ...]:
    return (
        *(about.st_dev, about.st_ino, about.st_nlink, about.st_size),
        *(about.st_mtime_ns, about.st_ctime_ns),
    )


def _keep_attributes(path: Path, copy: Path, about: os.stat_result) -> None:
    """Gives the copy the owner, permissions and extended attributes of the file."""
    # Only root may give files away, and others to their groups alone.
    with contextlib.suppress(PermissionError):
        os.chown(copy, -1, about.st_gid)
        os.chown(copy, about.st_uid, -1)
    shutil.copystat(path, copy)
    os.utime(copy)
    if _extended_attributes(path) != _extended_attributes(copy):
        raise UnwritableError("its extended attributes cannot be kept")


def _extended_attributes(path: Path) -> dict[str, bytes]:
    """The user's own, and the access control lists; all others are the system's."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(path)
    except OSError:
        return {}
    return {n: os.getxattr(path, n) for n in names if n.startswith(("user.", "system.posix_acl"))}


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turns what goes wrong with a file into the end of a sentence about it."""
    try:
        yield
    except SongNetError:
        raise
    except FileNotFoundError as error:
        raise UnwritableError("it is not there any more") from error
    except FileExistsError as error:
        raise UnwritableError("a copy of an earlier run is beside it") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise UnwritableError(f"it cannot be written ({why})") from error
    # Parsers of untrusted bytes raise more than they document; one file is not to end a run.
    except Exception as error:
        raise UnwritableError("its tags cannot be read") from error
