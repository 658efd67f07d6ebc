"""Temperature scaling finds the temperature that was applied, and changes no ranking."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig, build_songnet
from tests.support.sentences import assert_one_sentence
from train.data import data_set
from train.errors import DataError
from train.evidence import predictions
from train.evidence.calibrate import apply_temperature, calibrate, show, warnings
from train.evidence.confidence import (
    abstention_threshold,
    cross_calibrated,
    fit_temperature,
    with_temperature,
)
from train.evidence.metrics import figures
from train.evidence.predictions import Evidence


def drawn(n, seed=0):
    """Calibrated probabilities, and genres drawn from them."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(np.ones(8), size=n)
    return true, np.array([rng.choice(8, p=p) for p in true])


def fold(seed, temperature, n=5_000):
    true, genre = drawn(n, seed)
    return Evidence(
        track_id=np.arange(n),
        label=genre,
        artist_id=np.arange(n),
        probabilities=with_temperature(true, 1 / temperature),
    )


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_finds_the_temperature(temperature):
    true, genre = drawn(20_000)
    uncalibrated = with_temperature(true, 1 / temperature)
    assert fit_temperature(uncalibrated, genre) == pytest.approx(temperature, rel=0.05)
    assert figures(genre, with_temperature(uncalibrated, temperature))["ece"][0] < 0.01


@pytest.mark.slow
def test_lies_in_the_weights():
    keras.utils.set_random_seed(0)
    network = build_songnet(ModelConfig(filters=(8, 8, 8), gru_units=4))
    inputs = np.random.default_rng(0).random((3, 128, 128)).astype(np.float32)
    before = network.predict(inputs, verbose=0)
    apply_temperature(network, 0.5)
    after = network.predict(inputs, verbose=0)
    expected = with_temperature(before["probabilities"], 0.5)
    np.testing.assert_allclose(after["probabilities"], expected, atol=1e-5)
    np.testing.assert_array_equal(after["embedding"], before["embedding"])


def test_a_folds_temperature_comes_from_the_others():
    folds = [fold(0, 0.5), fold(1, 0.5), fold(2, 2.0)]
    joined = cross_calibrated(folds)
    assert len(joined.label) == 15_000
    odd = figures(joined.label[10_000:], joined.probabilities[10_000:])["ece"][0]
    # The two others need 0.5 and tell the third so, which needs 2.
    np.testing.assert_allclose(joined.probabilities[10_000:].sum(axis=1), 1)
    assert odd > 0.1
    np.testing.assert_array_equal(
        joined.probabilities.argmax(1), np.concatenate([f.probabilities.argmax(1) for f in folds])
    )


def test_the_threshold_is_the_lowest_with_enough_correct_answers():
    true, genre = drawn(20_000)
    threshold = abstention_threshold(true, genre, share=0.6)
    confidence, correct = true.max(axis=1), true.argmax(axis=1) == genre
    assert correct[confidence >= threshold].mean() >= 0.6
    assert correct[confidence >= threshold - 0.01].mean() < 0.6
    assert abstention_threshold(true, (true.argmax(axis=1) + 1) % 8) == 1.0
    assert abstention_threshold(true, true.argmax(axis=1)) == 0.0


def test_a_calibrated_network_has_its_threshold_in_its_config(tmp_path):
    keras.utils.set_random_seed(0)
    build_songnet(ModelConfig(filters=(8, 8, 8), gru_units=4)).save(tmp_path / "songnet.keras")
    found = calibrate(tmp_path / "songnet.keras", [fold(0, 0.5)], tmp_path / "calibrated")
    assert found["temperature"] == pytest.approx(0.5, rel=0.05)
    config = json.loads((tmp_path / "calibrated" / "config.json").read_text())
    assert config["abstain_below"] == found["abstain_below"]
    assert config["genres"] == list(data_set.FMA_SMALL.genres)
    keras.saving.load_model(tmp_path / "calibrated" / "songnet.keras", compile=False)


def answered(right, wrong):
    """Sure answers for clips of two genres."""
    label = np.arange(right + wrong) % 2
    said = np.where(np.arange(right + wrong) < right, label, 1 - label)
    return Evidence(
        track_id=np.arange(len(label)),
        label=label,
        artist_id=np.arange(len(label)),
        probabilities=np.eye(8)[said] * 0.93 + 0.00875,
    )


@pytest.mark.parametrize(
    ("right", "wrong", "below", "said"),
    [
        (3, 1, 0.0, ["no better than a guess: of 4 clips", 'never be "not sure"']),
        (6, 0, 0.0, ["of 6 it recognises 100% (95 % interval: 61% to 100%)"]),
        (100, 10, 0.0, []),
        (110, 90, 0.5, ["no better than a guess"]),
        (130, 70, 0.5, []),
    ],
)
def test_a_calibration_on_few_clips_says_so(right, wrong, below, said):
    found = warnings(answered(right, wrong), below)
    assert len(found) == len(said)
    for sentences, part in zip(found, said, strict=True):
        assert part in sentences


def test_a_warning_is_printed_for_people(capsys):
    show({"abstain_below": 0.0, "warning": "Few."})
    assert capsys.readouterr().out == "abstain_below: 0.0\nBeware: Few.\n"


def test_predictions_for_other_genres_are_one_sentence(tmp_path):
    build_songnet(ModelConfig(filters=(8, 8, 8), gru_units=4)).save(tmp_path / "songnet.keras")
    other = dataclasses.replace(fold(0, 1.0, n=3), genres=tuple("abcdefgh"))
    with pytest.raises(DataError, match="and the evidence has a, b, c, d, e, f, g, h"):
        calibrate(tmp_path / "songnet.keras", [other], tmp_path / "calibrated")
    assert not (tmp_path / "calibrated").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("track_id,label,Fado,Tango,artist_id\n", "it has no rows"),
        ("track_id,label,Fado,Tango,artist_id\n1,Rock,0.5,0.5,1\n", "labels have no column: Rock"),
        ("track_id,label,Fado,Tango,artist_id\n1,Fado,nan,0.5,1\n", "do not add up to 1"),
        ("track_id,label,Fado,Tango,artist_id\n1,Fado,0.5,0.9,1\n", "do not add up to 1"),
        ("track_id,label,Fado,Tango,artist_id\n1,Fado\n", "too few cells"),
        ("track_id,label,Fado,Tango\n1,Fado,0.5,0.5\n", "must name track_id and label and artist"),
    ],
)
def test_a_table_of_no_predictions_is_one_sentence(tmp_path, text, why):
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(
        DataError, match=r"rows\.csv is no table of per-clip predictions: "
    ) as found:
        predictions.read(tmp_path / "rows.csv")
    assert why in str(found.value)
    assert_one_sentence(found.value)
