"""The classifier that serves: what it answers, what it needs, what it refuses."""

import dataclasses
import json
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from ai_edge_litert.tools import flatbuffer_utils
from hypothesis import example, given, settings
from hypothesis import strategies as st

from songnet import GENRES, SPEC, audio
from songnet.audio.length import PARTS_LEFT_OUT
from songnet.classifier import Classifier
from songnet.errors import AudioError, WeightsError
from songnet.weights import EMBEDDED, load_weights
from songnet.weights.release import FileIdentity
from tests.support import songs
from tests.support.page_visits import half_a_song
from tests.support.sentences import assert_one_sentence

RATE = SPEC.sample_rate


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(EMBEDDED)


@pytest.fixture
def tune(tmp_path):
    """Writes a synthesised song of a name and a length, and gives its path."""
    return lambda name, seconds: songs.write(tmp_path / name, songs.synthesise(seconds))


@pytest.fixture(scope="module")
def song():
    """50 s that change on the way: three windows."""
    seconds = np.arange(50 * RATE, dtype=np.float32) / RATE
    beat = np.random.default_rng(0).normal(0, 0.2, len(seconds)) * (seconds % 0.5 < 0.05)
    return (0.3 * np.sin(2 * np.pi * 110 * seconds) * (seconds < 20) + beat).astype(np.float32)


