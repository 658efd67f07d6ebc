"""The benchmark measures what it says, and says what is missing."""

import json
import re
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from songnet import audio
from songnet.classifier import Classifier
from songnet.weights import load_weights
from tests.support import readme
from tests.support.paths import ROOT
from train.cost import benchmark, contenders, hearing, runtimes, timing
from train.cost.timed_process import TimedProcess
from train.errors import DataError
from train.evidence import excerpts, few_windows, predictions
from train.release.paragraphs import hearing_part, speed_paragraph


@pytest.mark.parametrize(
    "name", ["tune.mp3", "tune.wav", "tune.flac", "tune.m4a", "tune.opus", "tune.ogg"]
)
def test_songs_have_the_length_that_was_asked_for(tmp_path, name):
    path = benchmark.write_song(tmp_path / name, 20)
    assert audio.probe(path).channels == 2
    assert len(audio.read(path)) == pytest.approx(20 * 44_100, abs=3000)


def test_turns_are_taken_and_the_first_does_not_count():
    calls = []

    def task(name):
        return lambda: calls.append(name) or float(len(calls))

    taken = timing.in_turns({"a": task("a"), "b": task("b")}, repeats=2)
    assert calls == ["a", "b"] * 3
    assert taken == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_spread_is_the_median_with_quartiles():
    assert timing.spread([4.0, 1.0, 2.0, 3.0, 5.0]) == {
        "median": 3.0,
        "low": 2.0,
        "high": 4.0,
        "min": 1.0,
    }
    assert timing.spread([2.0])["high"] == 2.0


def test_files_are_measured_in_processes_of_their_own(tmp_path):
    song = benchmark.write_song(tmp_path / "tune.wav", 10)
    (figures,) = benchmark.measure_files({"10 s": song}, repeats=2).values()
    ways = {contenders.DECODING, contenders.MONO, contenders.SONGNET}
    assert figures.keys() == {*ways, "ratio"}
    assert all(figure["median"] > 0 for figure in figures.values())


def test_a_few_windows_of_a_long_song_take_less_time_each(tmp_path):
    song = benchmark.write_song(tmp_path / "tune.flac", 70)
    (figures,) = hearing.measure({"70 s": song}, repeats=1).values()
    assert figures.keys() == {"whole", *map(str, few_windows.COUNTS)}
    one = figures["1"]
    assert one["times"]["median"] == pytest.approx(
        figures["whole"]["median"] / one["ms"]["median"], rel=0.01
    )


def test_clips_of_one_artist_stand_for_a_song(tmp_path):
    """Eight clips, of which the fifth, in the middle, is another genre than all of them."""
    odd = [0.1, 0.9]
    clips = np.array([[0.7, 0.3]] * 4 + [odd] + [[0.7, 0.3]] * 3 + [odd])
    n = len(clips)
    evidence = predictions.Evidence(
        track_id=np.arange(n),
        label=np.zeros(n, int),
        # The last artist has too few clips for a song.
        artist_id=np.array([7] * 8 + [8]),
        probabilities=clips,
        genres=("A", "B"),
    )
    path = tmp_path / "clips.csv"
    predictions.write(path, evidence)
    figures = few_windows.agreement([path], abstain_below=0.65)
    assert figures["1"] == {
        "songs": 1,
        "same_genre": 0.0,
        "answered": 1,
        "same_genre_answered": 0.0,
    }
    assert figures["2"]["same_genre_answered"] == figures["2"]["same_genre"] == 1.0
    assert figures["3"]["answered"] == 0
    rest = tmp_path / "rest.csv"
    rest.write_text("\n".join(path.read_text().splitlines()[:5]) + "\n")
    with pytest.raises(DataError, match="No artist has 8 clips"):
        few_windows.agreement([rest], abstain_below=0.65)


def test_judging_with_own_genres_takes_a_moment(monkeypatch):
    monkeypatch.setattr(benchmark, "_WINDOW_REPEATS", 1)
    figures = benchmark.measure_own_genres(load_weights())
    assert list(figures) == ["8 genres", "200 genres"]
    assert all(figure["median"] > 0 for figure in figures.values())


def test_what_is_not_installed_is_named(monkeypatch):
    name = "librosa + Keras on JAX"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ImportError, match="librosa") as missing:
        contenders.CONTENDERS[name]()
    row = benchmark._row(name, {"missing": str(missing.value)})
    assert "not installed" in row
    assert str(missing.value) in row


def test_musicnn_is_measured_or_what_brings_it_is_named(tmp_path):
    with TimedProcess("musicnn") as musicnn:
        if find_spec("musicnn") is None:
            assert "pip install --no-deps musicnn==0.1.0" in musicnn.missing
        else:
            assert musicnn.seconds(benchmark.write_song(tmp_path / "tune.wav", 10)) > 0


def test_excerpts_of_the_same_sound_agree(song):
    path = song("tune.wav", seconds=12)
    result = excerpts.agreement(Classifier.load(), [path])
    assert [result[f"{seconds} s"]["excerpts"] for seconds in excerpts.SECONDS] == [4, 2, 1]
    for figures in result.values():
        assert 0 <= figures["repeated"]["distance"] <= 1


def test_comparison_counts_the_same_genre():
    classifier = Classifier.load()
    rng = np.random.default_rng(0)
    noise = classifier.classify(rng.normal(0, 0.1, 2 * 44_100))
    assert excerpts._compare([(noise, noise)]) == {"same_genre": 1.0, "distance": 0.0}


def test_the_pages_say_what_was_measured():
    """`python -m train benchmark --clips DIR --predictions CSV... --output JSON` measures it.

    `python -m train report` writes it.
    """
    measured = json.loads((ROOT / "artifacts" / "benchmark.json").read_text(encoding="utf-8"))
    told = readme.text()
    assert speed_paragraph(measured) in told
    assert "musicnn takes" not in speed_paragraph({**measured, "others": {}})
    assert hearing_part(measured) in told
    stated = re.search(r"one file of (\d+) kB that needs (\d+) ms", told)
    size = (ROOT / "artifacts" / "songnet.tflite").stat().st_size
    assert int(stated[1]) == round(size / 1000)
    assert int(stated[2]) == round(measured["window"]["songnet.tflite"]["median"])


def test_both_runtimes_give_the_same_answer():
    measured = runtimes.measure(ROOT / "artifacts" / "songnet.tflite", repeats=1)
    assert list(measured) == ["Interpreter", "CompiledModel"]
    assert measured["CompiledModel"]["difference"] < 1e-6
    assert all(figures["memory_mb"] > 1 for figures in measured.values())


def test_the_runtime_in_use_is_the_one_that_takes_less():
    """When `CompiledModel` takes no more, it is time to move."""
    measured = json.loads((ROOT / "artifacts" / "benchmark.json").read_text(encoding="utf-8"))
    used, other = (measured["runtimes"][name] for name in runtimes.RUNTIMES)
    assert used["window"]["median"] < other["window"]["median"]
    assert used["memory_mb"] < other["memory_mb"]
