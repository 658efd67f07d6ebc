"""The journal of a run: what was done to each file, put down before it is done.

It is JSON, a line for each file, and says how the new file leads back to the old one. Each line has
a checksum that goes on from the line before it, so that no line is changed or lost unnoticed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import platformdirs

from songnet.errors import WriteError
from songnet.names import printable
from songnet.tagging import delta
from songnet.tagging.rewrite import sync_folder

FORMAT, VERSION = "songnet-tags", 1


@dataclass(frozen=True)
class Entry:
    """What is done to a file.

    Attributes
    ----------
    number : int
        Of the file in the run; the copy's name has it, too.
    path : Path
        Absolute.
    before, after : str
        SHA-256 of the old and the new file, as hex.
    was, now : tuple of str
        The values of the field before and after.
    mtime_ns : int [ns]
        The old file's time of change.
    in_place : bool
        Whether the file itself is written, as it has other names.
    back : list of delta.Part
        What makes the old file of the new one.
    """

    number: int
    path: Path
    before: str
    after: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    mtime_ns: int
    in_place: bool
    back: list[delta.Part]


def journals_folder() -> Path:
    """Where journals are: in the user's folder for programs' data."""
    return Path(platformdirs.user_data_dir("songnet", appauthor=False)) / "tags"


class Journal:
    """A journal that is being written, locked until `close`.

    Parameters
    ----------
    folder : Path
        It is made if it is missing.
    field : str or None
        The own field that is written; None for the genre.

    Attributes
    ----------
    path : Path
    run : str
        What tells this run from others, in hex.
    is_empty : bool
        Whether no file was put down: then none was changed.

    Raises
    ------
    WriteError
        If it cannot be written.
    """

    def __init__(self, folder: Path, field: str | None):
        self.run = secrets.token_hex(8)
        self.is_empty = True
        self.path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{self.run}.jsonl"
        self._check = ""
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._file = open(os.open(self.path, flags, 0o600), "wb", buffering=0)  # noqa: SIM115
            lock(self._file)
            header = {"format": FORMAT, "version": VERSION, "run": self.run, "field": field}
            self._write(header)
            for place in (folder, folder.parent):
                sync_folder(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the journal, which ends the lock."""
        self._file.close()

    def add(self, entry: Entry) -> None:
        """Puts down what is about to be done; when it returns, the disk has it.

        Raises
        ------
        WriteError
            If it cannot be written: nothing is to be done then.
        """
        with self._explained():
            self._write(
                {
                    "number": entry.number,
                    # What is not UTF-8 is a surrogate, which JSON can hold.
                    "path": os.fspath(entry.path),
                    "before": entry.before,
                    "after": entry.after,
                    "was": list(entry.was),
                    "is": list(entry.now),
                    "mtime_ns": entry.mtime_ns,
                    "in_place": entry.in_place,
                    "back": delta.to_json(entry.back),
                }
            )
        self.is_empty = False

    def _write(self, content: dict[str, Any]) -> None:
        check = checksum(self._check, content)
        size = os.fstat(self._file.fileno()).st_size
        rest = memoryview(json.dumps(content | {"check": check}).encode() + b"\n")
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(size)
            raise
        self._check = check

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise WriteError(
                f"The journal {printable(str(self.path))} cannot be written ({error.strerror}), "
                "and without it no tag is: make room for it."
            ) from error


def checksum(before: str, content: dict[str, Any]) -> str:
    """SHA-256 of a line's content, and of the one before it, as hex."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before.encode() + text.encode()).hexdigest()


def lock(file: Any) -> None:
    """Locks a journal; a file system without locks is used without one."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        pass
