"""Genres in Vorbis comments, of FLAC and of Ogg (Vorbis, Opus, Speex, FLAC).

The comments that stay keep their bytes: mutagen would put question marks in the place of those that
are not UTF-8.
"""

from dataclasses import dataclass, replace
from typing import BinaryIO

from mutagen.ogg import OggPage
from mutagen.ogg import error as OggError  # noqa: N812

from songnet.errors import UnwritableError
from songnet.tagging.formats.id3_block import tag_length
from songnet.tagging.formats.splice import read_at, splice
from songnet.tagging.values import Field

_COMMENTS, _PADDING = 4, 1
_LAST = 0x80
_MOST_BLOCKS = 1000
_LARGEST_BLOCK = 2**24
_MOST_PAGES = 2000
# What the second packet of each kind begins with, before the comments; Ogg FLAC's is a block of a
# FLAC, with its length.
_VORBIS, _OPUS, _FLAC = b"\x03vorbis", b"OpusTags", b"\x7fFLAC"
_OGG_KINDS = {b"\x01vorbis": _VORBIS, b"OpusHead": _OPUS, b"Speex   ": b"", _FLAC: b""}


@dataclass(frozen=True)
class _Comments:
    """A packet of comments: who wrote it, the entries, and what follows them."""

    vendor: bytes
    entries: tuple[bytes, ...]
    rest: bytes

    @classmethod
    def parse(cls, packet: bytes) -> "_Comments":
        def text(start: int) -> tuple[bytes, int]:
            end = start + 4 + int.from_bytes(packet[start : start + 4], "little")
            if start + 4 > len(packet) or end > len(packet):
                raise UnwritableError("its comments are damaged")
            return packet[start + 4 : end], end

        vendor, at = text(0)
        count, at = int.from_bytes(packet[at : at + 4], "little"), at + 4
        if at > len(packet) or count > len(packet) // 4:
            raise UnwritableError("its comments are damaged")
        entries = []
        for _ in range(count):
            entry, at = text(at)
            entries.append(entry)
        return cls(vendor, tuple(entries), packet[at:])

    def rendered(self) -> bytes:
        texts = b"".join(_counted(entry) for entry in self.entries)
        return _counted(self.vendor) + len(self.entries).to_bytes(4, "little") + texts + self.rest

    def values(self, field: Field) -> tuple[str, ...]:
        found = (entry.partition(b"=")[2] for entry in self.entries if _holds(entry, field))
        return tuple(text for value in found if (text := value.decode("utf-8", "replace")).strip())

    def others(self, field: Field) -> list[bytes]:
        kept = [entry for entry in self.entries if not _holds(entry, field)]
        return [self.vendor, *kept, self.rest.rstrip(b"\0")]

    def with_values(self, field: Field, values: tuple[str, ...]) -> "_Comments":
        """The same comments with other values, in the place of the first one or at the end."""
        kept = [entry for entry in self.entries if not _holds(entry, field)]
        at = next((n for n, e in enumerate(self.entries) if _holds(e, field)), len(kept))
        key = (field.name or "GENRE").encode()
        kept[at:at] = [key + b"=" + value.encode() for value in values]
        return _Comments(self.vendor, tuple(kept), self.rest)


def _counted(text: bytes) -> bytes:
    return len(text).to_bytes(4, "little") + text


def _holds(entry: bytes, field: Field) -> bool:
    return entry.partition(b"=")[0].upper() == (field.name or "GENRE").upper().encode()


_NO_COMMENTS = _Comments(b"SongNet", (), b"")


