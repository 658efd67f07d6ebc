"""Times, percentages and formats as they are written on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet import GENRES
from songnet.audio import AudioInfo
from songnet.ui.figures import words


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


def test_format():
    info = AudioInfo("MP3", "mp3", 44_100, 2, 256_000, 30.0)
    assert words.audio_format(info) == "MP3 · 44.1 kHz · stereo"
    info = AudioInfo("WebM", "opus", 48_000, 3, None, None)
    assert words.audio_format(info) == "WebM · 48 kHz · 3 channels"
