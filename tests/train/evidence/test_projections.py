"""Which projection keeps songs that sound alike together: the measure, and what is told of it."""

import csv

import numpy as np
import pytest

from tests.support.paths import ROOT
from train.evidence import projections


def test_the_experiments_tell_what_was_measured():
    with (ROOT / "artifacts" / "evidence" / "projections.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    assert projections.table(rows) in told


def test_places_that_keep_neighbours_are_told_from_those_that_do_not():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 2))
    genre = (rows[:, 0] > 0).astype(int)
    kept = projections.figures(rows, 3 * rows, genre)
    assert kept["trustworthiness"] == kept["continuity"] == 1
    lost = projections.figures(rows, rng.permutation(rows), genre)
    assert lost["trustworthiness"] == pytest.approx(0.5, abs=0.1)
    assert lost["same_genre"] < 0.65 < kept["same_genre"]


def test_a_method_that_is_not_installed_is_passed_over(monkeypatch, capsys):
    def absent(_):
        raise ImportError("No module named 'absent'")

    methods = {"PCA": projections.METHODS["PCA"], "absent": absent}
    monkeypatch.setattr(projections, "METHODS", methods)
    monkeypatch.setattr(projections, "VARIANTS", {})
    rows = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    found = projections.measure("made up", rows, np.arange(40) % 2)
    assert [row["method"] for row in found] == ["all dimensions", "PCA"]
    assert found[1]["same_again"] == 1
    assert "absent is passed over: No module named 'absent'." in capsys.readouterr().out
