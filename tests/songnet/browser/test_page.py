"""What visitors do with the page in the browser, in a real Chromium."""

import csv
import shutil

import numpy as np
import pytest

from songnet.classifier import Classifier
from tests.support import songs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Browsers decode and resample lossy formats otherwise than FFmpeg does.
_LOSSLESS, _LOSSY = 1e-3, 0.02


@pytest.fixture(scope="module")
def classifier(weights):
    return Classifier(weights)


def furthest(answer, prediction):
    """The largest difference between the probabilities of the page and of Python."""
    return max(
        abs(answer["probabilities"][genre] - probability)
        for genre, probability in prediction.probabilities.items()
    )


def test_a_wav_gets_the_answer_of_the_command_line(visit, classifier, tmp_path):
    paths = [
        songs.write(tmp_path / "short.wav", songs.synthesise(2.5)),
        songs.write(tmp_path / "stereo.wav", songs.synthesise(31.0, channels=2, seed=1)),
        songs.write(tmp_path / "long.wav", songs.synthesise(75.0, seed=2)),
    ]
    seen = visit().ready()
    seen.hear(*paths)
    answers = seen.answers()
    assert [answer["file"] for answer in answers] == [path.name for path in paths]
    for path, answer in zip(paths, answers, strict=True):
        prediction = classifier.classify(path)
        expected = prediction.to_json()
        assert furthest(answer, prediction) < _LOSSLESS
        assert answer["genre"] == expected["genre"]
        assert answer["abstained"] == expected["abstained"]
        assert answer["model"] == expected["model"]
        times = [[w["start_s"], w["end_s"]] for w in answer["windows"]]
        assert times == [[w["start_s"], w["end_s"]] for w in expected["windows"]]
    assert seen.complaints == []


def test_real_clips_get_the_same_genre(visit, classifier, shared_audio):
    paths = sorted(shared_audio.glob("*.mp3"))
    seen = visit().ready()
    seen.hear(*paths)
    for path, answer in zip(paths, seen.answers(), strict=True):
        prediction = classifier.classify(path)
        assert answer["genre"] == prediction.genre, path.name
        assert furthest(answer, prediction) < _LOSSY, path.name


def test_silence_is_not_sure(visit, tmp_path):
    path = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), np.float32))
    seen = visit().ready()
    seen.hear(path)
    assert "Not sure" in seen.text(".verdict")
    assert seen.answers()[0]["abstained"] is True


def test_bad_files_are_each_one_sentence_and_the_others_are_heard(visit, tmp_path):
    text = tmp_path / "notes.mp3"
    text.write_text("La la la.\n" * 999)
    empty = tmp_path / "empty.wav"
    empty.touch()
    short = songs.write(tmp_path / "short.wav", songs.synthesise(0.5))
    good = songs.write(tmp_path / "good.wav", songs.synthesise(2.0))
    seen = visit().ready()
    seen.hear(text, empty, short, good)
    rows = seen.tab.locator("#list tbody tr").all_inner_texts()
    assert "notes.mp3 is not audio that this browser can play: use" in rows[0]
    assert "empty.wav is empty: choose another file." in rows[1]
    assert "short.wav holds less than 1 s of audio: choose a longer recording." in rows[2]
    assert "%" in rows[3] or "not sure" in rows[3]
    assert seen.text(".verdict")
    with seen.tab.expect_download() as download:
        seen.tab.click("#save-csv")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["file"] for row in table] == ["notes.mp3", "empty.wav", "short.wav", "good.wav"]
    assert table[1]["error"] == "empty.wav is empty: choose another file."
    assert table[3]["error"] == ""


def test_one_bad_file_is_told_in_an_alert(visit, tmp_path):
    empty = tmp_path / "empty.wav"
    empty.touch()
    seen = visit().ready()
    seen.hear(empty)
    assert seen.text("#problem") == "empty.wav is empty: choose another file."


def test_markup_in_names_is_text(visit, tmp_path):
    name = "<img src=x onerror=alert(1)>.wav"
    songs.write(tmp_path / "song.wav", songs.synthesise(2.0)).rename(tmp_path / name)
    seen = visit().ready()
    seen.hear(tmp_path / name)
    assert seen.text(".metadata h3") == name
    assert seen.complaints == []


def test_the_song_plays_from_where_it_is_clicked(visit, tmp_path):
    seen = visit().ready()
    seen.hear(songs.write(tmp_path / "song.wav", songs.synthesise(40.0)))
    seen.tab.locator(".waveform").click()  # in its middle
    seen.tab.wait_for_selector(".timeline button:has-text('Pause')")
    assert seen.text(".timeline .number").startswith(("0:20", "0:21"))
    assert seen.complaints == []


def test_nothing_leaves_and_all_works_without_a_network(visit, tmp_path):
    song = songs.write(tmp_path / "song.wav", songs.synthesise(3.0))
    seen = visit().ready()
    seen.tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    origin = seen.tab.url
    seen.hear(song)
    before = seen.answers()[0]["probabilities"]
    asked = [(m, url) for m, url in seen.requests if not url.startswith(("blob:", "data:"))]
    assert all(method == "GET" and url.startswith(origin) for method, url in asked)
    seen.tab.context.set_offline(True)
    seen.tab.reload()
    seen.ready()
    seen.hear(song)
    assert seen.answers()[0]["probabilities"] == before
    assert seen.complaints == []


def test_other_weights_than_the_pages_are_refused(visit, built, tmp_path):
    copy = tmp_path / "below" / "songnet"
    shutil.copytree(built, copy)
    weights = copy / "network" / "songnet.tflite"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    seen = visit(folder=copy)
    seen.tab.wait_for_selector("#problem:not([hidden])")
    assert seen.text("#problem") == (
        "The network is damaged or of another version: load the page again."
    )


def test_the_room_is_heard_live_and_saved(visit):
    seen = visit(permissions=["microphone"]).ready()
    seen.tab.click("#listen")
    seen.tab.wait_for_selector(".verdict h2")
    seen.tab.click("#listen:has-text('Stop')")
    with seen.tab.expect_download() as download:
        seen.tab.click("#save-ribbon")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        moments = list(csv.DictReader(file))
    assert float(moments[0]["time_s"]) > 0
    assert sum(float(moments[0][genre]) for genre in ("Rock", "Pop")) <= 1
    assert seen.complaints == []
