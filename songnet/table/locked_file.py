"""A file that one run at a time writes, and that is changed in a safe way or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from songnet.errors import TableError
from songnet.names import printable, shown_name


class LockedFile:
    """A file that is open for reading and for writing at its end, and locked against other runs.

    The lock is the operating system's, on the open file: it ends with the process, however that
    ends. A file system without locks is used without one.

    Parameters
    ----------
    path : path of the file, which is made if it is missing
        Also of a pipe or a device, which are not locked, and read as empty.

    Attributes
    ----------
    name : str
        The file's name, as errors give it.

    Raises
    ------
    TableError
        If it cannot be read and written, or if another run has it open.
    """

    def __init__(self, path: str | Path):
        self.name = shown_name(path)
        self._is_regular = os.path.isfile(path) or not os.path.exists(path)
        # Where a symbolic link leads, so that the file is replaced and not the link.
        self._path = os.path.realpath(path) if self._is_regular else os.fspath(path)
        with self._explained():
            self._file = self._locked() if self._is_regular else FileIO(self._path, "a")

    def close(self) -> None:
        """Closes the file, which ends the lock."""
        with self._explained():
            self._file.close()

    def read(self) -> bytes:
        """All that the file holds."""
        if not self._is_regular:
            return b""
        with self._explained():
            self._file.seek(0)
            return self._file.readall()

    def truncate(self, size: int) -> None:
        """Cuts off what is behind so many bytes."""
        with self._explained():
            if self._is_regular and os.fstat(self._file.fileno()).st_size > size:
                self._file.truncate(size)

    def append(self, content: bytes) -> None:
        """Writes at the end of the file, all or nothing.

        Raises
        ------
        TableError
            If it cannot be written, or if another program has moved or replaced the file meanwhile.
        """
        self._check_current()
        size = os.fstat(self._file.fileno()).st_size
        with self._explained():
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                with contextlib.suppress(TableError):
                    self.truncate(size)
                raise

    def check_replaceable(self) -> None:
        """Raises a TableError now if `replace` would certainly raise one later."""
        if not os.access(os.path.dirname(self._path), os.W_OK | os.X_OK):
            raise TableError(
                f"{self.name} has rows to replace, and its folder cannot be written: name another "
                "file."
            )

    def replace(self, content: bytes) -> None:
        """Puts a new file with the same owner and permissions in its place, in one step.

        Nothing can be read or written afterwards.

        Raises
        ------
        TableError
            If the new file cannot be written. The old one is as it was.
        """
        self._check_current()
        with self._explained():
            handle, new = tempfile.mkstemp(".csv", ".songnet-", os.path.dirname(self._path))
            try:
                with open(handle, "wb") as file:
                    old = os.fstat(self._file.fileno())
                    # Only root may give files away.
                    with contextlib.suppress(PermissionError):
                        os.chown(new, old.st_uid, old.st_gid)
                    shutil.copystat(self._path, new)
                    file.write(content)
                    file.flush()
                    os.fsync(handle)
                os.replace(new, self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(new)
                raise

    def _locked(self) -> FileIO:
        while True:
            try:
                file = FileIO(self._path, "a+")
            except (FileNotFoundError, NotADirectoryError) as error:
                folder = printable(os.path.dirname(self._path))
                raise TableError(
                    f"{self.name} cannot be written, there is no folder {folder}: make it, or name "
                    "another file."
                ) from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.close()
                raise TableError(
                    f"{self.name} is being written by another run: wait for its end, or name "
                    "another file."
                ) from error
            except OSError:
                pass
            # Another run may have replaced the file just before its lock ended.
            if self._is_at_path(file):
                return file
            file.close()

    def _is_at_path(self, file: FileIO) -> bool:
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _check_current(self) -> None:
        if self._is_regular and not self._is_at_path(self._file):
            raise TableError(
                f"{self.name} was moved, deleted or saved by another program: run the same command "
                "again."
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns an error of the operating system into a sentence."""
        try:
            yield
        except OSError as error:
            raise TableError(
                f"{self.name} cannot be written ({error.strerror}): name another file."
            ) from error
