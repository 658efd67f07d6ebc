"""The file of own genres: small, the same each time, and refused with a sentence if odd."""

import copy
import dataclasses
import json
import os
import stat

import numpy as np
import pytest

from songnet import OwnGenres
from songnet.errors import OwnGenresError
from songnet.weights import load_weights
from tests.support.taught import taught

GENRES = OwnGenres.learn(taught(3, 5, artists=True), load_weights())


def test_what_is_read_is_what_was_written(tmp_path):
    GENRES.save(tmp_path / "my.genres")
    read = OwnGenres.load(tmp_path / "my.genres")
    assert read.to_bytes() == GENRES.to_bytes()
    assert read.digest == GENRES.digest
    assert (read.names, read.songs, read.held_out) == (GENRES.names, GENRES.songs, GENRES.held_out)
    np.testing.assert_array_equal(read.means, GENRES.means)
    assert read.calibration == GENRES.calibration


def test_titles_of_any_language_come_back():
    first, *others = taught(2, 3)
    title = "Señor\xa0♫ 👩\u200d🎤 \u3000夜 " * 9
    songs = [dataclasses.replace(first, title=title, artist="a\nb\ud800"), *others]
    read = OwnGenres.from_bytes(OwnGenres.learn(songs, load_weights()).to_bytes())
    assert read.songs[0].title == title[:100]
    assert read.songs[0].artist == "a�b�"


def test_people_can_read_it():
    text = GENRES.to_bytes().decode()
    for told in ("Genre 1", "Title 1.0", "Artist 1.0", '"accuracy":', '"temperature":'):
        assert told in text


def test_ten_genres_of_ten_songs_are_tens_of_kilobytes():
    songs = taught(10, 10, artists=True)
    whole = [np.resize(song.embedding, 96) for song in songs]
    many = OwnGenres.learn(
        [type(s)(s.genre, e, s.title, s.artist) for s, e in zip(songs, whole, strict=True)],
        load_weights(),
    )
    assert len(many.to_bytes()) < 40_000


def test_it_is_written_in_one_step(tmp_path):
    path = tmp_path / "my.genres"
    path.write_text("old")
    path.chmod(0o600)
    GENRES.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["my.genres"]
    assert OwnGenres.load(path).digest == GENRES.digest


def test_a_place_where_nothing_can_be_written(tmp_path):
    with pytest.raises(OwnGenresError, match=r"my\.genres cannot be written \(No such file"):
        GENRES.save(tmp_path / "gone" / "my.genres")


def edited(change):
    content = copy.deepcopy(GENRES.to_json())
    change(content)
    return json.dumps(content).encode()


def put(key, value):
    return lambda content: content.update({key: value})


def put_song(key, value):
    return lambda content: content["genres"][0]["songs"][0].update({key: value})


def put_held_out(key, value):
    return lambda content: content["held_out"].update({key: value})


def without_songs(content):
    del content["genres"][0]["songs"][2:]


DAMAGED = "is damaged or was edited"
EDITS = {
    "NaN": (put("temperature", float("nan")), "it is no JSON"),
    "infinity": (put("none_below", float("inf")), "it is no JSON"),
    "a temperature of 0": (put("temperature", 0), DAMAGED),
    "a text for a number": (put("temperature", "0.1"), DAMAGED),
    "true for a number": (put("abstain_below", True), DAMAGED),
    "a threshold above 1": (put("abstain_below", 2), DAMAGED),
    "a network that is none": (put("network", "../../etc/passwd"), DAMAGED),
    "an entry too many": (put("code", "__import__('os')"), DAMAGED),
    "no genres": (put("genres", []), "learns 2 to 200"),
    "genres of another type": (put("genres", {"Dub": 1}), DAMAGED),
    "10^6 genres": (put("genres", [{}] * 10**6), "At most 200 genres are taken. Received: 1000000"),
    "10^6 songs": (
        lambda content: content["genres"][0].update(songs=[{}] * 10**6),
        DAMAGED,
    ),
    "HTML": (lambda content: content["genres"][0].update(name="<img src=x>"), "< and >"),
    "a control character": (lambda c: c["genres"][0].update(name="a\x1b[31m"), "no name for"),
    "a name twice": (lambda c: c["genres"][0].update(name="Genre 1"), DAMAGED),
    "names that differ by case": (
        lambda content: content["genres"][0].update(name="genre 1"),
        "differ by case alone",
    ),
    "two songs": (without_songs, r"Genre 0 has 2 songs"),
    "an embedding that is too short": (put_song("embedding", "fwA="), DAMAGED),
    "an embedding of zeros": (put_song("embedding", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), DAMAGED),
    "an embedding that is no text": (put_song("embedding", [0.1] * 24), DAMAGED),
    "an embedding that is no base64": (put_song("embedding", "<script>"), DAMAGED),
    "a title with a control character": (put_song("title", "a\x00b"), DAMAGED),
    "a title without end": (put_song("title", "x" * 10**5), DAMAGED),
    "an unknown entry of a song": (put_song("path", "/etc/passwd"), DAMAGED),
    "another accuracy": (put_held_out("accuracy", 0.123), DAMAGED),
    "another interval": (put_held_out("interval", [0.99, 1.0]), DAMAGED),
    "an interval of three": (put_held_out("interval", [0, 0.5, 1]), DAMAGED),
    "more songs than there are": (put_held_out("songs", 99), DAMAGED),
    "a confusion of other genres": (put_held_out("taken_for", {"Dub": {}}), DAMAGED),
    "a later version": (put("version", 2), "written by another version of SongNet"),
    "another format": (put("format", "csv"), "This is no file of own genres"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edited_files_are_refused(name):
    change, sentence = EDITS[name]
    with pytest.raises(OwnGenresError, match=sentence):
        OwnGenres.from_bytes(edited(change))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is no JSON"),
        (b"\x89PNG\r\n\x1a\n\x00", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b'{"format": ' + b"9" * 10_000 + b"}", "it is no JSON"),
        (b"[]", "This is no file of own genres"),
        (b"null", "This is no file of own genres"),
        (b"{}", "This is no file of own genres"),
    ],
)
def test_other_files_are_refused(content, sentence):
    with pytest.raises(OwnGenresError, match=sentence):
        OwnGenres.from_bytes(content)


def test_each_half_file_is_refused():
    whole = GENRES.to_bytes()
    for length in range(0, len(whole) - 2, 97):
        with pytest.raises(OwnGenresError):
            OwnGenres.from_bytes(whole[:length])


def test_missing_and_huge_files(tmp_path):
    with pytest.raises(OwnGenresError, match=r"gone\.genres does not exist"):
        OwnGenres.load(tmp_path / "gone.genres")
    with pytest.raises(OwnGenresError, match="is no file: name one"):
        OwnGenres.load(tmp_path)
    with open(tmp_path / "huge.genres", "wb") as file:
        file.truncate(2**34)
    with pytest.raises(OwnGenresError, match=r"huge\.genres is larger than any file of own genres"):
        OwnGenres.load(tmp_path / "huge.genres")
    os.mkfifo(tmp_path / "pipe.genres")
    with pytest.raises(OwnGenresError, match="is no file: name one"):
        OwnGenres.load(tmp_path / "pipe.genres")
