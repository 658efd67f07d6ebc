"""The experiment with own genres: what teaches, what is asked, what is written down."""

import json
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from tests.support.paths import ROOT
from train.__main__ import main
from train.evidence import few_songs, own_genres, strangers
from train.evidence.few_songs import Heard
from train.evidence.own_genres_figures import figures, sentences, tables
from train.evidence.stranger_rules import RULES
from train.evidence.unseen_genres import TRIPLES


def made_up(n_per_genre, seed, n_genres=4, spread=0.15):
    """Clips around a direction for each genre, two to an artist."""
    middles = np.abs(np.random.default_rng(9).normal(size=(n_genres, 20))) ** 3
    random = np.random.default_rng(seed)
    genre = np.repeat(np.arange(n_genres), n_per_genre)
    rows = middles[genre] / np.linalg.norm(middles[genre], axis=1, keepdims=True)
    rows = rows + random.normal(0, spread, rows.shape)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    artist = np.arange(len(genre)) // 2 + 1000 * seed
    shares = np.abs(rows) / np.abs(rows).sum(axis=1, keepdims=True)
    return Heard(rows, rows[:, ::-1], shares, genre, artist)


def test_each_genre_is_unseen_as_often_and_each_pair_once_at_most():
    assert Counter(genre for triple in TRIPLES for genre in triple) == dict.fromkeys(range(8), 3)
    pairs = Counter(pair for triple in TRIPLES for pair in combinations(triple, 2))
    assert set(pairs.values()) == {1}
    assert set(Counter(genre for triple in TRIPLES[:4] for genre in triple).values()) <= {1, 2}


def test_every_method_learns_what_is_easy():
    taught, tested = made_up(20, 1, spread=0.05), made_up(10, 2, spread=0.05)
    rows = own_genres.drawn(taught, (0, 1, 3), 5, [0])
    asked = np.flatnonzero(tested.genre != 2)
    right = few_songs.right_answers(taught, rows, tested, asked, (0, 1, 3))
    assert set(right) == set(few_songs.METHODS)
    for method, answers in right.items():
        assert answers.mean() > 0.9, method


def test_songs_that_teach_are_of_the_genres_and_as_many():
    taught = made_up(20, 1)
    rows = own_genres.drawn(taught, (1, 3), 5, [0])
    assert Counter(taught.genre[rows].tolist()) == {1: 5, 3: 5}
    assert len(set(rows.tolist())) == 10


def test_answers_are_counted_by_artist():
    taught, tested = made_up(20, 1, spread=0.05), made_up(10, 2, spread=0.05)
    counted = own_genres.measured(taught, tested, (0, 1, 2, 3), draws=2, seed=0)
    assert len(counted) == 20
    assert {counts["clips"] for counts in counted.values()} == {2}
    for counts in counted.values():
        assert 0 <= counts["mean-5"] <= 2
        assert "discriminant-1" not in counts
    assert np.mean([counts["mean-20"] for counts in counted.values()]) > 1.9


def test_thresholds_hold_for_songs_that_were_not_taught():
    taught, tested = made_up(60, 1, spread=0.4), made_up(60, 2, spread=0.4)
    found = own_genres.thresholds(taught, tested, (0, 1, 2), 20, draws=5, seed=0)
    assert found["accuracy"] == pytest.approx(found["held_out"], abs=0.1)
    assert found["right_when_sure"] >= found["accuracy"] - 0.01
    assert found["refused"] < 0.2
    assert found["strangers"] > found["refused"]
    assert found["strangers"] + found["strangers_sure"] <= 1


def test_the_area_counts_pairs_in_order():
    scores, own = np.array([0.1, 0.4, 0.3, 0.9]), np.array([False, False, True, True])
    weights = np.array([[1, 1, 1, 1], [1, 0, 2, 1], [0, 3, 1, 0]])
    assert strangers.auroc(scores, own, weights).tolist() == [0.75, 1, 0]


def test_every_rule_knows_strangers_of_another_kind():
    heard = [(made_up(12, 1, 8, 0.05), made_up(8, 2, 8, 0.05))]
    rows = strangers.measured(heard, draws=1, seed=0)
    assert len(rows) == len(strangers.SITUATIONS) * len(strangers.SONGS) * len(RULES)
    for row in rows:
        assert row["low"] <= row["auroc"] <= row["high"]
        # What only the genres of the archive tell apart says nothing of others.
        if row["situation"] == strangers.SITUATIONS[0] and "network" not in row["rule"]:
            assert row["auroc"] > 0.7, row


@pytest.mark.slow
def test_the_tables_of_experiments_follow_from_the_evidence():
    experiments = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    for table in tables(figures(ROOT / "artifacts" / "evidence")):
        assert table in experiments


@pytest.mark.slow
def test_the_step(data_set, tmp_path, capsys):
    networks, evidence = tmp_path / "networks", tmp_path / "evidence"
    command = ["own-genres", "--networks", str(networks), "--output", str(evidence)]
    made = ["--data", str(data_set), "--triples", "1", "--epochs", "1", "--draws", "2", "--json"]
    assert main([*command, *made]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["accuracy"]) == {"3", "8"}
    for methods in result["accuracy"].values():
        five = methods["mean"]["5"]
        assert 0 <= five["low"] <= five["mean"] <= five["high"] <= 1
    assert sentences(result).startswith("From 5 songs each of three genres")
    network = next(networks.glob("*/songnet.keras"))
    written = network.stat().st_mtime_ns
    tables = {path.name: path.read_bytes() for path in evidence.iterdir()}
    assert main([*command, *made]) == 0
    assert network.stat().st_mtime_ns == written
    assert {path.name: path.read_bytes() for path in evidence.iterdir()} == tables
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("| 3 genres | 1 song |")


@pytest.mark.parametrize("option", ["--draws", "--seed"])
def test_numbers_that_make_no_sense_are_told_before_a_network_is_trained(tmp_path, capsys, option):
    networks = tmp_path / "networks"
    command = ["own-genres", "--data", str(tmp_path), "--networks", str(networks)]
    assert main([*command, "--output", str(tmp_path / "evidence"), option, "-1"]) == 1
    assert f"{option} takes a number from " in capsys.readouterr().err
    assert not networks.exists()


def test_damaged_evidence_is_one_sentence(tmp_path, capsys):
    assert main(["own-genres", "--output", str(tmp_path)]) == 1
    assert "own-genres.csv is no table of own genres" in capsys.readouterr().err
