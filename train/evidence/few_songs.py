"""Ways to learn genres from a few songs by their embeddings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from songnet.own_genres.nearest import genre_means, unit


@dataclass(frozen=True)
class Heard:
    """What a network hears in clips.

    Attributes
    ----------
    embedding : np.ndarray [shape=(n, D), float32, unit length]
    summary : np.ndarray [shape=(n, S), float32, unit length]
        The pooled sequence, of which the embedding is a layer's output.
    probabilities : np.ndarray [shape=(n, g), float32, rows sum to 1]
        Of the genres that it was trained on.
    genre, artist : np.ndarray [shape=(n,), int]
        In `artist`, each clip whose artist is unknown has a number of its own.
    """

    embedding: np.ndarray
    summary: np.ndarray
    probabilities: np.ndarray
    genre: np.ndarray
    artist: np.ndarray


# Takes taught embeddings [shape=(n, D)], their labels [shape=(n,)] and other embeddings
# [shape=(m, D)]; gives the labels of the latter [shape=(m,)].
Method = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def mean(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The nearest mean direction: what SongNet does."""
    return (asked @ genre_means(taught, labels, labels.max() + 1).T).argmax(axis=1)


def shrunken_mean(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The nearest mean direction, each mean drawn to that of all songs as if that were a song."""
    n_genres = labels.max() + 1
    sums = np.eye(n_genres)[labels].T @ taught
    return (asked @ unit(sums + taught.mean(axis=0)).T).argmax(axis=1)


def two_means(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The genre of the nearest of two mean directions a genre, where it has five songs or more."""
    centres, of_genre = [], []
    for genre in range(labels.max() + 1):
        songs = taught[labels == genre]
        clusters = KMeans(2 if len(songs) >= 5 else 1, n_init=2, random_state=0).fit(songs)
        centres.append(unit(clusters.cluster_centers_))
        of_genre += [genre] * len(clusters.cluster_centers_)
    return np.array(of_genre)[(asked @ np.concatenate(centres).T).argmax(axis=1)]


def nearest_song(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The genre of the nearest song."""
    return labels[(asked @ taught.T).argmax(axis=1)]


def ridge(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Ridge regression on the genres, with the penalty that did best beforehand."""
    return RidgeClassifier(alpha=3.0).fit(taught, labels).predict(asked)


def logistic(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Logistic regression."""
    return LogisticRegression(C=10.0, max_iter=500).fit(taught, labels).predict(asked)


def discriminant(taught: np.ndarray, labels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Linear discriminant analysis, its covariance shrunk as Ledoit and Wolf (2004) say."""
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    return analysis.fit(taught, labels).predict(asked)


_ON_EMBEDDINGS: dict[str, Method] = {
    "mean": mean,
    "shrunken mean": shrunken_mean,
    "two means": two_means,
    "nearest song": nearest_song,
    "ridge": ridge,
    "logistic": logistic,
    "discriminant": discriminant,
}
METHODS = (*_ON_EMBEDDINGS, "mean of 256")


def drawn(taught: Heard, genres: tuple[int, ...], songs: int, seed: list[int]) -> np.ndarray:
    """Clips that teach: as many of each genre, drawn without regard to their artists."""
    random = np.random.default_rng(seed)
    return np.concatenate(
        [random.permutation(np.flatnonzero(taught.genre == genre))[:songs] for genre in genres]
    )


def right_answers(
    taught: Heard, rows: np.ndarray, tested: Heard, asked: np.ndarray, genres: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Which clips each method gives their genre.

    Parameters
    ----------
    taught, tested : Heard
    rows, asked : np.ndarray of int
        The clips that teach, and those that are asked for; all are of `genres`.
    genres : tuple of int, ascending

    Returns
    -------
    dict of str to np.ndarray [shape=(len(asked),), bool]
        By the method's name. Without a method that needs more songs than these.
    """
    labels = np.searchsorted(genres, taught.genre[rows])
    truth = np.searchsorted(genres, tested.genre[asked])
    right = {
        name: method(taught.embedding[rows], labels, tested.embedding[asked]) == truth
        for name, method in _ON_EMBEDDINGS.items()
        # One song a genre has no covariance.
        if name != "discriminant" or len(rows) > len(genres)
    }
    right["mean of 256"] = mean(taught.summary[rows], labels, tested.summary[asked]) == truth
    return right
