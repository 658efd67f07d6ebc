"""prepare --teacher: what teachers hear joins a data set, whoever computes it and in what order."""

import json
import shutil
from hashlib import sha256

import numpy as np
import pytest

from tests.support import fma_tree
from tests.support.teachers import musicnn_or_skip
from train.__main__ import main
from train.data import data_set, extract, prepare
from train.data.middle_window import decoder, middle
from train.data.splits import load_split
from train.errors import DataError
from train.teachers import known
from train.teachers.known import loaded
from train.teachers.musicnn import Musicnn


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """A folder of two genres with four songs of 1.6 s each."""
    folder = tmp_path_factory.mktemp("music")
    for genre, name in enumerate(["Fado", "Tango"]):
        for i in range(4):
            fma_tree.write_song(folder / name / f"{i}.mp3", genre, seed=10 * genre + i)
    return folder


def run(music, output, *options, workers="1"):
    command = ["prepare", "--folder", str(music), "--output", str(output), "--workers", workers]
    return main([*command, *options])


@pytest.fixture
def heard(monkeypatch):
    """The sources that are decoded, with the teachers that hear them."""
    calls = []

    def feature(clips, source, stamp, sha1, copy, teachers):
        calls.append((source, copy.number, teachers))
        return original(clips, source, stamp, sha1, copy, teachers)

    original = extract.feature
    monkeypatch.setattr(extract, "feature", feature)
    return calls


@pytest.mark.usefixtures("ear")
def test_a_data_set_has_what_a_teacher_hears_of_each_clip(music, tmp_path):
    assert run(music, tmp_path, "--teacher", "ear") == 0
    training = load_split(tmp_path, "training")
    assert training.teachers["ear"].shape == (len(training), 2)
    songs = sorted(music.rglob("*.mp3"))
    for number, found in zip(training.track_id, training.teachers["ear"], strict=True):
        with decoder() as sandbox:
            waveform = middle(songs[number], sandbox)
        assert found.tolist() == loaded("ear").embed_clip(waveform).tolist()
    stored = json.loads((tmp_path / data_set.FILE).read_text())
    assert stored["teacher"] == "an ear, which learned from nothing"
    assert stored["teachers"] == [
        {
            "name": "ear",
            "license": "MIT",
            "citation": "A. Ear, On hearing, 2020",
            "version": known.TEACHERS["ear"].version(),
        }
    ]
    assert data_set.read(tmp_path / data_set.FILE).to_json() == stored


@pytest.mark.usefixtures("ear")
def test_only_what_is_missing_is_heard(music, tmp_path, heard, monkeypatch):
    """A teacher more, a teacher less, a changed clip, another version of a teacher."""
    assert run(music, tmp_path) == 0
    assert [teachers for *_, teachers in heard] == 8 * [()]
    for expected in (8, 0):
        heard.clear()
        assert run(music, tmp_path, "--teacher", "ear") == 0
        assert [teachers for *_, teachers in heard] == expected * [("ear",)]
    with_teacher = load_split(tmp_path, "training")
    assert run(music, tmp_path) == 0
    assert heard == []
    without = load_split(tmp_path, "training")
    assert (without.teachers, without.data_set.teachers) == ({}, ())
    np.testing.assert_array_equal(without.log_mel, with_teacher.log_mel)
    ear = known.TEACHERS["ear"]
    (ear.folder / "factor.txt").write_text("4")
    monkeypatch.setattr(ear, "weights", {"factor.txt": sha256(b"4").hexdigest()})
    known.loaded.cache_clear()
    assert run(music, tmp_path, "--teacher", "ear") == 0
    assert len(heard) == 8
    louder = load_split(tmp_path, "training")
    np.testing.assert_allclose(louder.teachers["ear"], 2 * with_teacher.teachers["ear"], atol=1e-3)


@pytest.mark.usefixtures("ear")
def test_what_was_heard_before_a_stop_is_kept(music, tmp_path, heard, monkeypatch):
    class PowerCutError(Exception):
        pass

    def cut(self, features):
        add(self, [next(features) for _ in range(3)])
        raise PowerCutError

    add = extract.Store.add
    monkeypatch.setattr(extract.Store, "add", cut)
    with pytest.raises(PowerCutError):
        run(music, tmp_path, "--teacher", "ear")
    monkeypatch.setattr(extract.Store, "add", add)
    assert run(music, tmp_path, "--teacher", "ear") == 0
    assert 8 <= len(heard) <= 9  # with the one under way when the power was cut
    assert len(load_split(tmp_path, "training").teachers["ear"]) == 4


