"""What a visitor puts together: which genres there are, what is missing, what is learned of it."""

from dataclasses import replace

import numpy as np
import pytest

from songnet.errors import OwnGenresError
from songnet.own_genres import OwnGenres
from songnet.ui.shelf import MOST_SONGS, Shelf
from songnet.weights import load_weights
from tests.support import songs
from tests.support.taught import song_of, taught

WEIGHTS = load_weights()


def add(shelf, genre, *paths):
    return shelf.with_songs(genre, paths, most=100, too_many="Too many.")


def test_genres_are_counted_and_say_what_they_lack():
    shelf = Shelf()
    assert (shelf.counts, shelf.ready, shelf.hint()) == ({}, False, "")
    shelf = add(shelf, " Dub ", "a", "b")
    assert shelf.hint() == "Dub needs 1 song more."
    shelf = add(add(shelf, "dub", "c"), "Älter", *"def")
    assert shelf.counts == {"Dub": (3, 3), "Älter": (3, 3)}
    assert shelf.ready
    assert shelf.hint() == "6 songs to hear."
    few = add(add(shelf, "Ska", "g"), "Fado", "h")
    assert few.ready
    assert few.hint() == "Fado needs 2 songs more. So does another."
    assert not shelf.without("Dub").ready
    assert shelf.without("Dub").hint() == "Add another genre: SongNet tells two or more apart."


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [
        ("", 1, "A genre has no name"),
        ("<img src=x onerror=alert(1)>", 1, "leave out control characters, < and >"),
        ("Du\x07b", 1, "leave out control characters"),
        ("Genre", 1, "is a column of SongNet's tables"),
        ("Dub", 101, "Too many."),
    ],
)
def test_what_cannot_be_added_is_told(name, number, sentence):
    with pytest.raises(OwnGenresError, match=sentence):
        add(Shelf(), name, *map(str, range(number)))


def test_a_shelf_has_its_bounds():
    genres = OwnGenres.learn(taught(200, 3), WEIGHTS)
    shelf = Shelf.of(genres)
    assert add(shelf, "GENRE 7", "a").counts["Genre 7"] == (4, 1)
    with pytest.raises(OwnGenresError, match="at most 200 genres: remove one"):
        add(shelf, "One more", "a")
    with pytest.raises(OwnGenresError, match=f"At most {MOST_SONGS} songs"):
        shelf.with_songs("Genre 7", map(str, range(401)), most=500, too_many="Too many.")
    with pytest.raises(OwnGenresError, match=f"At most {MOST_SONGS} songs"):
        Shelf.of(replace(genres, songs=(*genres.songs, *genres.songs)))


def test_what_is_removed_is_learned_without_it():
    shelf = Shelf.of(OwnGenres.learn(taught(3), WEIGHTS))
    two = shelf.without("Genre 1")
    assert two.taught.names == ("Genre 0", "Genre 2")
    assert two.taught.held_out.songs == len(two.heard) == 10
    assert not two.ready
    one = two.without("Genre 0")
    assert one.taught is None
    assert one.counts == {"Genre 2": (5, 5)}
    assert shelf.without("Nothing") == shelf


def test_songs_that_teach_nothing_are_told_of_and_the_rest_is_learned(analyser, tmp_path):
    shelf = Shelf()
    for genre in ("Noise", "Tones"):
        for seed in range(4):
            path = songs.write(tmp_path / f"{genre}{seed}.wav", song_of(genre, seed))
            shelf = add(shelf, genre, str(path))
    copy = songs.write(tmp_path / "copy.wav", song_of("Tones", 0))
    silence = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), np.float32))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"")
    shelf = add(shelf, "Tones", str(copy), str(silence), str(broken))
    deleted = tmp_path / "deleted.wav"
    shelf = add(shelf, "Few", str(tmp_path / "Noise0.wav"), str(broken), str(deleted))
    told = []
    while shelf.waiting:
        shelf, sentences = shelf.after_hearing(analyser)
        told += sentences
    shelf, sentences = shelf.learned(WEIGHTS)
    told = " ".join(told + sentences)
    assert shelf.taught.counts == {"Noise": 4, "Tones": 4}
    assert shelf.counts == {"Few": (1, 1), "Noise": (4, 0), "Tones": (4, 0)}
    for sentence in (
        "silence.wav is silent and teaches nothing",
        "broken.wav is empty",
        "deleted.wav is no longer here, as songs are deleted in time: add it again.",
        "Copies of songs in the same genre, which are left out: 1 (copy.wav).",
        "Few has 1 song that can be learned from and needs 3",
    ):
        assert sentence in told
    assert not shelf.ready
