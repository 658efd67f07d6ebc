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


@pytest.mark.parametrize(
    ("protocol", "split", "said"),
    [("official", "test", True), ("official", "validation", False), ("folds", "test", False)],
)
def test_a_look_is_told(protocol, split, said, capsys):
    looks.remind(protocol, split)
    assert ("choose nothing by it" in capsys.readouterr().err) is said
