"""Every kind of tag: the genre is in it, all else is as it was, and undone is byte for byte."""

import mutagen
import pytest
from mutagen import id3

from songnet.errors import UnwritableError
from songnet.tagging import Field
from songnet.tagging.fields import tagging_of
from tests.support.tagged import (
    ENDINGS,
    opened_song,
    plain_song,
    sha256,
    sound_of,
    tagged_song,
    undo,
    write,
)

# What mutagen calls the genre, and a field of one's own, in each kind of tags.
KEYS = {
    ".m4a": ("\xa9gen", "----:com.apple.iTunes:MOOD"),
    ".3gp": ("\xa9gen", "----:com.apple.iTunes:MOOD"),
    ".wma": ("WM/Genre", "MOOD"),
    ".flac": ("genre", "mood"),
    ".ogg": ("genre", "mood"),
    ".oga": ("genre", "mood"),
    ".opus": ("genre", "mood"),
    ".wv": ("Genre", "MOOD"),
    ".ape": ("Genre", "MOOD"),
    ".mpc": ("Genre", "MOOD"),
}
OF_ID3 = ("TCON", "TXXX:MOOD")


def texts(path, key):
    """The values of a key as mutagen reads them."""
    opened = opened_song(path)
    if key not in (opened.tags or {}):
        return []
    found = opened.tags[key]
    values = found.text if isinstance(found, id3.Frame) else found
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def everything_else(path, *keys):
    tags = opened_song(path).tags
    return {} if tags is None else {k: repr(v) for k, v in dict(tags).items() if k not in keys}


@pytest.mark.parametrize("genre", [(), ("Polka", "Waltz")], ids=["without", "with a genre"])
@pytest.mark.parametrize("ending", [*ENDINGS, ".oga"])
def test_a_genre_is_written_and_undone(tmp_path, ending, genre):
    path = tagged_song(tmp_path / f"song{ending}", genre)
    before, sound, key = sha256(path), sound_of(path), KEYS.get(ending, OF_ID3)[0]
    others = everything_else(path, key)
    assert texts(path, key) == list(genre)

    journal = write(path, "Hip-Hop", "Électro", journals=tmp_path / "journals")

    assert texts(path, key) == ["Hip-Hop", "Électro"]
    assert everything_else(path, key) == others
    assert sound_of(path) == sound
    assert sha256(path) != before

    assert undo(journal) == [True]
    assert sha256(path) == before
    # Once more, there is nothing to be done.
    assert undo(journal) == [False]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["journals", path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_field_of_one_s_own(tmp_path, ending):
    path = tagged_song(tmp_path / f"song{ending}", ("Polka",))
    before, (genre, own) = sha256(path), KEYS.get(ending, OF_ID3)
    others = everything_else(path, own)
    for value in ("calm", "wild"):
        journal = write(path, value, field=Field("MOOD"), journals=tmp_path / value)
        assert texts(path, own) == [value]
        assert (texts(path, genre), everything_else(path, own)) == (["Polka"], others)
    assert undo(journal, Field("MOOD")) == [True]
    assert undo(next((tmp_path / "calm").iterdir()), Field("MOOD")) == [True]
    assert sha256(path) == before


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_song_without_any_tags(tmp_path, ending):
    path = plain_song(tmp_path / f"song{ending}")
    before, key = sha256(path), KEYS.get(ending, OF_ID3)[0]
    journal = write(path, "Folk", journals=tmp_path / "journals")
    assert texts(path, key) == ["Folk"]
    undo(journal)
    assert sha256(path) == before


def test_comments_that_are_not_utf_8_keep_their_bytes(tmp_path):
    """mutagen would put question marks in their place."""
    for ending in (".flac", ".ogg"):
        path = tagged_song(tmp_path / f"song{ending}")
        content = path.read_bytes()
        # Ten bytes give way to as many, so that no length changes; Ogg has a checksum.
        broken = content.replace("Ténor ♫".encode(), b"T\xe9nor \xff...")
        assert broken != content
        path.write_bytes(broken)
        if ending == ".ogg":
            with open(path, "r+b") as file:
                page = mutagen.ogg.OggPage(file)
                page = mutagen.ogg.OggPage(file)
                file.seek(page.offset)
                file.write(page.write())
        write(path, "Folk", journals=tmp_path / "journals")
        assert b"T\xe9nor \xff..." in path.read_bytes()
        assert texts(path, "genre") == ["Folk"]


def test_a_cover_of_many_pages(tmp_path):
    """The pages of an Ogg after the tags are numbered anew, and undone again in few bytes."""
    path = tagged_song(tmp_path / "song.ogg", cover_side=300)
    before = sha256(path)
    journal = write(path, *("Folk" * n for n in range(1, 25)), journals=tmp_path / "journals")
    assert journal.stat().st_size < path.stat().st_size / 4
    undo(journal)
    assert sha256(path) == before


def test_padding_gives_the_room(tmp_path):
    """Where there is any, no byte of the sound moves."""
    for ending in (".mp3", ".flac", ".m4a", ".opus"):
        path = tagged_song(tmp_path / f"song{ending}", ("Polka",))
        size = path.stat().st_size
        write(path, "Hip-Hop and more", journals=tmp_path / "journals")
        assert path.stat().st_size == size, ending


def test_a_wav_s_own_list_stays(tmp_path):
    path = plain_song(tmp_path / "song.wav")
    info = b"INFO" + b"IGNR\x06\x00\x00\x00Polka\x00"
    content = path.read_bytes() + b"LIST" + len(info).to_bytes(4, "little") + info
    path.write_bytes(content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:])
    write(path, "Folk", journals=tmp_path / "journals")
    assert info in path.read_bytes()
    assert texts(path, "TCON") == ["Folk"]


@pytest.mark.parametrize("ending", [".webm", ".mka", ".aac", ".amr", ".ac3", ".caf", ".au", ".mov"])
def test_what_is_not_written_is_named_and_left(tmp_path, ending):
    path = plain_song(tmp_path / f"song{ending}")
    before = sha256(path)
    with pytest.raises(UnwritableError, match="whose tags are not written"):
        write(path, "Folk", journals=tmp_path / "journals")
    assert sha256(path) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["journals", path.name]


def test_a_film_is_left(tmp_path):
    path = plain_song(tmp_path / "film.m4a")
    # The handler of its track says that it is pictures.
    content = path.read_bytes()
    assert b"soun" in content
    path.write_bytes(content.replace(b"soun", b"vide"))
    with open(path, "rb") as file, pytest.raises(UnwritableError, match="it is a film"):
        tagging_of(file)


@pytest.mark.parametrize("ending", ENDINGS)
def test_half_a_file_is_left_or_whole(tmp_path, ending):
    """Damage is never made worse: what is cut off anywhere is written well, or not at all."""
    path = tagged_song(tmp_path / f"song{ending}", ("Polka",))
    whole = path.read_bytes()
    for share in (0.02, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        before = sha256(path)
        try:
            journal = write(path, "Folk", journals=tmp_path / "journals")
        except UnwritableError:
            assert sha256(path) == before
            continue
        undo(journal)
        assert sha256(path) == before
    assert len(list(tmp_path.iterdir())) == 2
