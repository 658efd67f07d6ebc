"""The song over time: stretches, attention, and the figure that shows both."""

import dataclasses
import itertools

import numpy as np
import pytest

from songnet.ui.figures import cards, timeline
from tests.support import songs


def test_stretches_cover_the_song_and_average_their_windows(analysed, tagged):
    result = analysed(tagged("mixed.wav"))
    parts = timeline.stretches(result.prediction)
    assert parts[0].start_s == 0
    assert parts[-1].end_s == pytest.approx(80, abs=0.01)
    for part, following in itertools.pairwise(parts):
        assert part.end_s == following.start_s
    for part in parts:
        assert sum(part.probabilities.values()) == pytest.approx(1)
    # 0..30 is Pop, 30..60 Folk, 50..80 Pop.
    assert [part.genre for part in parts][:1] == ["Pop"]
    assert parts[2].probabilities["Pop"] == pytest.approx(parts[2].probabilities["Folk"])
    runs = timeline.merged(parts)
    assert all(a.genre != b.genre for a, b in itertools.pairwise(runs))
    assert runs[-1].end_s == parts[-1].end_s


@pytest.mark.parametrize("seconds", [4, 30, 70])
def test_attention_runs_over_the_whole_song(analysed, song, seconds):
    result = analysed(song("tune.wav", seconds=seconds))
    times = np.linspace(0, seconds, 50)
    attention = timeline.attention_over(result.prediction, times)
    assert attention.max() == pytest.approx(1)
    assert (attention > 0).all()


def test_the_figure_has_one_bar_a_moment_and_seconds_on_its_axis(analysed, song):
    result = analysed(song("tune.wav", seconds=70))
    chart = timeline.figure(result)
    waveform = chart.data[0]
    assert len(waveform.x) == 300
    assert max(waveform.y) == pytest.approx(2)
    assert waveform.customdata[0].count("<br>") == 3
    assert chart.layout.xaxis.range[1] == pytest.approx(70, abs=0.01)
    assert list(chart.layout.xaxis.ticktext)[:2] == ["0:00", "0:15"]


def test_quotation_marks_in_a_name_are_plotlys(analysed, song):
    result = analysed(song("tune.wav"))
    windows = [
        dataclasses.replace(window, probabilities={'"R & B"': 0.9, "Jazz": 0.1})
        for window in result.prediction.windows
    ]
    prediction = dataclasses.replace(
        result.prediction, probabilities=windows[0].probabilities, windows=windows
    )
    waveform, *_, ribbon = timeline.figure(dataclasses.replace(result, prediction=prediction)).data
    # Plotly knows `&amp;`, and shows `&quot;` as it is.
    assert ribbon.text == ('"R &amp; B"',)
    assert '<br>"R &amp; B" 90 %' in waveform.customdata[0]


def test_silence_can_be_shown(analysed, tmp_path):
    path = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), dtype=np.float32))
    result = analysed(path)
    assert result.prediction.abstained
    assert np.isfinite(timeline.figure(result).data[0].y).all()
    assert "Not sure" in cards.verdict(result.prediction)
