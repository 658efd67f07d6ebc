"""Cover art from a file's own tags: small, encoded anew, or nothing."""

import base64
import io

import mutagen
import numpy as np
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TIT2
from mutagen.mp4 import MP4, MP4Cover
from PIL import Image

from songnet.audio.cover import read_cover
from songnet.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(workers=1) as opened:
        yield opened


def picture(side=900, kind="PNG"):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (side, side // 2, 3), np.uint8))
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue() + b"<script>a stranger's bytes</script>"


def with_id3(path, data):
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Tune"))
    tags.add(APIC(encoding=3, mime="image/svg+xml", type=3, desc="", data=data))
    tags.save(path)


def with_mp4(path, data):
    file = MP4(path)
    file["covr"] = [MP4Cover(data)]
    file.save()


def flac_picture(data):
    block = Picture()
    block.type, block.mime, block.data = 3, "image/png", data
    return block


def with_flac(path, data):
    file = FLAC(path)
    file.add_picture(flac_picture(data))
    file.save()


def with_ogg(path, data):
    file = mutagen.File(path)
    file["metadata_block_picture"] = [base64.b64encode(flac_picture(data).write()).decode()]
    file.save()


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.mp3", with_id3), ("a.m4a", with_mp4), ("a.flac", with_flac), ("a.ogg", with_ogg)],
)
def test_every_kind_of_tags(sandbox, song, name, write):
    path = song(name, seconds=1.0)
    assert read_cover(path) is None
    write(path, picture())
    cover = read_cover(path)
    with Image.open(io.BytesIO(cover)) as image:
        assert (image.format, image.size) == ("JPEG", (160, 320))
    assert len(cover) <= 64 * 1024
    assert b"<script>" not in cover
    with sandbox.open(path, cover=True) as opened:
        assert opened.cover == cover
    with sandbox.open(path) as opened:
        assert opened.cover is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_other_formats(song, kind):
    path = song("a.mp3", seconds=1.0)
    with_id3(path, picture(kind=kind))
    assert read_cover(path).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload='alert(1)'/>",
        picture()[:200],
        picture(kind="GIF"),
        picture(kind="BMP"),
    ],
    ids=["empty", "svg", "cut", "gif", "bmp"],
)
def test_what_is_no_plain_picture_is_none(sandbox, song, data):
    path = song("a.mp3", seconds=1.0)
    with_id3(path, data)
    with sandbox.open(path, cover=True) as opened:
        assert opened.cover is None


def test_a_picture_of_a_gigapixel_is_none(song):
    path = song("a.mp3", seconds=1.0)
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    with_id3(path, file.getvalue())
    assert read_cover(path) is None
