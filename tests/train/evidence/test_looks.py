"""The official test split is looked at to report: the guard, and the list of looks."""

import re

import pytest

from songnet.weights import EMBEDDED
from tests.support.paths import ROOT
from train.__main__ import main
from train.evidence import looks
from train.evidence.names import find_evidence


def test_every_look_is_written_down():
    """Each file of predictions for it is in a row of the table of looks, with a day."""
    text = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    chapter = text.split("## The official test split", 1)[1].split("\n## ", 1)[0]
    looked = re.findall(r"^\| (\d{4}-\d{2}-\d{2}) \| (.+?) \|", chapter, re.MULTILINE)
    listed = {file for _, files in looked for file in re.findall(r"`([\w-]+\.csv)`", files)}
    there = {
        name.file
        for name, _ in find_evidence(EMBEDDED / "evidence")
        if (name.protocol, name.split) == ("official", "test")
    }
    assert there == listed


def test_nothing_is_calibrated_by_it(tmp_path, capsys):
    evidence = tmp_path / "official-test-songnet-seed0.csv"
    assert main(["calibrate", "--evidence", str(evidence)]) == 1
    assert "by which nothing is chosen" in capsys.readouterr().err


def test_another_name_hides_no_clips_of_it(tmp_path, capsys):
    folder = EMBEDDED / "evidence"
    renamed = tmp_path / "mine.csv"
    header, *rows = (folder / "official-test-svm-seed0.csv").read_text().splitlines()
    others = (folder / "official-validation-svm-seed0.csv").read_text().splitlines()
    renamed.write_text("\n".join([*others, *rows[:3]]) + "\n")
    assert others[0] == header
    assert main(["calibrate", "--evidence", str(renamed)]) == 1
    assert "3 of the 803 clips in" in capsys.readouterr().err


def test_folds_and_validation_have_none_of_its_clips():
    named = ["folds-test-songnet-fold0.csv", "official-validation-songnet-seed0.csv"]
    for name in [*named, "random-test-songnet-seed0.csv"]:
        assert len(looks.read_to_choose(EMBEDDED / "evidence" / name).label) > 700


@pytest.mark.parametrize(
    ("protocol", "split", "said"),
    [("official", "test", True), ("official", "validation", False), ("folds", "test", False)],
)
def test_a_look_is_told(protocol, split, said, capsys):
    looks.remind(protocol, split)
    assert ("choose nothing by it" in capsys.readouterr().err) is said
