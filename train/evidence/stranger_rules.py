"""Rules by which a song could be known to be unlike everything that own genres were taught."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from sklearn.covariance import LedoitWolf

from songnet.own_genres.held_out import USUAL_TEMPERATURE
from songnet.own_genres.nearest import genre_means, probabilities, unit
from train.evidence.few_songs import Heard


@dataclass(frozen=True)
class Case:
    """Genres that were taught, and clips that are of these genres or strangers.

    Attributes
    ----------
    taught : Heard
        The clips that teach.
    labels : np.ndarray [shape=(n,), int]
        Their genres, 0 to g - 1.
    archive : Heard
        Clips that the network was trained on, as the released index holds.
    asked : Heard
        The clips that are asked for.
    """

    taught: Heard
    labels: np.ndarray
    archive: Heard
    asked: Heard

    @cached_property
    def means(self) -> np.ndarray:
        """The genres' mean directions: [shape=(g, D)]."""
        return genre_means(self.taught.embedding, self.labels, self.labels.max() + 1)

    @cached_property
    def similarity(self) -> np.ndarray:
        """Of the clips to the genres' mean directions: [shape=(m, g)]."""
        return self.asked.embedding @ self.means.T

    @cached_property
    def to_archive(self) -> np.ndarray:
        """The clips' similarities to those of the archive: [shape=(m, n_archive)]."""
        return self.asked.embedding @ self.archive.embedding.T

    @cached_property
    def squared_distances(self) -> tuple[np.ndarray, np.ndarray]:
        """To the nearest genre's mean and to the archive's, by the archive's covariance.

        Of Mahalanobis, both [shape=(m,)]; the covariance is shrunk as Ledoit and Wolf say.
        """
        archive = LedoitWolf().fit(self.archive.embedding)
        whiten = np.linalg.cholesky(archive.precision_)
        taught, asked = (
            (heard.embedding - archive.location_) @ whiten for heard in (self.taught, self.asked)
        )
        genres = range(len(self.means))
        means = [taught[self.labels == genre].mean(axis=0) for genre in genres]
        to_means = [np.square(asked - mean).sum(axis=1) for mean in means]
        return np.min(to_means, axis=0), np.square(asked).sum(axis=1)


def part(heard: Heard, rows: np.ndarray) -> Heard:
    """Some clips of those that a network has heard."""
    return Heard(**{field.name: getattr(heard, field.name)[rows] for field in fields(Heard)})


def _mean(case: Case) -> np.ndarray:
    return case.similarity.max(axis=1)


def _nearest_song(case: Case) -> np.ndarray:
    return (case.asked.embedding @ case.taught.embedding.T).max(axis=1)


def _three_songs(case: Case) -> np.ndarray:
    return np.sort(case.asked.embedding @ case.taught.embedding.T, axis=1)[:, -3:].mean(axis=1)


def _by_genre(case: Case) -> np.ndarray:
    sums = np.eye(len(case.means))[case.labels].T @ case.taught.embedding
    others = unit(sums[case.labels] - case.taught.embedding)
    held_out = (case.taught.embedding * others).sum(axis=1)
    usual = [held_out[case.labels == genre].mean() for genre in range(len(case.means))]
    nearest = case.similarity.argmax(axis=1)
    return (case.similarity - usual)[np.arange(len(nearest)), nearest]


def _entropy(case: Case) -> np.ndarray:
    shares = probabilities(case.similarity, USUAL_TEMPERATURE)
    return (shares * np.log(shares + 1e-12)).sum(axis=1)


def _centred(case: Case) -> np.ndarray:
    middle = case.archive.embedding.mean(axis=0)
    means = genre_means(unit(case.taught.embedding - middle), case.labels, len(case.means))
    return (unit(case.asked.embedding - middle) @ means.T).max(axis=1)


def _less_archive(case: Case) -> np.ndarray:
    return _mean(case) - case.asked.embedding @ unit(case.archive.embedding.mean(axis=0))


def _less_nearest(number: int) -> Callable[[Case], np.ndarray]:
    def likeness(case: Case) -> np.ndarray:
        kth = min(number, case.to_archive.shape[1]) - 1
        return _mean(case) + np.partition(-case.to_archive, kth, axis=1)[:, kth]

    return likeness


def _standardised(case: Case) -> np.ndarray:
    of_archive = case.archive.embedding @ case.means.T
    return ((case.similarity - of_archive.mean(axis=0)) / of_archive.std(axis=0)).max(axis=1)


def _mahalanobis(case: Case) -> np.ndarray:
    return -case.squared_distances[0]


def _relative_mahalanobis(case: Case) -> np.ndarray:
    to_genre, to_archive = case.squared_distances
    return to_archive - to_genre


def _network_agrees(case: Case) -> np.ndarray:
    logs = np.log(case.taught.probabilities + 1e-4)
    means = np.exp([logs[case.labels == genre].mean(axis=0) for genre in range(len(case.means))])
    means /= means.sum(axis=1, keepdims=True)
    return (np.sqrt(case.asked.probabilities) @ np.sqrt(means).T).max(axis=1)


def _network_entropy(case: Case) -> np.ndarray:
    shares = case.asked.probabilities
    return (shares * np.log(shares + 1e-12)).sum(axis=1)


# Each takes a case and gives how like the clips are to what was taught [shape=(m,)]. The first is
# SongNet's.
RULES: dict[str, Callable[[Case], np.ndarray]] = {
    "mean": _mean,
    "nearest song": _nearest_song,
    "three songs": _three_songs,
    "by genre": _by_genre,
    "entropy": _entropy,
    "centred": _centred,
    "less archive": _less_archive,
    "less 10th": _less_nearest(10),
    "less 500th": _less_nearest(500),
    "standardised": _standardised,
    "Mahalanobis": _mahalanobis,
    "relative": _relative_mahalanobis,
    "network agrees": _network_agrees,
    "network entropy": _network_entropy,
}
