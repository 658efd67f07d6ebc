"""The middle window of a track: the same as if all of it were in memory, which it never is."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from songnet.audio import read
from songnet.spec import SPEC
from train.data.middle_window import decoder, middle

RATE, WINDOW = SPEC.sample_rate, SPEC.window_samples


class Track:
    """Stands for a decoder: of a track whose samples each say in which second they are."""

    def __init__(self, seconds: int, more: int = 0, stated_s: float | None = None):
        self.lengths = [RATE] * seconds + [more] * bool(more)
        self.stated_s = stated_s
        self.decoded = 0

    def probe(self, path, limits):
        return SimpleNamespace(duration_s=self.stated_s)

    def read_blocks(self, path, limits):
        self.decoded += 1
        for second, length in enumerate(self.lengths):
            yield np.full(length, second, np.float32)


def whole(track):
    """The reference: the whole track is decoded, then cut."""
    waveform = np.concatenate(list(track.read_blocks(None, None)))
    start = max(0, len(waveform) - WINDOW) // 2 // RATE * RATE
    return waveform[start : start + WINDOW]


@pytest.mark.parametrize("stated_s", [None, 1.0, 27.0, 151.0, 400.0, 3600.0])
@pytest.mark.parametrize("seconds", [2, 30, 31, 151, 400])
def test_the_middle_is_the_same_whatever_the_container_says(seconds, stated_s):
    track = Track(seconds, more=100, stated_s=stated_s)
    np.testing.assert_array_equal(middle(None, track), whole(track))


def test_a_track_that_is_as_long_as_it_says_is_decoded_once():
    track = Track(3600, stated_s=3600.0)
    assert middle(None, track)[0] == 1785
    assert track.decoded == 1


@pytest.mark.parametrize("stated_s", [None, 7200.0])
def test_hours_take_no_more_memory_than_minutes(stated_s):
    """Two hours are 1.2 GiB of samples."""
    tracemalloc.start()
    try:
        found = middle(None, Track(7200, stated_s=stated_s))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found[0] == 3585
    assert peak < 100 * 2**20


@pytest.fixture(scope="module")
def decoding():
    with decoder() as process:
        yield process


@pytest.mark.parametrize("name", ["song.mp3", "song.wav", "song.aac", "song.webm"])
def test_of_files_too(song, decoding, name):
    path = song(name, seconds=43.7, rate=48_000)
    expected = read(path)[6 * RATE :][:WINDOW]
    np.testing.assert_array_equal(middle(path, decoding), expected)
