"""Tags where mutagen does not look for them, and texts that tagging programs write wrongly."""

import itertools
from dataclasses import replace

import av
import mutagen
import numpy as np
import pytest
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.asf import ASFUnicodeAttribute

from songnet.audio.tags import Tags, read_tags
from songnet.batch import classify_jobs, find_jobs
from songnet.table import csv_row
from songnet.weights import load_weights

FULL = Tags("This World", "AWOL", "AWOL - A Way Of Life", 2008, "Hip-Hop", ("Hip-Hop",))
METADATA = {
    "title": FULL.title,
    "artist": FULL.artist,
    "album": FULL.album,
    "date": "2008-05-01",
    "genre": FULL.genre,
}


def written(path, container, codec, metadata=METADATA, **options):
    """A second of sound with metadata, as FFmpeg writes it."""
    with av.open(str(path), "w", format=container, options=options) as output:
        output.metadata.update(metadata)
        stream = output.add_stream(codec, rate=48_000, layout="mono")
        sound = np.zeros((1, 48_000), np.int16)
        frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in itertools.chain(stream.encode(frame), stream.encode(None)):
            output.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "container", "codec", "options"),
    [
        ("a.wav", "wav", "pcm_s16le", {}),
        ("rf64.wav", "wav", "pcm_s16le", {"rf64": "always"}),
        ("a.mka", "matroska", "libopus", {}),
        ("a.webm", "webm", "libopus", {}),
        ("a.mov", "mov", "aac", {}),
        ("keys.mov", "mov", "aac", {"movflags": "use_metadata_tags"}),
        ("keys.m4a", "mp4", "aac", {"movflags": "use_metadata_tags"}),
        ("a.3gp", "3gp", "aac", {}),
        ("a.caf", "caf", "pcm_s16be", {}),
        ("a.aiff", "aiff", "pcm_s16be", {"write_id3v2": "1"}),
    ],
)
def test_containers(tmp_path, name, container, codec, options):
    assert read_tags(written(tmp_path / name, container, codec, **options)) == FULL


def test_what_one_kind_of_tags_lacks_another_has(tmp_path):
    path = written(tmp_path / "a.wav", "wav", "pcm_s16le")
    file = mutagen.File(path)
    file.add_tags()
    file.tags.add(id3.TIT2(encoding=3, text="Another World"))
    file.save()
    assert read_tags(path) == replace(FULL, title="Another World")


def test_wave64(tmp_path):
    path = written(tmp_path / "a.w64", "w64", "pcm_s16le")
    items = {b"INAM": FULL.title, b"IART": FULL.artist, b"IPRD": FULL.album, b"IGNR": FULL.genre}
    summary = (1 + len(items)).to_bytes(4, "little")
    for name, text in {**items, b"ICRD": "2008"}.items():
        value = text.encode("utf-16-le") + b"\0\0"
        summary += name + len(value).to_bytes(4, "little") + value
    guid = bytes.fromhex("bc945f925a52d21186dc00c04f8edb8a")
    chunk = guid + (24 + len(summary)).to_bytes(8, "little") + summary
    path.write_bytes(path.read_bytes() + chunk + b"\0" * (-len(chunk) % 8))
    assert read_tags(path) == FULL


def test_tags_of_a_matroska_that_say_what_they_are_of(tmp_path):
    names = {"ALBUM/TITLE": FULL.album, "ALBUM/ARTIST": FULL.artist, "TRACK/TITLE": FULL.title}
    path = written(tmp_path / "a.mka", "matroska", "libopus", names | {"DATE_RELEASED": "2008-05"})
    assert read_tags(path) == Tags(
        FULL.title, FULL.artist, FULL.album, 2008, album_artist=FULL.artist
    )


def test_3gp_texts_in_utf_16(tmp_path):
    path = written(tmp_path / "a.3gp", "3gp", "aac", {"title": "Sigur R\u00f3s......"})
    utf8 = "Sigur Rós......".encode()
    assert read_tags(path).title == "Sigur Rós......"
    assert path.read_bytes().count(utf8) == 1
    utf16 = "\ufeffГруппа".encode("utf-16-be") + b"\0\0"
    path.write_bytes(path.read_bytes().replace(utf8[: len(utf16)], utf16))
    assert read_tags(path).title == "Группа"


