"""Files that commands write: never over another one unasked, and in one step."""

import argparse
import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from songnet.errors import WriteError
from songnet.names import printable

_SQLITE = b"SQLite format 3\0"


def add_output(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds the options by which a file of songs is written; `what` it is, such as "map"."""
    parser.add_argument(
        "--relative",
        action="store_true",
        help=f"write where the songs are as seen from the {what}'s folder, so that both can be "
        "moved together",
    )
    parser.add_argument(
        "--force", action="store_true", help=f"write the {what} over a file that is there"
    )


def check_ending(path: Path, what: str, endings: tuple[str, ...]) -> None:
    """Checks that a file's name ends as those of its kind do.

    So neither a slip nor ``--force`` writes a playlist over a song.

    Raises
    ------
    WriteError
    """
    if path.suffix.lower() not in endings:
        raise WriteError(
            f"{printable(str(path))} has not the name of a {what}: let it end in "
            f"{' or '.join(endings)}."
        )


def check_output(path: Path, *, force: bool) -> None:
    """Checks that a file may be written, before there is any work.

    Raises
    ------
    WriteError
        If it is there already and `force` does not say that it may go, if it is no file or a
        library, or if its folder is missing or closed.
    """
    name = printable(str(path))
    folder = os.path.dirname(os.path.realpath(path))
    with _explained(path):
        if os.path.lexists(path) and not force:
            raise WriteError(f"{name} is there already: name another file, or add --force.")
        if os.path.exists(path) and not os.path.isfile(path):
            raise WriteError(f"{name} is no file: name another.")
        if os.path.exists(path) and _is_library(path):
            raise WriteError(f"{name} is a library of songs: name another file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WriteError(
            f"{name} cannot be written, its folder is missing or closed: name another file."
        )


def check_playlist(path: Path, *, force: bool) -> None:
    """Checks that a playlist may be written; a `WriteError` as of the two checks above."""
    check_ending(path, "playlist", (".m3u8", ".m3u"))
    check_output(path, force=force)


def write_output(path: Path, content: bytes, *, force: bool) -> None:
    """Writes a file in one step: whoever looks sees the old one, or the whole new one.

    Raises
    ------
    WriteError
        As for `check_output`, and if it cannot be written.
    """
    with new_file(path, force=force) as file:
        file.write(content)


@contextlib.contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Opens a file that takes its place in one step when the ``with`` block is left.

    Yields
    ------
    binary file

    Raises
    ------
    WriteError
        As for `write_output`. A file that is there is as it was then.
    """
    check_output(path, force=force)
    path = Path(os.path.realpath(path))
    new = path.with_name(f".songnet-{os.getpid()}")
    with _explained(path):
        try:
            with open(new, "xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if force and path.exists():
                os.chmod(new, stat.S_IMODE(path.stat().st_mode))
            _put(new, path, force)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(new)


def _is_library(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _put(new: Path, path: Path, force: bool) -> None:
    if not force:
        # Unlike a renamed file, a link never takes the place of one that has come meanwhile.
        with contextlib.suppress(PermissionError, NotImplementedError):
            return os.link(new, path)
        # Some file systems, such as that of memory cards, have no links.
        check_output(path, force=False)
    return os.replace(new, path)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns an error of the system's, or a name that cannot be, into a `WriteError`."""
    try:
        yield
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise WriteError(
            f"{printable(str(path))} cannot be written ({why}): name another file."
        ) from error
