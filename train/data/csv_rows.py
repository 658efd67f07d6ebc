"""Reads the rows of CSV files; an error is one sentence about what is wrong with the file."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from train.errors import DataError


@contextmanager
def rows_of(path: str | Path, what: str) -> Iterator[csv.DictReader]:
    """Opens a CSV file with a header, for a ``with`` block that reads its rows.

    Parameters
    ----------
    path : path
        UTF-8, with or without a byte order mark.
    what : str
        How the error names the table: "FILE is no table ..." and this.

    Yields
    ------
    csv.DictReader

    Raises
    ------
    DataError
        If the file cannot be read, or the block fails on its rows.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            yield csv.DictReader(file)
    except (OSError, KeyError, ValueError, AttributeError, TypeError, csv.Error) as error:
        raise DataError(f"{path} is no table {what}: {error!r}.") from error
