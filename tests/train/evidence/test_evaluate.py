"""Evaluation, its evidence, and the splits that it is of."""

import contextlib
import csv
import io
import json

import numpy as np
import pytest

from songnet.spec import GENRES
from songnet.weights import EMBEDDED
from train.__main__ import main
from train.data.splits import load_split
from train.errors import DataError
from train.evidence import predictions
from train.evidence.comparison import read_others, sentence
from train.evidence.names import EvidenceName


@pytest.fixture(scope="module")
def evaluated(data_set, tmp_path_factory):
    rows = tmp_path_factory.mktemp("evaluate") / "rows.csv"
    split = load_split(data_set, "test")
    for model, probabilities, clips in (
        ("knn", np.roll(split.one_hot, 1, axis=1), split.track_id),
        ("svm", split.one_hot, split.track_id),
        ("logistic", split.one_hot, split.track_id + 1),  # for other clips
    ):
        of_clips = predictions.Evidence(
            track_id=clips,
            label=split.genre,
            artist_id=split.artist_groups,
            probabilities=probabilities,
        )
        name = EvidenceName(protocol="official", split="test", model=model, number=0)
        predictions.write(rows.parent / name.file, of_clips)
    arguments = ["evaluate", "--data", str(data_set), "--split", "test", "--json"]
    arguments += ["--beside", str(rows.parent)]
    model = EMBEDDED / "songnet.keras"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = main([*arguments, "--model", str(model), "--output", str(rows)])
    assert status == 0
    return json.loads(printed.getvalue()), rows


def test_prints_figures_with_intervals(evaluated):
    figures, _ = evaluated
    assert figures["split"] == "test"
    assert figures["clips"] == 48
    assert figures["artists"] == 24
    for name in ("accuracy", "macro_f1", "log_loss", "ece"):
        assert figures[name]["low"] <= figures[name]["mean"] <= figures[name]["high"] + 0.1
    assert list(figures["recall"]) == list(GENRES)


def test_is_paired_with_the_best_baseline_on_the_same_clips(evaluated):
    figures, rows = evaluated
    lead = figures["lead"]
    assert lead["over"] == "svm"
    assert lead["mean"] == pytest.approx(figures["accuracy"]["mean"] - 1)
    assert lead["low"] <= lead["mean"] <= lead["high"] <= 0
    behind = f"{-100 * lead['mean']:.1f} points ({-100 * lead['high']:.1f} to "
    assert behind in sentence(lead)
    told = "behind the best other model that hears the same spectrograms (RBF SVM)"
    assert told in sentence(lead)
    assert read_others(rows.parent, "random", "test", predictions.read(rows)) == {}
    assert set(read_others(rows.parent, "official", "test", predictions.read(rows))) == {
        "knn",
        "svm",
    }


def test_writes_a_row_a_clip_from_which_the_figures_follow(evaluated, data_set):
    figures, rows = evaluated
    with rows.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == ["track_id", "label", *GENRES, "artist_id"]
    split = load_split(data_set, "test")
    assert [int(row["track_id"]) for row in table] == split.track_id.tolist()
    assert [row["label"] for row in table] == [GENRES[genre] for genre in split.genre]
    correct = [row["label"] == max(GENRES, key=lambda genre: float(row[genre])) for row in table]
    assert np.mean(correct) == pytest.approx(figures["accuracy"]["mean"])


def test_evidence_comes_back_as_it_was(tmp_path):
    rng = np.random.default_rng(0)
    written = predictions.Evidence(
        track_id=np.arange(20),
        label=rng.integers(8, size=20),
        artist_id=rng.integers(5, size=20),
        probabilities=rng.dirichlet([1] * 8, 20),
    )
    predictions.write(tmp_path / "some.csv", written)
    back = predictions.read(tmp_path / "some.csv")
    np.testing.assert_array_equal(back.label, written.label)
    np.testing.assert_array_equal(back.artist_id, written.artist_id)
    np.testing.assert_allclose(back.probabilities, written.probabilities, atol=1e-5)


def test_an_absent_split_is_one_sentence(tmp_path, capsys):
    assert main(["evaluate", "--data", str(tmp_path), "--split", "test", "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "test.npz is missing" in printed.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"log_mel": np.zeros((48, 64, 128), np.uint8)}, r"Received: \(48, 64, 128\)"),
        ({"genre": np.full(48, 9, np.int8)}, "genre"),
        ({"artist_id": None}, "lacks the arrays artist_id"),
    ],
)
def test_a_data_set_of_another_form_is_refused(data_set, tmp_path, change, reason):
    with np.load(data_set / "test.npz") as stored:
        arrays = {**stored, **change}
    arrays = {name: values for name, values in arrays.items() if values is not None}
    np.savez(tmp_path / "test.npz", **arrays)
    with pytest.raises(DataError, match=reason):
        load_split(tmp_path, "test")


def test_what_is_no_npz_is_refused(tmp_path):
    (tmp_path / "test.npz").write_text("hello")
    with pytest.raises(DataError, match="not a readable"):
        load_split(tmp_path, "test")


def test_unknown_artists_are_each_their_own(data_set, tmp_path):
    with np.load(data_set / "test.npz") as stored:
        arrays = dict(stored)
    arrays["artist_id"][:3] = -1
    np.savez(tmp_path / "test.npz", **arrays)
    groups = load_split(tmp_path, "test").artist_groups
    assert len(set(groups[:3])) == 3
    assert groups[4] == groups[5]


@pytest.mark.parametrize("step", ["fit", "evaluate", "report"])
def test_every_step_explains_itself(step, capsys):
    with pytest.raises(SystemExit) as stop:
        main([step, "--help"])
    assert stop.value.code == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [[], ["dance"], ["evaluate"], ["evaluate", "--data"]])
def test_wrong_usage(wrong, capsys):
    with pytest.raises(SystemExit) as stop:
        main(wrong)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_random_split_deals_all_clips_once_and_evenly(data_set):
    dealt = [
        load_split(data_set, name, protocol="random", seed=1)
        for name in ("training", "validation", "test")
    ]
    whole = np.concatenate([load_split(data_set, n).track_id for n in ("training", "validation")])
    assert sorted(np.concatenate([part.track_id for part in dealt])) == sorted(whole)
    assert [len(part) for part in dealt] == [192, 24, 24]
    assert (np.bincount(dealt[2].genre) == 3).all()
    again = load_split(data_set, "test", protocol="random", seed=1)
    other = load_split(data_set, "test", protocol="random", seed=2)
    np.testing.assert_array_equal(again.track_id, dealt[2].track_id)
    assert set(other.track_id) != set(again.track_id)


def test_folds_share_no_artist_and_hold_out_every_clip_once(data_set):
    whole = np.concatenate(
        [load_split(data_set, name).track_id for name in ("training", "validation")]
    )
    held_out = []
    for fold in range(5):
        parts = [
            load_split(data_set, name, protocol="folds", fold=fold)
            for name in ("training", "validation", "test")
        ]
        artists = [set(part.artist_groups) for part in parts]
        assert not any(artists[i] & artists[j] for i, j in ((0, 1), (0, 2), (1, 2)))
        assert sum(map(len, parts)) == len(whole)
        held_out.append(parts[2].track_id)
    assert sorted(np.concatenate(held_out)) == sorted(whole)
    with pytest.raises(DataError, match="folds 0 to 4"):
        load_split(data_set, "test", protocol="folds", fold=5)
