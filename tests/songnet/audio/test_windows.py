"""A song is cut into windows that cover it, whatever the sizes of the blocks it arrives in."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from songnet.audio.windows import windows
from songnet.errors import AudioError
from songnet.spec import SPEC, AudioSpec

# The same rules with a thousandth of the samples.
SMALL = AudioSpec(sample_rate=100, window_seconds=3.0, n_fft=16)


def cut_whole(song, spec):
    """The rules again, for a song that is in memory whole: (start, end, waveform) of each."""
    size = spec.window_samples
    if len(song) < size:
        return [(0, len(song), np.tile(song, 1 + size // len(song))[:size])]
    starts = list(range(0, len(song) - size + 1, size))
    if len(song) - (starts[-1] + size) > spec.n_fft:
        starts.append(len(song) - size)
    return [(start, start + size, song[start : start + size]) for start in starts]


def blocks_of(song, sizes):
    """Cuts a song into blocks of the given sizes, over and over."""
    start, turn = 0, 0
    while start < len(song):
        yield song[start : start + sizes[turn % len(sizes)]]
        start += sizes[turn % len(sizes)]
        turn += 1


@given(
    n_samples=st.integers(SMALL.min_samples, 2_500),
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=5),
)
def test_any_length_in_blocks_of_any_size(n_samples, sizes):
    song = np.arange(n_samples, dtype=np.float32)
    found = [
        replace(window, waveform=window.waveform.copy())
        for window in windows(blocks_of(song, sizes), SMALL)
    ]
    expected = cut_whole(song, SMALL)
    assert [(w.start_s, w.end_s) for w in found] == [(s / 100, e / 100) for s, e, _ in expected]
    for window, (_, _, waveform) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(window.waveform, waveform)


@given(n_samples=st.integers(SMALL.min_samples, 5_000))
def test_windows_cover_the_song_and_nothing_else(n_samples):
    song = np.zeros(n_samples, dtype=np.float32)
    found = list(windows([song], SMALL))
    assert found[0].start_s == 0
    for window, following in pairwise(found):
        assert window.start_s < following.start_s <= window.end_s
    uncovered = n_samples - round(found[-1].end_s * SMALL.sample_rate)
    assert 0 <= uncovered <= SMALL.n_fft
    assert all(w.waveform.shape == (SMALL.window_samples,) for w in found)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1.0, [(0, 1.0)]),
        (29.9, [(0, 29.9)]),
        (30.0, [(0, 30)]),
        (30.04, [(0, 30)]),
        (31.0, [(0, 30), (1, 31)]),
        (45.0, [(0, 30), (15, 45)]),
        (50.0, [(0, 30), (20, 50)]),
        (60.0, [(0, 30), (30, 60)]),
        (80.0, [(0, 30), (30, 60), (50, 80)]),
    ],
)
def test_where_windows_lie(seconds, expected):
    song = np.zeros(round(seconds * SPEC.sample_rate), dtype=np.float32)
    assert [(w.start_s, w.end_s) for w in windows([song])] == expected


@settings(max_examples=8)
@given(n_samples=st.integers(SPEC.min_samples, 2 * 3600 * SPEC.sample_rate))
@example(n_samples=2 * 3600 * SPEC.sample_rate)
def test_any_length_from_a_second_to_two_hours(n_samples):
    """Each window holds the samples of its time, no sample is left out, and none is added."""
    rate, tolerance = SPEC.sample_rate, SPEC.n_fft
    covered = 0
    for window in windows(numbered(n_samples)):
        start, end = round(window.start_s * rate), round(window.end_s * rate)
        assert start <= covered < end <= n_samples
        places = [0, (end - start) // 2, end - start - 1]
        assert window.waveform[places].tolist() == [(start + n) % 2**24 for n in places]
        covered = end
    assert n_samples - covered <= tolerance


def numbered(n_samples, block=2**19):
    """A song in blocks, whose samples say where in it they are: float32 counts to 2^24."""
    numbers = np.arange(2**24, dtype=np.float32)
    for start in range(0, n_samples, block):
        at = start % 2**24
        yield numbers[at : at + min(block, n_samples - start)]


def test_two_hours():
    found = [(w.start_s, w.end_s) for w in windows(numbered(7_200 * SPEC.sample_rate))]
    assert len(found) == 240
    assert found[-1] == (7_170, 7_200)


def test_a_short_song_is_repeated_until_the_window_is_full():
    song = np.random.default_rng(0).normal(size=10 * SPEC.sample_rate + 7).astype(np.float32)
    (window,) = windows([song])
    assert window.end_s == len(song) / SPEC.sample_rate
    np.testing.assert_array_equal(window.waveform[: len(song)], song)
    np.testing.assert_array_equal(window.waveform[len(song) : 2 * len(song)], song)


@pytest.mark.parametrize("n_samples", [0, 1, SPEC.min_samples - 1])
def test_under_a_second_is_refused(n_samples):
    with pytest.raises(AudioError, match="less than 1 s of audio: choose a longer recording"):
        list(windows([np.zeros(n_samples, dtype=np.float32)]))


def test_a_window_is_given_as_soon_as_it_is_complete():
    """A long song's first answers do not wait for its end."""
    taken = []

    def blocks():
        for second in range(60):
            taken.append(second)
            yield np.zeros(SPEC.sample_rate, dtype=np.float32)

    next(windows(blocks()))
    assert len(taken) <= 31