@pytest.mark.usefixtures("ear")
def test_a_clip_too_short_for_a_patch_is_left_out_for_this_teacher_alone(
    music, tmp_path, monkeypatch
):
    shutil.copytree(music, tmp_path / "music")
    short = np.full((24_000, 1), 0.1, np.float32)
    fma_tree.songs.write(tmp_path / "music" / "Tango" / "short.mp3", short, 22_050)
    monkeypatch.setattr(known.TEACHERS["ear"], "patch_samples", 10_000)
    counts = []
    for options in (["--teacher", "ear"], [], ["--teacher", "ear"]):
        assert run(tmp_path / "music", tmp_path / "out", *options) == 0
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        counts.append(sum(genres["Tango"] for genres in report["clips"].values()))
        assert [clip["source"] for clip in report["left_out"]] == (5 - counts[-1]) * [
            "Tango/short.mp3"
        ]
    assert counts == [4, 5, 4]
    assert report["left_out"][0]["reason"].startswith("It is too short for ear, which hears 1.2 s")


@pytest.mark.usefixtures("ear")
def test_sets_on_the_disk_and_changed_copies_are_taught_too(music, tmp_path, heard):
    """A copy is taught what its recording is, as spectra that training changes are."""
    assert run(music, tmp_path, "--teacher", "ear", "--format", "memmap", "--augment", "1") == 0
    assert {teachers for _, number, teachers in heard if number} == {()}
    training = load_split(tmp_path, "training")
    n = len(training) // 2
    assert training.copy.tolist() == n * [0] + n * [1]
    first, second = np.split(training.teachers["ear"], 2)
    np.testing.assert_array_equal(first, second)


@pytest.mark.usefixtures("ear")
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda ear: (ear.folder / "factor.txt").write_text("3"), "is another file than"),
        (lambda ear: (ear.folder / "factor.txt").unlink(), "weights of ear cannot be read"),
    ],
)
def test_weights_are_checked_before_anything_is_decoded(
    music, tmp_path, heard, change, complaint, capsys
):
    change(known.TEACHERS["ear"])
    assert run(music, tmp_path / "out", "--teacher", "ear") == 1
    assert complaint in capsys.readouterr().err.splitlines()[-1]
    assert heard == []


def test_a_teacher_that_there_is_not_is_one_sentence(music, tmp_path, capsys):
    assert run(music, tmp_path / "out", "--teacher", "ear") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith("with commas between them. Received: ear")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("ear")
def test_a_set_of_another_version_is_one_sentence(music, tmp_path, monkeypatch):
    assert run(music, tmp_path, "--teacher", "ear") == 0
    described = load_split(tmp_path, "training").data_set
    described.check_versions()
    monkeypatch.setattr(known.TEACHERS["ear"], "weights", {"factor.txt": "0" * 64})
    with pytest.raises(DataError, match=r"another version of ear .*: prepare it again, with -"):
        described.check_versions()


@pytest.mark.parametrize("teachers", ["1", '["ear"]', '[{"name": "ear"}]', '[{"name": 1}]'])
def test_teachers_in_another_form_are_one_sentence(tmp_path, teachers):
    (tmp_path / data_set.FILE).write_text(f'{{"teachers": {teachers}}}')
    with pytest.raises(DataError, match=r"data_set\.json does not describe a data set"):
        data_set.read(tmp_path / data_set.FILE)


@pytest.mark.slow
def test_musicnn_says_the_same_whatever_the_number_of_workers(tmp_path):
    """Of songs of 4 s, which are one patch."""
    musicnn_or_skip()
    for genre, name in enumerate(["Fado", "Tango"]):
        for i in range(3):
            path = tmp_path / "music" / name / f"{i}.mp3"
            path.parent.mkdir(parents=True, exist_ok=True)
            waveform = fma_tree.songs.synthesise(4.0, 22_050, seed=10 * genre + i)
            fma_tree.songs.write(path, waveform.astype(np.float32), 22_050)
    found = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        assert run(tmp_path / "music", folder, "--teacher", "musicnn", workers=workers) == 0
        found.append({s: load_split(folder, s).teachers["musicnn"] for s in prepare.SPLITS})
    alone, shared = found
    assert alone["training"].shape == (2, Musicnn.dimension)
    assert np.ptp(alone["training"], axis=0).max() > 0.1
    for split in prepare.SPLITS:
        np.testing.assert_array_equal(alone[split], shared[split])
