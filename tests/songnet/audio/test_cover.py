"""Cover art from a file's own tags: small, encoded anew, or nothing."""

import base64
import io
import itertools

import av
import mutagen
import numpy as np
import pytest
from mutagen.apev2 import BINARY, APEv2, APEValue
from mutagen.asf import ASFByteArrayAttribute
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


def with_coverart(path, data):
    file = mutagen.File(path)
    file["coverartmime"], file["coverart"] = ["image/png"], [base64.b64encode(data).decode()]
    file.save()


def asf_picture(data, kind=3):
    texts = "image/png\0The cover\0".encode("utf-16-le")
    return bytes([kind]) + len(data).to_bytes(4, "little") + texts + data


def with_asf(path, data):
    file = mutagen.File(path)
    file["WM/Picture"] = [ASFByteArrayAttribute(asf_picture(data))]
    file.save()


def with_apev2(path, data):
    tags = APEv2()
    tags["Cover Art (Front)"] = APEValue(b"cover.png\0" + data, BINARY)
    tags.save(path)


def with_attachments(path, *pictures):
    """A Matroska with attachments, each a name and a picture."""
    with av.open(str(path), "w", format="matroska") as output:
        stream = output.add_stream("libopus", rate=48_000, layout="mono")
        for name, data in pictures:
            output.add_attachment(name, f"image/{name.rpartition('.')[2]}", data)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), layout="mono")
        frame.sample_rate = 48_000
        for packet in itertools.chain(stream.encode(frame), stream.encode(None)):
            output.mux(packet)
    return path


def colour_of(cover):
    """Which of red, green and blue a cover is."""
    with Image.open(io.BytesIO(cover)) as image:
        return ("red", "green", "blue")[int(np.argmax(image.getpixel((50, 50))))]


def plain(colour, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (100, 100), colour).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.mp3", with_id3),
        ("a.m4a", with_mp4),
        ("a.flac", with_flac),
        ("a.ogg", with_ogg),
        ("b.ogg", with_coverart),
        ("a.wma", with_asf),
        ("b.mp3", with_apev2),
    ],
)
def test_every_kind_of_tags(sandbox, song, name, write):
    path = song(name, seconds=2.0, channels=2)
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


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "BMP"])
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
        picture(kind="TIFF"),
        picture(kind="PPM"),
    ],
    ids=["empty", "svg", "cut", "tiff", "ppm"],
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


@pytest.mark.parametrize(
    "pictures",
    [
        [("small_cover.png", plain("blue")), ("cover.png", plain("red"))],
        [("back.jpeg", plain("green", "JPEG")), ("Cover.webp", plain("red", "WEBP"))],
        [("cover.png", b"no picture"), ("other.gif", plain("red", "GIF"))],
        [("cover.bmp", plain("red", "BMP"))],
    ],
)
def test_attachments_of_a_matroska(sandbox, tmp_path, pictures):
    path = with_attachments(tmp_path / "a.mka", *pictures)
    with sandbox.open(path, cover=True) as opened:
        assert colour_of(opened.cover) == "red"


def test_other_attachments_are_no_covers(tmp_path):
    path = with_attachments(tmp_path / "a.mka", ("lyrics.txt", b"La la la"))
    assert read_cover(path) is None


def test_apev2_of_an_mp3(sandbox, song):
    path = song("a.mp3", seconds=2.0)
    tags = APEv2()
    for key, colour in (("Cover Art (Back)", "blue"), ("Cover Art (Front)", "red")):
        tags[key] = APEValue(b"cover.png\0" + plain(colour), BINARY)
    tags.save(path)
    with sandbox.open(path, cover=True) as opened:
        assert colour_of(opened.cover) == "red"


def id3_pictures(path, *pictures):
    tags = ID3()
    for number, (kind, data) in enumerate(pictures):
        tags.add(APIC(encoding=3, mime="image/png", type=kind, desc=str(number), data=data))
    tags.save(path)


def flac_pictures(path, *pictures):
    file = FLAC(path)
    for kind, data in pictures:
        block = flac_picture(data)
        block.type = kind
        file.add_picture(block)
    file.save()


def ogg_pictures(path, *pictures):
    file = mutagen.File(path)
    blocks = [flac_picture(data) for _, data in pictures]
    for block, (kind, _) in zip(blocks, pictures, strict=True):
        block.type = kind
    file["metadata_block_picture"] = [base64.b64encode(b.write()).decode() for b in blocks]
    file.save()


def asf_pictures(path, *pictures):
    file = mutagen.File(path)
    file["WM/Picture"] = [ASFByteArrayAttribute(asf_picture(d, kind)) for kind, d in pictures]
    file.save()


MANY = [
    ("a.mp3", id3_pictures),
    ("a.flac", flac_pictures),
    ("a.ogg", ogg_pictures),
    ("a.wma", asf_pictures),
]


@pytest.mark.parametrize(("name", "write"), MANY)
def test_the_front_cover_comes_first(song, name, write):
    path = song(name, seconds=1.0, channels=2)
    write(path, (4, plain("blue")), (3, plain("red")), (0, plain("green")))
    assert colour_of(read_cover(path)) == "red"
    write(path, (4, plain("red")))
    assert read_cover(path) is not None


@pytest.mark.parametrize(("name", "write"), MANY)
def test_a_broken_picture_does_not_hide_a_good_one(song, name, write):
    path = song(name, seconds=1.0, channels=2)
    write(path, (3, plain("blue")[:60]), (3, b"no picture"), (4, plain("red")))
    assert colour_of(read_cover(path)) == "red"


def test_a_broken_block_does_not_hide_a_good_one(song):
    path = song("a.ogg", seconds=1.0)
    good = base64.b64encode(flac_picture(plain("red")).write()).decode()
    file = mutagen.File(path)
    file["metadata_block_picture"] = ["no base64!", base64.b64encode(b"short").decode(), good]
    file.save()
    assert colour_of(read_cover(path)) == "red"


def test_pictures_are_not_tried_for_ever(song):
    path = song("a.mp3", seconds=1.0)
    id3_pictures(path, *[(3, plain("blue")[:60])] * 50, (4, plain("red")))
    assert read_cover(path) is None


def test_a_picture_of_a_palette_is_averaged(song):
    path = song("a.mp3", seconds=1.0)
    file = io.BytesIO()
    stripes = np.tile(np.repeat(np.uint8([[0], [1]]), 1, axis=1), (640, 1280))
    image = Image.fromarray(stripes, "P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.save(file, "GIF")
    with_id3(path, file.getvalue())
    with Image.open(io.BytesIO(read_cover(path))) as small:
        red, _, blue = small.getpixel((100, 100))
    assert 90 < red < 165
    assert 90 < blue < 165
