"""Which genres are proposed, and why others are not; the user's own names for them."""

from pathlib import Path

import pytest

from songnet.errors import TagError
from songnet.tagging import Candidate, NamesMap, Rules, propose

GENRES = ("Folk", "Pop", "Rock")


def song(name, *probabilities, now=(), **attributes):
    return Candidate(
        Path("/music", name), now, dict(zip(GENRES, probabilities, strict=True)), **attributes
    )


def outcomes(songs, **rules):
    """What is written into each song, or why nothing is."""
    return [p.why_not or p.values for p in propose(songs, Rules(**rules))]


def test_only_where_it_is_missing_and_sure():
    songs = [
        song("a", 0.8, 0.1, 0.1),
        song("b", 0.8, 0.1, 0.1, now=("Polka",)),
        song("c", 0.6, 0.3, 0.1),
        song("d", 0.9, 0.1, 0.0, abstained=True),
        song("e", 0.9, 0.1, 0.0, none_of_these=True),
        song("f", 0.9, 0.1, 0.0, audible=False),
        song("g", 0.0, 0.3, 0.7),
    ]
    silent, left = "silent", "less sure than 70 %"
    unsure = [left, "not sure", "none of these", silent, ("Rock",)]
    assert outcomes(songs) == [("Folk",), "has a genre", *unsure]
    assert outcomes(songs, replace=True) == [("Folk",), ("Folk",), *unsure]
    assert outcomes(songs, sure=0.5)[2] == ("Folk",)
    # What SongNet is not sure of is never written, however little is asked for.
    assert outcomes(songs, sure=0.0, replace=True)[3:6] == ["not sure", "none of these", silent]


def test_what_is_there_already():
    songs = [song("a", 0.9, 0.1, 0.0, now=("Folk",)), song("b", 0.1, 0.9, 0.0, now=("A/B",))]
    names = NamesMap.of({"Pop": ["A", "B"]}, GENRES)
    assert outcomes(songs, replace=True, names=names) == ["has this genre"] * 2


def test_a_whole_album():
    """The mean of its songs that can be heard; those of its songs that lack a genre get it."""
    album, other = ("/music", "one", ""), ("/music", "two", "")
    songs = [
        song("a", 0.9, 0.1, 0.0, album=album),
        song("b", 0.5, 0.1, 0.4, album=album, abstained=True),
        song("c", 0.8, 0.2, 0.0, album=album, now=("Polka",)),
        song("d", 0.0, 0.0, 1.0, album=album, audible=False),
        song("e", 0.3, 0.3, 0.4, album=other),
        song("f", 0.0, 0.2, 0.8),
    ]
    by_album = {"by_album": True, "abstain_below": 0.5}
    folk = ("Folk",)
    assert outcomes(songs, **by_album) == [folk, folk, "has a genre", folk, "not sure", ("Rock",)]
    assert propose(songs, Rules(**by_album))[0].confidence == pytest.approx(2.2 / 3)
    unlike = [song(n, 0.9, 0.1, 0.0, album=album, none_of_these=n != "a") for n in "abc"]
    assert outcomes(unlike, by_album=True) == ["none of these"] * 3
    silent = [song(n, 0.9, 0.1, 0.0, album=album, audible=False) for n in "ab"]
    assert outcomes(silent, by_album=True) == ["silent"] * 2


def test_own_names(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text('Folk = "Singer-Songwriter"\nPop = ["Pop", "Charts"]\nRock = []\n')
    names = NamesMap.load(path, GENRES)
    songs = [song("a", 1, 0, 0), song("b", 0, 1, 0), song("c", 0, 0, 1)]
    left = "left out by the map"
    assert outcomes(songs, names=names) == [("Singer-Songwriter",), ("Pop", "Charts"), left]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'Jazz = "Jazz"', "map.toml names “Jazz”, which SongNet does not answer: there are Folk"),
        (b"Folk = ", "is no TOML"),
        (b"\xff\xfe", "is no TOML"),
        (b"Folk = 7", "has no name for “Folk”"),
        (b'Folk = ["a", 7]', "has no name for “Folk”"),
        (b'[Folk]\na = "b"', "has no name for “Folk”"),
        (b'Folk = "17"', "takes it for the number"),
        (b'Folk = ""', "is no genre"),
        (b'Folk = "a\\nb"', "control character"),
        (b"#" * (2**20 + 1), "larger than any map"),
    ],
)
def test_maps_that_cannot_be_used(tmp_path, content, why):
    path = tmp_path / "map.toml"
    path.write_bytes(content)
    with pytest.raises(TagError) as raised:
        NamesMap.load(path, GENRES)
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_map_that_is_not_there(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(TagError, match="cannot be read"):
            NamesMap.load(path, GENRES)
