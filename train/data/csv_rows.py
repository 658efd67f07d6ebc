"""Reads the rows of CSV files as people have them: their encoding, separator and header's case."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from charset_normalizer import from_bytes

from train.errors import DataError

_NO_TEXT = "it is no text: save it as CSV in UTF-8"
_SEPARATORS = ",;\t|"
# UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets write where it is not Unicode; of alphabets of Europe that are as likely as each
# other the first is taken, which is the commonest.
_ENCODINGS = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "gb18030", "big5", "cp949", "utf_16_le", "utf_16_be"),
)


class Rows(csv.DictReader):
    """The rows of a table as dicts; a line with more cells than the header is a `ValueError`."""

    def __next__(self) -> dict[str, str]:
        row = super().__next__()
        if any(cell.strip() for cell in row.pop(None, [])):
            raise ValueError(
                f"its line {self.line_num} has more cells than the first line names: a cell with "
                "the separator in it needs quotation marks"
            )
        return row


@contextmanager
def rows_of(
    path: str | Path, what: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[Rows]:
    """Opens a CSV file with a header, for a ``with`` block that reads its rows.

    Parameters
    ----------
    path : path
        In UTF-8, UTF-16, or an encoding that charset-normalizer finds. Commas, semicolons, tabs
        or ``|`` between the cells.
    what : str
        How the error names the table: "FILE is no table ..." and this.
    columns : sequence of str
        Columns that it has, in whatever case it writes them.
    optional : sequence of str
        Those of them that it may lack.

    Yields
    ------
    Rows

    Raises
    ------
    DataError
        If the file cannot be read or lacks a column, or if the block fails on its rows.
    """
    try:
        yield _rows(_text(Path(path).read_bytes()), columns, optional)
    except OSError as error:
        raise DataError(f"{path} is no table {what}: {error.strerror}.") from error
    except (KeyError, ValueError, AttributeError, TypeError, csv.Error) as error:
        raise DataError(f"{path} is no table {what}: {_why(error)}.") from error


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no column {error.args[0]}"
    if isinstance(error, AttributeError | TypeError):
        return f"a line of it has too few cells ({error})"
    return " ".join(str(error).split())


def _text(data: bytes) -> str:
    """The content of a text file, whatever its encoding."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        text = data.decode("utf-8")
        if "\0" not in text:
            return text
    except UnicodeDecodeError:
        pass
    found = list(from_bytes(data, cp_isolation=list(_ENCODINGS)))
    if not found:
        raise ValueError(_NO_TEXT)
    likely = [match.encoding for match in found if match.chaos == found[0].chaos]
    text = data.decode(min(likely, key=_ENCODINGS.index))
    if "\0" in text:
        raise ValueError(_NO_TEXT)
    return text.removeprefix("\ufeff")


def _rows(text: str, columns: Sequence[str], optional: Sequence[str]) -> Rows:
    """The rows, with the separator under which the header names the columns."""
    text = text.lstrip("\r\n")
    needed = [name for name in columns if name not in optional]
    for separator in _SEPARATORS:
        rows = Rows(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        names = [name.strip() for name in rows.fieldnames or ()]
        known = {name: name.casefold() for name in names if name.casefold() in columns}
        if set(known.values()) >= set(needed):
            rows.fieldnames = [known.get(name, name) for name in names]
            return rows
    header = text.partition("\n")[0].strip()[:80]
    raise ValueError(f"its first line must name {' and '.join(needed)}, and is “{header}”")
