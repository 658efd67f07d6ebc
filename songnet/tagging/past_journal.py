"""Reads a journal that an earlier run has written, and believes nothing of it unchecked."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

from songnet.errors import TagError
from songnet.names import shown_name
from songnet.tagging import delta
from songnet.tagging.journal import FORMAT, VERSION, Entry, checksum, lock

# The largest difference in base64, and the rest of a line.
_LONGEST_LINE = 2 * delta.LARGEST
_LONGEST_HEADER = 4096
_RUN = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEADER_KEYS = {"format", "version", "run", "field", "check"}
_ENTRY_KEYS = {
    *("number", "path", "before", "after", "was", "is", "mtime_ns", "in_place", "back", "check")
}


class PastJournal:
    """A journal that was written, locked against other runs until `close`.

    Parameters
    ----------
    path : path of a file

    Attributes
    ----------
    run : str
        What tells the run that wrote it from others, in hex.
    field : str or None
        The own field that was written; None for the genre.

    Raises
    ------
    TagError
        If it cannot be read, is none, of another version, damaged, edited or in use. Every line is
        checked, so that nothing is undone by half.
    """

    def __init__(self, path: str | Path):
        self._name = shown_name(path)
        try:
            if not os.path.isfile(path):
                what = "is no file" if os.path.exists(path) else "does not exist"
                raise TagError(f"{self._name} {what}: name a journal of songnet tag --write.")
            self._file: BinaryIO = open(path, "rb")  # noqa: SIM115
        except (OSError, ValueError) as error:
            raise TagError(f"{self._name} cannot be read: check its permissions.") from error
        try:
            lock(self._file)
            check = self._read_header()
            self._places = list(self._checked_places(check))
        except BlockingIOError as error:
            self._file.close()
            raise TagError(f"{self._name} is in use by another run: wait for its end.") from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Closes the journal, which ends the lock."""
        self._file.close()

    def entries(self) -> Iterator[Entry]:
        """What was done, or was about to be, file by file."""
        for number, place in enumerate(self._places, start=2):
            self._file.seek(place)
            yield self._entry(json.loads(self._file.readline(_LONGEST_LINE)), number)

    def _read_header(self) -> str:
        try:
            header = json.loads(self._file.readline(_LONGEST_HEADER))
        except (ValueError, RecursionError):
            header = None
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise TagError(f"{self._name} is no journal of songnet tag --write: name one.")
        if header.get("version") != VERSION:
            raise TagError(
                f"{self._name} was written by another version of SongNet, which can undo it."
            )
        self._check(header, "", 1)
        run, field = header.get("run"), header.get("field")
        is_run = isinstance(run, str) and bool(_RUN.fullmatch(run))
        if header.keys() != _HEADER_KEYS or not is_run or not isinstance(field, str | None):
            raise self._damaged(1)
        self.run, self.field = str(run), field
        return header["check"]

    def _checked_places(self, check: str) -> Iterator[int]:
        """Where the lines begin; the half of a last one, of an interrupted run, is none."""
        number = 1
        while True:
            place = self._file.tell()
            number += 1
            line = self._file.readline(_LONGEST_LINE)
            if len(line) >= _LONGEST_LINE:
                raise self._damaged(number)
            if not line.endswith(b"\n"):
                return
            try:
                content = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise self._damaged(number) from error
            self._check(content, check, number)
            self._entry(content, number)
            check = content["check"]
            yield place

    def _check(self, content: Any, before: str, number: int) -> None:
        if not isinstance(content, dict):
            raise self._damaged(number)
        rest = {key: value for key, value in content.items() if key != "check"}
        if content.get("check") != checksum(before, rest):
            raise self._damaged(number)

    def _entry(self, content: dict[str, Any], number: int) -> Entry:
        try:
            if content.keys() != _ENTRY_KEYS or not _is_sound(content):
                raise ValueError("other entries than are written")
            return Entry(
                number=content["number"],
                path=Path(content["path"]),
                before=content["before"],
                after=content["after"],
                was=tuple(content["was"]),
                now=tuple(content["is"]),
                mtime_ns=content["mtime_ns"],
                in_place=content["in_place"],
                back=delta.from_json(content["back"]),
            )
        except ValueError as error:
            raise self._damaged(number) from error

    def _damaged(self, line: int) -> TagError:
        return TagError(
            f"{self._name} is damaged or was edited (line {line}), and nothing was undone: take a "
            "copy of it that is whole."
        )


def _is_sound(content: dict[str, Any]) -> bool:
    path = content["path"]
    texts = (content["was"], content["is"])
    digests = (content["before"], content["after"])
    return (
        isinstance(path, str)
        and os.path.isabs(path)
        and "\0" not in path
        and type(content["number"]) is int
        and type(content["mtime_ns"]) is int
        and 0 <= content["mtime_ns"] < 2**63
        and type(content["in_place"]) is bool
        and all(isinstance(t, list) and all(isinstance(v, str) for v in t) for t in texts)
        and all(isinstance(d, str) and bool(_SHA256.fullmatch(d)) for d in digests)
    )
