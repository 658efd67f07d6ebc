"""Makes a network as sure as it is right, and finds out when it should say "not sure".

Both follow from what the folds' networks said of clips whose artists they never heard.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from train import data_set, evidence
from train.network import learned_from, load_network

_RANGE = (0.25, 4.0)
# An answer that is not "not sure" should be right in two cases of three.
RIGHT_WHEN_SURE = 2 / 3


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
    return evidence.Evidence(*joined, np.concatenate(calibrated), folds[0].genres)


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


def calibrate(
    model: str | Path, runs: list[evidence.Evidence], output: str | Path
) -> dict[str, float]:
    """Gives a network the temperature and the threshold that fit what such networks said.

    Writes ``songnet.keras`` with the temperature in its weights, and ``config.json`` with the
    threshold, `abstain_below`, from which `train.export` takes it.

    Parameters
    ----------
    model : path of a `.keras` file that `train.fit.fit` wrote
    runs : list of Evidence
        Of networks that were trained likewise and not calibrated, on clips that they were not
        shown: the folds'.
    output : path of a folder, made where it does not exist

    Returns
    -------
    dict
        ``temperature`` and ``abstain_below``.

    Raises
    ------
    DataError
        If the model cannot be loaded.
    """
    network = load_network(model)
    origin = learned_from(model, network)
    said = np.concatenate([run.probabilities for run in runs])
    genre = np.concatenate([run.label for run in runs])
    temperature = fit_temperature(said, genre)
    found = {
        "temperature": temperature,
        "abstain_below": abstention_threshold(softened(said, temperature), genre),
    }
    apply_temperature(network, temperature)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    network.save(output / "songnet.keras")
    text = json.dumps(origin.to_json() | found, indent=2) + "\n"
    (output / data_set.MODEL_FILE).write_text(text, encoding="utf-8")
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train calibrate``."""
    parser.add_argument("--model", default="runs/songnet/songnet.keras", help="%(default)s")
    parser.add_argument(
        "--evidence",
        nargs="+",
        required=True,
        metavar="CSV",
        help="what such networks said of clips that they were not shown, as `evaluate` writes it",
    )
    parser.add_argument("--output", default="runs/calibrated", metavar="DIR", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train calibrate``: writes it, and returns what ``--json`` prints."""
    runs = [evidence.read(path) for path in arguments.evidence]
    return calibrate(arguments.model, runs, arguments.output) | {"output": arguments.output}
