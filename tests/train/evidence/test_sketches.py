"""The three synthesised pieces."""

import numpy as np
import pytest

from songnet import audio
from songnet.audio.tags import read_tags
from train.evidence.sketches import SKETCHES, write_sketches


def test_the_same_code_gives_the_same_files(tmp_path):
    first = [path.read_bytes() for path in write_sketches(tmp_path)]
    second = [path.read_bytes() for path in write_sketches(tmp_path)]
    assert first == second
    assert len(set(first)) == 3


@pytest.mark.parametrize("i", range(3))
def test_each_is_half_a_minute_of_music_with_tags(tmp_path, i):
    path = write_sketches(tmp_path)[i]
    samples = audio.read(path)
    assert len(samples) / 44_100 == pytest.approx(30, abs=0.01)
    assert 0.5 < np.abs(samples).max() <= 1.0
    # No second of it is silent.
    assert np.square(samples[: 29 * 44_100]).reshape(29, -1).mean(axis=1).min() > 1e-5
    assert read_tags(path).title == SKETCHES[i].title
