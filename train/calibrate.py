"""Temperature scaling: makes a network as sure as it is right."""

import keras
import numpy as np
from scipy.optimize import minimize_scalar

_RANGE = (0.25, 4.0)


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
