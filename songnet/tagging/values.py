"""What can be a genre in a tag, and the field that holds it."""

import re
from dataclasses import dataclass

from mutagen.id3 import Frames

from songnet.errors import TagError
from songnet.names import is_control, printable

_LONGEST = 100
# ID3 takes these for the numbers of its own genres, or for "remix" and "cover".
_NUMBER = re.compile(r"\d{1,3}|RX|CR|\(.*")
# What the keys of Vorbis comments and APEv2 both allow, and ID3 and MP4 as well.
_NAME = re.compile(r"[ -<>-}]{2,60}")
_RESERVED = frozenset(("ID3", "TAG", "OGGS", "MP+"))

# Fields of Vorbis comments and APEv2 whose content would be lost, and the genre itself.
_TAKEN = frozenset(
    (
        *("GENRE", "TITLE", "VERSION", "ALBUM", "TRACKNUMBER", "TRACK", "ARTIST", "PERFORMER"),
        *("COPYRIGHT", "LICENSE", "ORGANIZATION", "DESCRIPTION", "LOCATION", "CONTACT", "ISRC"),
        *("DATE", "YEAR", "ALBUMARTIST", "ALBUM ARTIST", "COMPOSER", "COMMENT", "LYRICS", "DISC"),
        *("DISCNUMBER", "METADATA_BLOCK_PICTURE", "COVERART", "COVERARTMIME", "ENCODER"),
        *("COVER ART (FRONT)", "COVER ART (BACK)", "CUESHEET"),
    )
)


@dataclass(frozen=True)
class Field:
    """Where genres are written: in the genre, or in a field of the user's own.

    Attributes
    ----------
    name : str or None
        The own field's: ``TXXX:NAME`` in ID3, ``NAME`` in Vorbis comments and APEv2,
        ``----:com.apple.iTunes:NAME`` in MP4. None for the genre.

    Raises
    ------
    TagError
        If the name is none that all kinds of tags take.
    """

    name: str | None = None

    def __post_init__(self):
        name = self.name
        if name is None:
            return
        if not _NAME.fullmatch(name) or name.strip() != name or name.upper() in _RESERVED:
            raise TagError(
                f"“{printable(name)}” is no name for a field: use 2 to 60 letters without accents, "
                "such as SONGNET_GENRE."
            )
        # FFmpeg, and what plays by it, takes ``TXXX:TCON`` for the genre.
        if name.upper() in _TAKEN or name.upper() in Frames:
            raise TagError(
                f"“{name}” is a field of its own in tags: name one that no program uses, such as "
                "SONGNET_GENRE."
            )


GENRE = Field()


def check_value(value: str) -> None:
    """Raises a `TagError` for a text that cannot be a genre in every kind of tag."""
    if not value.strip() or value != value.strip():
        raise TagError(f"“{printable(value)}” is no genre: a name has no spaces around it.")
    if len(value) > _LONGEST or any(is_control(c) for c in value):
        raise TagError(
            f"“{printable(value[:_LONGEST])}” is no genre: use up to {_LONGEST} characters, none "
            "of them a control character."
        )
    if _NUMBER.fullmatch(value):
        raise TagError(
            f"“{value}” is no genre: ID3 takes it for the number of another one. Call it "
            "something else, with --map if it is a genre of your own."
        )
