"""The table of results as a CSV file: safe in spreadsheets, and resumable."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from songnet.errors import TableError
from songnet.names import shown_name
from songnet.prediction import AnswerJson
from songnet.spec import GENRES

# A cell that begins so is a formula to a spreadsheet, and titles come from strangers.
_FORMULA = ("=", "+", "-", "@")

# The columns before those of the genres, and after them.
_BEFORE = ("genre", "confidence", "abstained", "duration_s")
_TAGS = ("artist", "title", "album", "year")

# What a cell holds; None is an empty one.
Cell = str | float | None


def table_columns(genres: tuple[str, ...] = GENRES) -> list[str]:
    """The columns of a table of predictions, in order."""
    return ["file", *_BEFORE, *genres, *_TAGS, "error"]


def csv_row(answer: AnswerJson) -> dict[str, Cell]:
    """One row for a CSV file.

    Parameters
    ----------
    answer : AnswerJson

    Returns
    -------
    dict of str to str, float or None
        Keys are those of `table_columns` that have a value for this file; text that a spreadsheet
        would calculate begins with an apostrophe.
    """
    row: dict[str, Cell] = {"file": answer["file"]}
    if "error" in answer:
        row["error"] = answer["error"]
    else:
        row |= {name: answer[name] for name in _BEFORE}
        row |= answer["probabilities"]
        row |= {name: answer["metadata"][name] for name in _TAGS}
    return {
        column: defused(value) if isinstance(value, str) else value for column, value in row.items()
    }


def defused(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class CsvTable:
    """A CSV file to which rows are added as files are done.

    The rows of a file that exists are kept. An incomplete last row, from a run that was
    interrupted, is removed.

    Parameters
    ----------
    path : path of the CSV file
    genres : tuple of str

    Attributes
    ----------
    failures : int
        Rows that hold an error.

    Raises
    ------
    TableError
        If the file cannot be written, or is not a table of these columns.
    """

    def __init__(self, path: str | Path, genres: tuple[str, ...]):
        self._name = shown_name(path)
        columns = table_columns(genres)
        try:
            rows, end = self._rows(Path(path), columns)
            self._file = open(path, "a", newline="", encoding="utf-8")  # noqa: SIM115
            if self._file.seekable() and self._file.tell() > end:
                self._file.truncate(end)
        except OSError as error:
            raise self._unwritable(error) from error
        self._writer = csv.DictWriter(self._file, columns)
        self.failures = sum(bool(row[columns.index("error")]) for row in rows)
        self._finished = Counter(row[columns.index("file")] for row in rows)
        if end == 0:
            self._write(dict(zip(columns, columns, strict=True)))

    def __enter__(self) -> "CsvTable":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take_finished(self, name: str) -> bool:
        """Whether a file has a row from an earlier run. Each row is counted for one file only."""
        name = defused(name)
        self._finished[name] -= 1
        return self._finished[name] >= 0

    def add(self, answer: AnswerJson) -> None:
        """Writes a row at once, so that an interrupted run loses no finished file.

        Raises
        ------
        TableError
            If the row cannot be written: on a full disk, for example.
        """
        self.failures += "error" in answer
        self._write(csv_row(answer))

    def _write(self, row: Mapping[str, Cell]) -> None:
        try:
            self._writer.writerow(row)
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _rows(self, path: Path, columns: list[str]) -> tuple[list[list[str]], int]:
        """The complete rows of an earlier run, and the offset of their end in the file [bytes]."""
        content = path.read_bytes() if path.is_file() else b""
        header = f"{','.join(columns)}\r\n".encode()
        if header.startswith(content):
            return [], len(header) if content == header else 0
        if not content.startswith(header):
            raise TableError(
                f"{self._name} is there and is no table of SongNet's: name another file."
            )
        rows, end = [], len(header)
        # A row is a line: names, tags and errors hold no line breaks.
        for line in content[len(header) :].splitlines(keepends=True):
            row = next(csv.reader(io.StringIO(line.decode("utf-8", "replace"))), [])
            if not line.endswith(b"\n") or len(row) != len(columns):
                break
            rows.append(row)
            end += len(line)
        return rows, end

    def _unwritable(self, error: OSError) -> TableError:
        return TableError(f"{self._name} cannot be written ({error.strerror}): name another file.")
