"""Loads the network's weights from a folder, the Hugging Face Hub, or this installation."""

from songnet.weights.load import EMBEDDED, load_weights
from songnet.weights.release import ReleaseConfig, Weights

__all__ = ["EMBEDDED", "ReleaseConfig", "Weights", "load_weights"]
