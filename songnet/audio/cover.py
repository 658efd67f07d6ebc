"""The cover art in a file's own tags, encoded anew as a small JPEG."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen
from mutagen.flac import Picture
from PIL import Image

_SIDE = 320  # pixels, of the longer side
_MOST_BYTES = 64 * 1024
_MOST_PIXELS = 25_000_000
_MOST_ENCODED = 16 * 2**20  # bytes
_FORMATS = ("JPEG", "PNG", "WEBP")
_JPEG = b"\xff\xd8\xff"


def read_cover(path: str | Path) -> bytes | None:
    """Reads the cover art in ID3, MP4, FLAC or Ogg tags.

    The picture is decoded and encoded anew: of an untrusted file, nothing but pixels is passed on.

    Parameters
    ----------
    path : path of a file

    Returns
    -------
    bytes or None
        A JPEG of at most 320 x 320 pixels and 64 kB; None where there is no picture or it cannot
        be read.
    """
    try:
        for picture in _pictures(mutagen.File(path)):
            if len(picture) <= _MOST_ENCODED:
                return _encoded_anew(picture)
    # Parsers of untrusted bytes raise more than they document.
    except Exception:
        return None
    return None


def is_small_jpeg(data: bytes) -> bool:
    """Whether data look like what `read_cover` returns: a JPEG of at most 64 kB."""
    return data.startswith(_JPEG) and len(data) <= _MOST_BYTES


def _pictures(file: Any) -> Iterator[bytes]:
    """The encoded pictures in the tags of a file that mutagen has opened."""
    tags = None if file is None else file.tags
    for picture in getattr(file, "pictures", []):
        yield picture.data
    if tags is None:
        return
    if hasattr(tags, "getall"):
        for frame in tags.getall("APIC"):
            yield frame.data
        return
    for cover in tags.get("covr") or []:
        yield bytes(cover)
    for block in tags.get("metadata_block_picture") or []:
        yield Picture(base64.b64decode(block)).data


def _encoded_anew(picture: bytes) -> bytes | None:
    with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PIXELS:
            return None
        image.draft("RGB", (_SIDE, _SIDE))
        image.thumbnail((_SIDE, _SIDE))
        small = io.BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=85)
    return small.getvalue() if is_small_jpeg(small.getvalue()) else None
