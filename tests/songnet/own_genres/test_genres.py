"""Own genres: what is learned, what is refused, how good it says it is."""

import dataclasses

import numpy as np
import pytest

from songnet import Classifier, OwnGenres, TaughtSong
from songnet.errors import OwnGenresError
from songnet.own_genres.held_out import HeldOut, calibrate
from songnet.own_genres.nearest import unit
from songnet.own_genres.songs import RESERVED, repeated, without_copies
from songnet.table import table_columns
from songnet.weights import load_weights
from tests.support import songs as audio
from tests.support.taught import embeddings, taught

WEIGHTS = load_weights()


def learn(songs):
    return OwnGenres.learn(songs, WEIGHTS)


def test_new_songs_are_recognised():
    directions = embeddings(5, 12, 0.05)
    genres = learn(
        TaughtSong(f"Genre {number}", embedding)
        for number, some in enumerate(directions)
        for embedding in some[:8]
    )
    for number, new in enumerate(directions[:, 8:]):
        for embedding in new:
            judged = genres.judge(embedding)
            assert judged.probabilities.sum() == pytest.approx(1)
            assert judged.probabilities.argmax() == number


def test_the_order_of_the_songs_does_not_matter():
    songs = taught()
    there, back = learn(songs), learn(songs[::-1])
    assert there.names == back.names
    assert (there.held_out, there.calibration) == (back.held_out, back.calibration)
    np.testing.assert_allclose(there.means, back.means, atol=1e-6)


def test_accuracy_is_that_of_songs_that_did_not_teach():
    """A genre of songs that have nothing in common is recognised while they teach, not else."""
    songs = taught(2, 6, 0.02)
    scattered = unit(np.random.default_rng(3).normal(size=(6, 24))).astype(np.float32)
    songs += [TaughtSong("Scattered", embedding) for embedding in scattered]
    genres = learn(songs)
    row = genres.held_out.confusion[genres.names.index("Scattered")]
    assert row[genres.names.index("Scattered")] <= 2
    itself = [genres.judge(song.embedding).probabilities.argmax() for song in genres.songs]
    assert sum(genres.names[n] == "Scattered" for n in itself) >= 5


def test_songs_of_one_artist_do_not_teach_and_test():
    """Where a genre is two artists who have nothing in common, only one of them is known."""
    loud, soft, other = unit(np.abs(np.random.default_rng(1).normal(size=(3, 24))) ** 3)
    random = np.random.default_rng(2)

    def near(direction, n):
        return [unit(direction + random.normal(0, 0.02, 24)).astype(np.float32) for _ in range(n)]

    of_two = [("loud", e) for e in near(loud, 4)] + [("soft", e) for e in near(soft, 4)]
    songs = [TaughtSong("Mixed", e, artist=artist) for artist, e in of_two]
    songs += [
        TaughtSong("Other", e, artist=f"artist {n % 3}") for n, e in enumerate(near(other, 6))
    ]
    by_artist = learn(songs).held_out
    assert (by_artist.by, by_artist.groups) == ("artist", 5)
    nobody = [dataclasses.replace(song, artist=None) for song in songs]
    by_song = learn(nobody).held_out
    assert (by_song.by, by_song.groups) == ("song", 14)
    assert by_song.accuracy == 1
    assert by_artist.accuracy < 1


def test_a_genre_by_one_artist_is_measured_by_song_and_it_says_so():
    songs = [dataclasses.replace(song, artist=song.genre) for song in taught(3, 8)]
    genres = learn(songs)
    assert genres.held_out.by == "song"
    assert any("leaving out a song at a time" in remark for remark in genres.remarks())
    assert not any("leaving out a song" in r for r in learn(taught(3, 8, artists=True)).remarks())


def test_few_songs_are_called_rough_and_many_are_not():
    assert any("fewer than 20 songs" in remark for remark in learn(taught(2, 3)).remarks())
    assert not any("fewer than 20" in remark for remark in learn(taught(2, 10)).remarks())


def test_the_interval_is_wilsons():
    """8 of 10: 49.0 to 94.3 %, as in tables."""
    held_out = HeldOut("song", 10, ((4, 1), (1, 4)))
    assert held_out.accuracy == 0.8
    assert held_out.interval == pytest.approx((0.490, 0.943), abs=0.001)
    fewer = HeldOut("artist", 5, ((4, 1), (1, 4)))
    assert fewer.interval[0] < held_out.interval[0]


def test_a_few_right_answers_do_not_make_it_sure():
    three = np.array([[0.9, 0.1]] * 3 + [[0.1, 0.9]] * 3)
    labels = np.repeat([0, 1], 3)
    few = calibrate(three, labels)
    many = calibrate(np.tile(three, (50, 1)), np.tile(labels, 50))
    assert few.temperature > 0.1
    assert many.temperature < few.temperature


def test_genres_that_sound_alike_are_never_sure():
    same = unit(np.abs(np.random.default_rng(0).normal(size=(24, 24)))).astype(np.float32)
    songs = [TaughtSong(f"Genre {n % 4}", embedding) for n, embedding in enumerate(same)]
    genres = learn(songs)
    assert genres.held_out.accuracy < 0.6
    assert genres.calibration.abstain_below > 0.3


def test_a_song_unlike_all_is_none_of_these():
    genres = learn(taught(3, 10, 0.05))
    stranger = np.zeros(24, np.float32)
    stranger[genres.means.max(axis=0).argmin()] = 1
    assert genres.judge(stranger).none_of_these
    known = [genres.judge(song.embedding).none_of_these for song in genres.songs]
    assert sum(known) <= 3


