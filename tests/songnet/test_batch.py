"""Many files at once: which are found, and in which order they are answered."""

import dataclasses

import numpy as np
import pytest

from songnet.batch import Job, classify_jobs, find_jobs
from songnet.errors import AudioError, WeightsError
from songnet.weights import load_weights
from tests.support import songs


def names_of(jobs):
    return [job.name for job in jobs]


def test_songs_of_a_folder_are_found_by_their_endings(tmp_path):
    for name in ("b.MP3", "a/z.flac", "a/.hidden.wav", "a/cover.png", "a/b/x.opus", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "folder.wav").mkdir()
    assert names_of(find_jobs(tmp_path)) == ["a/b/x.opus", "a/z.flac", "b.MP3"]


def test_a_file_is_a_job_whatever_its_name(tmp_path):
    for name in ("notes.txt", "missing.mp3", "x" * 5_000):
        assert names_of(find_jobs(tmp_path / name)) == [name]


def test_a_folder_without_songs(tmp_path):
    with pytest.raises(AudioError, match="holds no audio files: name a folder with songs"):
        find_jobs(tmp_path)


def test_answers_keep_the_order_when_the_first_takes_longest(tmp_path):
    long = np.tile(songs.synthesise(30, 8_000), (10, 1))
    jobs = [Job(songs.write(tmp_path / "long.wav", long, 8_000), "first")]
    short = songs.write(tmp_path / "short.wav", songs.synthesise(1, 8_000), 8_000)
    jobs += [Job(short, str(n)) for n in range(30)]
    answers = list(classify_jobs(jobs, load_weights(), workers=2))
    assert [answer["file"] for answer in answers] == names_of(jobs)
    assert answers[0]["duration_s"] == pytest.approx(300, abs=0.1)


def test_the_caller_s_weights_are_used(song):
    weights = load_weights()
    marked = dataclasses.replace(
        weights, config=dataclasses.replace(weights.config, version="marked")
    )
    jobs = [Job(song(name), name) for name in ("a.wav", "b.wav")]
    answers = list(classify_jobs(jobs, marked))
    assert [answer["model"]["version"] for answer in answers] == ["marked", "marked"]


def test_weights_that_do_not_run_are_one_error(song):
    broken = dataclasses.replace(load_weights(), tflite=b"no network")
    with pytest.raises(WeightsError):
        list(classify_jobs([Job(song("a.wav"), "a"), Job(song("b.wav"), "b")], broken))


def test_nothing_to_do():
    assert list(classify_jobs([], load_weights())) == []
