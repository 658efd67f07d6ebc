"""Temperature and "not sure" threshold, from predictions for clips that were not trained on."""

import dataclasses
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from train.evidence.predictions import Evidence, joined

_RANGE = (0.25, 4.0)
# Share of the answers, "not sure" left out, that should be correct.
CORRECT_WHEN_SURE = 2 / 3


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities after their logits are divided by a temperature.

    Parameters
    ----------
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
    temperature : float > 0

    Returns
    -------
    np.ndarray [the same shape, rows sum to 1]
    """
    return softmax(np.log(np.maximum(probabilities, 1e-12)) / temperature, axis=1)


def cross_calibrated(folds: list[Evidence]) -> Evidence:
    """The predictions of all folds, each with the temperature that fits the other folds.

    Parameters
    ----------
    folds : list of Evidence, two or more

    Returns
    -------
    Evidence
    """
    calibrated = []
    for held_out in folds:
        others = joined([fold for fold in folds if fold is not held_out])
        temperature = fit_temperature(others.probabilities, others.label)
        calibrated.append(with_temperature(held_out.probabilities, temperature))
    return dataclasses.replace(joined(folds), probabilities=np.concatenate(calibrated))


def abstention_threshold(
    probabilities: np.ndarray, genre: np.ndarray, share: float = CORRECT_WHEN_SURE
) -> float:
    """The lowest confidence threshold above which a given share of the answers is correct.

    Parameters
    ----------
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
        Calibrated, on clips that the network was not trained on.
    genre : np.ndarray [shape=(n,), int]
    share : float, 0..1

    Returns
    -------
    float, 0..1, in steps of 0.01
        1 where no confidence is enough.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == genre
    for threshold in np.arange(0, 100) / 100:
        answered = correct[confidence >= threshold]
        if answered.size and answered.mean() >= share:
            return float(threshold)
    return 1.0


def fit_temperature(probabilities: np.ndarray, genre: np.ndarray) -> float:
    """The temperature that gives the lowest log loss (Guo et al. 2017, arXiv 1706.04599).

    Parameters
    ----------
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
        On clips that the network was not trained on.
    genre : np.ndarray [shape=(n,), int]

    Returns
    -------
    float, 0.25..4
        Below 1, the network was less confident than it should be; above 1, more confident.
    """
    logits = np.log(np.maximum(probabilities, 1e-12))

    def log_loss(temperature: float) -> float:
        scaled = logits / temperature
        own = scaled[np.arange(len(genre)), genre]
        return np.mean(np.logaddexp.reduce(scaled, axis=1) - own)

    found: Any = minimize_scalar(log_loss, bounds=_RANGE, method="bounded")
    return float(found.x)
