"""What all commands do alike: their streams, errors, exit statuses."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tqdm import tqdm

from songnet.errors import (
    LibraryError,
    OutputError,
    SongNetError,
    TableError,
    TagError,
    WriteError,
)
from songnet.interrupts import INTERRUPTED
from songnet.names import printable, shown_name
from songnet.prediction import FailureJson

# The exit status where a pipe has no reader any more, by the shells' convention.
NO_READER = 141


def open_closed_streams() -> None:
    """Lets the null device stand where a shell has closed a standard stream (``2>&-``, say).

    The next file to be opened would take the place otherwise, and what is said on standard error
    would be taken for results. That there is no standard output is told when there are results.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False))


class Parser(argparse.ArgumentParser):
    """A parser that says how a file is named whose name begins with a dash."""

    _dashed: Sequence[str] = ()

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        """Does what the base class does, and remembers which arguments are such files."""
        self._dashed = [text for text in args or () if text[:1] == "-" and os.path.lexists(text)]
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Ends the program, as the base class does."""
        if self._dashed:
            name = printable(self._dashed[0])
            message += f" (the file {name} is written ./{name}, or after --)"
        super().error(message)


def add_library(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the library."""
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="the library's file; by default one in your folder for programs' data",
    )


def add_hear(parser: argparse.ArgumentParser) -> None:
    """Adds the option that hears some windows of each song only."""
    parser.add_argument(
        "--hear",
        metavar="N",
        type=windows_to_hear,
        help="hear N windows of 30 s of each song, evenly placed, instead of all of it: faster "
        "(default: all)",
    )


def windows_to_hear(text: str) -> int | None:
    """A number of windows, for `argparse`; None for ``all``."""
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError("it is no number of windows: give 1 or more, or all")
    return int(text)


def status_of(work: Callable[[], int], interrupted: str = "interrupted.") -> int:
    """Does a command's work, says in one sentence what went wrong, and gives the exit status.

    Parameters
    ----------
    work : function
        Gives the status where nothing stops it: 0 or 1.
    interrupted : str
        What is said after Ctrl-C.

    Returns
    -------
    int
        1 where it cannot be done, 2 if results cannot be written, or if the library, the journal, a
        map of genres or the name of a field cannot be used, 130 after Ctrl-C, 141 if the program
        that reads the results has ended.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return work()
    except OutputError as error:
        say(error)
        discard_output()
        return 2
    except (LibraryError, TableError, TagError, WriteError) as error:
        say(error)
        return 2
    except SongNetError as error:
        say(error)
        return 1
    except BrokenPipeError:
        # The program that reads the results (`head`, say) has ended.
        discard_output()
        return NO_READER
    except KeyboardInterrupt:
        say(interrupted)
        return INTERRUPTED


def print_line(text: str) -> None:
    """Writes a line to standard output at once, past the progress bar.

    Raises
    ------
    OutputError
        If it cannot be written.
    BrokenPipeError
        If the program that reads the results has ended.
    """
    if sys.stdout is None:
        raise OutputError("There is no standard output for the results: open it, or use --csv.")
    try:
        tqdm.write(text, file=sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"The results cannot be written ({error.strerror}): send them elsewhere, or use --csv."
        ) from error


def discard_output() -> None:
    """Keeps Python from reporting an error of standard output once more when it exits."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(what: object) -> None:
    """Writes a line to standard error, past the progress bar; nothing is lost if that fails."""
    try:
        tqdm.write(f"songnet: {what}", file=sys.stderr)
    except OSError:
        # Python would report the error once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def failure(answer: FailureJson) -> str:
    """Why a file failed; of a file in a folder, the sentence names its path below that."""
    name, error = answer["file"], answer["error"]
    alone = shown_name(name)
    if name == alone:
        return error
    return name + error.removeprefix(alone) if error.startswith(alone) else f"{name}: {error}"
