"""Splits of sets as small and uneven as people have: every genre in each, artists apart."""

import numpy as np
import pytest

from train.data.deal import deal
from train.data.tracks import SPLITS, artist_groups

UNKNOWN = -1


def dealt(sizes, seed=0):
    """Genres, artists and splits of sets such as ``{"Pop": [3, 2]}``: clips of each artist."""
    genres, artists = [], []
    for genre, of_artists in sizes.items():
        for number, clips in enumerate(of_artists):
            genres += [genre] * clips
            artists += [UNKNOWN if clips == 1 else 100 * len(set(genres)) + number] * clips
    groups = artist_groups(np.array(artists))
    return np.array(genres), groups, deal(np.array(genres), groups, seed)


def shared(groups, splits):
    """The artists in several splits: which."""
    found = {group: set(splits[groups == group]) for group in groups}
    return {int(group): names for group, names in found.items() if len(names) > 1}


SETS = {
    "43 Rock and 3 Pop, no artists": {"Rock": [1] * 43, "Pop": [1] * 3},
    "one artist a genre": {"Rock": [20], "Jazz": [9], "Pop": [3]},
    "two artists a genre": {"Rock": [10, 10], "Pop": [7, 5]},
    "two artists, one of a clip": {"Rock": [19, 1], "Pop": [18, 2]},
    "three artists": {"Rock": [10, 10, 10], "Pop": [2, 2, 2]},
    "many artists": {"Rock": [4] * 20, "Pop": [2, 3, 1] * 9},
    "3 genres of 8 clips": {"a": [1] * 8, "b": [2] * 4, "c": [1] * 8},
}


@pytest.mark.parametrize("sizes", SETS.values(), ids=SETS)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_split_has_every_genre_and_training_keeps_half_of_each(sizes, seed):
    genres, _, splits = dealt(sizes, seed)
    for name in SPLITS:
        assert set(genres[splits == name]) == set(sizes)
    for genre in sizes:
        own = splits[genres == genre]
        assert np.mean(own == "training") >= (0.5 if len(own) > 3 else 1 / 3)


@pytest.mark.parametrize(
    ("name", "training"),
    [("43 Rock and 3 Pop, no artists", 36), ("many artists", 107), ("3 genres of 8 clips", 16)],
)
def test_artists_stay_apart_where_there_are_enough(name, training):
    _, groups, splits = dealt(SETS[name])
    assert shared(groups, splits) == {}
    assert np.sum(splits == "training") >= training


def test_of_two_artists_training_has_one_whom_the_others_have_not():
    _, groups, splits = dealt(SETS["two artists a genre"])
    assert list(shared(groups, splits).values()) == [{"validation", "test"}] * 2


def test_one_artist_is_in_all_splits_and_training_keeps_most():
    genres, groups, splits = dealt(SETS["one artist a genre"])
    assert list(shared(groups, splits).values()) == [set(SPLITS)] * 3
    assert np.sum(splits[genres == "Rock"] == "training") == 16


def test_an_artist_of_two_genres_stays_in_one_split():
    genres = np.array(["Fado", "Tango"] * 40)
    groups = np.arange(80) // 4
    splits = deal(genres, groups, seed=0)
    assert shared(groups, splits) == {}
    assert [int(np.sum(splits == name)) for name in SPLITS] == [64, 8, 8]


def test_the_seed_decides():
    first, again, other = (dealt(SETS["many artists"], seed)[2] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
