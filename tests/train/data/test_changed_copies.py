"""Changed copies of training clips: only of training, the same however they are made."""

import json
import random
import shutil

import numpy as np
import pytest

from songnet.audio import read
from songnet.features import log_mel
from songnet.spec import SPEC
from tests.support import fma_tree, songs
from train.__main__ import main
from train.data import changed_copies, extract
from train.data.changed_copies import Copy
from train.data.clips import Clips
from train.data.splits import load_split
from train.errors import DataError

RATE = SPEC.sample_rate


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """Eight songs of two genres and four artists."""
    folder = tmp_path_factory.mktemp("own")
    rows = ["path,label,artist"]
    for i in range(8):
        fma_tree.write_song(folder / f"{i}.mp3", i % 2, seed=i)
        rows.append(f"{i}.mp3,{['Fado', 'Tango'][i % 2]},Artist {i // 2}")
    (folder / "songs.csv").write_text("\n".join(rows))
    return folder


def prepared(collection, output, *options):
    table = str(collection / "songs.csv")
    assert main(["prepare", "--table", table, "--output", str(output), *map(str, options)]) == 0
    return {name: load_split(output, name) for name in ("training", "validation", "test")}


@pytest.fixture(scope="module")
def twice(collection, tmp_path_factory):
    """A data set with two copies of each training clip, made in one process."""
    output = tmp_path_factory.mktemp("twice")
    return output, prepared(collection, output, "--augment", 2, "--workers", 1)


def test_copies_keep_their_track_and_are_numbered(twice, collection, tmp_path):
    plain = prepared(collection, tmp_path, "--workers", 1)
    output, changed = twice
    n = len(plain["training"])
    training = changed["training"]
    assert training.copy.tolist() == [0] * n + [1] * n + [2] * n
    for name in ("track_id", "genre", "artist_id"):
        np.testing.assert_array_equal(
            getattr(training, name), np.tile(getattr(plain["training"], name), 3)
        )
    np.testing.assert_array_equal(training.log_mel[:n], plain["training"].log_mel)
    for copy in (training.log_mel[n : 2 * n], training.log_mel[2 * n :]):
        assert (np.abs(copy - training.log_mel[:n]).mean(axis=(1, 2)) > 1e-3).all()
    for split in ("validation", "test"):
        assert not changed[split].copy.any()
        np.testing.assert_array_equal(changed[split].track_id, plain[split].track_id)
        np.testing.assert_array_equal(changed[split].log_mel, plain[split].log_mel)
    report = json.loads((output / "report.json").read_text())
    assert report["copies"] == 2 * n
    assert sum(report["clips"]["training"].values()) == n


@pytest.mark.slow
def test_copies_are_the_same_whatever_the_number_of_workers(twice, collection, tmp_path):
    again = prepared(collection, tmp_path, "--augment", 2, "--workers", 2)
    np.testing.assert_array_equal(again["training"].log_mel, twice[1]["training"].log_mel)


def test_only_what_is_new_is_made(twice, collection, tmp_path, monkeypatch):
    made = []

    def feature(clips, source, stamp, expected, copy, *teachers):
        made.append((source, copy.number))
        return original(clips, source, stamp, expected, copy, *teachers)

    original = extract.feature
    monkeypatch.setattr(extract, "feature", feature)
    shutil.copy(twice[0] / "features.sqlite", tmp_path)
    n = (twice[1]["training"].copy == 0).sum()
    more = prepared(collection, tmp_path, "--augment", 3, "--workers", 1)["training"]
    assert {number for _, number in made} == {3}
    assert len(made) == n
    np.testing.assert_array_equal(more.log_mel[: 3 * n], twice[1]["training"].log_mel)


