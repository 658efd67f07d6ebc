"""How good own genres are, measured on songs that are left out while the others teach them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from songnet.own_genres.nearest import probabilities, unit
from songnet.own_genres.songs import TaughtSong

# Temperatures that fitted taught genres lie around this one, whatever their number and that of
# their songs (`train/EXPERIMENTS.md`). A few songs, all recognised, would ask for one near 0.
USUAL_TEMPERATURE = 0.15
_SPREAD = np.log(1.5)
_TEMPERATURES = np.geomspace(0.02, 1.0, 79)
# Of the answers, "not sure" left out, this share should be correct, as of the network's own.
_CORRECT_WHEN_SURE = 2 / 3
# Two songs that were and two that were not recognised are added: three right of three prove little.
_ADDED = 2
# Share of the songs held out that are taken for "none of these".
_REFUSED = 0.05
# Few songs that resemble each other closely say little of how far another of their genre may be.
# Real genres lie below this.
_NONE_AT_MOST = 0.6
# With fewer songs than this, the figures are rough.
ENOUGH = 20


@dataclass(frozen=True)
class HeldOut:
    """The answers for songs that were left out, an artist or a song at a time.

    Attributes
    ----------
    by : {"artist", "song"}
        What was left out at once: all songs of an artist, where the artists are known, or one song.
        The latter flatters where an artist has several songs.
    groups : int
        How many artists (each song without one counts as another), or songs.
    confusion : tuple of tuple of int [shape=(g, g)]
        Number of songs of each genre (row) by the genre that they were taken for (column).
    """

    by: Literal["artist", "song"]
    groups: int
    confusion: tuple[tuple[int, ...], ...]

    @property
    def songs(self) -> int:
        """The number of songs."""
        return sum(map(sum, self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of the songs that were recognised, 0..1."""
        return sum(row[number] for number, row in enumerate(self.confusion)) / max(self.songs, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval (Wilson 1927) with `groups` as the sample, not songs."""
        n, share, z = max(self.groups, 1), self.accuracy, 1.96
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        return max(0.0, float(middle - half)), min(1.0, float(middle + half))

    @property
    def rough(self) -> bool:
        """Whether there are too few songs to trust the figures, and what was chosen by them."""
        return self.songs < ENOUGH


@dataclass(frozen=True)
class Calibration:
    """What is chosen by the answers for songs that were left out.

    Attributes
    ----------
    temperature : float > 0
    abstain_below : float, 0..1
        Confidence under which the answer is "not sure".
    none_below : float, -1..1
        Similarity to the nearest genre under which the answer is "none of these".
    """

    temperature: float
    abstain_below: float
    none_below: float


def measure(songs: Sequence[TaughtSong], names: Sequence[str]) -> tuple[HeldOut, Calibration]:
    """Leaves out each artist, or each song where artists are not known, and asks for its genre.

    Parameters
    ----------
    songs : sequence of TaughtSong
        Two or more of each genre.
    names : sequence of str
        The genres.

    Returns
    -------
    HeldOut, Calibration
    """
    embeddings = np.stack([song.embedding for song in songs]).astype(float)
    labels = np.array([names.index(song.genre) for song in songs])
    by, groups = _groups(songs)
    similarity = _left_out(embeddings, labels, groups, len(names))
    confusion = np.zeros((len(names), len(names)), int)
    np.add.at(confusion, (labels, similarity.argmax(axis=1)), 1)
    held_out = HeldOut(by, len(np.unique(groups)), tuple(tuple(row) for row in confusion.tolist()))
    return held_out, calibrate(similarity, labels)


def calibrate(similarity: np.ndarray, labels: np.ndarray) -> Calibration:
    """Chooses temperature and thresholds by the similarities of songs that were left out.

    Parameters
    ----------
    similarity : np.ndarray [shape=(n, g), float, -1..1]
    labels : np.ndarray [shape=(n,), int]

    Returns
    -------
    Calibration
        Its temperature is the most probable one, given the answers and what is usual.
    """

    def cost(temperature: float) -> float:
        own = probabilities(similarity, temperature)[np.arange(len(labels)), labels]
        unusual = np.log(temperature / USUAL_TEMPERATURE) / _SPREAD
        return float(unusual**2 / 2 - np.log(np.maximum(own, 1e-12)).sum())

    temperature = min(_TEMPERATURES, key=cost)
    nearest = float(np.quantile(similarity.max(axis=1), _REFUSED))
    return Calibration(
        temperature=round(float(temperature), 4),
        abstain_below=_abstention_threshold(probabilities(similarity, temperature), labels),
        none_below=round(min(nearest, _NONE_AT_MOST), 4),
    )


def _groups(songs: Sequence[TaughtSong]) -> tuple[Literal["artist", "song"], np.ndarray]:
    """What is left out at once, and the number of each song's group."""
    artists = [song.artist and song.artist.casefold() for song in songs]
    numbers = {artist: number for number, artist in enumerate(dict.fromkeys(artists))}
    by_artist = np.array(
        [numbers[artist] if artist else len(songs) + n for n, artist in enumerate(artists)]
    )
    genres = np.array([song.genre for song in songs])
    # A genre by one artist alone would be unknown while that one is left out.
    several = all(len(set(by_artist[genres == genre])) > 1 for genre in set(genres))
    if any(artists) and several:
        return "artist", by_artist
    return "song", np.arange(len(songs))


def _left_out(
    embeddings: np.ndarray, labels: np.ndarray, groups: np.ndarray, n_genres: int
) -> np.ndarray:
    """Each song's similarity to the genres without its group: [shape=(n, n_genres), float]."""
    sums = np.eye(n_genres)[labels].T @ embeddings
    similarity = np.empty((len(labels), n_genres))
    for group in np.unique(groups):
        out = groups == group
        without = sums - np.eye(n_genres)[labels[out]].T @ embeddings[out]
        similarity[out] = embeddings[out] @ unit(without).T
    return similarity


def _abstention_threshold(of_genres: np.ndarray, labels: np.ndarray) -> float:
    """The lowest confidence above which enough of the answers are correct; 1 where none is."""
    confidence = of_genres.max(axis=1)
    correct = of_genres.argmax(axis=1) == labels
    for threshold in np.arange(0, 100) / 100:
        answered = correct[confidence >= threshold]
        share = (answered.sum() + _ADDED) / (answered.size + 2 * _ADDED)
        if answered.size and share >= _CORRECT_WHEN_SURE:
            return float(threshold)
    return 1.0
