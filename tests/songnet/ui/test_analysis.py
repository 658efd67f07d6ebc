"""What is shown of a song, from decoding it once."""

import threading

import numpy as np
import pytest

from songnet import SPEC, audio
from songnet.audio.windows import windows
from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.sandbox.process import Child
from songnet.ui import analysis
from songnet.ui.analysis import Analysis
from tests.support.page_visits import half_a_song
from tests.support.sentences import assert_one_sentence


def analysed(analyser, path):
    *steps, result = analyser.analyse(path)
    assert isinstance(result, Analysis)
    return steps, result


def test_one_decoding_serves_everything(analyser, classifier, song, monkeypatch):
    path = song("tune.wav", seconds=70)
    opened = []
    ask = Child.ask
    monkeypatch.setattr(Child, "ask", lambda *args: opened.append(1) or ask(*args))
    steps, result = analysed(analyser, path)
    assert opened == [1]
    assert [step.seconds for step in steps] == [w.end_s for w in result.prediction.windows]
    assert {step.duration_s for step in steps} == {70.0}
    assert result.prediction.to_json() == classifier.classify(path).to_json()
    assert result.info.format == "WAV"


def test_a_prediction_is_the_same_as_in_this_process(analyser, classifier, song):
    path = song("tune.mp3")
    assert analyser.predict(path) == classifier.classify(path)


def test_a_warning_is_part_of_every_answer(analyser, classifier, tmp_path):
    path, warning = half_a_song(tmp_path)
    assert analysed(analyser, path)[1].prediction.warnings == [warning]
    assert analyser.predict(path) == classifier.classify(path)
    assert analyser.classify(path)["warnings"] == [warning]


def test_the_power_is_that_of_the_waveform(analyser, song):
    path = song("tune.wav", seconds=7)
    _, result = analysed(analyser, path)
    samples = audio.read(path)
    assert len(result.power) == -(-len(samples) // 512)
    assert result.power[3] == pytest.approx(np.square(samples[3 * 512 : 4 * 512]).mean(), rel=1e-4)
    assert result.power[-1] > 0


@pytest.mark.parametrize("seconds", [5, 30, 47.5, 65])
def test_the_spectrogram_is_what_the_network_sees(analyser, song, seconds):
    path = song("tune.wav", seconds=seconds)
    _, result = analysed(analyser, path)
    frames = round(seconds / SPEC.window_seconds * SPEC.n_frames)
    assert result.spectrogram.shape == (pytest.approx(frames, abs=1), SPEC.n_mels)
    first = next(windows(audio.read_blocks(path))).waveform
    shown = min(frames, SPEC.n_frames)
    np.testing.assert_allclose(result.spectrogram[:shown], log_mel(first)[:shown], atol=1e-5)
    if seconds > 30:
        last = log_mel(audio.read(path)[-SPEC.window_samples :])
        np.testing.assert_allclose(result.spectrogram[-1], last[-1], atol=1e-5)


def test_closing_it_stops_the_work(analyser, song):
    path = song("tune.wav", seconds=300)
    running = analyser.analyse(path)
    assert next(running).seconds == 30.0
    before = threading.active_count()
    running.close()
    assert threading.active_count() < before


def test_a_visitor_who_left_is_not_worked_for(analyser, song, monkeypatch):
    path = song("tune.wav", seconds=300)
    there = iter([False] * 5)
    monkeypatch.setattr(analysis, "has_left", lambda: next(there, True))
    begun = []
    ask = Child.ask
    monkeypatch.setattr(Child, "ask", lambda *args: begun.append(1) or ask(*args))
    answers = [analyser.classify(path) for _ in range(3)]
    assert all("its visitor has left" in answer["error"] for answer in answers)
    # The first song was begun, and the others were not.
    assert (len(answers), begun) == (3, [1])


def test_songs_that_are_not_begun_in_time_are_not_heard(analyser, song, monkeypatch):
    path = song("tune.wav")
    assert "error" not in analyser.classify(path, analysis.request_end())
    monkeypatch.setattr(analysis, "_REQUEST_S", 0.0)
    answer = analyser.classify(path, analysis.request_end())
    assert answer["file"] == "tune.wav"
    assert_one_sentence(AudioError(answer["error"]))


def test_a_bad_file_is_refused(analyser, tmp_path):
    path = tmp_path / "notes.mp3"
    path.write_text("La la la. " * 1000)
    with pytest.raises(AudioError, match=r"notes\.mp3 is not audio"):
        list(analyser.analyse(path))
