"""Whether two files differ in nothing but one field of their tags."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from mutagen import MutagenError

from songnet.audio.tag_sources import opened_by_mutagen
from songnet.errors import AudioError, UnwritableError
from songnet.tagging.fields import tagging_of
from songnet.tagging.values import Field

# Gives a digest of a file's sound as it is coded, or None where it cannot be read to its end.
Packets = Callable[[Path], bytes | None]

_BLOCK = 2**20
_GENRE_KEYS = frozenset(("TCON", "TCO", "GENRE", "©GEN", "WM/GENRE"))


def digest(file: BinaryIO) -> str:
    """SHA-256 of a file, as hex."""
    found = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def check_alike(
    old: BinaryIO, new: BinaryIO, old_path: Path, new_path: Path, field: Field, packets: Packets
) -> None:
    """Compares the sound and all tags but one of two files, in three ways.

    Parameters
    ----------
    old, new : binary files
    old_path, new_path : Path
        Of the same files.
    field : Field
        What may differ.
    packets : function

    Raises
    ------
    UnwritableError
        If anything else differs.
    """
    tagging = tagging_of(old)
    if tagging.others(old, field) != tagging_of(new).others(new, field):
        raise UnwritableError("other tags would change with its genre")
    if _by_mutagen(old, field) != _by_mutagen(new, field):
        raise UnwritableError("other tags would read differently afterwards")
    try:
        sound = packets(old_path)
        if sound is None:
            raise UnwritableError("its sound cannot be read to its end, to be compared")
        if packets(new_path) != sound:
            raise UnwritableError("its sound would change")
    except AudioError as error:
        raise UnwritableError("its sound cannot be read to be compared") from error


def _by_mutagen(file: BinaryIO, field: Field) -> tuple[list[str], list[bytes]]:
    """What mutagen reads of all other tags, and the pictures."""
    try:
        opened: Any = opened_by_mutagen(file)
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its tags cannot be read") from error
    if opened is None:
        return [], []
    own = {f"TXXX:{field.name}", field.name, f"----:COM.APPLE.ITUNES:{field.name}"}
    names = _GENRE_KEYS if field.name is None else {str(name).upper() for name in own}
    items = opened.tags.items() if opened.tags else ()
    tags = sorted(f"{key}={value!r}" for key, value in items if key.upper() not in names)
    return tags, [picture.write() for picture in getattr(opened, "pictures", ())]
