"""The arithmetic of the signal path."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet.spec import GENRES, SPEC


def test_the_numbers_that_the_weights_were_trained_with():
    assert SPEC.window_samples == 1_323_000
    assert SPEC.min_samples == 44_100
    assert len(GENRES) == len(set(GENRES)) == 8


def test_the_window_of_a_whole_clip_keeps_a_frame_every_234_ms():
    kept = SPEC.kept_frames(SPEC.window_samples)
    steps = [later - earlier for earlier, later in pairwise(kept)]
    assert (kept[0], kept[-1]) == (10, 2573)
    assert set(steps) == {20, 21}
    assert sum(steps) / len(steps) * SPEC.hop_length / SPEC.sample_rate == pytest.approx(
        0.234, 0.01
    )


@given(n_samples=st.integers(0, 2 * 3600 * SPEC.sample_rate))
def test_kept_frames_exist_and_spread_evenly(n_samples):
    kept = SPEC.kept_frames(n_samples)
    total = 1 + n_samples // SPEC.hop_length
    assert len(kept) == SPEC.n_frames
    assert min(kept) >= 0
    assert max(kept) < total
    for k, frame in enumerate(kept):
        assert abs(frame + 0.5 - (k + 0.5) / SPEC.n_frames * total) <= 0.5 + 1e-9
