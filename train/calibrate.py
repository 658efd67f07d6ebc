"""Makes a network as sure as it is right, and finds out when it should say "not sure".

Both follow from what the folds' networks said of clips whose artists they never heard.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from train import evidence
from train.data import DataError
from train.evaluate import load_network

_RANGE = (0.25, 4.0)
# An answer that is not "not sure" should be right in two cases of three.
RIGHT_WHEN_SURE = 2 / 3


def fold_evidence(folder: str | Path) -> list[evidence.Evidence]:
    """What the folds' networks, not yet calibrated, said of the clips that they were not shown.

    Parameters
    ----------
    folder : path of the evidence

    Returns
    -------
    list of Evidence
        One a fold, in their order.

    Raises
    ------
    DataError
        If there is none.
    """
    paths = sorted(Path(folder).glob("folds-test-songnet-seed*.csv"))
    if not paths:
        raise DataError(
            f"There is no evidence of folds in {folder}: run `python -m train reproduce` first."
        )
    return [evidence.read(path) for path in paths]


def softened(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities whose logits are divided by a temperature.

    Parameters
    ----------
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
    temperature : float > 0

    Returns
    -------
    np.ndarray [the same shape, rows sum to 1]
    """
    return softmax(np.log(np.maximum(probabilities, 1e-12)) / temperature, axis=1)


def cross_calibrated(folds: list[evidence.Evidence]) -> evidence.Evidence:
    """All folds' clips, each fold at the temperature that fits the other folds.

    Parameters
    ----------
    folds : list of Evidence, two or more

    Returns
    -------
    Evidence
    """
    calibrated = []
    for held_out in folds:
        others = [fold for fold in folds if fold is not held_out]
        temperature = fit_temperature(
            np.concatenate([fold.probabilities for fold in others]),
            np.concatenate([fold.label for fold in others]),
        )
        calibrated.append(softened(held_out.probabilities, temperature))
    names = ("track_id", "label", "artist_id")
    joined = (np.concatenate([getattr(fold, name) for fold in folds]) for name in names)
    return evidence.Evidence(*joined, np.concatenate(calibrated))


def abstention_threshold(
    probabilities: np.ndarray, genre: np.ndarray, right: float = RIGHT_WHEN_SURE
) -> float:
    """The lowest confidence from which on a given share of the answers is right.

    Parameters
    ----------
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
        Calibrated, on clips that the network was not trained on.
    genre : np.ndarray [shape=(n,), int]
    right : float, 0..1

    Returns
    -------
    float, 0..1, in steps of 0.01
        1 where no confidence is enough.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == genre
    for threshold in np.arange(0, 100) / 100:
        answered = correct[confidence >= threshold]
        if answered.size and answered.mean() >= right:
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
        Below 1 the network was not sure enough, above 1 too sure.
    """
    logits = np.log(np.maximum(probabilities, 1e-12))

    def log_loss(temperature):
        scaled = logits / temperature
        own = scaled[np.arange(len(genre)), genre]
        return np.mean(np.logaddexp.reduce(scaled, axis=1) - own)

    return float(minimize_scalar(log_loss, bounds=_RANGE, method="bounded").x)


def apply_temperature(network: keras.Model, temperature: float) -> None:
    """Divides a network's logits by a temperature, in the weights of its last layer.

    Parameters
    ----------
    network : keras.Model
        As `songnet.model.build_songnet` makes it. Its probabilities change, its ranking does not.
    temperature : float > 0
    """
    last = network.get_layer("probabilities")
    last.set_weights([weights / temperature for weights in last.get_weights()])


def calibrate(model: str | Path, folds: str | Path, output: str | Path) -> dict:
    """Writes a network with the temperature that fits the folds' networks in its weights.

    Parameters
    ----------
    model : path of a `.keras` file that `train.fit.fit` wrote
    folds : path of the folder of the folds' evidence
    output : path of the `.keras` file to write

    Returns
    -------
    dict
        ``temperature`` and ``output``.

    Raises
    ------
    DataError
        If the model cannot be loaded or there is no evidence of folds.
    """
    runs = fold_evidence(folds)
    temperature = fit_temperature(
        np.concatenate([run.probabilities for run in runs]),
        np.concatenate([run.label for run in runs]),
    )
    network = load_network(model)
    apply_temperature(network, temperature)
    network.save(output)
    return {"temperature": temperature, "output": str(output)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train calibrate``."""
    parser.add_argument("--model", default="runs/songnet/songnet.keras", help="%(default)s")
    parser.add_argument("--folds", default="artifacts/evidence", metavar="DIR", help="%(default)s")
    parser.add_argument("--output", required=True, metavar="FILE", help="the .keras file to write")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train calibrate``: writes it, and returns what ``--json`` prints."""
    return calibrate(arguments.model, arguments.folds, arguments.output)
