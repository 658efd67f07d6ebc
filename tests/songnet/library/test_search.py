"""The nearest songs of a library, and a way from one to another."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from songnet.errors import SearchError
from songnet.library import Library
from songnet.library.search import cheapest_way, nearest, way
from tests.support.made_library import make_library, random_songs


def opened(tmp_path, songs):
    return Library.open(make_library(tmp_path / "library.db", songs))


def on_circle(degrees, **values):
    """A song whose embedding lies at an angle."""
    angle = np.deg2rad(degrees)
    point = np.zeros(96, np.float32)
    point[:2] = np.cos(angle), np.sin(angle)
    return {"path": f"/music/{degrees}.mp3", "embedding": point, **values}


def test_the_nearest_are_those_of_the_largest_cosine(tmp_path):
    songs = random_songs(200)
    with opened(tmp_path, songs) as library:
        song = library.song(songs[17]["path"])
        found = nearest(library, song, 5, same_artist=True)
    similarity = np.stack([other["embedding"] for other in songs]) @ songs[17]["embedding"]
    best = np.argsort(-similarity)[1:6]
    assert [str(one.song.path) for one in found] == [songs[i]["path"] for i in best]
    assert [one.similarity for one in found] == pytest.approx(similarity[best], abs=1e-5)


def test_each_is_by_another_artist(tmp_path):
    with opened(tmp_path, random_songs(200)) as library:
        song = next(library.songs())
        artists = [one.song.artist for one in nearest(library, song, 20)]
    assert len({*artists, song.artist}) == 21


def test_neither_the_song_nor_its_copies_are_found(tmp_path):
    songs = [
        on_circle(0, artist="Ada", title="One"),
        on_circle(0.1, artist="Ben"),
        on_circle(20, artist="ada", title="ONE"),
        on_circle(30, artist="Cai", title="Two"),
        on_circle(31, artist="CAI", title="two"),
        {**on_circle(3, artist="Dan"), "path": "/copies/0.mp3"},
        {"path": "/music/silence.mp3", "embedding": None, "artist": "Eve"},
    ]
    with opened(tmp_path, songs) as library:
        song = library.song("/music/0.mp3")
        found = nearest(library, song, 9, same_artist=True)
        assert [str(one.song.path) for one in found] == ["/music/30.mp3"]
        with pytest.raises(SearchError, match=r"silence\.mp3 is silent"):
            nearest(library, library.song("/music/silence.mp3"), 1)


def test_a_way_goes_in_small_steps_and_never_stays_with_an_artist(tmp_path):
    songs = [on_circle(degrees, artist=f"Artist {degrees % 20}") for degrees in range(0, 91, 5)]
    with opened(tmp_path, songs) as library:
        first, last = (library.song(f"/music/{degrees}.mp3") for degrees in (0, 90))
        found = way(library, first, last, 7)
    degrees = [int(one.song.path.stem) for one in found]
    assert (degrees[0], degrees[-1], len(degrees)) == (0, 90, 7)
    assert max(after - before for before, after in pairwise(degrees)) == 15
    assert all(one.song.artist != other.song.artist for one, other in pairwise(found))


def test_no_way_between_copies_or_past_one_artist(tmp_path):
    songs = [on_circle(0), on_circle(0.2), on_circle(60, artist="Ada"), on_circle(90, artist="Ada")]
    with opened(tmp_path, songs) as library:
        zero, copy, sixty, ninety = (
            library.song(f"/music/{name}.mp3") for name in ("0", "0.2", "60", "90")
        )
        with pytest.raises(SearchError, match="Both are one song"):
            way(library, zero, copy, 5)
        with pytest.raises(SearchError, match="Nothing in the library leads"):
            way(library, sixty, ninety, 5)


@pytest.mark.parametrize("seed", range(5))
def test_the_cheapest_way_is_the_cheapest_of_all(seed):
    rng = np.random.default_rng(seed)
    cost = np.where(rng.random((8, 8)) < 0.2, np.inf, rng.random((8, 8)))
    cost[np.tril_indices(8)] = np.inf
    ways = [[0, *between, 7] for between in combinations(range(1, 7), 3)]
    spent = [sum(cost[step] for step in pairwise(places)) for places in ways]
    chosen = cheapest_way(cost, 5)
    assert np.isfinite(min(spent))
    assert sum(cost[step] for step in pairwise(chosen)) == pytest.approx(min(spent))
