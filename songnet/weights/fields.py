"""The entries of a JSON object that somebody else wrote: each is what it must be, or refused.

Each function takes an entry's value and name, and raises a `ValueError` that ends a sentence.
"""

import json
import numbers
import unicodedata
from collections.abc import Mapping
from typing import Any

_LONGEST_SHOWN = 40


def entries(value: Any, name: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise _wrong(value, name, "an object")
    return value


def text(value: Any, name: str) -> str:
    """Text that is not empty and can be shown in a line."""
    if not _can_be_shown(value) or not value.strip():
        raise _wrong(value, name, "text")
    return value


def optional_text(value: Any, name: str) -> str | None:
    """Text that can be shown in a line, or None."""
    if value is not None and not _can_be_shown(value):
        raise _wrong(value, name, "text")
    return value


def names(value: Any, name: str) -> tuple[str, ...]:
    """Two or more different names."""
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise _wrong(value, name, "a list of two or more names")
    found = tuple(text(entry, f"an entry of {name}") for entry in value)
    if len(set(found)) < len(found):
        raise _wrong(value, name, "a list of different names")
    return found


def share(value: Any, name: str) -> float:
    """A number from 0 to 1."""
    # NaN fails the comparison, too.
    if not _is_number(value) or not 0 <= value <= 1:
        raise _wrong(value, name, "a number from 0 to 1")
    return float(value)


def optional_number(value: Any, name: str) -> float | None:
    """A number above 0, or None."""
    if value is not None and (not _is_number(value) or not 0 < value < 1e9):
        raise _wrong(value, name, "a number above 0")
    return value


def optional_whole_number(value: Any, name: str) -> int | None:
    """A whole number above 0, or None."""
    if value is not None and (not isinstance(value, int) or not _is_number(value) or value <= 0):
        raise _wrong(value, name, "a whole number above 0")
    return value


def _can_be_shown(value: Any) -> bool:
    """Whether a value is text without control characters and halves of surrogate pairs."""
    return isinstance(value, str) and not any(
        unicodedata.category(character) in ("Cc", "Cs") for character in value
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _wrong(value: Any, name: str, expected: str) -> ValueError:
    shown = json.dumps(value, default=repr)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    return ValueError(f"{name} is {shown}, and should be {expected}")
