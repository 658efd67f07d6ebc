"""The experiment with pretraining: who is taught, what is counted, what the page says."""

import json

import numpy as np
import pytest

from tests.support.paths import ROOT
from train.__main__ import main
from train.data.splits import load_split
from train.errors import DataError
from train.evidence import pretraining
from train.evidence.label_shares import labelled
from train.evidence.pretraining_figures import (
    ARTISTS,
    NETWORKS,
    figures,
    read,
    with_text,
    write,
)


def test_shares_are_of_whole_artists_and_lie_in_each_other(data_set):
    training = load_split(data_set, "training")
    larger: set[int] = set()
    for share in (0.1, 0.5, 1.0):
        part = labelled(training, share, seed=3)
        artists = set(part.artist_groups.tolist())
        assert len(part) == np.isin(training.artist_groups, [*artists]).sum()
        counts = np.bincount(part.genre, minlength=8)
        assert (counts >= share * 24).all()
        assert (counts < share * 24 + 2).all()
        assert larger <= artists
        larger = artists
    assert larger == set(training.artist_groups.tolist())


def made_up(folder, gain):
    """Evidence of 40 artists of ten clips each, of which pretraining gains some."""
    rng = np.random.default_rng(0)
    network = {
        "fold": 0,
        "share": 0.1,
        "labelled_clips": 50,
        "labelled_artists": 20,
        "steps": 100,
        "unlabelled_clips": 500,
        "pretraining_steps": 300,
    }
    rows = [
        {
            "fold": 0,
            "share": 0.1,
            "artist_id": artist,
            "clips": 10,
            "scratch_right": (right := rng.integers(0, 9)),
            "scratch_log_loss": 20,
            "pretrained_right": right + gain,
            "pretrained_log_loss": 15,
        }
        for artist in range(40)
    ]
    write(folder / NETWORKS, [network])
    write(folder / ARTISTS, rows)


@pytest.mark.parametrize(("gain", "bold"), [(0, "+0.0"), (1, "**+10.0**")])
def test_the_difference_is_paired(tmp_path, gain, bold):
    made_up(tmp_path, gain)
    found = figures(tmp_path)["0.1"]
    difference = found["difference"]
    # The same for each artist, though artists differ: an interval of two samples would be wide.
    assert [difference[key] for key in ("accuracy", "low", "high")] == pytest.approx(
        [gain / 10] * 3
    )
    assert found["scratch"]["high"] - found["scratch"]["low"] > 0.05
    assert difference["log_loss"] == pytest.approx(-0.5)
    page = with_text(
        "a\n<!-- pretraining: begin --><!-- pretraining: end -->\nb", figures(tmp_path)
    )
    assert f"| {bold} (" in page
    assert "| 10% | 50, 20 | 1: 400 clips |" in page
    assert "| 2.000, 1.500 | 100, 300 + 100 |" in page


def test_the_page_follows_from_the_evidence():
    page = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    assert with_text(page, figures(ROOT / "artifacts" / "evidence")) == page


def test_a_pair_that_was_half_written_is_made_once_more(tmp_path, monkeypatch):
    made_up(tmp_path, gain=1)
    artists, networks = ((tmp_path / name).read_bytes() for name in (ARTISTS, NETWORKS))
    (tmp_path / NETWORKS).unlink()  # as if it had been stopped between the two

    def compare(*_):
        return read(tmp_path / NETWORKS)[0], read(tmp_path / ARTISTS)

    def made(*_):
        made_up(tmp_path, gain=1)

    monkeypatch.setattr(pretraining.Fold, "load", made)
    monkeypatch.setattr(pretraining, "compare", compare)
    pretraining.experiment("data", "networks", tmp_path, folds=1, shares=(0.1, 0.1))
    assert (tmp_path / ARTISTS).read_bytes() == artists
    assert (tmp_path / NETWORKS).read_bytes() == networks


def test_what_has_too_few_labels_is_left_out_and_the_rest_is_measured(
    tmp_path, monkeypatch, capsys
):
    def compare(fold, share, *_):
        if share == 0.05:
            raise DataError("12 clips are too few: bring more.")
        return {"fold": fold, "share": share}, []

    monkeypatch.setattr(pretraining.Fold, "load", lambda _data, number, _networks: number)
    monkeypatch.setattr(pretraining, "compare", compare)
    pretraining.experiment("data", "networks", tmp_path, folds=2, shares=(0.05, 0.1))
    lines = (tmp_path / NETWORKS).read_text().splitlines()[1:]
    assert [line.split(",")[:2] for line in lines] == [["0", "0.1"], ["1", "0.1"]]
    assert "Fold 1, 5% of the labels, is left out: 12 clips are too few" in capsys.readouterr().err


@pytest.mark.slow
def test_the_step_makes_what_is_missing(data_set, tmp_path, capsys):
    evidence, page = tmp_path / "evidence", tmp_path / "page.md"
    page.write_text("<!-- pretraining: begin -->\n<!-- pretraining: end -->\n")
    shown = ["pretraining", "--output", str(evidence), "--page", str(page), "--json"]
    made = ["--networks", str(tmp_path / "networks"), "--folds", "1", "--epochs", "1"]
    made += ["--data", str(data_set), "--shares", "1"]
    assert main([*shown, *made]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["1"]["unlabelled_clips"] == first["1"]["labelled_clips"]
    assert first["1"]["clips"] == 48
    tables = {path.name: path.stat().st_mtime_ns for path in evidence.iterdir()}
    assert set(tables) == {NETWORKS, ARTISTS}
    assert main([*shown, *made]) == 0
    assert main(shown) == 0
    assert {path.name: path.stat().st_mtime_ns for path in evidence.iterdir()} == tables
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == first
    assert "| 100% |" in page.read_text()


def test_no_evidence_is_one_sentence(tmp_path, capsys):
    assert main(["pretraining", "--output", str(tmp_path), "--page", str(tmp_path / "p.md")]) == 1
    assert "There is no evidence of pretraining" in capsys.readouterr().err
