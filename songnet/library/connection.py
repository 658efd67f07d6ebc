"""Opens a library's file with SQLite, and tells in one sentence why that cannot be done."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from songnet.errors import LibraryError
from songnet.library.schema import APPLICATION_ID, MIGRATIONS, migrate, version
from songnet.names import printable

# How long another program's writing is waited for: a batch of a scan takes a moment.
_PATIENCE_S = 60.0


def open_to_write(path: Path, *, create: bool) -> sqlite3.Connection:
    """Opens a library for reading and writing, and brings it to this version of its tables.

    Parameters
    ----------
    path : path of the file
    create : bool
        Whether one is made, with its folder, where none is.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode.

    Raises
    ------
    LibraryError
        If there is none, it cannot be written, is damaged, foreign or of a newer version.
    """
    _check_kind(path, create)
    with explained(path):
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path, "rwc" if create else "rw")
        try:
            _check_owner(connection, path, may_be_empty=create)
            # A damaged file is left as it is.
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _damaged(path)
            # Readers and a writer then do not wait for each other. Where a file system cannot do
            # that (some of a network's), SQLite goes on in its older way, where they do.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            if version(connection) < len(MIGRATIONS):
                migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def open_to_read(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    """Opens a library for reading alone, also where neither it nor its folder can be written.

    A file of an earlier version is first brought to this one.

    Parameters
    ----------
    path : path of the file
    shared : bool
        Whether several threads use the connection, one at a time.

    Returns
    -------
    sqlite3.Connection

    Raises
    ------
    LibraryError
        As for `open_to_write`.
    """
    _check_kind(path, create=False)
    with explained(path):
        connection = _connect(path, "ro", shared)
        try:
            try:
                _check_owner(connection, path, may_be_empty=False)
            except sqlite3.OperationalError:
                # SQLite keeps a file beside one that is being written, and cannot here. Without
                # such files nobody is writing, and what there is can be read as it stands.
                if _has_log(path):
                    raise
                connection.close()
                connection = _connect(path, "ro&immutable=1", shared)
                _check_owner(connection, path, may_be_empty=False)
            if version(connection) < len(MIGRATIONS):
                connection.close()
                open_to_write(path, create=False).close()
                return open_to_read(path, shared=shared)
        except BaseException:
            connection.close()
            raise
    return connection


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system report of a library's file into a `LibraryError`."""
    name = printable(str(path))
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith("SQLITE_FULL"):
            reason = "the disk is full: make room, and run the same command again"
        elif code.startswith("SQLITE_BUSY"):
            reason = "another program is writing it: wait for its end"
        elif code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            reason = (
                "it or its folder does not allow it: change their permissions, or name another "
                "file with --library"
            )
        else:
            reason = f"{error}: look after the disk, or name another file with --library"
        raise LibraryError(f"The library {name} cannot be used, {reason}.") from error
    # Content that SongNet does not write is a `ValueError` or a `TypeError`.
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    except OSError as error:
        raise LibraryError(
            f"The library {name} cannot be used ({error.strerror}): name another file with "
            "--library."
        ) from error


def _connect(path: Path, mode: str, shared: bool = False) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(os.path.abspath(path)))}?mode={mode}"
    return sqlite3.connect(
        address, _PATIENCE_S, isolation_level=None, check_same_thread=not shared, uri=True
    )


def _has_log(path: Path) -> bool:
    """Whether writers have left something that belongs to the file and is not in it yet."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


def _check_kind(path: Path, create: bool) -> None:
    name = printable(str(path))
    if path.is_dir():
        raise LibraryError(f"{name} is a folder: name a file for the library with --library.")
    if not path.exists():
        if not create:
            raise LibraryError(
                f"There is no library {name}: make it with songnet scan FOLDER, or name another "
                "with --library."
            )
    elif not path.is_file():
        raise LibraryError(f"{name} is a device or a pipe: name a file with --library.")


def _check_owner(connection: sqlite3.Connection, path: Path, *, may_be_empty: bool) -> None:
    """Raises a `LibraryError` for a file that is not SongNet's, or of a newer SongNet."""
    name = printable(str(path))
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    is_empty = (owner, tables, version(connection)) == (0, 0, 0)
    if is_empty and may_be_empty:
        return
    if is_empty and not pages:
        raise LibraryError(f"The library {name} is empty: fill it with songnet scan FOLDER.")
    if owner != APPLICATION_ID:
        raise LibraryError(
            f"{name} is another program's file, and is left as it is: name a library of SongNet's "
            "with --library."
        )
    if version(connection) > len(MIGRATIONS):
        raise LibraryError(
            f"The library {name} was written by a newer SongNet: update this one, or name another "
            "file with --library."
        )


def _damaged(path: Path) -> LibraryError:
    return LibraryError(
        f"{printable(str(path))} is damaged or no library, and is left as it is: name another with "
        "--library, or move it away and scan again."
    )
