"""Genres in ID3v2: `TCON`, or a `TXXX` of the user's own, in the version that the file has."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

from mutagen import MutagenError
from mutagen.id3 import ID3, ID3NoHeaderError, ParseID3v1

from songnet.errors import UnwritableError
from songnet.tagging.formats import ape, id3_places
from songnet.tagging.formats.id3_block import Block, Frame
from songnet.tagging.formats.splice import read_at, size_of, splice
from songnet.tagging.values import Field

_V1 = 128  # bytes
_LATIN1, _UTF16, _UTF8 = b"\0", b"\1", b"\3"
# mutagen's word for the number of no genre.
_NO_GENRE = "Unknown"


@dataclass(frozen=True)
class Id3:
    """Genres in the ID3v2 tags of a kind of file.

    Attributes
    ----------
    find : function
        Gives the place of the tag in a file.
    put : function
        Writes a tag into a place.
    has_others : bool
        Whether ID3v1 and APEv2 may stand at the file's end.
    """

    find: Callable[[BinaryIO], id3_places.Place]
    put: Callable[[BinaryIO, id3_places.Place, bytes], None]
    has_others: bool = False

    def read(self, file: BinaryIO, field: Field) -> tuple[str, ...]:
        """The values of a field; those of ID3v1 and APEv2 where ID3v2 has none."""
        values = _values(self._tag(file), field)
        if not values and self.has_others:
            if field.name is None:
                values = _genres(_v1_frames(file).get("TCON"))
            values = values or _ape_values(file, field)
        return values

    def others(self, file: BinaryIO, field: Field) -> list[bytes]:
        """All else in the tags, byte by byte."""
        block = Block.parse(self._tag(file))
        frames = _v1_block(file).frames if self._is_v1_alone(file) else block.frames
        kept = [frame.whole for frame in frames if not _holds(block, frame, field)]
        if self.has_others:
            # An older tag than APEv2 is not read; nothing is written there.
            with suppress(UnwritableError):
                kept += ape.others(file, field)
            kept.append(_v1(file))
        return kept

    def write(self, file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
        """Writes a field in ID3v2, and in APEv2 if that has it; gives what is read then."""
        place = self.find(file)
        block = Block.parse(self._tag(file))
        if self._is_v1_alone(file):
            # Where there is an ID3v2, players leave ID3v1 aside: the former says all of it.
            block = _v1_block(file)
        new, at = _frame(block, field, values), None
        frames: list[Frame] = []
        for frame in block.frames:
            if _holds(block, frame, field):
                at = len(frames) if at is None else at
            else:
                frames.append(frame)
        frames.insert(len(frames) if at is None else at, new)
        self.put(file, place, block.with_frames(tuple(frames)).rendered())
        if self.has_others and _ape_values(file, field):
            ape.write(file, field, values)
        return values if block.version == 4 else ("/".join(values),)

    def _tag(self, file: BinaryIO) -> bytes:
        place = self.find(file)
        return read_at(file, place.start, place.end - place.start)

    def _is_v1_alone(self, file: BinaryIO) -> bool:
        return self.has_others and not self._tag(file) and bool(_v1(file))


def _put_in_front(file: BinaryIO, place: id3_places.Place, tag: bytes) -> None:
    splice(file, place.start, place.end, tag)


IN_FRONT = Id3(id3_places.in_front, _put_in_front, has_others=True)
IN_CHUNK = Id3(id3_places.in_chunk, id3_places.put_in_chunk)
AT_DSF_END = Id3(id3_places.at_dsf_end, id3_places.put_at_dsf_end)


def _values(tag: bytes, field: Field) -> tuple[str, ...]:
    if not tag:
        return ()
    try:
        tags = ID3(BytesIO(tag), translate=False, load_v1=False)
    except ID3NoHeaderError:
        return ()
    except (MutagenError, ValueError, LookupError) as error:
        raise UnwritableError("its ID3 tag cannot be read") from error
    if field.name is None:
        return _genres(next((tags[key] for key in ("TCON", "TCO") if key in tags), None))
    frames = [*tags.getall("TXXX"), *tags.getall("TXX")]
    return tuple(
        str(text)
        for frame in frames
        if frame.desc.upper() == field.name.upper()
        for text in frame.text
        if text
    )


def _genres(frame) -> tuple[str, ...]:
    """The genres of a mutagen frame, numbers among them as words."""
    if frame is None:
        return ()
    return tuple(genre for genre in frame.genres if genre.strip() and genre != _NO_GENRE)


def _holds(block: Block, frame: Frame, field: Field) -> bool:
    if field.name is None:
        return frame.name in (b"TCON", b"TCO")
    if frame.name not in (b"TXXX", b"TXX"):
        return False
    # What it is called, mutagen reads, out of a tag that holds it alone.
    flags = block.flags & 0x80
    alone = replace(block, frames=(frame,), padding=0, flags=flags, extended=b"")
    with suppress(UnwritableError, MutagenError, ValueError, LookupError):
        tags = ID3(BytesIO(alone.rendered()), translate=False, load_v1=False)
        return any(f.desc.upper() == field.name.upper() for f in tags.values())
    return False


def _frame(block: Block, field: Field, values: tuple[str, ...]) -> Frame:
    """The frame with the values: NUL is between several in v2.4.

    Before, one text is all that there may be; as mutagen, Picard and beets do, it has a slash
    between them.
    """
    texts = values if block.version == 4 else ("/".join(values),)
    if field.name is not None:
        texts = (field.name, *texts)
    encoding, codec, end = _UTF8, "utf-8", b"\0"
    if block.version < 4:
        is_latin = "".join(texts).isascii()
        encoding, codec, end = (
            (_LATIN1, "latin-1", b"\0") if is_latin else (_UTF16, "utf-16", b"\0\0")
        )
    content = encoding + end.join(text.encode(codec) for text in texts)
    names = (b"TCO", b"TCON") if field.name is None else (b"TXX", b"TXXX")
    return block.frame(names[block.version > 2], content)


def _ape_values(file: BinaryIO, field: Field) -> tuple[str, ...]:
    with suppress(UnwritableError):
        return ape.read(file, field)
    return ()


def _v1(file: BinaryIO) -> bytes:
    tail = read_at(file, max(0, size_of(file) - _V1), _V1)
    return tail if len(tail) == _V1 and tail.startswith(b"TAG") else b""


def _v1_frames(file: BinaryIO) -> dict:
    tag = _v1(file)
    return (ParseID3v1(tag) or {}) if tag else {}


def _v1_block(file: BinaryIO) -> Block:
    """An ID3v2.4 tag that says what the ID3v1 does."""
    tags = ID3()
    for frame in _v1_frames(file).values():
        tags.add(frame)
    rendered = BytesIO()
    tags.save(rendered)
    return Block.parse(rendered.getvalue())
