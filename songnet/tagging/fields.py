"""The genre, or another field, in a file's tags: one way to read and write it for each format."""

from typing import BinaryIO, Protocol

from songnet.errors import UnwritableError
from songnet.tagging.formats import ape, asf, id3, mp4, vorbis
from songnet.tagging.formats.id3_block import tag_length
from songnet.tagging.formats.splice import read_at
from songnet.tagging.values import Field

_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"


class Tagging(Protocol):
    """How the tags of a kind of file are read and written.

    The files are open, and `write` wants them open for writing, too. All raise an
    `UnwritableError`.
    """

    def read(self, file: BinaryIO, field: Field) -> tuple[str, ...]:
        """The values of a field."""
        ...

    def others(self, file: BinaryIO, field: Field) -> list[bytes]:
        """All that the tags hold besides, to be compared."""
        ...

    def write(self, file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
        """Writes values of a field in place of those that are there; what `read` gives then."""
        ...


def tagging_of(file: BinaryIO) -> Tagging:
    """How the tags of a file are read and written, by its first bytes.

    Parameters
    ----------
    file : binary file

    Raises
    ------
    UnwritableError
        If it is of a kind whose tags are not written, or a film.
    """
    start = tag_length(read_at(file, 0, 10))
    head = read_at(file, start, 12)
    if head.startswith(b"fLaC"):
        return vorbis.Flac()
    if head.startswith(b"TTA1") or _is_mpeg(file, start):
        return id3.IN_FRONT
    if start == 0:
        if head.startswith(b"OggS"):
            return vorbis.Ogg()
        if (head[:4], head[8:]) in (
            (b"RIFF", b"WAVE"),
            (b"FORM", b"AIFF"),
            (b"FORM", b"AIFC"),
        ):
            return id3.IN_CHUNK
        if head.startswith(b"DSD "):
            return id3.AT_DSF_END
        if head[4:8] == b"ftyp":
            mp4.check(file)
            return mp4
        if head.startswith(_ASF):
            asf.check(file)
            return asf
        if head.startswith((b"wvpk", b"MAC ", b"MPCK")):
            return ape
    raise UnwritableError("it is of a kind whose tags are not written")


def _is_mpeg(file: BinaryIO, start: int) -> bool:
    """Whether an MP3's or an MP2's first frame is there, after the zeros that some put before it.

    AAC begins alike, without a layer.
    """
    head = read_at(file, start, 2**16).lstrip(b"\0")[:3]
    return len(head) == 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 6 != 0
