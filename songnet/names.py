"""File names as text that is safe to show."""

import os
from pathlib import Path

_LONGEST_NAME = 120


def shown_name(path: str | Path) -> str:
    """A file's name without its folder, safe to print: no control characters, valid Unicode.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    str
        With ``�`` for what is not valid UTF-8 and for control characters. Of a name of more than
        120 characters, the start and the end are kept.
    """
    text = printable(os.path.basename(os.path.normpath(path)) or str(path))
    if len(text) <= _LONGEST_NAME:
        return text
    return f"{text[: _LONGEST_NAME - 20]}…{text[-19:]}"


def printable(name: str) -> str:
    """A file name as valid Unicode without control characters.

    Parameters
    ----------
    name : str
        As the file system gives it: bytes that are not UTF-8 are surrogates.

    Returns
    -------
    str
        With ``�`` for what is not valid Unicode and for control characters.
    """
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "�" for c in text)