class Flac:
    """Genres in the blocks of a FLAC."""

    def read(self, file: BinaryIO, field: Field) -> tuple[str, ...]:
        """The values of a field."""
        blocks = _blocks(file)[2]
        comments = [content for kind, content in blocks if kind == _COMMENTS]
        return _Comments.parse(comments[0]).values(field) if comments else ()

    def others(self, file: BinaryIO, field: Field) -> list[bytes]:
        """All other blocks and comments, byte by byte."""
        blocks = _blocks(file)[2]
        kept = [bytes([k]) + content for k, content in blocks if k not in (_COMMENTS, _PADDING)]
        packets = [content for kind, content in blocks if kind == _COMMENTS]
        comments = _Comments.parse(packets[0]) if packets else _NO_COMMENTS
        return [*kept, *comments.others(field)]

    def write(self, file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
        """Writes a field; padding gives the room if there is enough of it."""
        start, end, blocks = _blocks(file)
        at = next((n for n, (kind, _) in enumerate(blocks) if kind == _COMMENTS), None)
        if at is None:
            at = 1
            blocks.insert(at, (_COMMENTS, _NO_COMMENTS.rendered()))
        new = _Comments.parse(blocks[at][1]).with_values(field, values).rendered()
        blocks[at] = (_COMMENTS, new)
        more = sum(4 + len(content) for _, content in blocks) - (end - start)
        padding = next((n for n, (kind, _) in enumerate(blocks) if kind == _PADDING), None)
        if padding is not None and 0 <= (room := len(blocks[padding][1]) - more) < _LARGEST_BLOCK:
            blocks[padding] = (_PADDING, bytes(room))
        splice(file, start, end, _rendered(blocks))
        return values


def _rendered(blocks: list[tuple[int, bytes]]) -> bytes:
    if max(len(content) for _, content in blocks) >= _LARGEST_BLOCK:
        raise UnwritableError("its comments would be too large")
    heads = (kind | (_LAST if n == len(blocks) else 0) for n, (kind, _) in enumerate(blocks, 1))
    return b"".join(
        bytes([head]) + len(content).to_bytes(3, "big") + content
        for head, (_, content) in zip(heads, blocks, strict=True)
    )


def _blocks(file: BinaryIO) -> tuple[int, int, list[tuple[int, bytes]]]:
    """Where the blocks of a FLAC begin and end, and the kind and content of each."""
    start = tag_length(read_at(file, 0, 10)) + 4
    if read_at(file, start - 4, 4) != b"fLaC":
        raise UnwritableError("it does not begin as a FLAC does")
    blocks: list[tuple[int, bytes]] = []
    at = start
    for _ in range(_MOST_BLOCKS):
        head = read_at(file, at, 4)
        size = int.from_bytes(head[1:], "big")
        content = file.read(size)
        if len(head) < 4 or len(content) < size:
            break
        blocks.append((head[0] & ~_LAST, content))
        at += 4 + size
        if head[0] & _LAST:
            if sum(kind == _COMMENTS for kind, _ in blocks) > 1 or blocks[0][0] != 0:
                break
            return start, at, blocks
    raise UnwritableError("its blocks are damaged")


class Ogg:
    """Genres in the second packet of an Ogg."""

    def read(self, file: BinaryIO, field: Field) -> tuple[str, ...]:
        """The values of a field."""
        return _packets(file).comments.values(field)

    def others(self, file: BinaryIO, field: Field) -> list[bytes]:
        """All other comments and headers, byte by byte."""
        found = _packets(file)
        return [*found.comments.others(field), *found.more]

    def write(self, file: BinaryIO, field: Field, values: tuple[str, ...]) -> tuple[str, ...]:
        """Writes a field; zeros after the comments give the room if there are enough of them."""
        found = _packets(file)
        comments = found.comments.with_values(field, values)
        if found.before in (_VORBIS, _OPUS):
            # Vorbis has a bit that ends the comments; what Opus has there may be other than zeros.
            end = 1 if found.before == _VORBIS else 0
            tail = comments.rest[end:]
            if not tail.strip(b"\0"):
                grown = len(comments.rendered()) - len(found.comments.rendered())
                tail = bytes(max(0, len(tail) - grown))
            comments = replace(comments, rest=comments.rest[:end] + tail)
        packet, before = comments.rendered(), found.before
        if found.is_flac:
            before = before[:1] + len(packet).to_bytes(3, "big")
        try:
            new = _pages([before + packet, *found.more], found.pages)
            OggPage.replace(file, found.pages, new)
        except (OggError, ValueError, EOFError) as error:
            raise UnwritableError("its pages cannot be written anew") from error
        return values


@dataclass(frozen=True)
class _Packets:
    """The pages that hold the comments, these, what is before them, and further packets."""

    pages: list[OggPage]
    before: bytes
    comments: _Comments
    more: list[bytes]
    is_flac: bool


def _packets(file: BinaryIO) -> _Packets:
    try:
        file.seek(0)
        first = OggPage(file)
        kind = next((kind for kind in _OGG_KINDS if first.packets[0].startswith(kind)), None)
        if kind is None:
            raise UnwritableError("it is an Ogg of a kind whose tags are not written")
        pages: list[OggPage] = []
        while not pages or not (pages[-1].complete or len(pages[-1].packets) > 1):
            page = OggPage(file)
            if page.first:
                raise UnwritableError("it holds several streams, as films do")
            pages.append(page)
            if len(pages) > _MOST_PAGES:
                raise UnwritableError("its comments have no end")
        packet, *more = OggPage.to_packets(pages)
    except (OggError, ValueError, EOFError, IndexError) as error:
        raise UnwritableError("its pages are damaged") from error
    before = _OGG_KINDS[kind]
    if kind == _FLAC:
        # The kind and the length of the block.
        before = packet[:4]
        if before[:1] not in (b"\x04", b"\x84"):
            raise UnwritableError("its comments are not where they should be")
    if pages[0].serial != first.serial or not packet.startswith(before):
        raise UnwritableError("its comments are not where they should be")
    return _Packets(pages, before, _Comments.parse(packet[len(before) :]), more, kind == _FLAC)


def _pages(packets: list[bytes], old: list[OggPage]) -> list[OggPage]:
    """Pages for packets: cut as the old ones where all is as long as it was."""
    if [len(packet) for packet in packets] != [len(p) for p in OggPage.to_packets(old)]:
        return OggPage.from_packets(packets, old[0].sequence)
    content, at = b"".join(packets), 0
    new: list[OggPage] = []
    for page in old:
        copy = OggPage()
        copy.sequence, copy.position = page.sequence, page.position
        copy.complete, copy.continued = page.complete, page.continued
        for packet in page.packets:
            copy.packets.append(content[at : at + len(packet)])
            at += len(packet)
        new.append(copy)
    return new
