"""What the cells of a table hold: its columns, a file's row, texts that are no formulas."""

import csv
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path

from songnet.names import is_control
from songnet.prediction import AnswerJson
from songnet.spec import GENRES

# What a spreadsheet takes for a formula: titles come from strangers. Where the decimal sign is a
# comma, a spreadsheet begins a new cell at each semicolon, whatever the quotation marks around it;
# its importer may do so at tabs and bars. Some take the full-width signs for the plain ones.
_FORMULA = re.compile(r'(?:^|(?<=[;|\t]))(?=["\s]*[=+\-@＝＋－＠])')
# What a path spells as bytes: the sign of that spelling, and what may begin or end a cell.
_SPELLED = '\\";|'

# The columns before those of the genres, and after them.
_BEFORE = ("genre", "confidence", "abstained", "duration_s")
_TAGS = ("artist", "title", "album", "year")

# What a cell holds; None is an empty one.
Cell = str | float | None


def table_columns(genres: tuple[str, ...] = GENRES) -> list[str]:
    """The columns of a table of predictions, in order."""
    return ["file", *_BEFORE, *genres, *_TAGS, "verdict", "warnings", "error"]


def header_row(columns: list[str]) -> dict[str, str]:
    """The row with the names of the columns, none of which a spreadsheet would calculate."""
    return {column: defused(column) for column in columns}


def csv_line(cells: Iterable[Cell]) -> str:
    """Cells as a line of CSV, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def csv_row(answer: AnswerJson) -> dict[str, Cell]:
    """One row for a CSV file.

    Parameters
    ----------
    answer : AnswerJson

    Returns
    -------
    dict of str to str, float or None
        Keys are those of `table_columns` that have a value for this file; text that a spreadsheet
        would calculate has an apostrophe before it.
    """
    row: dict[str, Cell] = {"file": answer["file"]}
    if "error" in answer:
        row["error"] = answer["error"]
    else:
        row |= {name: answer[name] for name in _BEFORE}
        row |= answer["probabilities"]
        row |= {name: answer["metadata"][name] for name in _TAGS}
        row["verdict"] = answer["verdict"]["text"]
        row["warnings"] = " ".join(answer["warnings"])
    return {
        column: defused(value) if isinstance(value, str) else value for column, value in row.items()
    }


def defused(text: str) -> str:
    """A text with an apostrophe before each part that a spreadsheet would take for a formula.

    Examples
    --------
    >>> defused("=1+1")
    "'=1+1"
    >>> defused("Intro;=1+1; and more")
    "Intro;'=1+1; and more"
    """
    return _FORMULA.sub("'", text)


def path_text(path: str | Path) -> str:
    """The spelling of a file's real path in a table, which no other file has.

    Parameters
    ----------
    path : path of a file, or of a folder
        Relative or absolute, also through symbolic links.

    Returns
    -------
    str
        The absolute path without symbolic links, or of a link to what is missing. The bytes of what
        is not UTF-8, of control characters and of ``\\``, ``"``, ``;`` and ``|`` are spelled
        ``\\xHH``, so that Bash's ``printf %b`` gives the path back.

    Examples
    --------
    >>> print(path_text("/music/caf\\udce9; live.mp3"))
    /music/caf\\xe9\\x3b live.mp3
    """
    return spelled(_real(path))


def spelled(path: str | Path) -> str:
    """The spelling of a path in `path_text`, as it is: links are not followed."""
    return "".join(
        "".join(f"\\x{byte:02x}" for byte in os.fsencode(c)) if _is_spelled(c) else c
        for c in os.fspath(path)
    )


def _real(path: str | Path) -> str:
    if os.path.lexists(path) and not os.path.exists(path):
        folder, name = os.path.split(os.path.abspath(path))
        return os.path.join(os.path.realpath(folder), name)
    return os.path.realpath(path)


def _is_spelled(c: str) -> bool:
    return c in _SPELLED or is_control(c)