@pytest.mark.parametrize(
    "dealt", [{"protocol": "folds", "fold": 0}, {"protocol": "random"}], ids=["folds", "random"]
)
def test_a_dealt_split_measures_on_recordings_and_learns_from_none_of_them(
    data_set, tmp_path, dealt
):
    for name in ("training", "validation"):
        with np.load(data_set / f"{name}.npz") as stored:
            arrays = {key: stored[key] for key in stored.files if key != "vggish"}
        arrays["copy"] = np.zeros(len(arrays["genre"]), np.int8)
        if name == "training":
            arrays = {key: np.concatenate([values, values]) for key, values in arrays.items()}
            arrays["copy"][len(arrays["copy"]) // 2 :] = 1
        np.savez(tmp_path / f"{name}.npz", **arrays)
    training, validation, test = (
        load_split(tmp_path, name, **dealt) for name in ("training", "validation", "test")
    )
    assert not validation.copy.any()
    assert not test.copy.any()
    held_out = {*validation.track_id, *test.track_id}
    assert not held_out & set(training.track_id)
    assert 0.9 < np.mean(training.copy == 0) / np.mean(training.copy == 1) < 1.6
    assert len(held_out | set(training.track_id)) == 192 + 48


def test_another_seed_or_number_is_another_copy_and_leaves_the_generators_alone():
    waveform = songs.synthesise(2.0, RATE)[:, 0]
    before = random.getstate(), np.random.get_state()[1].tolist()
    first = Copy(1, seed=0).apply(waveform, "song.mp3")
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    random.seed(3)
    np.testing.assert_array_equal(first, Copy(1, seed=0).apply(waveform, "song.mp3"))
    for other in (Copy(1, seed=1), Copy(2, seed=0)):
        assert not np.array_equal(first, other.apply(waveform, "song.mp3"))
    assert not np.array_equal(first, Copy(1, seed=0).apply(waveform, "other.mp3"))
    np.testing.assert_array_equal(Copy().apply(waveform, "song.mp3"), waveform)


def peak_hz(waveform):
    spectrum = np.abs(np.fft.rfft(waveform))
    return np.fft.rfftfreq(len(waveform), 1 / RATE)[spectrum.argmax()]


def test_each_change_does_what_it_is_called():
    t = np.arange(3 * RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, 3 * RATE).astype(np.float32)
    pitch, tempo, hiss, band, gain, codec = changed_copies._changes().transforms
    with changed_copies._drawing_from("tests"):
        assert peak_hz(pitch(tone, RATE)) == pytest.approx(1000, rel=0.13)
        assert abs(peak_hz(pitch(tone, RATE)) - 1000) > 1
        slower = tempo(tone, RATE)
        assert peak_hz(slower) == pytest.approx(1000, abs=5)
        assert 0.9 <= len(tone) / len(slower) <= 1.12
        assert len(slower) != len(tone)
        ratio = np.mean(tone**2) / np.mean((hiss(tone, RATE) - tone) ** 2)
        assert 9 < 10 * np.log10(ratio) < 51
        above = np.fft.rfftfreq(len(noise), 1 / RATE) > 21_000
        lost = np.abs(np.fft.rfft(band(noise, RATE)))[above] / np.abs(np.fft.rfft(noise))[above]
        assert lost.mean() < 0.7
        louder = [gain(tone, RATE) for _ in range(10)]
        assert max(np.abs(x).max() for x in louder) == 1.0  # and clipped there
        assert min(np.abs(x).max() for x in louder) < 0.5
        coded = codec(noise, RATE)
        assert coded.shape == noise.shape
        assert 0.5 < np.corrcoef(coded, noise)[0, 1] < 0.99999


def test_real_clips_stay_the_music_they_were(shared_audio):
    """By the log-mel, a copy is nearer to its clip than other clips are."""
    clips = sorted(shared_audio.glob("*.mp3"))[:6]
    waves = [read(clip)[: 10 * RATE] for clip in clips]
    originals = np.stack([log_mel(wave) for wave in waves])
    changed = np.stack(
        [log_mel(Copy(1).apply(wave, clip.name)) for wave, clip in zip(waves, clips, strict=True)]
    )
    assert np.isfinite(changed).all()
    # The mean spectrum: another tempo moves what is when.
    means = (changed.mean(axis=1), originals.mean(axis=1))
    distance = np.abs(means[0][:, None] - means[1][None]).mean(axis=2)
    assert (np.abs(changed - originals).mean(axis=(1, 2)) > 0.003).all()
    assert np.diag(distance).mean() < 0.7 * distance.mean()


@pytest.mark.parametrize("number", [-1, 128])
def test_other_numbers_of_copies_are_refused(number):
    with pytest.raises(DataError, match=f"Received: {number}"):
        changed_copies.check(number)


def test_without_the_library_there_is_one_sentence(collection, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(changed_copies, "_NEEDED", ("no_such_module_anywhere",))
    table = str(collection / "songs.csv")
    assert main(["prepare", "--table", table, "--output", str(tmp_path), "--augment", "1"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "pip install -r train/requirements-augment.txt" in line
    assert not list(tmp_path.iterdir())


def test_a_copy_of_a_clip_that_cannot_be_read_is_left_out_with_it(tmp_path):
    (tmp_path / "song.mp3").write_text("404 not found")
    found = extract.feature(Clips(tmp_path), "song.mp3", "", None, Copy(1))
    assert found.levels is None
    assert found.reason
