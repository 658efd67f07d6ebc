"""Figures of merit against scikit-learn and against cases that can be worked out by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from train.evidence import metrics


@pytest.fixture(scope="module")
def guesses():
    rng = np.random.default_rng(0)
    labels = rng.integers(8, size=400)
    probabilities = rng.dirichlet(np.ones(8), size=400)
    probabilities[np.arange(400), labels] += 0.3
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_agrees_with_scikit_learn(guesses):
    labels, probabilities = guesses
    predicted = probabilities.argmax(axis=1)
    figures = metrics.figures(labels, probabilities)
    assert figures["accuracy"][0] == pytest.approx(accuracy_score(labels, predicted))
    assert figures["macro_f1"][0] == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert figures["log_loss"][0] == pytest.approx(log_loss(labels, probabilities))


def test_a_weight_of_two_is_a_clip_counted_twice(guesses):
    labels, probabilities = guesses
    weights = np.random.default_rng(1).integers(0, 3, size=len(labels))
    repeated = np.repeat(np.arange(len(labels)), weights)
    weighted = metrics.figures(labels, probabilities, weights[None].astype(float))
    counted = metrics.figures(labels[repeated], probabilities[repeated])
    for name in ("accuracy", "macro_f1", "log_loss", "ece"):
        assert weighted[name][0] == pytest.approx(counted[name][0])


def test_calibration_error_by_hand():
    probabilities = np.tile([0.9, 0.1], (10, 1))
    labels = np.array([0] * 6 + [1] * 4)  # 90 % confident, 60 % correct
    assert metrics.figures(labels, probabilities)["ece"][0] == pytest.approx(0.3)


def test_sure_half_is_the_confident_half():
    probabilities = np.array([[0.9, 0.1]] * 5 + [[0.6, 0.4]] * 5)
    labels = np.array([0] * 5 + [1] * 5)
    assert metrics.figures(labels, probabilities)["sure_half_accuracy"][0] == 1.0


def test_resampling_artists_widens_the_interval():
    rng = np.random.default_rng(2)
    artist = np.repeat(np.arange(40), 20)
    correct = np.repeat(rng.random(40) < 0.5, 20)  # for an artist, all clips or none
    probabilities = np.where(correct[:, None], [0.8, 0.2], [0.2, 0.8])
    labels = np.zeros(800, dtype=int)
    by_artist = metrics.figures_with_intervals(labels, probabilities, artist, resamples=1000)
    by_clip = metrics.figures_with_intervals(labels, probabilities, np.arange(800), resamples=1000)

    def width(figures):
        return figures["accuracy"]["high"] - figures["accuracy"]["low"]

    assert width(by_artist) > 3 * width(by_clip)
    assert by_artist["accuracy"]["low"] < correct.mean() < by_artist["accuracy"]["high"]


def test_seeds_are_averaged(guesses):
    labels, probabilities = guesses
    uniform = np.full_like(probabilities, 1 / 8)
    result = metrics.figures_with_intervals(
        labels, np.stack([probabilities, uniform]), np.arange(len(labels)), resamples=500
    )
    both = [metrics.figures(labels, run)["accuracy"][0] for run in (probabilities, uniform)]
    assert result["accuracy"]["seeds"] == pytest.approx(both)
    assert result["accuracy"]["mean"] == pytest.approx(np.mean(both))


def test_difference_of_a_classifier_with_itself_is_nothing(guesses):
    labels, probabilities = guesses
    groups = np.arange(len(labels)) // 4
    same = metrics.accuracy_difference(
        labels, probabilities[None], probabilities[None], groups, resamples=1000
    )
    assert same == {"mean": 0, "low": 0, "high": 0, "p": 1}
    worse = probabilities[::-1]
    better = metrics.accuracy_difference(
        labels, probabilities[None], worse[None], groups, resamples=1000
    )
    assert better["low"] > 0
    assert better["p"] < 0.05


def test_confusion_and_recall():
    labels = np.array([0, 0, 1, 2])
    probabilities = np.eye(3)[[0, 1, 1, 0]]
    assert metrics.confusion_matrix(labels, probabilities).tolist() == [
        [1, 1, 0],
        [0, 1, 0],
        [1, 0, 0],
    ]
    assert metrics.recall_by_genre(labels, probabilities) == [0.5, 1.0, 0.0]


def test_macro_f1_is_of_the_genres_that_have_clips():
    labels = np.array([0, 0, 1, 1])
    probabilities = np.eye(4)[[0, 0, 1, 3]]
    f1 = metrics.figures(labels, probabilities)["macro_f1"][0]
    assert f1 == pytest.approx((1 + 2 / 3) / 2)


def test_intervals_of_ratios_resample_artists():
    """The ratio of what is drawn: half of one artist's ten clips, all of the other's two."""
    hits = np.array([[1, 0]] * 5 + [[0, 0]] * 5 + [[1, 0]] * 2)
    counted = np.array([[1, 0]] * 12)
    groups = np.array([0] * 10 + [1] * 2)
    found = metrics.ratio_intervals(hits, counted, groups)
    assert found[0].tolist() == [0.5, 1.0]  # either artist twice, or both
    assert np.isnan(found[1]).all()  # nothing is counted
    alone = metrics.ratio_intervals(hits[:, :1], counted[:, :1], np.arange(12))
    assert 0.2 < alone[0, 0] < 7 / 12 < alone[0, 1] < 0.9
