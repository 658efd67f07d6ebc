"""The cover art in a file's own tags, encoded anew as a small JPEG."""

import base64
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from av.container import InputContainer
from av.stream import AttachmentStream, Disposition
from mutagen.asf import ASFTags
from mutagen.flac import Picture
from mutagen.id3 import ID3, PictureType
from PIL import Image

from songnet.audio.files import open_file
from songnet.audio.plain_tags import ape_items
from songnet.audio.tag_sources import container, opened_by_mutagen

_SIDE = 320  # pixels, of the longer side
_MOST_BYTES = 64 * 1024
_MOST_PIXELS = 25_000_000
_MOST_ENCODED = 16 * 2**20  # bytes
# Pictures that are decoded before a file's cover is given up, and of which the front one is sought.
_MOST_TRIED = 5
_MOST_PICTURES = 100
_LONGEST_NAME = 4096  # bytes, of a picture's type and description
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_JPEG = b"\xff\xd8\xff"

# Whether a picture is the front cover, and its bytes.
_Found = tuple[bool, bytes]


def read_cover(path: str | Path) -> bytes | None:
    """Reads the cover art in ID3, MP4, ASF, APEv2 or FLAC tags, Vorbis comments or Matroska.

    A front cover is taken before other pictures, and of those the first that can be read. It is
    decoded and encoded anew: of an untrusted file, nothing but pixels is passed on.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    bytes or None
        A JPEG of at most 320 x 320 pixels and 64 kB; None where there is no picture or none can be
        read.
    """
    # Parsers of untrusted bytes raise more than they document.
    with suppress(Exception), open_file(path, sys.maxsize) as file:
        tries = _MOST_TRIED
        for pictures_of in (_tagged, _attached):
            for picture in _front_first(pictures_of, file)[:tries]:
                tries -= 1
                if small := _encoded_anew(picture):
                    return small
    return None


def is_small_jpeg(data: bytes) -> bool:
    """Whether data look like what `read_cover` returns: a JPEG of at most 64 kB."""
    return data.startswith(_JPEG) and len(data) <= _MOST_BYTES


def _front_first(
    pictures_of: Callable[[BinaryIO], Iterator[_Found]], file: BinaryIO
) -> list[bytes]:
    """The encoded pictures of one source, front covers first; those that are too large left out."""
    found: list[_Found] = []
    with suppress(Exception):
        found.extend(islice(pictures_of(file), _MOST_PICTURES))
    found.sort(key=lambda picture: not picture[0])
    return [data for _, data in found if len(data) <= _MOST_ENCODED]


def _tagged(file: BinaryIO) -> Iterator[_Found]:
    """The pictures in tags that mutagen opens, and in APEv2."""
    opened = opened_by_mutagen(file)
    tags = None if opened is None else opened.tags
    for picture in getattr(opened, "pictures", []):
        yield picture.type == PictureType.COVER_FRONT, picture.data
    if isinstance(tags, ID3):
        for frame in tags.getall("APIC"):
            yield frame.type == PictureType.COVER_FRONT, frame.data
    elif isinstance(tags, ASFTags):
        yield from (_asf_picture(picture.value) for picture in tags.get("WM/Picture") or [])
    elif tags:
        yield from ((True, bytes(cover)) for cover in tags.get("covr") or [])
        yield from _vorbis_pictures(tags)
    for key, item in ape_items(file).items():
        if key.startswith("cover art"):
            # The picture comes behind its file's name.
            yield "front" in key, item.partition(b"\0")[2]


def _asf_picture(picture: bytes) -> _Found:
    """Its type, four bytes of length, two texts in UTF-16 that end with NUL, and the picture."""
    start = 5
    for _ in range(2):
        ends = (
            at for at in range(start, start + _LONGEST_NAME, 2) if not any(picture[at : at + 2])
        )
        start = next(ends, len(picture)) + 2
    return picture[:1] == bytes([PictureType.COVER_FRONT]), picture[start:]


def _vorbis_pictures(tags: Any) -> Iterator[_Found]:
    """FLAC's pictures in base64; before these came into use, the picture alone."""
    for block in tags.get("metadata_block_picture") or []:
        with suppress(Exception):
            picture = Picture(base64.b64decode(block))
            yield picture.type == PictureType.COVER_FRONT, picture.data
    for block in tags.get("coverart") or []:
        with suppress(ValueError):
            yield True, base64.b64decode(block)


def _attached(file: BinaryIO) -> Iterator[_Found]:
    """The pictures that FFmpeg finds: Matroska's attachments, of which ``cover.*`` is the front."""
    with container(file) as opened:
        for stream in opened.streams:
            metadata = {name.lower(): text.lower() for name, text in stream.metadata.items()}
            name, comment = metadata.get("filename", ""), metadata.get("comment", "")
            if data := _attachment(opened, stream):
                yield name.startswith("cover.") or comment == "cover (front)", data


def _attachment(opened: InputContainer, stream: Any) -> bytes | None:
    """The bytes of a stream that is a picture; None for sound, and for anything else attached."""
    if isinstance(stream, AttachmentStream):
        return stream.data if (stream.mimetype or "").startswith("image/") else None
    # Of such a stream FFmpeg hands over the picture before it reads on.
    if stream.disposition & Disposition.attached_pic:
        return bytes(next(opened.demux(stream)))
    return None


def _encoded_anew(picture: bytes) -> bytes | None:
    """The picture as a small JPEG; None if it is too large, damaged or none."""
    # Decoders of untrusted bytes raise more than they document.
    with suppress(Exception), Image.open(io.BytesIO(picture), formats=_FORMATS) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            return None
        opened.draft("RGB", (_SIDE, _SIDE))
        # Colours of a palette cannot be averaged.
        image = opened.convert("RGB") if opened.mode == "P" else opened
        image.thumbnail((_SIDE, _SIDE))
        small = io.BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=85)
        return small.getvalue() if is_small_jpeg(small.getvalue()) else None
    return None