def test_songs_and_genres_are_added_and_taken_out():
    songs = taught(3, 5)
    genres = learn(songs[:10])
    more = genres.with_songs(songs[10:], WEIGHTS)
    assert more.names == ("Genre 0", "Genre 1", "Genre 2")
    assert more.to_bytes() == learn(songs).to_bytes()
    assert more.without("Genre 2").to_bytes() == genres.to_bytes()
    with pytest.raises(OwnGenresError, match="“Genre 9” is not among the genres: they are Genre 0"):
        more.without("Genre 9")
    with pytest.raises(OwnGenresError, match="Without “Genre 0” only Genre 1 would be left"):
        genres.without("Genre 0")


def test_a_copy_in_its_genre_counts_once_and_in_another_is_told_of():
    songs = taught(2, 4)
    genres = learn([*songs, dataclasses.replace(songs[0], title="A copy")])
    assert genres.counts == {"Genre 0": 4, "Genre 1": 4}
    both = learn([*songs, dataclasses.replace(songs[0], genre="Genre 1")])
    assert "Title 0.0 is in Genre 0 and in Genre 1: it teaches both." in both.remarks()


def test_many_songs_of_two_genres_are_told_of_in_a_few_sentences():
    songs = taught(2, 40, artists=True)
    both = [dataclasses.replace(song, genre="Both") for song in songs[:20]]
    genres = learn([*songs, *both])
    told = [remark for remark in genres.remarks() if "two genres" in remark or "teaches" in remark]
    assert told[0] == "Title 0.0 is in Both and in Genre 0: it teaches both."
    assert told[-1] == "Songs that teach two genres, besides these: 15."
    assert len(told) == 6


def test_ten_thousand_copies_are_found_without_all_their_pairs():
    embedding = np.array([0.6, 0.8], np.float32)
    songs = [TaughtSong(f"Genre {number % 2}", embedding) for number in range(10_000)]
    first_of_other = [((number + 1) % 2, number) for number in range(1, 10_000)]
    assert repeated(songs, in_genre=False) == first_of_other
    assert [song.genre for song in without_copies(songs)] == ["Genre 0", "Genre 1"]


def test_a_genre_is_named_as_people_type_it():
    names = {"Genre 0": "Café", "Genre 1": "Dub", "Genre 2": "Fado"}
    genres = learn([dataclasses.replace(song, genre=names[song.genre]) for song in taught(3, 3)])
    assert genres.without(" Cafe\u0301 ").names == ("Dub", "Fado")


def test_titles_can_be_left_out():
    genres = learn(taught(3, 6, artists=True))
    bare = genres.without_titles()
    assert b"Title" not in bare.to_bytes()
    assert b"Artist 0" not in bare.to_bytes()
    assert len({song.artist for song in bare.songs}) == 9
    again = OwnGenres.from_bytes(bare.to_bytes()).with_songs([], WEIGHTS)
    assert again.held_out == genres.held_out


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["Dub"], "learns 2 to 200 genres"),
        ([f"Genre {n}" for n in range(201)], "learns 2 to 200 genres"),
        (["Dub", "dub"], "“Dub” and “dub” differ by case alone"),
        (["Dub", ""], "A genre has no name"),
        (["Dub", "x" * 61], "has 1 to 60 characters"),
        (["Dub", "a\nb"], "is no name for a genre: leave out control characters"),
        (["Dub", "<b>Folk</b>"], "leave out control characters, < and >"),
        (["Dub", "\udce9"], "is no name for a genre"),
        (["Dub", "Title"], "“Title” is a column of SongNet's tables"),
    ],
)
def test_names_that_are_refused(names, sentence):
    directions = embeddings(1, 3, 0.1)[0]
    with pytest.raises(OwnGenresError, match=sentence):
        learn([TaughtSong(name, direction) for name in names for direction in directions])


def test_names_that_people_use_are_taken():
    directions = embeddings(4, 3, 0.1)
    names = ["Drum & Bass", "Années 80", "=Rap", "ニューエイジ"]
    pairs = zip(names, directions, strict=True)
    genres = learn([TaughtSong(name, each) for name, some in pairs for each in some])
    assert set(genres.names) == set(names)
    assert OwnGenres.from_bytes(genres.to_bytes()).names == genres.names


def test_no_genre_takes_the_place_of_another_column():
    assert {*table_columns(()), "path"} <= RESERVED


def test_a_genre_of_two_songs():
    with pytest.raises(OwnGenresError, match=r"Genre 1 has 2 songs: a genre needs 3 at least"):
        learn(taught(2, 4)[:-2])


@pytest.mark.parametrize("bad", [np.full(24, np.nan), np.zeros((2, 12)), np.ones(1), np.zeros(24)])
def test_what_is_no_embedding(bad):
    with pytest.raises(OwnGenresError, match=r"^(All|An) embedding.*: (bring|leave)"):
        learn([*taught(2, 3), TaughtSong("Genre 0", bad)])


def test_silence_teaches_nothing():
    silence = Classifier(WEIGHTS).classify(np.zeros(88_200, np.float32))
    with pytest.raises(OwnGenresError, match="is silent and teaches nothing"):
        TaughtSong.of("Dub", silence)


def test_a_song_of_a_prediction(song):
    path = audio.write(song("tune.wav"), audio.synthesise(2))
    prediction = Classifier(WEIGHTS).classify(path)
    taught_song = TaughtSong.of("Dub", prediction)
    assert (taught_song.genre, taught_song.title, taught_song.artist) == ("Dub", "tune.wav", None)
    np.testing.assert_array_equal(taught_song.embedding, prediction.embedding)
