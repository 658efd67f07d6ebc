"""File names as text that is safe to show."""

import os
import unicodedata
from pathlib import Path

_LONGEST_NAME = 120
# Control characters, halves of surrogate pairs, line and paragraph separators.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
# Embeddings and overrides of the writing direction, which turn the text around them.
_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def shown_name(path: str | Path) -> str:
    """A file's name without its folder, safe to print: no control characters, valid Unicode.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    str
        With ``�`` for what is not valid UTF-8 and for what `is_control` finds. Of a name of more
        than 120 characters, the start and the end are kept.
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
        With ``�`` for what is not valid Unicode and for what `is_control` finds. All else stays:
        spaces of any width, joiners, soft hyphens, characters that this Python does not know yet.

    Examples
    --------
    >>> printable("caf\\udce9\\n👩\\u200d🎤")
    'caf��👩\\u200d🎤'
    """
    try:
        text = os.fsencode(name).decode("utf-8", "replace")
    except UnicodeEncodeError:
        # A surrogate that no file system gives.
        text = name
    return "".join("�" if is_control(c) else c for c in text)


def is_control(c: str) -> bool:
    """Whether a character is a control character, no character at all, or turns those around it.

    Parameters
    ----------
    c : str of length 1

    Returns
    -------
    bool
    """
    return unicodedata.category(c) in _CONTROLS or unicodedata.bidirectional(c) in _TURNING
