"""What visitors do with the page in the browser, in a real Chromium."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from songnet import audio
from songnet.browser.build import build
from songnet.classifier import Classifier
from songnet.colours import genre_colours
from songnet.table import csv_row, table_columns
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
        assert answer["metadata"] == expected["metadata"]
        assert list(answer) == list(expected)
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


def test_other_formats_get_the_same_genre(visit, classifier, shared_audio, tmp_path):
    paths = []
    for clip in sorted(shared_audio.glob("*.mp3"))[:3]:
        waveform = audio.read(clip)[:, None]
        paths += [
            songs.write(tmp_path / f"{clip.stem}.{kind}", waveform)
            for kind in ("flac", "ogg", "m4a")
        ]
    seen = visit().ready()
    seen.hear(*paths)
    for path, answer in zip(paths, seen.answers(), strict=True):
        prediction = classifier.classify(path)
        assert answer["genre"] == prediction.genre, path.name
        assert furthest(answer, prediction) < _LOSSY, path.name


def test_the_table_is_that_of_the_command_line(visit, classifier, tmp_path):
    path = songs.write(tmp_path / "song.wav", songs.synthesise(2.0))
    seen = visit().ready()
    seen.hear(path)
    with seen.tab.expect_download() as download:
        seen.tab.click("#save-csv")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        (row,) = table
    assert table.fieldnames == table_columns(classifier.genres)
    for column, value in csv_row(classifier.classify(path).to_json()).items():
        if isinstance(value, float):
            assert float(row[column]) == pytest.approx(value, abs=_LOSSLESS)
        else:
            assert row[column] == str("" if value is None else value)


def test_the_song_dropped_last_is_shown(visit, tmp_path):
    seen = visit().ready()
    for name in ("one.wav", "two.wav"):
        seen.hear(songs.write(tmp_path / name, songs.synthesise(2.0)))
        assert seen.text(".metadata h3") == name
    seen.tab.locator("#list button", has_text="one.wav").click()
    assert seen.text(".metadata h3") == "one.wav"
    assert "one.wav" in seen.text("#list tr[aria-current]")


def test_a_dropped_folder_is_the_songs_in_it(visit, tmp_path):
    folder = tmp_path / "music"
    (folder / "album").mkdir(parents=True)
    for name in ("b.wav", "album/a.wav", ".hidden.wav"):
        songs.write(folder / name, songs.synthesise(2.0))
    (folder / "cover.jpg").touch()
    seen = visit().ready()
    session = seen.tab.context.new_cdp_session(seen.tab)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    seen.tab.wait_for_selector("#list tbody tr:nth-child(2):not(.waiting)")
    assert [answer["file"] for answer in seen.answers()] == ["a.wav", "b.wav"]
    assert seen.complaints == []


_COUNT_DECODING = """
    window.decoded = 0;
    const { decodeAudioData } = BaseAudioContext.prototype;
    BaseAudioContext.prototype.decodeAudioData = function (data) {
        decoded++;
        return decodeAudioData.call(this, data);
    };
"""


def test_what_would_fill_the_memory_is_refused_before_it_is_decoded(visit, tmp_path):
    hour = tmp_path / "hour.wav"
    silence = np.zeros((3600 * 8000, 1), np.float32)
    songs.write(hour, silence, rate=8000, subtype="PCM_U8")
    # A browser's own recording does not say how long it is.
    unknown = songs.write(tmp_path / "unknown.webm", songs.synthesise(1.0, 48_000), 48_000)
    with open(unknown, "ab") as file:
        file.truncate(21 * 2**20)
    huge = tmp_path / "huge.mp3"
    with open(huge, "wb") as file:
        file.truncate(201 * 2**20)
    seen = visit(before=lambda tab, _: tab.add_init_script(_COUNT_DECODING)).ready()
    seen.hear(hour, unknown, huge)
    reasons = [answer["error"] for answer in seen.answers()]
    assert reasons[0] == "hour.wav lasts longer than 30 min: cut out a part."
    assert "unknown.webm has 21 MB and at most 20 MB of a song that does not say" in reasons[1]
    assert "huge.mp3 has 201 MB and at most 200 MB are accepted: convert" in reasons[2]
    assert seen.tab.evaluate("decoded") == 0


def test_half_a_download_is_heard_with_a_warning(visit, tmp_path):
    path = songs.write(tmp_path / "half.mp3", songs.synthesise(20.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen = visit().ready()
    seen.hear(path)
    (warning,) = seen.answers()[0]["warnings"]
    assert warning.startswith("The file says 0:20, but only 0:")
    assert seen.text(".verdict .warning") == warning


def test_damaged_songs_are_heard_with_a_warning_or_called_damaged(visit, tmp_path):
    loud = songs.synthesise(20.0)
    loud += 0.2 * np.random.default_rng(0).normal(size=loud.shape).astype(np.float32)
    paths = [songs.write(tmp_path / f"t.{ending}", loud) for ending in ("flac", "m4a")]
    for path in paths:
        content = bytearray(path.read_bytes())
        start, stop = len(content) // 2, len(content)
        if path.suffix == ".m4a":
            start, stop = content.index(b"mdat") + 4, content.index(b"moov") - 4
        content[start:stop] = bytes(stop - start)
        path.write_bytes(content)
    seen = visit().ready()
    seen.hear(*paths)
    flac, m4a = seen.answers()
    assert flac["warnings"] == ["The file says 0:20, but only 0:10 of it is there."]
    assert m4a["error"].startswith("t.m4a is damaged, or no audio that this browser can play: use")


@pytest.fixture
def others(weights):
    """The same network, whose genres have other names."""
    names = ("Schlager", "Volksmusik & Tanz", "<b>Punk</b>", "Rock", "K-Pop", "Ragas", "Tango", "8")
    return replace(weights, config=replace(weights.config, genres=names))


def test_genres_of_another_release(visit, sources, others, tmp_path):
    folder = tmp_path / "below" / "songnet"
    build(folder, others, sources)
    path = songs.write(tmp_path / "song.wav", songs.synthesise(2.0))
    prediction = Classifier(others).classify(path)
    seen = visit(folder=folder).ready()
    seen.hear(path)
    (answer,) = seen.answers()
    assert answer["genre"] == prediction.genre
    assert furthest(answer, prediction) < _LOSSLESS
    shown = seen.tab.locator(".bars li > span:first-child").all_inner_texts()
    assert shown == [genre for genre, _ in prediction.ranking]
    colour = seen.tab.locator(".bars li").first.evaluate("bar => bar.style.cssText")
    assert str(genre_colours(others.config.genres)[prediction.genre]) in colour
    assert seen.complaints == []


def test_in_silence_there_is_nothing_to_hear(visit, tmp_path):
    path = songs.write(tmp_path / "silence.wav", np.zeros((88_200, 1), np.float32))
    seen = visit().ready()
    seen.hear(path)
    assert "Nothing to hear" in seen.text(".verdict")
    assert seen.answers()[0]["abstained"] is True
    assert seen.answers()[0]["warnings"] == ["No sound is heard in it."]


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
    assert any(said in rows[3] for said in ("%", "Not sure", "Between"))
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
