"""Genres in WMA: `WM/Genre`, or an attribute of the user's own."""

from typing import BinaryIO

from mutagen import MutagenError
from mutagen.asf import ASF

from songnet.errors import UnwritableError
from songnet.tagging.formats.splice import read_at
from songnet.tagging.values import Field

_HEADER = 2**20
# What says that a stream is pictures.
_FILM = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


def check(file: BinaryIO) -> None:
    """Raises an `UnwritableError` for a film."""
    if _FILM in read_at(file, 0, _HEADER):
        raise UnwritableError("it is a film")


def read(file: BinaryIO, field: Field) -> tuple[str, ...]:
    """The values of a field."""
    values = _opened(file).get(_key(field)) or []
    return tuple(text for value in values if (text := str(value)).strip())


def others(file: BinaryIO, field: Field) -> list[bytes]:
    """All other attributes, as mutagen reads them."""
    return sorted(
        f"{name}={type(value).__name__} {value.language} {value.stream} {value.value!r}".encode()
        for name, values in _opened(file).items()
        for value in values
        if name != _key(field)
    )


def write(file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
    """Writes a field, and gives what is read then."""
    opened = _opened(file)
    opened[_key(field)] = list(values)
    file.seek(0)
    try:
        opened.save(file, padding=lambda info: max(info.padding, 0) or info.get_default_padding())
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its tags cannot be written") from error
    return values


def _key(field: Field) -> str:
    return field.name or "WM/Genre"


def _opened(file: BinaryIO) -> ASF:
    file.seek(0)
    try:
        return ASF(file)
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its tags cannot be read") from error
