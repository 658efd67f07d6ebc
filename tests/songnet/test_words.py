"""Times and percentages as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet import words


@given(st.floats(0.0, 1.0))
def test_a_percentage_is_that_of_the_json(share):
    assert abs(words.percent(share) - 100 * share) <= 0.5001
    assert words.percent(share) == words.percent(round(share, 6))
    assert words.percentages({"Rock": share, "Pop": 1 - share})["Rock"] == words.percent(share)


@pytest.mark.parametrize(
    ("share", "shown"), [(0.354, 35), (0.355, 36), (0.345, 35), (0.005, 1), (0.004999, 0), (1, 100)]
)
def test_halves_are_rounded_up(share, shown):
    assert words.percent(share) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (59.6, "1:00"),
        (20.5, "0:21"),
        (21.5, "0:22"),
        (3599.5, "1:00:00"),
        (187, "3:07"),
        (3723, "1:02:03"),
    ],
)
def test_clock(seconds, shown):
    assert words.clock(seconds) == shown