def test_answer_is_complete(classifier, song):
    answer = classifier.classify(song).to_json()
    assert list(answer) == [
        "file",
        "genre",
        "confidence",
        "abstained",
        "duration_s",
        "probabilities",
        "windows",
        "metadata",
        "warnings",
        "model",
        "verdict",
        "sections",
        "moments",
    ]
    assert list(answer["probabilities"]) == list(GENRES)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert answer["confidence"] == max(answer["probabilities"].values())
    assert answer["probabilities"][answer["genre"]] == answer["confidence"]
    assert answer["duration_s"] == 50
    assert [(w["start_s"], w["end_s"]) for w in answer["windows"]] == [(0, 30), (20, 50)]
    for window in answer["windows"]:
        assert sum(window["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert sum(window["attention"]) == pytest.approx(1, abs=1e-4)
    json.dumps(answer, allow_nan=False)


def test_song_is_the_mean_of_its_windows(classifier, song):
    prediction = classifier.classify(song)
    for genre in GENRES:
        mean = np.mean([window.probabilities[genre] for window in prediction.windows])
        assert prediction.probabilities[genre] == pytest.approx(mean)
    first = classifier.classify(song[: 30 * RATE])
    assert first.probabilities == pytest.approx(prediction.windows[0].probabilities)


def test_gain_does_not_matter(classifier, song):
    loud, quiet = classifier.classify(song), classifier.classify(song * np.float32(0.1))
    assert quiet.probabilities == pytest.approx(loud.probabilities, abs=0.02)


def test_silence_is_no_answer(classifier):
    prediction = classifier.classify(np.zeros(10 * RATE, dtype=np.float32))
    assert prediction.abstained
    assert prediction.warnings == ["No sound is heard in it."]
    assert sum(prediction.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["of opposite phase", "not a number"])
def test_a_file_without_a_sound_in_the_mix_is_told(classifier, tmp_path, kind):
    left = songs.synthesise(3)
    stereo = np.hstack([left, -left]) if kind == "of opposite phase" else np.full((RATE, 2), np.nan)
    path = songs.write(tmp_path / "x.wav", stereo.astype(np.float32), subtype="FLOAT")
    prediction = classifier.classify(path)
    assert prediction.abstained
    assert prediction.warnings == ["No sound is heard in it."]


def test_silent_windows_do_not_count(classifier, song):
    beginning = song[: 30 * RATE]
    with_silence = np.concatenate([beginning, np.zeros(60 * RATE, dtype=np.float32)])
    windows = classifier.classify(with_silence).windows
    audible = [w.probabilities["Rock"] for w in windows if w.start_s < 30]
    whole = classifier.classify(with_silence)
    assert whole.warnings == []
    assert len(windows) > len(audible)
    assert whole.probabilities["Rock"] == pytest.approx(np.mean(audible))


@pytest.mark.parametrize(
    ("waveform", "reason"),
    [
        (np.zeros((2, 5 * RATE)), "one-dimensional"),
        (np.full(5 * RATE, np.nan), "finite"),
        (np.full(5 * RATE, 1e300), "finite"),
        (np.full(5 * RATE, -1e25, np.float32), "finite"),
        (np.zeros(5 * RATE, np.complex64), "Received: .* complex64"),
        (np.full(5 * RATE, "loud"), "finite"),
        (np.zeros(RATE // 2), "less than 1 s"),
        (np.zeros(0), "less than 1 s"),
    ],
)
def test_refuses_what_is_no_song(classifier, waveform, reason):
    with pytest.raises(AudioError, match=reason):
        classifier.classify(waveform)


@pytest.mark.slow
@settings(max_examples=20)
@given(
    rate=st.integers(8_000, 192_000),
    channels=st.integers(1, 8),
    seconds=st.floats(1.01, 3.0),
    gain=st.sampled_from([0.0, 1e-30, 1e-4, 1.0, 1e9]),
    seed=st.integers(0, 2**32 - 1),
)
def test_probabilities_sum_to_1_whatever_a_file_holds(
    classifier, tmp_path_factory, rate, channels, seconds, gain, seed
):
    random = np.random.default_rng(seed)
    waveform = gain * songs.synthesise(seconds, rate, channels)
    damaged = random.integers(0, waveform.size, random.integers(1, waveform.size))
    waveform.flat[damaged] = random.choice([np.nan, np.inf, -np.inf, 3e38, 1e11], len(damaged))
    path = tmp_path_factory.mktemp("any") / "any.wav"
    songs.write(path, waveform, rate, subtype="FLOAT")
    answer = classifier.classify(path).to_json()
    for part in (answer, *answer["windows"]):
        assert sum(part["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert all(0 <= p <= 1 for p in part["probabilities"].values())
    json.dumps(answer, allow_nan=False)


@settings(max_examples=10)
@given(n_samples=st.integers(SPEC.min_samples, 2 * 3600 * RATE), seed=st.integers(0, 2**32 - 1))
@example(n_samples=2 * 3600 * RATE, seed=0)
def test_probabilities_of_a_song_of_any_length_sum_to_1(classifier, n_samples, seed):
    """The arithmetic alone: a network that says anything at all stands in for the real one."""
    random = np.random.default_rng(seed)
    outputs = {"attention": np.full((1, 4), 0.25, np.float32), "embedding": np.ones((1, 4))}

    def network(**_):
        scores = random.exponential(size=(1, 8)) ** 8
        return outputs | {"probabilities": scores.astype(np.float32)}

    whole, rest = divmod(n_samples, 10 * RATE)
    ten_seconds = np.ones(10 * RATE, np.float32)
    blocks = (ten_seconds[: 10 * RATE if n < whole else rest] for n in range(whole + 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "_run", network)
        prediction = classifier.classify_blocks(blocks)
    assert abs(n_samples / RATE - prediction.duration_s) <= SPEC.n_fft / RATE
    for part in (prediction, *prediction.windows):
        assert sum(part.probabilities.values()) == pytest.approx(1, abs=1e-12)
    assert prediction.confidence == max(prediction.probabilities.values())


def test_threads_take_turns(classifier, song):
    expected = classifier.classify(song).to_json()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(classifier.classify(song).to_json()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_serving_imports_nothing_heavy():
    program = """
import sys
import numpy as np
from songnet.classifier import Classifier
Classifier.load().classify(np.random.default_rng(0).normal(0, 0.1, 44_100).astype("float32"))
heavy = "keras jax tensorflow torch librosa numba pandas sklearn scipy matplotlib".split()
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_damaged_weights_are_refused(tmp_path):
    for name in ("songnet.tflite", "config.json"):
        shutil.copy(EMBEDDED / name, tmp_path)
    weights = tmp_path / "songnet.tflite"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match="damaged"):
        Classifier.load(tmp_path)


def empty(model):
    """A constant is empty, which LiteRT notices as it runs."""
    graph = model.subgraphs[0]
    model.buffers[graph.tensors[graph.operators[-1].inputs[1]].buffer].data = None


def not_a_number(model):
    """The bias of the last layer, one number a genre."""
    (bias,) = (b for b in model.buffers if b.data is not None and len(b.data) == 4 * len(GENRES))
    bias.data = np.full(len(GENRES), np.nan, np.float32).view(np.uint8)


def other_output(model):
    for output in model.signatureDefs[0].outputs:
        output.name = output.name.replace(b"probabilities", b"scores")


def other_input(model):
    model.signatureDefs[0].inputs[0].name = b"log_mel"


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (empty, "do not run: .* Download"),
        (other_input, "do not run: .* Download"),
        (not_a_number, "do not answer as SongNet does"),
        (other_output, "do not answer as SongNet does"),
    ],
)
def test_weights_that_are_whole_and_do_not_work_are_refused_at_load(tmp_path, harm, reason):
    """Their `config.json` has the right checksum: they were made so."""
    model = flatbuffer_utils.read_model(str(EMBEDDED / "songnet.tflite"))
    harm(model)
    tflite = bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    (tmp_path / "songnet.tflite").write_bytes(tflite)
    config = load_weights().config
    files = {"songnet.tflite": FileIdentity.from_content(tflite)}
    dataclasses.replace(config, files=files).write(tmp_path)
    with pytest.raises(WeightsError, match=reason) as raised:
        Classifier.load(tmp_path)
    assert_one_sentence(raised.value)


def test_weights_of_other_genres_are_refused():
    weights = load_weights()
    config = dataclasses.replace(weights.config, genres=("Fado", "Tango"))
    with pytest.raises(WeightsError, match=r"tell 8 genres apart, and their config\.json names 2"):
        Classifier(dataclasses.replace(weights, config=config))


def test_real_clips(classifier, shared_audio):
    """Hip-hop is classified as hip-hop, and the file's own tags are read."""
    answer = classifier.classify(shared_audio / "000005.mp3").to_json()
    assert answer["file"] == "000005.mp3"
    assert answer["genre"] == "Hip-Hop"
    assert answer["metadata"] == {
        "title": "This World",
        "artist": "AWOL",
        "album": "AWOL - A Way Of Life",
        "year": 2008,
        "genre": "Hip-Hop",
    }
    assert len(answer["windows"]) == 1


@pytest.mark.parametrize("source", [[0.0] * 44_100, None, b"tune.mp3", 3])
def test_what_is_neither_a_path_nor_an_array_is_one_sentence(classifier, source):
    with pytest.raises(AudioError, match="or a waveform as a NumPy array") as caught:
        classifier.classify(source)
    assert_one_sentence(caught.value)


def test_predictions_can_be_kept_in_a_set(classifier, song):
    first, second = classifier.classify(song), classifier.classify(song)
    assert {first, second} == {first}
    assert {*first.windows} == {*second.windows}


def test_nothing_is_said_while_weights_are_loaded():
    # LiteRT reports of itself once in a process.
    program = "from songnet.classifier import Classifier; Classifier.load()"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_few_windows_are_those_of_the_whole_song(classifier, tmp_path):
    long = np.concatenate([songs.synthesise(40, seed=seed) for seed in (1, 2)])
    path = songs.write(tmp_path / "long.flac", long)
    prediction = classifier.classify(path, hear=2)
    assert [(w.start_s, w.end_s) for w in prediction.windows] == [(5, 35), (45, 75)]
    assert (prediction.duration_s, prediction.heard_s) == (80, 60)
    cut = classifier.classify(audio.read(path)[45 * RATE : 75 * RATE])
    assert prediction.windows[1].probabilities == pytest.approx(cut.probabilities)
    answer = prediction.to_json()
    assert (answer["duration_s"], answer["heard_s"]) == (80, 60)
    assert prediction.file == "long.flac"


@pytest.mark.parametrize(("name", "seconds"), [("t.flac", 60), ("t.aac", 61)])
def test_a_song_is_heard_whole_where_windows_are_no_gain_or_not_sure(
    classifier, tune, name, seconds
):
    path = tune(name, seconds=seconds)
    assert classifier.classify(path, hear=2) == classifier.classify(path)
    assert "heard_s" not in classifier.classify(path, hear=2).to_json()


def test_a_song_that_is_silent_where_it_is_heard_is_heard_whole(classifier, tmp_path):
    sound, silence = songs.synthesise(20), np.zeros((60 * RATE, 1), np.float32)
    path = songs.write(tmp_path / "hidden.wav", np.concatenate([sound, silence, sound]))
    prediction = classifier.classify(path, hear=1)
    assert prediction.heard_s is None
    assert prediction.warnings == []


def test_half_a_song_keeps_its_warning(classifier, tmp_path):
    path, warning = half_a_song(tmp_path)
    assert classifier.classify(path, hear=1).warnings == [warning]


def test_a_song_that_is_damaged_where_it_is_heard_is_heard_whole(classifier, tmp_path):
    path = songs.write(tmp_path / "t.flac", songs.synthesise(80))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 100_000] = bytes(100_000)
    path.write_bytes(content)
    prediction = classifier.classify(path, hear=1)
    assert prediction == classifier.classify(path)
    assert prediction.warnings == [PARTS_LEFT_OUT]


def test_at_least_one_window_is_heard(classifier, tmp_path):
    path = songs.write(tmp_path / "t.wav", songs.synthesise(2))
    with pytest.raises(AudioError, match="at least one window") as refused:
        classifier.classify(path, hear=0)
    assert_one_sentence(str(refused.value))
