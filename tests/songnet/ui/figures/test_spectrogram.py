"""The spectrogram's axes and levels."""

import pytest

from songnet.spec import SPEC
from songnet.ui.figures import spectrogram


@pytest.mark.parametrize(("seconds", "frames"), [(20, 85), (190, 512)])
def test_it_has_seconds_mel_bands_and_decibels(analysed, song, seconds, frames):
    (heat,) = spectrogram.figure(analysed(song("tune.wav", seconds=seconds, rate=22_050))).data
    assert heat.z.shape == (SPEC.n_mels, frames)
    assert len(heat.x) == frames
    assert 0 < heat.x[0] < heat.x[-1] < seconds
    assert len(set(heat.y)) == SPEC.n_mels
    assert -SPEC.db_range <= heat.z.min() < heat.z.max() == 0
