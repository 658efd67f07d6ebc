"""What cannot be written is one sentence, whichever step writes it."""

import errno
import os

import pytest

from train.__main__ import main
from train.errors import DataError
from train.outputs import output_file, output_folder, sentence


def test_folders_are_made_and_left_as_they_are(tmp_path):
    folder = output_folder(tmp_path / "a" / "b")
    assert list(folder.iterdir()) == []
    (folder / "mine").write_text("x")
    assert output_file(folder / "c" / "rows.csv") == folder / "c" / "rows.csv"
    assert sorted(path.name for path in folder.iterdir()) == ["c", "mine"]


@pytest.mark.parametrize("below", ["", "below", "below/that"])
def test_a_file_in_the_place_of_a_folder(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file, and a folder is needed there"):
        output_folder(tmp_path / "file" / below)


def test_a_folder_in_the_place_of_a_file(tmp_path):
    with pytest.raises(DataError, match="is a folder: --output names a file"):
        output_file(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path, monkeypatch):
    def refused(**_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "x"))

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    with pytest.raises(DataError, match="cannot be used: you lack the permission"):
        output_folder(tmp_path)


def test_a_disk_that_gets_full_on_the_way(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("train.data.prepare.own_music.from_tree", full)
    assert main(["prepare", "--folder", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == (
        f"python -m train prepare: The disk of {tmp_path / 'out'} is full: make room, and run it "
        "again.\n"
    )


def test_another_error_names_the_file():
    error = OSError(errno.EIO, os.strerror(errno.EIO), "songs.npy")
    assert sentence(error) == "songs.npy cannot be read or written: Input/output error."
