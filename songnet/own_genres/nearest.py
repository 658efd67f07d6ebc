"""The method: the genre to whose mean direction a song's embedding is nearest."""

import numpy as np


def genre_means(embeddings: np.ndarray, labels: np.ndarray, n_genres: int) -> np.ndarray:
    """The mean direction of each genre's songs.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n, D), float, rows of unit length]
    labels : np.ndarray [shape=(n,), int]
        Each genre has a song at least.
    n_genres : int

    Returns
    -------
    np.ndarray [shape=(n_genres, D), float, rows of unit length]
    """
    return unit(np.eye(n_genres)[labels].T @ embeddings)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to unit length: [the same shape]."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def probabilities(similarity: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of the genres: the softmax of similarities over a temperature.

    Parameters
    ----------
    similarity : np.ndarray [shape=(..., g), float, -1..1]
        Cosines of the angles between a song's embedding and the genres' mean directions.
    temperature : float > 0

    Returns
    -------
    np.ndarray [the same shape, sums to 1 over the last axis]
    """
    logits = similarity / temperature
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
