"""The spectrogram's axes and levels."""

import numpy as np
import pytest

from songnet.model import ModelConfig
from songnet.spec import SPEC
from songnet.ui.figures import spectrogram, timeline
from tests.support import songs


@pytest.mark.parametrize(("seconds", "frames"), [(20, 85), (190, 512)])
def test_it_has_seconds_mel_bands_and_decibels(analysed, song, seconds, frames):
    (heat,) = spectrogram.figure(analysed(song("tune.wav", seconds=seconds, rate=22_050))).data
    assert heat.z.shape == (SPEC.n_mels, frames)
    assert len(heat.x) == frames
    assert 0 < heat.x[0] < heat.x[-1] < seconds
    assert len(set(heat.y)) == SPEC.n_mels
    assert -SPEC.db_range <= heat.z.min() < heat.z.max() == 0


def test_what_the_network_ignores_is_in_the_shade(analysed, song):
    result = analysed(song("tune.wav"))
    layout = spectrogram.figure(result).layout
    (shade,) = layout.shapes
    assert (shade.y0, shade.y1) == (ModelConfig().n_bands - 0.5, SPEC.n_mels - 0.5)
    assert layout.annotations[0].text == "SongNet ignores what is above 7.9 kHz"
    over_time = timeline.figure(result).layout
    assert (layout.margin.l, layout.margin.r) == (over_time.margin.l, over_time.margin.r)
    assert layout.xaxis.range == over_time.xaxis.range


def test_silence_is_dark(analysed, tmp_path):
    path = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), dtype=np.float32))
    (heat,) = spectrogram.figure(analysed(path)).data
    assert heat.z.max() == -SPEC.db_range
