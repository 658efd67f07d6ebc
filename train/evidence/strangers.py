"""How well rules tell songs of the taught genres from strangers, in three situations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train import markdown
from train.data.csv_rows import rows_of
from train.evidence import metrics
from train.evidence.few_songs import Heard, drawn
from train.evidence.stranger_rules import RULES, Case, part
from train.evidence.unseen_genres import TRIPLES

STRANGERS = "own-genres-strangers.csv"
# What is taught and who the strangers are, by what the network was trained on.
SITUATIONS = ("new, known strangers", "new, new strangers", "known, new strangers")
KEYS = ("situation", "songs", "rule")
LABELS = ("auroc", "low", "high", "gain", "gain_low", "gain_high", "refused")
SONGS = (5, 20)
_RESAMPLES = 500
_MOST_DRAWS = 5
# Share of the taught genres' songs that a threshold may take for strangers.
_LOST = 0.05


@dataclass(frozen=True)
class _Network:
    """What a network has heard, and the weights of its test's clips: [shape=(1 + b, n)]."""

    number: int
    taught: Heard
    tested: Heard
    weights: np.ndarray


def measured(heard: Sequence[tuple[Heard, Heard]], draws: int, seed: int) -> list[dict[str, Any]]:
    """Measures each rule in each situation.

    Parameters
    ----------
    heard : sequence of (Heard, Heard)
        What `hear_unseen` gives for each triple, from the first on.
    draws : int
        How often songs that teach are drawn; five times at most.
    seed : int

    Returns
    -------
    list of dict
        Rows of `STRANGERS`. ``auroc`` is how often a song of the taught genres is more like them
        than a stranger is, with the ends of its 95 % interval by artist; ``gain`` that over the
        first rule's; ``refused`` the share of the strangers under a threshold that 5 % of the
        taught genres' songs are under.
    """
    # An artist who is in several networks' tests is drawn as often for each.
    artists = np.concatenate([tested.artist for _, tested in heard])
    resampled = metrics.artist_weights(artists, _RESAMPLES, seed)
    weights = np.concatenate([np.ones((1, len(artists))), resampled])
    ends = np.cumsum([len(tested.artist) for _, tested in heard])
    networks = [
        _Network(number, *parts, weights[:, end - len(parts[1].artist) : end])
        for number, (parts, end) in enumerate(zip(heard, ends, strict=True))
    ]
    return [
        {"situation": situation, "songs": songs} | row
        for situation in SITUATIONS
        for songs in SONGS
        for row in _compared(networks, situation, songs, draws, seed)
    ]


def _compared(
    networks: Sequence[_Network], situation: str, songs: int, draws: int, seed: int
) -> list[dict[str, Any]]:
    found: dict[str, list[np.ndarray]] = {rule: [] for rule in RULES}
    refused: dict[str, list[float]] = {rule: [] for rule in RULES}
    for network in networks:
        for draw in range(min(draws, _MOST_DRAWS)):
            rows_by = [seed, songs, draw]
            for genres, strangers in _divided(network.number, situation, rows_by):
                case, own, asked = _case(network, genres, strangers, songs, rows_by)
                for rule, likeness in RULES.items():
                    likenesses = likeness(case)
                    found[rule].append(auroc(likenesses, own, network.weights[:, asked]))
                    threshold = np.quantile(likenesses[own], _LOST)
                    refused[rule].append(float((likenesses[~own] < threshold).mean()))
    means = {rule: np.mean(of_rule, axis=0) for rule, of_rule in found.items()}
    first = next(iter(means.values()))
    return [
        {"rule": rule}
        | _with_interval(mean, ("auroc", "low", "high"))
        | _with_interval(mean - first, ("gain", "gain_low", "gain_high"))
        | {"refused": float(np.mean(refused[rule]))}
        for rule, mean in means.items()
    ]


def _with_interval(resampled: np.ndarray, names: tuple[str, str, str]) -> dict[str, float]:
    low, high = np.percentile(resampled[1:], [2.5, 97.5]).tolist()
    return dict(zip(names, (float(resampled[0]), low, high), strict=True))


def _divided(
    number: int, situation: str, seed: list[int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Genres that are taught and those of the strangers."""
    new = TRIPLES[number]
    known = tuple(genre for genre in range(len(TRIPLES)) if genre not in new)
    if situation == SITUATIONS[0]:
        yield new, known
    elif situation == SITUATIONS[1]:
        for stranger in new:
            yield tuple(genre for genre in new if genre != stranger), (stranger,)
    else:
        chosen = np.random.default_rng([number, *seed]).choice(known, 3, replace=False)
        yield tuple(sorted(chosen.tolist())), new


def _case(
    network: _Network,
    genres: tuple[int, ...],
    strangers: tuple[int, ...],
    songs: int,
    seed: list[int],
) -> tuple[Case, np.ndarray, np.ndarray]:
    """A case, which of its clips are of the taught genres, and their rows in the network's test."""
    taught, tested = network.taught, network.tested
    rows = drawn(taught, genres, songs, seed)
    trained_on = ~np.isin(taught.genre, TRIPLES[network.number])
    trained_on[rows] = False
    asked = np.flatnonzero(np.isin(tested.genre, genres + strangers))
    case = Case(
        part(taught, rows),
        np.searchsorted(genres, taught.genre[rows]),
        part(taught, np.flatnonzero(trained_on)),
        part(tested, asked),
    )
    return case, np.isin(case.asked.genre, genres), asked


def auroc(scores: np.ndarray, own: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The area under the ROC curve under each of `b` weightings.

    Parameters
    ----------
    scores : np.ndarray [shape=(n,), float]
    own : np.ndarray [shape=(n,), bool]
        Which of them should be high.
    weights : np.ndarray [shape=(b, n), float, >= 0]

    Returns
    -------
    np.ndarray [shape=(b,), float, 0..1]
        One half where a weighting leaves nothing to compare.
    """
    order = np.argsort(scores, kind="stable")
    high, low = weights[:, order] * own[order], weights[:, order] * ~own[order]
    pairs = (high * np.cumsum(low, axis=1)).sum(axis=1)
    total = high.sum(axis=1) * low.sum(axis=1)
    return np.where(total > 0, pairs / np.maximum(total, 1e-12), 0.5)


def figures(evidence: str | Path) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """What `measured` found, by number of songs, rule and situation; the keys are `LABELS`.

    Raises
    ------
    DataError
        If the evidence is missing or damaged.
    """
    found = {str(songs): {rule: {} for rule in RULES} for songs in SONGS}
    with rows_of(Path(evidence) / STRANGERS, "of strangers", (*KEYS, *LABELS)) as reader:
        for row in reader:
            of_rule = found[row["songs"]][row["rule"]]
            of_rule[row["situation"]] = {label: float(row[label]) for label in LABELS}
    return found


def table(rules: dict[str, dict[str, dict[str, float]]], songs: str) -> str:
    """What `figures` has for a number of songs, as a Markdown table.

    Each cell has the area under the ROC curve in percent with its interval, and the share of the
    strangers that are refused; bold is what is surely better than the first rule.
    """
    rows = [[rule, *map(_cell, found.values())] for rule, found in rules.items()]
    return markdown.table([f"{songs} songs", *SITUATIONS], rows)


def _cell(figure: dict[str, float]) -> str:
    area, low, high = (f"{100 * figure[label]:.1f}" for label in ("auroc", "low", "high"))
    mean = f"**{area}**" if figure["gain_low"] > 0 else area
    return f"{mean} ({low} to {high}), {100 * figure['refused']:.0f}"
