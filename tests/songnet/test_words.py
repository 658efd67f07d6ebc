"""Times and percentages as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet import GENRES, words


@given(st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8).filter(lambda x: sum(x) > 1e-3))
def test_percentages_sum_to_100(weights):
    shares = {genre: w / sum(weights) for genre, w in zip(GENRES, weights, strict=True)}
    shown = words.percentages(shares)
    assert sum(shown.values()) == 100
    assert all(abs(shown[genre] - 100 * shares[genre]) < 1 for genre in GENRES)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (187, "3:07"), (3723, "1:02:03")]
)
def test_clock(seconds, shown):
    assert words.clock(seconds) == shown
