"""What a file says of itself is read in every format, and nothing in it does harm."""

import mutagen
import numpy as np
import pytest
from mutagen import id3
from mutagen.flac import Picture
from mutagen.mp4 import MP4Cover

from songnet.audio.tags import Tags, read_tags

FULL = Tags("This World", "AWOL", "AWOL - A Way Of Life", 2008, "Hip-Hop", ("Hip-Hop",))


def id3_tags(**texts):
    tags = id3.ID3()
    for name, text in texts.items():
        tags.add(getattr(id3, name)(encoding=3, text=text))
    return tags


def full_id3():
    return id3_tags(
        TIT2=FULL.title, TPE1=FULL.artist, TALB=FULL.album, TDRC="2008-05-01", TCON="(7)"
    )


@pytest.mark.parametrize("version", [3, 4])
def test_id3(song, version):
    path = song("tune.mp3")
    tags = full_id3()
    if version == 3:
        tags.update_to_v23()
    tags.save(path, v2_version=version)
    assert read_tags(path) == FULL


def test_id3v1(song):
    path = song("tune.mp3")
    fields = (b"This World", b"AWOL", b"AWOL - A Way Of Life", b"2008", b"no comment")
    widths = (30, 30, 30, 4, 30)
    packed = b"".join(text.ljust(n, b"\0") for text, n in zip(fields, widths, strict=True))
    path.write_bytes(path.read_bytes() + b"TAG" + packed + b"\x07")
    assert read_tags(path) == FULL


@pytest.mark.parametrize("ending", ["wav", "aiff"])
def test_id3_in_other_containers(song, ending):
    path = song(f"tune.{ending}")
    file = mutagen.File(path)
    file.add_tags()
    file.tags.update(full_id3())
    file.save()
    assert read_tags(path) == FULL


@pytest.mark.parametrize(
    ("ending", "keys"),
    [
        ("flac", ("title", "artist", "album", "date", "genre")),
        ("ogg", ("TITLE", "ARTIST", "ALBUM", "YEAR", "GENRE")),
        ("opus", ("title", "artist", "album", "date", "genre")),
        ("m4a", ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9day", "\xa9gen")),
        ("wma", ("Title", "Author", "WM/AlbumTitle", "WM/Year", "WM/Genre")),
    ],
)
def test_other_tags(song, ending, keys):
    channels = 2 if ending == "wma" else 1
    rate = 48_000 if ending == "opus" else 44_100
    path = song(f"tune.{ending}", rate=rate, channels=channels)
    file = mutagen.File(path)
    values = (FULL.title, FULL.artist, FULL.album, "2008-05-01T07:00:00Z", FULL.genre)
    for key, value in zip(keys, values, strict=True):
        file[key] = [value]
    file.save()
    assert read_tags(path) == FULL


@pytest.mark.parametrize(
    "name", ["tune.mp3", "tune.wav", "tune.flac", "tune.m4a", "tune.webm", "tune.aac"]
)
def test_nothing_is_invented(song, name):
    assert read_tags(song(name, rate=48_000)) == Tags()


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"fLaC"])
def test_what_is_no_song_has_no_tags(tmp_path, content):
    path = tmp_path / "no.mp3"
    path.write_bytes(content)
    assert read_tags(path) == Tags()
    assert read_tags(tmp_path) == Tags()
    assert read_tags(tmp_path / "missing") == Tags()


def test_several_artists(song):
    path = song("tune.flac")
    file = mutagen.File(path)
    file["artist"] = ["Simon", "Garfunkel"]
    file["title"] = ["America", "Amerika"]
    file.save()
    assert (read_tags(path).artist, read_tags(path).title) == ("Simon, Garfunkel", "America")
    path = song("tune.mp3")
    id3_tags(TPE1=["Simon", "Garfunkel"]).save(path)
    assert read_tags(path).artist == "Simon, Garfunkel"
    id3_tags(TPE1="AC/DC").save(path, v2_version=3)
    assert read_tags(path).artist == "AC/DC"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2008", 2008),
        ("2008-05", 2008),
        ("2008-05-01", 2008),
        ("20080501", 2008),
        ("01.05.2008", 2008),
        ("May 1998", 1998),
        ("(c) 1962, 2001", 1962),
        ("0000", None),
        ("12008", None),
        ("120089", None),
        ("next year", None),
        ("", None),
    ],
)
def test_years(song, text, year):
    path = song("tune.flac")
    file = mutagen.File(path)
    file["date"] = [text]
    file.save()
    assert read_tags(path).year == year


