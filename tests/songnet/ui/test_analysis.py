"""What is shown of a song, from decoding it once."""

import itertools
import threading

import numpy as np
import pytest

from songnet import SPEC, audio, sandbox
from songnet.audio.windows import windows
from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.ui import analysis
from songnet.ui.analysis import Analysis
from songnet.ui.figures import cards, timeline
from tests.support import songs


def analysed(classifier, path):
    *heard, result = analysis.analyse(classifier, path)
    assert isinstance(result, Analysis)
    return heard, result


def test_one_decoding_serves_everything(classifier, song, monkeypatch):
    path = song("tune.wav", seconds=70)
    opened = []
    read_blocks = sandbox.read_blocks
    monkeypatch.setattr(
        sandbox,
        "read_blocks",
        lambda *args, **named: opened.append(1) or read_blocks(*args, **named),
    )
    heard, result = analysed(classifier, path)
    assert opened == [1]
    assert [step.seconds for step in heard] == [w.end_s for w in result.prediction.windows]
    assert {step.of for step in heard} == {70.0}
    assert result.prediction.to_json() == classifier.classify(path).to_json()
    assert result.info.format == "WAV"


def test_the_power_is_that_of_the_waveform(classifier, song):
    path = song("tune.wav", seconds=7)
    _, result = analysed(classifier, path)
    samples = audio.read(path)
    assert len(result.power) == -(-len(samples) // 512)
    assert result.power[3] == pytest.approx(np.square(samples[3 * 512 : 4 * 512]).mean(), rel=1e-4)
    assert result.power[-1] > 0


@pytest.mark.parametrize("seconds", [5, 30, 47.5, 65])
def test_the_spectrogram_is_what_the_network_sees(classifier, song, seconds):
    path = song("tune.wav", seconds=seconds)
    _, result = analysed(classifier, path)
    frames = round(seconds / SPEC.window_seconds * SPEC.n_frames)
    assert result.spectrogram.shape == (pytest.approx(frames, abs=1), SPEC.n_mels)
    first = next(windows(audio.read_blocks(path))).waveform
    shown = min(frames, SPEC.n_frames)
    np.testing.assert_allclose(result.spectrogram[:shown], log_mel(first)[:shown], atol=1e-5)
    if seconds > 30:
        last = log_mel(audio.read(path)[-SPEC.window_samples :])
        np.testing.assert_allclose(result.spectrogram[-1], last[-1], atol=1e-5)


def test_closing_it_stops_the_work(classifier, song):
    path = song("tune.wav", seconds=300)
    running = analysis.analyse(classifier, path)
    assert next(running).seconds == 30.0
    before = threading.active_count()
    running.close()
    assert threading.active_count() < before


def test_a_bad_file_is_refused(classifier, tmp_path):
    path = tmp_path / "notes.mp3"
    path.write_text("La la la. " * 1000)
    with pytest.raises(AudioError, match=r"notes\.mp3 is not audio"):
        list(analysis.analyse(classifier, path))


def test_stretches_cover_the_song_and_average_their_windows(classifier, tagged):
    _, result = analysed(classifier, tagged("mixed.wav"))
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
def test_attention_runs_over_the_whole_song(classifier, song, seconds):
    _, result = analysed(classifier, song("tune.wav", seconds=seconds))
    times = np.linspace(0, seconds, 50)
    attention = timeline.attention_over(result.prediction, times)
    assert attention.max() == pytest.approx(1)
    assert (attention > 0).all()


def test_the_figure_has_one_bar_a_moment_and_seconds_on_its_axis(classifier, song):
    _, result = analysed(classifier, song("tune.wav", seconds=70))
    chart = timeline.figure(result)
    waveform = chart.data[0]
    assert len(waveform.x) == 300
    assert max(waveform.y) == pytest.approx(2)
    assert waveform.customdata[0].count("<br>") == 3
    assert chart.layout.xaxis.range[1] == pytest.approx(70, abs=0.01)
    assert list(chart.layout.xaxis.ticktext)[:2] == ["0:00", "0:15"]


def test_silence_can_be_shown(classifier, tmp_path):
    path = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), dtype=np.float32))
    _, result = analysed(classifier, path)
    assert result.prediction.abstained
    assert np.isfinite(timeline.figure(result).data[0].y).all()
    assert "Not sure" in cards.verdict(result.prediction)
