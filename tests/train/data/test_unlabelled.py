"""A set without genres: what is in it, who stays out of it, what is told of it."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from tests.support import fma_tree
from tests.support.teachers import ear
from train.__main__ import main
from train.data.clips import sha1
from train.data.data_set import FMA_SMALL
from train.data.fma import clip_path
from train.data.splits import load_split
from train.data.unlabelled import (
    before_genres,
    held_out_artists,
    learned_from,
    load_unlabelled,
    unlabelled_warnings,
)
from train.errors import DataError

__all__ = ["ear"]


@pytest.fixture
def prepare(ear):
    """Runs the step with the teacher `Ear`."""

    def run(*options):
        command = ["prepare", "--unlabelled", "--teacher", ear.name, "--workers", "1"]
        return main([*command, *map(str, options)])

    return run


@pytest.fixture
def made(tmp_path):
    """Writes a set of four clips by two artists and one unknown."""

    def make(**changes):
        arrays = {
            "track_id": np.arange(4, dtype=np.int32),
            "artist": np.array(["Ada", "Bo  Diddley", "", "Ada"]),
            "log_mel": np.full((4, 128, 128), 7, np.uint8),
            "teacher-ear": np.arange(8, dtype=np.float16).reshape(4, 2),
        }
        kept = {name: values for name, values in (arrays | changes).items() if values is not None}
        np.savez(tmp_path / "unlabelled.npz", **kept)
        known = dataclasses.replace(FMA_SMALL, genres=(), data_set="Mine", training_data="Mine")
        known.write(tmp_path / "data_set.json")
        return tmp_path

    return make


def test_of_fma_all_that_it_trains_on_is_taken(prepare, prepared_fma, fma_download, tmp_path):
    """With tracks of no genre, and without the artists of its validation and test splits."""
    shutil.copytree(fma_download, tmp_path / "fma")
    clips = tmp_path / "fma" / "fma_small"
    song = fma_tree.write_song(clips / clip_path(9100), 0, seed=9100)
    with (clips / "checksums").open("a") as file:
        file.write(f"{sha1(song)}  {clip_path(9100)}\n")
    assert prepare("--fma", tmp_path / "fma", "--output", tmp_path / "out") == 0
    with np.load(tmp_path / "out" / "unlabelled.npz") as stored:
        assert "genre" not in stored.files
        known = load_split(prepared_fma[0], "training").track_id.tolist()
        assert stored["track_id"].tolist() == [*known, 9100]
        assert stored["teacher-ear"].shape == (len(known) + 1, 2)
    found = load_unlabelled(tmp_path / "out")
    assert len(found) == len(known) + 1
    assert found.data_set.training_data.startswith("FMA-small, official training split")


def test_any_folder_of_songs_is_taken(prepare, tmp_path, capsys):
    music = tmp_path / "Library"
    for name in ("a.mp3", "Folder/b.mp3", "Folder/More/c.mp3"):
        fma_tree.write_song(music / name, 1, seed=len(name))
    assert prepare("--folder", music, "--format", "memmap", "--output", tmp_path / "out") == 0
    assert "unlabelled: 3 clips\n" in capsys.readouterr().out
    found = load_unlabelled(tmp_path / "out")
    few = found.without(["nobody"])
    assert few.log_mel.rows is not None  # it stays on the disk
    np.testing.assert_array_equal(few.log_mel[1:], found.log_mel[1:])
    assert "3 of 3 clips without labels (100%) have no artist" in unlabelled_warnings(found)[0]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["clips"] == {"unlabelled": {"": 3}}
    # Neither kind of set takes the place of the other, nor is taken for it.
    (tmp_path / "labelled").mkdir()
    (tmp_path / "labelled" / "training.npz").touch()
    assert prepare("--folder", music, "--output", tmp_path / "labelled") == 1
    assert "labelled/training.npz is of another data set" in capsys.readouterr().err
    with pytest.raises(DataError, match="have no genres, and are for --pretrain"):
        load_split(tmp_path / "out", "training")


def test_whose_artists_are_held_out_stays_out(prepared_fma, made):
    folder, _ = prepared_fma
    training = load_split(folder, "training")
    held_out = held_out_artists(folder, training)
    with np.load(folder / "test.npz") as stored:
        assert set(stored["artist"]) <= held_out
    with np.load(folder / "training.npz") as stored:
        assert not set(stored["artist"]) & held_out
    left = load_unlabelled(made()).without({"bo DIDDLEY", ""})
    assert left.artist.tolist() == ["Ada", "", "Ada"]
    assert left.teachers["ear"].tolist() == [[0, 1], [4, 5], [6, 7]]
    assert left.log_mel.shape == (3, 128, 128)


def test_the_description_says_what_was_learned_first(made):
    clips = load_unlabelled(made())
    found = learned_from(FMA_SMALL, clips)
    assert found.license == FMA_SMALL.license
    assert found.teacher == FMA_SMALL.teacher
    assert before_genres(found) == "4 clips of Mine (CC-BY-NC-4.0)"
    assert before_genres(FMA_SMALL) == ""
    free = dataclasses.replace(FMA_SMALL, license="CC0-1.0", teacher="", teachers=())
    found = learned_from(free, clips)
    assert (found.license, found.teachers) == ("other", FMA_SMALL.teachers)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"teacher-ear": None}, "No teacher has heard the clips in .*: prepare them again with"),
        ({"log_mel": np.ones((4, 64, 96), np.uint8)}, r"must have the shape \(n, 128, 128\)"),
        ({"artist": None}, "lacks the arrays artist"),
        ({"artist": np.zeros(4)}, "artist in .* must hold names"),
        (
            {
                "track_id": np.zeros(0, np.int32),
                "artist": np.zeros(0, np.str_),
                "log_mel": np.zeros((0, 128, 128), np.uint8),
                "teacher-ear": np.zeros((0, 2), np.float16),
            },
            "has no clips to learn from",
        ),
    ],
)
def test_a_set_that_teaches_nothing_is_one_sentence(made, changes, complaint):
    with pytest.raises(DataError, match=complaint) as found:
        load_unlabelled(made(**changes))
    assert "\n" not in str(found.value)


def test_other_folders_and_descriptions_are_one_sentence(made, tmp_path):
    with pytest.raises(DataError, match="holds no clips without genres: --pretrain names"):
        load_unlabelled(tmp_path)
    (made() / "data_set.json").write_text("[")
    with pytest.raises(DataError, match=r"data_set\.json does not describe a data set"):
        load_unlabelled(tmp_path)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "learns what teachers say: add --teacher with"),
        (["--teacher", "vggish", "--augment", "2"], "--augment makes copies of clips with genres"),
    ],
)
def test_options_without_sense_are_one_sentence(options, complaint, tmp_path, capsys):
    fma_tree.write_song(tmp_path / "a.mp3", 1, seed=0)
    command = ["prepare", "--unlabelled", "--folder", str(tmp_path), *options]
    assert main([*command, "--output", str(tmp_path / "out")]) == 1
    assert complaint in capsys.readouterr().err.splitlines()[-1]


def test_a_table_names_labels(tmp_path, capsys):
    (tmp_path / "songs.csv").write_text("path,label\n")
    command = ["prepare", "--unlabelled", "--table", str(tmp_path / "songs.csv")]
    command += ["--teacher", "vggish", "--output", str(tmp_path / "out")]
    assert main(command) == 1
    assert "--table names labels: use --folder for songs without" in capsys.readouterr().err