def test_text_that_would_disturb_is_cleaned(song):
    path = song("tune.mp3")
    id3_tags(
        TIT2="One\r\nTwo\x1b[31m\u202ered\u0007  \t x", TPE1="\x00\x01", TALB="<b>&amp;</b>"
    ).save(path)
    assert read_tags(path) == Tags(title="One Two [31m red x", album="<b>&amp;</b>")


def test_megabytes_of_text_are_cut(song):
    path = song("tune.flac")
    file = mutagen.File(path)
    file["title"] = ["ö" * 3_000_000]
    file["artist"] = ["a"] * 10_000
    file.save()
    assert read_tags(path).title == "ö" * 300
    assert len(read_tags(path).artist) <= 300


@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
def test_encodings(song, encoding):
    path = song("tune.mp3")
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=encoding, text="Café"))
    tags.save(path)
    assert read_tags(path).title == "Café"


def raw_id3(*frames):
    """An ID3v2.3 tag of these (name, content) frames, valid or not."""
    body = b"".join(n + len(c).to_bytes(4, "big") + b"\0\0" + c for n, c in frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body


def test_a_broken_frame_does_not_hide_the_others(song):
    path = song("tune.mp3")
    tag = raw_id3(
        (b"TPE1", b"\x01\xff\xfeA\x00W\x00O\x00L\x00\x00\xd8"),
        (b"TALB", b"\x09what encoding is nine"),
        (b"APIC", b"\x00image/jpeg\x00\x03no end"),
        (b"TIT2", b"\x00This World"),
    )
    path.write_bytes(tag + path.read_bytes())
    assert read_tags(path).title == "This World"


def test_text_that_is_not_in_the_encoding_it_claims(song):
    path = song("tune.mp3")
    path.write_bytes(raw_id3((b"TIT2", b"\x03caf\xe9"), (b"TPE1", b"\x00AWOL")) + path.read_bytes())
    title = read_tags(path).title
    assert title is None or title.isprintable()


def test_broken_pictures_do_not_hide_the_texts(song):
    mp3, flac, m4a = song("tune.mp3"), song("tune.flac"), song("tune.m4a")
    rubbish = np.random.default_rng(0).bytes(200_000)
    tags = full_id3()
    tags.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=rubbish))
    tags.save(mp3)
    file = mutagen.File(flac)
    picture = Picture()
    picture.data, picture.width, picture.mime = rubbish, 2**31, "text/html"
    file.add_picture(picture)
    file["title"] = "This World"
    file.save()
    file = mutagen.File(m4a)
    file["covr"] = [MP4Cover(rubbish)]
    file["\xa9nam"] = "This World"
    file.save()
    assert [read_tags(path).title for path in (mp3, flac, m4a)] == ["This World"] * 3


@pytest.mark.parametrize("ending", ["mp3", "flac", "m4a", "ogg", "wav"])
def test_tags_full_of_random_damage(song, ending):
    path = song(f"tune.{ending}", seconds=1)
    file = mutagen.File(path)
    if ending in ("mp3", "wav"):
        if file.tags is None:
            file.add_tags()
        file.tags.update(full_id3())
    else:
        file["\xa9nam" if ending == "m4a" else "title"] = ["This World"]
    file.save()
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 2_000), 20):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        tags = read_tags(path)
        assert all(t is None or (t.isprintable() and len(t) <= 300) for t in (tags.title,))


def test_real_clips(shared_audio):
    assert read_tags(shared_audio / "000005.mp3") == FULL


@pytest.mark.parametrize(
    ("name", "album_artist", "artist"),
    [
        ("tune.mp3", mutagen.id3.TPE2(encoding=3, text="All"), mutagen.id3.TPE1(text="One")),
        ("tune.m4a", ("aART", "All"), ("\xa9ART", "One")),
        ("tune.flac", ("albumartist", "All"), ("artist", "One")),
    ],
)
def test_an_albums_artist_is_the_songs_where_it_names_none(song, name, album_artist, artist):
    path = song(name)
    for tag, shown in ((album_artist, "All"), (artist, "One")):
        file = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        if isinstance(tag, tuple):
            file.tags[tag[0]] = tag[1]
        else:
            file.tags.add(tag)
        file.save()
        assert read_tags(path).artist == shown