def test_boxes_of_forged_sizes(tmp_path):
    path = written(tmp_path / "a.mov", "mov", "aac")
    box = (1).to_bytes(4, "big") + b"wide" + b"\xff" * 8
    path.write_bytes(path.read_bytes() + box)
    assert read_tags(path) == FULL
    titled = written(tmp_path / "b.mov", "mov", "aac", {"title": FULL.title})
    titled.write_bytes(titled.read_bytes() + box)
    assert read_tags(titled) == Tags(title=FULL.title)


def ape_tags(**texts):
    tags = APEv2()
    tags.update(texts)
    return tags


def test_apev2_of_an_mp3(song):
    path = song("tune.mp3")
    full = ape_tags(
        Title=FULL.title, Artist=FULL.artist, Album=FULL.album, Year="2008", Genre=FULL.genre
    )
    full.save(path)
    assert read_tags(path) == FULL
    # ID3v1 behind it cuts texts off, and is there for old programs.
    id3v1 = b"TAG" + b"Cut off".ljust(124, b"\0") + b"\xff"
    path.write_bytes(path.read_bytes() + id3v1)
    assert read_tags(path) == FULL


def test_apev2_beside_id3(song):
    path = song("tune.mp3")
    ape_tags(Title="Other", Artist=["Simon", "Garfunkel"], Replaygain_Track_Gain="-1 dB").save(path)
    assert read_tags(path) == Tags(title="Other", artist="Simon, Garfunkel")
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text="America"))
    tags.save(path)
    assert read_tags(path) == Tags(title="America", artist="Simon, Garfunkel")


@pytest.mark.parametrize("place", [12, 16, 20])
def test_apev2_that_lies_about_its_size(song, place):
    path = song("tune.mp3")
    sound = path.read_bytes()
    ape_tags(Title="This World").save(path)
    tag = bytearray(path.read_bytes()[len(sound) :])
    for size in (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x21\0\0\0"):
        tag[-32 + place : -28 + place] = size
        path.write_bytes(sound + tag)
        assert read_tags(path) in (Tags(), Tags(title="This World"))


def test_a_key_of_megabytes_takes_no_time(song):
    path = song("tune.mp3")
    item = (1).to_bytes(4, "little") + bytes(4) + b"k" * 4_000_000 + b"\0v"
    footer = b"APETAGEX" + (2000).to_bytes(4, "little") + (len(item) + 32).to_bytes(4, "little")
    path.write_bytes(path.read_bytes() + item + footer + (1).to_bytes(4, "little") + bytes(12))
    assert read_tags(path) == Tags()


def test_nobody_is_named_twice(song):
    path = song("tune.wma", channels=2)
    file = mutagen.File(path)
    file["Author"] = [ASFUnicodeAttribute("A"), ASFUnicodeAttribute("A"), ASFUnicodeAttribute("B")]
    file.save()
    assert read_tags(path).artist == "A, B"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2008", 2008),
        ("2008-05", 2008),
        ("20080501", 2008),
        ("01/05/2008", 2008),
        ("2008-05-01T07:00:00Z", 2008),
        ("2008-05-01T07:00:00.000+02:00", 2008),
        ("(c) 2008", 2008),
        ("© 2008", 2008),
        ("May 2008", 2008),
        ("next year", None),
    ],
)
@pytest.mark.parametrize("frame", ["TDRC", "TYER"])
def test_years_in_id3(song, frame, text, year):
    path = song("tune.mp3")
    content = b"\x03" + text.encode()
    body = frame.encode() + len(content).to_bytes(4, "big") + b"\0\0" + content
    version = b"\x04" if frame == "TDRC" else b"\x03"
    path.write_bytes(
        b"ID3" + version + b"\0\0\0\0\0" + bytes([len(body)]) + body + path.read_bytes()
    )
    assert read_tags(path).year == year


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("(255)", None),
        ("255", None),
        ("(192)", None),
        ("(17)", "Rock"),
        ("17", "Rock"),
        ("(255)Surf Rock", "Surf Rock"),
        ("Unknown", "Unknown"),
        ("99 Luftballons", "99 Luftballons"),
    ],
)
def test_numbers_of_genres(song, tmp_path, text, genre):
    path = song("tune.mp3")
    tags = id3.ID3()
    tags.add(id3.TCON(encoding=3, text=text))
    tags.save(path)
    assert read_tags(path).genre == genre
    if "Surf" not in text:
        path = written(tmp_path / "a.mka", "matroska", "libopus", {"genre": text})
        assert read_tags(path).genre == genre


