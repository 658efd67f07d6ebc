"""The song over time: stretches, attention, and the figure that shows both."""

import dataclasses
import itertools

import numpy as np
import pytest

from songnet.prediction import Prediction
from songnet.ui.figures import cards, timeline
from songnet.ui.figures.time_axis import time_layout
from songnet.window_prediction import WindowPrediction
from songnet.words import clock
from tests.support import songs


def test_stretches_cover_the_song_each_in_its_section(analysed, tagged):
    result = analysed(tagged("mixed.wav"))
    found = timeline.stretches(result.prediction)
    assert found[0].part.start_s == 0
    assert found[-1].part.end_s == pytest.approx(80, abs=0.01)
    for one, following in itertools.pairwise(found):
        assert one.part.end_s == following.part.start_s
    for one in found:
        assert sum(one.part.probabilities.values()) == pytest.approx(1)
        assert one.section.start_s - 0.01 <= one.part.start_s
        assert one.part.end_s <= one.section.end_s + 0.01


@pytest.mark.parametrize("seconds", [4, 30, 70])
def test_attention_runs_over_the_whole_song(analysed, song, seconds):
    result = analysed(song("tune.wav", seconds=seconds))
    times, attention = timeline.attention_lane(result.prediction, 300)
    assert (times[0], times[-1]) == pytest.approx((0, seconds), abs=0.01)
    assert attention.max() == pytest.approx(1)
    assert (attention > 0).all()


def scripted(*spans):
    """A prediction for windows of a genre and a probability each; None is silence."""
    windows = [
        WindowPrediction(
            30.0 * i,
            30.0 * (i + 1),
            {name: share if name == genre else (1 - share) / 2 for name in ("Folk", "Pop", "Rock")},
            # A peak in every window.
            [1 / 128] * 64 + [4 / 128] * 16 + [1 / 128] * 48,
            silent=genre is None,
        )
        for i, (genre, share) in enumerate(spans)
    ]
    probabilities = windows[0].probabilities
    return Prediction(
        "Rock", 0.5, False, 30.0 * len(spans), probabilities, windows, {}, sure_from=0.45
    )


def test_attention_is_smooth_over_half_an_hour():
    _, attention = timeline.attention_lane(scripted(*[("Rock", 0.9)] * 60), 300)
    assert len(attention) == 300
    assert np.abs(np.diff(attention)).max() < 0.35


def test_what_is_unsure_is_pale_and_hatched_and_silence_is_neither(analysed, song):
    result = analysed(song("tune.wav"))
    prediction = scripted(("Rock", 0.9), ("Rock", 0.4), ("Rock", 0.9), (None, 0.4), ("Folk", 0.9))
    chart = timeline.figure(dataclasses.replace(result, prediction=prediction))
    waveform, _, ribbon = chart.data
    opacity = dict(zip(waveform.x, waveform.marker.opacity, strict=True))
    assert {pale for time, pale in opacity.items() if time < 30} == {1}
    assert {pale for time, pale in opacity.items() if 30 < time < 60} == {0.4}
    assert ribbon.marker.pattern.shape == ("", "/", "", "")
    assert ribbon.text == ("Rock", "", "Rock", "Folk")
    assert ribbon.width == (30, 30, 30, 30)
    hover = next(text for x, text in zip(waveform.x, waveform.customdata, strict=True) if x > 100)
    assert hover == "<b>1:40</b><br>silence"


def test_chips_merge_and_end_at_six():
    few = timeline.stretch_list(scripted(("Rock", 0.9), ("Rock", 0.4), ("Folk", 0.9)))
    assert few.count("<button") == 2
    assert 'data-play-from="60.00"' in few
    assert "0:00–1:00 <b>Rock</b> 65 %" in few
    many = timeline.stretch_list(scripted(*[("Rock", 0.9), ("Folk", 0.9)] * 5))
    assert many.count("<button") == 6
    assert "and 4 more" in many  # all are as long
    assert "<button" not in timeline.stretch_list(scripted(("Rock", 0.9)))


def test_in_the_dark_the_figure_has_the_colours_of_the_dark():
    rules = timeline.dark_rules(["Rock"])
    assert 'path[style*="rgb(95, 18, 10)"]{fill:#e16351 !important}' in rules


def test_the_figure_has_one_bar_a_moment_and_seconds_on_its_axis(analysed, song):
    result = analysed(song("tune.wav", seconds=70))
    chart = timeline.figure(result)
    waveform = chart.data[0]
    assert len(waveform.x) == 300
    assert max(waveform.y) == pytest.approx(2)
    assert waveform.customdata[0].count("<br>") == 3
    assert chart.layout.xaxis.range[1] == pytest.approx(70, abs=0.01)
    assert list(chart.layout.xaxis.ticktext)[:2] == ["0:00", "0:15"]


@pytest.mark.parametrize(("seconds", "last"), [(30, 30), (29.98, 30), (29.4, 25), (119.7, 120)])
def test_the_axis_ends_with_the_length_that_is_shown(seconds, last):
    axis = time_layout(seconds)["xaxis"]
    assert axis["ticktext"][-1] == clock(last)
    assert axis["tickvals"][-1] == min(last, seconds)


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
    assert "Nothing to hear" in cards.verdict(result.prediction)
    assert cards.bars(result.prediction) == ""
