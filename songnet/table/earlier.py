"""The rows that earlier runs have left in a table, as they stand there byte for byte."""

import codecs
import contextlib
import csv
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from songnet.errors import TableError
from songnet.table.cells import csv_line, header_row

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What is left of a header that was cut off has at least this, or it is another program's file.
_START_OF_HEADER = b"file,genre,"
# The columns that tables of older versions lack.
_NEWER = ("warnings", "path")
# A column that tables of version 0.1 lack, and with which they go on without it.
_ADDED = "verdict"
# How many columns there are before those of the genres, and after them.
_AROUND_GENRES = (5, 8)
_MOST_NAMED = 8


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    content : bytes
        The row as it stands in the file, with its line end if it has one.
    path : str
        Its cell in the column ``path``; empty for the header and for an empty line.
    failed : bool
        Whether it holds an error.
    warned : bool
        Whether it holds an answer with a warning: of half a download, say.
    """

    content: bytes
    path: str = ""
    failed: bool = False
    warned: bool = False


@contextlib.contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """Lifts Python's limit of 131,072 characters a cell, which all of a program shares."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def columns_of(content: bytes, columns: list[str]) -> list[str]:
    """The columns with which a table goes on: all, or those that an older version gave it.

    Parameters
    ----------
    content : bytes
        The whole file.
    columns : list of str
        Those of a new table.

    Returns
    -------
    list of str
    """
    older = [column for column in columns if column != _ADDED]
    header = csv_line(header_row(older).values()).encode()
    line = content.removeprefix(BYTE_ORDER_MARK).splitlines()[:1]
    return older if line == [header] else columns


@_cells_of_any_size()
def read_rows(content: bytes, columns: list[str], name: str) -> list[Row]:
    """The rows of a table, the header first.

    Parameters
    ----------
    content : bytes
        The whole file.
    columns : list of str
        Those that the table must have; the last are ``warnings``, ``error`` and ``path``.
    name : str
        The file's name, for errors.

    Returns
    -------
    list of Row
        All but a last one that an interrupted run has not finished; none if not even the header is
        whole.

    Raises
    ------
    TableError
        If it is no table of these columns, or if one of its lines is no row of it.
    """
    if _is_torn_header(content, columns):
        return []
    lines = content.splitlines(keepends=True)
    _check_header(lines[0], columns, name)
    if _is_torn(lines[-1], columns):
        lines.pop()
    rows = [Row(lines[0])]
    for number, line, cells in _records(lines, name):
        if cells and len(cells) != len(columns):
            raise TableError(
                f"{name} has no row of {len(columns)} cells in line {number}: mend that line, or "
                "name another file."
            )
        rows.append(_row(line, cells) if cells else Row(line))
    return rows


def _row(line: bytes, cells: list[str]) -> Row:
    *_, warnings, error, path = cells
    return Row(line, path, failed=bool(error), warned=bool(warnings) and not error)


def standing(rows: list[Row], stale: Collection[str] = ()) -> list[Row]:
    """The rows without those that a later row of the same file replaces.

    A failed row gives way to any, and an answer with a warning to another answer.

    Parameters
    ----------
    rows : list of Row
    stale : collection of str
        Paths whose failed rows go, too.

    Returns
    -------
    list of Row
        Each where the first row of its file was.
    """
    kept: dict[str | int, Row] = {}
    for number, row in enumerate(rows):
        earlier = kept.get(row.path)
        gives_way = earlier is None or earlier.failed or (earlier.warned and not row.failed)
        replaces = row.path and gives_way
        kept[row.path if replaces else number] = row
    return [row for row in kept.values() if not (row.failed and row.path in stale)]


def _is_torn_header(content: bytes, columns: list[str]) -> bool:
    """Whether a file is empty, or holds a part of the header and nothing else."""
    text = content.removeprefix(BYTE_ORDER_MARK)
    header = csv_line(header_row(columns).values()).encode() + b"\r\n"
    return not text or (
        text != header and header.startswith(text) and text.startswith(_START_OF_HEADER)
    )


def _check_header(line: bytes, columns: list[str], name: str) -> None:
    try:
        cells = next(csv.reader([line.decode("utf-8-sig", "replace")]))
    except csv.Error:
        cells = []
    header = list(header_row(columns).values())
    if cells != header:
        lacks = [column for column in _NEWER if column not in cells]
        if lacks and cells == [column for column in header if column not in lacks]:
            raise TableError(
                f"{name} was written by an older SongNet, without the column "
                f"{' and '.join(lacks)}: name another file."
            )
        if other := _other_genres(cells, header):
            raise TableError(
                f"{name} has answers in other genres ({', '.join(other)}): name another file."
            )
        if changed := _changed_by_spreadsheet(line, header):
            raise TableError(
                f"{name} was saved with another {changed} by a spreadsheet, it seems: save it as "
                "comma-separated values in UTF-8, with the columns it had, or name another file."
            )
        raise TableError(f"{name} is there and is no table of SongNet's: name another file.")


def _other_genres(cells: list[str], header: list[str]) -> list[str]:
    """The genres of a table's columns, some of them at most, where these alone are others."""
    first, last = _AROUND_GENRES
    if cells[:first] != header[:first] or cells[-last:] != header[-last:]:
        return []
    genres = cells[first:-last]
    # In another order, a spreadsheet has moved them.
    if len(genres) < 2 or set(genres) == set(header[first:-last]):
        return []
    return [*genres[:_MOST_NAMED], *(["..."] if len(genres) > _MOST_NAMED else [])]


def _changed_by_spreadsheet(line: bytes, header: list[str]) -> str:
    """What a spreadsheet has changed in a table of this header; empty if it is another file."""
    is_wide = line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = line.decode("utf-16" if is_wide else "utf-8-sig", "replace").strip("\r\n�")
    for delimiter in ",;\t":
        try:
            cells = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            continue
        if set(header) <= set(cells):
            changed = {
                "encoding": is_wide,
                "separator": delimiter != ",",
                "row of columns": cells != header,
            }
            return " and ".join(what for what, is_so in changed.items() if is_so)
    return ""


def _is_torn(line: bytes, columns: list[str]) -> bool:
    """Whether a last line is what an interrupted run leaves: not all cells, and no line end.

    The last cell is the path. It stands in quotation marks and holds none, so that a path that is
    cut off is not taken for another one.
    """
    if line.endswith((b"\n", b"\r")):
        return False
    try:
        cells = next(csv.reader([line.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error):
        return True
    return len(cells) < len(columns) or not cells[-1]


def _records(lines: list[bytes], name: str) -> Iterator[tuple[int, bytes, list[str]]]:
    """The line number, content and cells of each record after the header.

    Most are a line. One in which somebody has broken a line inside quotation marks is several.
    """
    reader = csv.reader(_decoded(lines, name), strict=True)
    next(reader)
    while (start := reader.line_num) < len(lines):
        try:
            cells = next(reader)
        except csv.Error as error:
            raise TableError(
                f"{name} cannot be read from line {start + 1} on ({error}): mend that line, or "
                "name another file."
            ) from error
        yield start + 1, b"".join(lines[start : reader.line_num]), cells


def _decoded(lines: list[bytes], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise TableError(
                f"{name} is not UTF-8 in line {number}: save it as UTF-8, or name another file."
            ) from error