def test_what_id3v1_says_without_a_genre(song):
    path = song("tune.mp3")
    path.write_bytes(path.read_bytes() + b"TAG" + b"This World".ljust(124, b"\0") + b"\xff")
    assert read_tags(path) == Tags(title="This World")


@pytest.mark.parametrize("code_page", ["cp1251", "utf-8"])
def test_code_pages_in_riff_and_id3(song, code_page):
    texts = {"TIT2": "Группа крови", "TPE1": "Кино", "TALB": "Последний герой"}
    path = song("tune.mp3")
    tags = id3.ID3()
    for name, text in texts.items():
        called_latin = text.encode(code_page).decode("latin-1")
        tags.add(getattr(id3, name)(encoding=0, text=called_latin))
    tags.save(path)
    meant = Tags(title="Группа крови", artist="Кино", album="Последний герой")
    assert read_tags(path) == meant
    path = song("tune.wav")
    info = b"INFO"
    for name, text in zip((b"INAM", b"IART", b"IPRD"), texts.values(), strict=True):
        value = text.encode(code_page) + b"\0"
        info += name + len(value).to_bytes(4, "little") + value + b"\0" * (len(value) % 2)
    riff = path.read_bytes() + b"LIST" + len(info).to_bytes(4, "little") + info
    path.write_bytes(riff[:4] + (len(riff) - 8).to_bytes(4, "little") + riff[8:])
    assert read_tags(path) == meant


def test_latin_1_in_riff_stays(tmp_path):
    path = written(
        tmp_path / "a.wav", "wav", "pcm_s16le", {"title": "Mötley Crüe", "artist": "Björk"}
    )
    content = path.read_bytes()
    for text in ("Mötley Crüe", "Björk"):
        latin = text.encode("latin-1")
        content = content.replace(text.encode(), latin.ljust(len(text.encode()), b"\0"))
    path.write_bytes(content)
    assert read_tags(path) == Tags(title="Mötley Crüe", artist="Björk")


def test_characters_that_are_kept_and_those_that_are_not(song):
    path = song("tune.flac")
    file = mutagen.File(path)
    file["title"] = (
        "さくら\u3000独唱 👩\u200d🎤 \U0001faea\u00ad می\u200cخواهم\u2028\u202e\x07 x\u00a0!"
    )
    file.save()
    assert read_tags(path).title == (
        "さくら\u3000独唱 👩\u200d🎤 \U0001faea\u00ad می\u200cخواهم x\u00a0!"
    )


def test_a_million_genres_and_thousands_of_artists(song):
    path = song("tune.mp3")
    tags = id3.ID3()
    tags.add(id3.TCON(encoding=0, text="(17)" * 1_000_000))
    tags.add(id3.TPE1(encoding=3, text=["a", "b"] * 10_000))
    tags.add(id3.TALB(encoding=0, text="Ã" * 5_000_000))
    tags.save(path)
    tags = read_tags(path)
    assert (tags.genre, tags.artist, tags.album) == ("Rock", "a, b", "Ã" * 300)


def test_the_table_shows_them(tmp_path):
    path = written(tmp_path / "a.wav", "wav", "pcm_s16le")
    (answer,) = classify_jobs(find_jobs(path), load_weights(), workers=1)
    row = csv_row(answer)
    assert [row[name] for name in ("title", "artist", "album", "year")] == [
        FULL.title,
        FULL.artist,
        FULL.album,
        FULL.year,
    ]
