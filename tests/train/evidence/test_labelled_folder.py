"""How good is it on my music: files in folders named by genre."""

import csv
import json

import numpy as np
import pytest

from songnet.spec import GENRES
from songnet.weights import EMBEDDED, load_weights
from songnet.weights.metrics import Figure
from train.__main__ import main
from train.errors import DataError
from train.evidence import labelled_folder, predictions


@pytest.fixture
def music(tmp_path, song):
    for genre in ("Folk", "Rock", "Gamelan"):
        (tmp_path / "music" / genre).mkdir(parents=True)
        for i in range(2):
            song("tune.wav", seconds=1.5).rename(tmp_path / "music" / genre / f"{i}.wav")
    (tmp_path / "music" / "Folk" / "broken.mp3").write_text("404 not found")
    return tmp_path / "music"


def test_counts_correct_answers_and_confusions(music, tmp_path):
    result = labelled_folder.evaluate(music, load_weights(), tmp_path / "rows.csv")
    assert (result["clips"], result["without_artist"]) == (4, 4)
    assert result["accuracy"]["low"] <= result["accuracy"]["mean"] <= result["accuracy"]["high"]
    assert set(result["confusion"]) == {"Folk", "Rock"}
    assert all(sum(row.values()) == 2 for row in result["confusion"].values())
    correct = sum(result["confusion"][genre][genre] for genre in ("Folk", "Rock"))
    assert result["accuracy"]["mean"] == pytest.approx(correct / 4)
    assert sorted(result["left_out"]) == ["Folk/broken.mp3", "Gamelan/0.wav", "Gamelan/1.wav"]
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["Folk", "Folk", "Rock", "Rock"]
    assert [row["file"] for row in rows] == [
        f"{g}/{i}.wav" for g in ("Folk", "Rock") for i in (0, 1)
    ]
    assert [row["file"] for row in rows] == [answer["file"] for answer in result["files"]]
    assert result["files"][2]["label"] == "Rock"
    best = max(GENRES, key=lambda genre: float(rows[2][genre]))
    assert result["files"][2]["genre"] == best
    assert predictions.read(tmp_path / "rows.csv").files == tuple(row["file"] for row in rows)
    assert np.allclose([sum(float(row[genre]) for genre in GENRES) for row in rows], 1, atol=1e-4)


def test_the_step_writes_its_output_and_nothing_else(music, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    step = ["evaluate-folder", "--folder", str(music), "--artifacts", str(EMBEDDED), "--json"]
    assert main(step) == 0
    assert json.loads(capsys.readouterr().out)["clips"] == 4
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == []
    assert main([*step, "--output", "own/rows.csv"]) == 0
    assert (tmp_path / "own" / "rows.csv").is_file()


def test_the_step_that_measured_folders_once_names_this_one(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "--folder", "MUSIC"])
    assert stop.value.code == 2
    assert "python -m train evaluate-folder --folder MUSIC" in capsys.readouterr().err


def test_shows_what_was_taken_for_what(capsys):
    figure: Figure = {"mean": 0.75, "low": 0.5, "high": 1.0, "seeds": [0.75]}
    labelled_folder.show(
        {
            "clips": 4,
            "artists": 3,
            "without_artist": 1,
            "accuracy": figure,
            "macro_f1": figure,
            "log_loss": figure,
            "ece": figure,
            "sure_half_accuracy": figure,
            "confusion": {"Fado": {"Fado": 2, "Tango": 0}, "Tango": {"Fado": 1, "Tango": 1}},
            "abstained": 1,
            "left_out": {"Fado/x.mp3": "It holds nothing but silence."},
            "files": [],
        }
    )
    lines = capsys.readouterr().out.splitlines()
    assert "0.750 (0.500 to 1.000)" in lines[1]
    assert ["Fado", "2", "0"] in [line.split() for line in lines]
    assert ["Tango", "1", "1"] in [line.split() for line in lines]
    assert any("1 of 4 files have no artist" in line for line in lines)
    assert "left out: Fado/x.mp3: It holds nothing but silence." in lines


def test_folders_of_unknown_genres_are_one_sentence(tmp_path, song):
    song("tune.wav")
    with pytest.raises(DataError, match="of a genre that the network knows: Electronic"):
        labelled_folder.evaluate(tmp_path, load_weights())
    with pytest.raises(DataError, match="nope is no folder: --folder names one with files as"):
        labelled_folder.evaluate(tmp_path / "nope", load_weights())
    with pytest.raises(DataError, match="is a folder: --output names a file"):
        labelled_folder.evaluate(tmp_path, load_weights(), output=tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no audio files"):
        labelled_folder.evaluate(tmp_path / "empty", load_weights())
