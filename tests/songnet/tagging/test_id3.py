"""ID3 in all its versions: one frame changes, and every other byte of the tag stays."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen import apev2, id3

from songnet.errors import TagError, UnwritableError
from songnet.tagging import Field
from songnet.tagging.fields import tagging_of
from songnet.tagging.formats.id3_block import Block, sync_safe
from songnet.tagging.values import GENRE, check_value
from tests.support.tagged import plain_song, sha256, undo, write


@pytest.fixture
def sound(tmp_path):
    """An MP3 without any tag."""
    path = plain_song(tmp_path / "plain.mp3")
    id3.ID3(path).delete(path)
    content = path.read_bytes()
    path.unlink()
    assert content[0] == 0xFF
    return content


def frame(name, content, version, flags=b"\0\0"):
    size = len(content)
    if version == 2:
        return name + size.to_bytes(3, "big") + content
    return name + (sync_safe(size) if version == 4 else size.to_bytes(4, "big")) + flags + content


def tag(version, *frames, flags=0, extended=b"", padding=0, body=None):
    body = extended + b"".join(frames) + bytes(padding) if body is None else body
    return b"ID3" + bytes((version, 0, flags)) + sync_safe(len(body)) + body


def genres(path):
    """The genres as mutagen reads them, from ID3v2 alone."""
    frames = id3.ID3(path, translate=False, load_v1=False)
    return next((frames[key].genres for key in ("TCON", "TCO") if key in frames), [])


NAMES = {2: (b"TT2", b"TCO"), 3: (b"TIT2", b"TCON"), 4: (b"TIT2", b"TCON")}
RARE = frame(b"XYZW", b"\xff\xe0\0what nobody knows\0", 3), frame(b"XYZ", b"\xff\xfb\xff", 2)
UNUSUAL = {
    "v2.2": tag(2, frame(b"TT2", b"\0Song", 2), RARE[1], padding=10),
    "v2.3": tag(3, frame(b"TIT2", b"\1\xff\xfeS\0", 3), RARE[0], padding=700),
    "v2.4": tag(4, frame(b"TIT2", b"\3S\xc3\xb6ng\0", 4), frame(b"XYZW", b"\xff\xe0", 4)),
    "v2.3, flags": tag(3, frame(b"TIT2", b"\0Song", 3, b"\xe0\0"), padding=50),
    "v2.3, compressed": tag(3, frame(b"TIT2", b"\0\0\0\5x\x9c", 3, b"\0\x80"), padding=99),
    "v2.4, unsynchronised frame": tag(
        4, frame(b"PRIV", b"own\0\xff\0\xe0", 4, b"\0\2"), flags=0x80, padding=40
    ),
    "v2.3, extended header": tag(
        3,
        frame(b"TIT2", b"\0Song", 3),
        flags=0x40,
        extended=b"\0\0\0\6\0\0" + (30).to_bytes(4, "big"),
        padding=30,
    ),
    "v2.4, extended header": tag(
        4, frame(b"TIT2", b"\0Song", 4), flags=0x40, extended=b"\0\0\0\6\1\0", padding=100
    ),
    "v2.4, sizes of iTunes": tag(4, frame(b"COMM", b"\0eng\0" + b"c" * 300, 3), padding=200),
    "huge padding": tag(3, frame(b"TIT2", b"\0Song", 3), padding=300_000),
    "no frames": tag(4, padding=20),
}


@pytest.mark.parametrize("genre", [None, b"\0(17)", b"\0(9)(18)Mine", b"\0\0", b"\0(255)"])
@pytest.mark.parametrize("kind", UNUSUAL)
def test_other_frames_keep_their_bytes(tmp_path, sound, kind, genre):
    unusual = UNUSUAL[kind]
    version = unusual[3]
    if genre is not None:
        # First of all, so that what comes after it moves.
        added = frame(NAMES[version][1], genre, version)
        block = Block.parse(unusual)
        start = 10 + len(block.extended)
        body = unusual[10:start] + added + unusual[start:]
        unusual = tag(version, body=body, flags=unusual[5])
    path = tmp_path / "song.mp3"
    path.write_bytes(unusual + sound)
    before = sha256(path)
    kept = [f.whole for f in Block.parse(unusual).frames if f.name not in (b"TCON", b"TCO")]

    journal = write(path, "Électro", journals=tmp_path / "journals")

    written = path.read_bytes()
    block = Block.parse(written[: -len(sound)])
    assert written.endswith(sound)
    assert (block.version, block.flags) == (version, unusual[5])
    assert [f.whole for f in block.frames if f.name not in (b"TCON", b"TCO")] == kept
    assert genres(path) == ["Électro"]
    undo(journal)
    assert sha256(path) == before


@pytest.mark.parametrize("everywhere", [False, True])
def test_an_unsynchronised_tag(tmp_path, sound, everywhere):
    private = frame(b"PRIV", b"own\0\xff\xe0\xff\0\xff\xff\x01", 3)
    body = private + bytes(20)
    where = [(b"\xff", b"\xff\0")] if everywhere else [(b"\xff\0", b"\xff\0\0")]
    for old, new in where:
        body = body.replace(old, new)
    if not everywhere:
        body = body.replace(b"\xff\xe0", b"\xff\0\xe0").replace(b"\xff\xff", b"\xff\0\xff")
    path = tmp_path / "song.mp3"
    path.write_bytes(tag(3, body=body, flags=0x80) + sound)
    before, content = sha256(path), path.read_bytes()
    # In UTF-16, whose mark of order has to be unsynchronised.
    journal = write(path, "Şarkı", journals=tmp_path / "journals")
    assert genres(path) == ["Şarkı"]
    assert content[10:30] in path.read_bytes()
    assert b"\xff\xfe" not in path.read_bytes()[: -len(sound)]
    undo(journal)
    assert sha256(path) == before


@pytest.mark.parametrize(
    ("unusual", "why"),
    [
        (tag(3, flags=0x40, extended=b"\0\0\0\x0a\x80" + bytes(9)), "checksum"),
        (tag(4, flags=0x40, extended=b"\0\0\0\x0c\1\x20\5" + bytes(5)), "checksum"),
        (tag(4, frame(b"TIT2", b"\0a", 4), flags=0x10) + b"3DI" + bytes(7), "footer"),
        (tag(2, frame(b"TT2", b"\0a", 2), flags=0x40), "compressed"),
        (tag(5, frame(b"TIT2", b"\0a", 3)), "no known version"),
        (tag(3, frame(b"TIT2", b"\0a", 3), b"rest of another tag"), "no frames"),
        (tag(3, body=b"\xff\0\xff\xff\0" * 3, flags=0x80), "unsynchronised"),
        (tag(3, frame(b"TIT2", b"\0a", 3)) * 2, "two ID3 tags"),
        (b"ID3\3\0\0" + sync_safe(2**27), "longer than the file"),
    ],
)
def test_what_would_not_come_out_alike_is_left(tmp_path, sound, unusual, why):
    path = tmp_path / "song.mp3"
    path.write_bytes(unusual + sound)
    before = sha256(path)
    with open(path, "rb") as file, pytest.raises(UnwritableError, match=f"{why}|kind"):
        tagging_of(file).others(file, GENRE)
    with pytest.raises(UnwritableError):
        write(path, "Folk", journals=tmp_path / "journals")
    assert sha256(path) == before


@pytest.mark.parametrize("version", [2, 3, 4])
def test_several_genres(tmp_path, sound, version):
    """As texts of their own in v2.4; before, with a slash, as mutagen, Picard and beets have it."""
    path = tmp_path / "song.mp3"
    path.write_bytes(tag(version, frame(NAMES[version][0], b"\0a", version), padding=9) + sound)
    write(path, "Folk", "Pop", journals=tmp_path / "journals")
    assert genres(path) == (["Folk", "Pop"] if version == 4 else ["Folk/Pop"])
    with open(path, "rb") as file:
        own = Field("MOOD")
        tagging = tagging_of(file)
        assert tagging.read(file, own) == ()
    write(path, "calm", "çok", field=own, journals=tmp_path / "journals")
    with open(path, "rb") as file:
        assert tagging.read(file, own) == (("calm", "çok") if version == 4 else ("calm/çok",))


def id3v1(genre, title=b"Old song"):
    texts = title.ljust(30, b"\0") + b"Somebody".ljust(60, b"\0") + b"1999" + bytes(30)
    return b"TAG" + texts + bytes([genre])


def test_id3v1_alone(tmp_path, sound):
    """Who reads ID3v2 leaves ID3v1 aside: the new tag says what that did."""
    path = tmp_path / "song.mp3"
    path.write_bytes(sound + id3v1(255))
    before = sha256(path)
    journal = write(path, "Folk", journals=tmp_path / "journals")
    tags = id3.ID3(path, load_v1=False)
    texts = [str(tags[key]) for key in ("TIT2", "TPE1", "TDRC")]
    assert texts == ["Old song", "Somebody", "1999"]
    assert path.read_bytes().endswith(id3v1(255))
    undo(journal)
    assert sha256(path) == before


def test_a_genre_of_id3v1_is_one(tmp_path, sound):
    path = tmp_path / "song.mp3"
    for content, found in (
        (sound + id3v1(17), ("Rock",)),
        (sound + id3v1(255), ()),
        (tag(3, frame(b"TIT2", b"\0a", 3)) + sound + id3v1(8), ("Jazz",)),
        (tag(3, frame(b"TCON", b"\0(17)", 3)) + sound + id3v1(8), ("Rock",)),
        (tag(3, frame(b"TCON", b"\0(255)", 3)) + sound, ()),
    ):
        path.write_bytes(content)
        with open(path, "rb") as file:
            assert tagging_of(file).read(file, GENRE) == found


def test_an_ape_tag_beside_it(tmp_path, sound):
    """A genre that stands in both is written in both, and ID3v1 after them stays."""
    path = tmp_path / "song.mp3"
    path.write_bytes(tag(4, frame(b"TCON", b"\3Polka", 4), padding=40) + sound)
    tags = apev2.APEv2()
    tags["Genre"], tags["MP3GAIN_MINMAX"] = "Polka", "010,230"
    tags.save(path)
    path.write_bytes(path.read_bytes() + id3v1(255))
    before = sha256(path)
    journal = write(path, "Folk", "Pop", journals=tmp_path / "journals")
    assert genres(path) == ["Folk", "Pop"]
    tags = apev2.APEv2(path)
    assert (list(tags["Genre"]), str(tags["MP3GAIN_MINMAX"])) == (["Folk", "Pop"], "010,230")
    assert path.read_bytes().endswith(id3v1(255))
    undo(journal)
    assert sha256(path) == before


@pytest.mark.parametrize(
    "value", ["17", "(17)", "(x)", "RX", "", " ", "a\nb", "a\0b", "x" * 101, " a"]
)
def test_what_no_genre_can_be_called(value):
    with pytest.raises(TagError, match="is no genre"):
        check_value(value)


@given(
    version=st.sampled_from([2, 3, 4]),
    contents=st.lists(st.binary(min_size=1, max_size=300), max_size=5),
    padding=st.integers(0, 100),
    value=st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40),
)
def test_any_frames(version, contents, padding, value):
    """A tag of whatever frames comes out as it went in, and with the genre that was put in."""
    name = (b"XYZ", b"XYZW")[version > 2]
    whole = tag(version, *(frame(name, c, version) for c in contents), padding=padding)
    # What no reader could tell from other frames is refused.
    with suppress(UnwritableError):
        block = Block.parse(whole)
        assert block.rendered() == whole
        with suppress(TagError):
            check_value(value)
            file = io.BytesIO(whole + b"\xff\xfb\x90\0" + bytes(500))
            tagging = tagging_of(file)
            others = tagging.others(file, GENRE)
            assert tagging.write(file, GENRE, (value,)) == (value,)
            assert tagging.read(file, GENRE) == (value,)
            assert tagging.others(file, GENRE) == others


BEGINNINGS = (
    *(b"", b"ID3\3\0\0\0\0\1\0", b"ID3\4\0\x40\0\0\0\x40", b"OggS\0\2", b"fLaC\0", b"wvpk"),
    *(b"RIFF\x90\1\0\0WAVE", b"FORM\0\0\1\0AIFF", b"\0\0\0\x20ftypM4A ", b"DSD \x1c"),
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)


@given(content=st.binary(max_size=2_000), start=st.sampled_from(BEGINNINGS))
def test_any_bytes(content, start):
    """Whatever a file holds, what cannot be written is named, and nothing else happens."""
    file = io.BytesIO(start + content)
    with suppress(UnwritableError):
        tagging = tagging_of(file)
        tagging.read(file, GENRE)
        others = tagging.others(file, GENRE)
        tagging.write(file, GENRE, ("Folk",))
        assert tagging.read(file, GENRE) == ("Folk",)
        assert tagging.others(file, GENRE) == others
