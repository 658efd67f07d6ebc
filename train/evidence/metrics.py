"""Figures of merit, with bootstrap intervals that resample artists.

Clips of one artist resemble each other, so that artists, not clips, are the sample. A bootstrap
resample is a weight for every clip: how often its artist was drawn. All figures are computed from
such weights, for all resamples at once.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from songnet.weights.metrics import Difference, Figure, Figures

FigureName = Literal["accuracy", "macro_f1", "log_loss", "ece", "sure_half_accuracy"]
FIGURES: tuple[FigureName, ...] = ("accuracy", "macro_f1", "log_loss", "ece", "sure_half_accuracy")
RESAMPLES = 10_000
ECE_BINS = 15
_AT_ONCE = 500  # resamples, which limits the memory


def figures(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> dict[FigureName, np.ndarray]:
    """Figures of merit under each of `b` weightings of the clips.

    Parameters
    ----------
    labels : np.ndarray [shape=(n,), int]
    probabilities : np.ndarray [shape=(n, g), float, rows sum to 1]
    weights : np.ndarray [shape=(b, n), float, >= 0], or None for one weighting with ones

    Returns
    -------
    dict of str to np.ndarray [shape=(b,), float]
        ``accuracy``; ``macro_f1``: the mean F1 of the genres that have clips; ``log_loss`` [nat];
        ``ece``: the expected calibration error of the most probable genre, in 15 equal bins of
        confidence (Guo et al. 2017, arXiv 1706.04599); ``sure_half_accuracy``: the accuracy on the
        half of the clips with the highest confidence.
    """
    n, genres = probabilities.shape
    weights = np.ones((1, n)) if weights is None else weights
    total = weights.sum(axis=1)
    confidence = probabilities.max(axis=1)
    predicted = probabilities.argmax(axis=1)
    correct = (predicted == labels).astype(float)
    of_label = probabilities[np.arange(n), labels]

    def weighted_mean(values: np.ndarray) -> np.ndarray:
        return weights @ values / total

    return {
        "accuracy": weighted_mean(correct),
        "macro_f1": _macro_f1(labels, predicted, weights, genres),
        "log_loss": weighted_mean(-np.log(np.maximum(of_label, 1e-12))),
        "ece": _ece(confidence, correct, weights, total),
        "sure_half_accuracy": _sure_half(confidence, correct, weights),
    }


def _macro_f1(
    labels: np.ndarray, predicted: np.ndarray, weights: np.ndarray, genres: int
) -> np.ndarray:
    one_hot = np.eye(genres)
    true, chosen = one_hot[labels], one_hot[predicted]
    hits = weights @ (true * chosen)
    total = weights @ true + weights @ chosen
    f1 = 2.0 * hits / np.maximum(total, 1e-12)
    return np.mean(np.compress(true.any(axis=0), f1, axis=1), axis=1)


def _ece(
    confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray, total: np.ndarray
) -> np.ndarray:
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gap = np.eye(ECE_BINS)[bins] * (confidence - correct)[:, None]
    return np.abs(weights @ gap).sum(axis=1) / total


def _sure_half(confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sure = (confidence >= np.median(confidence)).astype(float)
    return weights @ (sure * correct) / np.maximum(weights @ sure, 1e-12)


def artist_weights(groups: np.ndarray, resamples: int, seed: int | Sequence[int]) -> np.ndarray:
    """Bootstrap weights of clips when artists are drawn with replacement.

    Parameters
    ----------
    groups : np.ndarray [shape=(n,), int]
        The artist of each clip.
    resamples : int
    seed : int or sequence of int

    Returns
    -------
    np.ndarray [shape=(resamples, n), float]
    """
    _, group = np.unique(groups, return_inverse=True)
    artists = group.max() + 1
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(artists, np.full(artists, 1.0 / artists), size=resamples)
    return drawn[:, group].astype(float)


def figures_with_intervals(
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Figures:
    """Figures of merit with artist-clustered 95 % bootstrap intervals.

    Parameters
    ----------
    labels : np.ndarray [shape=(n,), int]
    probabilities : np.ndarray [shape=(n, g), float], or [shape=(s, n, g)] for `s` seeds
        With several seeds, a figure is the mean of the seeds' figures.
    groups : np.ndarray [shape=(n,), int]
    resamples, seed : int

    Returns
    -------
    Figures
    """
    runs = probabilities[None] if probabilities.ndim == 2 else probabilities
    drawn = [
        _mean_over_runs(labels, runs, artist_weights(groups, _AT_ONCE, [seed, part]))
        for part in range(resamples // _AT_ONCE)
    ]
    each = [figures(labels, run) for run in runs]

    def figure(name: FigureName) -> Figure:
        seeds = [float(of_run[name][0]) for of_run in each]
        low, high = np.percentile(np.concatenate([part[name] for part in drawn]), [2.5, 97.5])
        return {
            "mean": float(np.mean(seeds)),
            "low": float(low),
            "high": float(high),
            "seeds": seeds,
        }

    return {
        "accuracy": figure("accuracy"),
        "macro_f1": figure("macro_f1"),
        "log_loss": figure("log_loss"),
        "ece": figure("ece"),
        "sure_half_accuracy": figure("sure_half_accuracy"),
    }


def _mean_over_runs(
    labels: np.ndarray, runs: np.ndarray, weights: np.ndarray
) -> dict[FigureName, np.ndarray]:
    each = [figures(labels, run, weights) for run in runs]
    return {name: np.mean([of_run[name] for of_run in each], axis=0) for name in FIGURES}


def ratio_intervals(
    hits: np.ndarray,
    counted: np.ndarray,
    groups: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> np.ndarray:
    """Artist-clustered 95 % intervals of ``hits.sum() / counted.sum()``, for each of `k` columns.

    Parameters
    ----------
    hits, counted : np.ndarray [shape=(n, k), float or bool]
    groups : np.ndarray [shape=(n,), int]
    resamples, seed : int

    Returns
    -------
    np.ndarray [shape=(k, 2), float]
        Low and high. Resamples that draw nothing of what is counted are left out; NaN where
        nothing is counted at all.
    """
    found = np.flatnonzero(counted.any(axis=0))
    hits, counted_there = hits[:, found].astype(float), counted[:, found].astype(float)
    drawn = []
    for part in range(resamples // _AT_ONCE):
        weights = artist_weights(groups, _AT_ONCE, [seed, part])
        total = weights @ counted_there
        share = weights @ hits / np.where(total > 0, total, 1.0)
        drawn.append(np.where(total > 0, share, np.nan))
    result = np.full((counted.shape[1], 2), np.nan)
    if found.size:
        result[found] = np.nanpercentile(np.concatenate(drawn), [2.5, 97.5], axis=0).T
    return result


def accuracy_difference(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Difference:
    """Paired comparison of two classifiers on the same clips, by resampling artists.

    Parameters
    ----------
    labels : np.ndarray [shape=(n,), int]
    first, second : np.ndarray [shape=(s, n, g), float]
        Probabilities of `s` seeds; `s` may differ.
    groups : np.ndarray [shape=(n,), int]
    resamples, seed : int

    Returns
    -------
    Difference
        accuracy(first) - accuracy(second), 95 % interval and p-value.
    """
    gain = _hit_rate(labels, first) - _hit_rate(labels, second)
    weights = artist_weights(groups, resamples, seed)
    differences = weights @ gain / weights.sum(axis=1)
    low, high = np.percentile(differences, [2.5, 97.5])
    tail = min(np.mean(differences <= 0), np.mean(differences >= 0))
    return {
        "mean": float(gain.mean()),
        "low": float(low),
        "high": float(high),
        "p": float(min(1.0, 2.0 * max(tail, 1.0 / resamples))),
    }


def _hit_rate(labels: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """The share of the runs whose prediction is correct, for each clip."""
    return np.mean(runs.argmax(axis=-1) == labels, axis=0)


def by_genre(genres: tuple[str, ...], values: Iterable[float]) -> dict[str, float | None]:
    """A figure for each genre as a dict for JSON, with None in place of NaN."""
    return {
        genre: None if np.isnan(value) else float(value)
        for genre, value in zip(genres, values, strict=True)
    }


def recall_by_genre(labels: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """The recall of each genre: the share of its clips for which it is the most probable.

    Parameters
    ----------
    labels : np.ndarray [shape=(n,), int]
    probabilities : np.ndarray [shape=(n, g), float]

    Returns
    -------
    list of float [length=g, 0..1]
        NaN for a genre without clips.
    """
    confusion = confusion_matrix(labels, probabilities)
    with np.errstate(invalid="ignore"):
        return (np.diag(confusion) / confusion.sum(axis=1)).tolist()


def confusion_matrix(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Counts the clips of each labelled genre (row) by their most probable genre (column).

    Parameters
    ----------
    labels : np.ndarray [shape=(n,), int]
    probabilities : np.ndarray [shape=(n, g), float]

    Returns
    -------
    np.ndarray [shape=(g, g), int]
    """
    genres = probabilities.shape[1]
    pairs = labels.astype(int) * genres + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=genres**2).reshape(genres, genres)
