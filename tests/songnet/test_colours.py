"""The colours of genres can be told apart by everyone, and `songnet/colours.py` has all colours."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet import GENRES, colours
from tests.support.paths import ROOT

# Machado et al. 2009: how a colour in linear RGB looks to those who lack one kind of cone.
_SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def oklab(rgb):
    """Ottosson's OKLab of linear RGB: distances in it are distances to the eye."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.asarray(to_lab) @ np.cbrt(np.asarray(to_cones) @ rgb)


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    low, high = sorted((colours.luminance(a), colours.luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("sight", _SIGHT)
def test_genres_look_different_to_everyone(sight, scheme):
    assert set(colours.GENRE_COLOURS) == set(GENRES)
    seen = [
        oklab(np.clip(np.asarray(_SIGHT[sight]) @ linear(pair[scheme]), 0, 1))
        for pair in colours.GENRE_COLOURS.values()
    ]
    # 0.02 is just noticeable; four times that is told apart at a glance.
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.08


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("genre", GENRES)
def test_a_genre_stands_out_from_its_grounds_and_is_no_error(genre, scheme):
    colour = colours.GENRE_COLOURS[genre][scheme]
    grounds = [colours.CARD, colours.FILL, colours.GROUND]
    assert min(contrast(colour, ground[scheme]) for ground in grounds) >= 3
    assert scheme == 0 or contrast(colour, colours.TRACK) >= 3
    assert contrast(colour, colours.text_on(colour)) >= 4.5
    for meaning in (colours.PROBLEM, colours.MUTED[scheme], colours.NEUTRAL):
        assert np.linalg.norm(oklab(linear(colour)) - oklab(linear(meaning))) > 0.08


def test_on_the_dark_page_all_genres_carry_black_text():
    """As the style sheet has it for the names in the figure over time."""
    many = colours.genre_colours([*GENRES, *map(str, range(200))]).values()
    assert {colours.text_on(pair.dark) for pair in many} == {colours.BLACK}


@given(st.sets(st.text(min_size=1), min_size=2, max_size=40))
def test_other_genres_get_colours_of_their_own(names):
    genres = ["Rock", *sorted(names - {"Rock"})]
    found = colours.genre_colours(genres)
    assert list(found) == genres
    assert found["Rock"] == colours.GENRE_COLOURS["Rock"]
    for scheme in (0, 1):
        assert len({pair[scheme] for pair in found.values()}) == len(genres)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("count", "least"), [(12, 0.07), (50, 0.03), (200, 0.01)])
def test_many_genres_look_as_different_as_can_be(count, least, scheme):
    """0.08 is told apart at a glance, and 0.02 side by side, whichever cones one has."""
    found = [linear(c[scheme]) for c in colours.genre_colours(map(str, range(count))).values()]
    for sight in _SIGHT.values():
        seen = np.array([oklab(np.clip(np.asarray(sight) @ colour, 0, 1)) for colour in found])
        distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
        assert distances[np.triu_indices(count, 1)].min() > least


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_each_of_200_colours_stands_out_from_its_page_and_carries_text(scheme):
    for pair in colours.genre_colours(map(str, range(200))).values():
        for ground in (colours.CARD, colours.FILL):
            assert contrast(pair[scheme], ground[scheme]) >= 3
        assert contrast(pair[scheme], colours.text_on(pair[scheme])) >= 4.5


def test_a_pair_is_text_for_css():
    assert f"{colours.GENRE_COLOURS['Pop']}" == "light-dark(#1f86f5, #abc6ff)"


def test_no_other_module_writes_a_colour():
    modules = [path for room in ("songnet", "train") for path in (ROOT / room).rglob("*.py")]
    written = {path for path in modules if re.search(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))}
    assert written == {ROOT / "songnet" / "colours.py"}
