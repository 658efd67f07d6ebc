"""How well genres are learned from a few songs that the network has never heard of.

Networks are trained on five of the eight genres (`train.evidence.unseen_genres`), then taught the
other three, or all eight, by songs of artists who are not in the test, with each method of
`train.evidence.few_songs`. What follows from the answers for held-out songs, and what becomes of
songs of genres that were not taught, is measured for SongNet's own method.
"""

import argparse
import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from songnet.own_genres import TaughtSong
from songnet.own_genres.held_out import measure
from songnet.own_genres.nearest import genre_means, probabilities
from train import markdown
from train.data.csv_rows import rows_of
from train.evidence import metrics
from train.evidence.few_songs import METHODS, right_answers
from train.evidence.unseen_genres import TRIPLES, Heard, hear_unseen
from train.network.fit import Recipe

SONGS = (1, 3, 5, 10, 20)
ALL_GENRES = tuple(range(len(TRIPLES)))
ANSWERS, THRESHOLDS = "own-genres.csv", "own-genres-thresholds.csv"
_KEYS = ("unseen", "taught", "artist_id", "clips")
_LABELS = ("held_out", "accuracy", "temperature", "sure", "right_when_sure", "refused", "strangers")


def measured(
    taught: Heard, tested: Heard, genres: tuple[int, ...], draws: int, seed: int
) -> dict[int, dict[str, float]]:
    """Teaches genres by drawn songs, and counts the right answers for the test's artists.

    Parameters
    ----------
    taught, tested : Heard
    genres : tuple of int, ascending
    draws : int
        How often songs are drawn.
    seed : int

    Returns
    -------
    dict of int to dict of str to float
        By artist: ``clips``, and the right answers by ``METHOD-SONGS``, the mean of the draws.
    """
    asked = np.flatnonzero(np.isin(tested.genre, genres))
    counted: dict[str, np.ndarray] = {"clips": np.ones(len(asked))}
    for songs in SONGS:
        total: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(asked)))
        for draw in range(draws):
            rows = drawn(taught, genres, songs, [seed, songs, draw])
            for name, right in right_answers(taught, rows, tested, asked, genres).items():
                total[name] += right / draws
        counted |= {f"{name}-{songs}": right for name, right in total.items()}
    artists = tested.artist[asked]
    return {
        int(artist): {
            name: float(right[artists == artist].sum()) for name, right in counted.items()
        }
        for artist in np.unique(artists)
    }


def drawn(taught: Heard, genres: tuple[int, ...], songs: int, seed: list[int]) -> np.ndarray:
    """Clips that teach: as many of each genre, drawn without regard to their artists."""
    random = np.random.default_rng(seed)
    return np.concatenate(
        [random.permutation(np.flatnonzero(taught.genre == genre))[:songs] for genre in genres]
    )


def thresholds(
    taught: Heard, tested: Heard, genres: tuple[int, ...], songs: int, draws: int, seed: int
) -> dict[str, float]:
    """What the answers for held-out songs promise, and what comes of it; means of the draws.

    Returns
    -------
    dict of str to float
        ``held_out``, the accuracy that `songnet.own_genres` tells, and ``accuracy`` of the test;
        ``temperature``; ``sure``, the share of the test's clips that are answered, and
        ``right_when_sure``, the share of these that are right; ``refused``, the share of the test's
        clips that are "none of these", and of other genres' clips: ``strangers``.
    """
    asked = np.flatnonzero(np.isin(tested.genre, genres))
    others = np.flatnonzero(~np.isin(tested.genre, genres))
    truth = np.searchsorted(genres, tested.genre[asked])
    found = []
    for draw in range(draws):
        rows = drawn(taught, genres, songs, [seed, songs, draw])
        labels = np.searchsorted(genres, taught.genre[rows])
        examples = [
            TaughtSong(str(label), embedding, artist=str(artist))
            for label, embedding, artist in zip(
                labels, taught.embedding[rows], taught.artist[rows], strict=True
            )
        ]
        held_out, chosen = measure(examples, [str(number) for number in range(len(genres))])
        means = genre_means(taught.embedding[rows], labels, len(genres))
        similarity = tested.embedding[asked] @ means.T
        of_genres = probabilities(similarity, chosen.temperature)
        right = of_genres.argmax(axis=1) == truth
        sure = of_genres.max(axis=1) >= chosen.abstain_below
        strangers = (tested.embedding[others] @ means.T).max(axis=1)
        found.append(
            (
                held_out.accuracy,
                right.mean(),
                chosen.temperature,
                sure.mean(),
                right[sure].mean() if sure.any() else np.nan,
                (similarity.max(axis=1) < chosen.none_below).mean(),
                (strangers < chosen.none_below).mean(),
            )
        )
    return dict(zip(_LABELS, np.nanmean(found, axis=0).tolist(), strict=True))


def experiment(
    data: str | Path,
    networks: str | Path,
    output: str | Path,
    *,
    triples: int = len(TRIPLES),
    draws: int = 20,
    recipe: Recipe = Recipe(),
    seed: int = 0,
) -> None:
    """Makes the evidence: the tables `ANSWERS` and `THRESHOLDS`.

    Parameters
    ----------
    data : path of a data set of eight genres
    networks : path of a folder
        Networks and what they hear are kept there, and not made again.
    output : path of a folder
    triples : int, 1..8
        How many networks are trained.
    draws : int
        How often songs that teach are drawn.
    recipe : Recipe
    seed : int

    Raises
    ------
    DataError
        As for `hear_unseen`.
    """
    answers, chosen = [], []
    for number in tqdm(range(triples), unit="network"):
        taught, tested = hear_unseen(data, number, networks, recipe=recipe, seed=seed)
        for genres in (TRIPLES[number], ALL_GENRES):
            counted = measured(taught, tested, genres, draws, seed)
            key = {"unseen": number, "taught": len(genres)}
            answers += [key | {"artist_id": a} | counts for a, counts in counted.items()]
        chosen += [
            {"unseen": number, "songs": songs}
            | thresholds(taught, tested, TRIPLES[number], songs, draws, seed)
            for songs in SONGS[1:]
        ]
    columns = [*_KEYS, *(f"{method}-{songs}" for method in METHODS for songs in SONGS)]
    _write(Path(output) / ANSWERS, columns, answers)
    _write(Path(output) / THRESHOLDS, ["unseen", "songs", *_LABELS], chosen)


def _write(path: Path, columns: list[str], rows: list[dict[str, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({name: f"{value:.6g}" for name, value in row.items()})


def figures(evidence: str | Path) -> dict[str, Any]:
    """Accuracies with their 95 % intervals, by resampling artists, and means of the thresholds.

    Parameters
    ----------
    evidence : path of the folder of `ANSWERS` and `THRESHOLDS`

    Returns
    -------
    dict
        ``accuracy``: by number of genres taught, method and number of songs a dict of ``mean``,
        ``low``, ``high`` and, for all methods but the first, ``gain`` over that one, a pair of ends
        of an interval; ``thresholds``: by number of songs the means of `thresholds`.

    Raises
    ------
    DataError
        If a table is missing or damaged.
    """
    with rows_of(Path(evidence) / ANSWERS, "of own genres") as reader:
        rows = list(reader)
        accuracy = {
            taught: _accuracies([row for row in rows if row["taught"] == taught])
            for taught in ("3", "8")
        }
    with rows_of(Path(evidence) / THRESHOLDS, "of thresholds") as reader:
        rows = list(reader)
        means = {
            str(songs): {
                label: float(np.mean([float(r[label]) for r in rows if r["songs"] == str(songs)]))
                for label in _LABELS
            }
            for songs in SONGS[1:]
        }
    return {"accuracy": accuracy, "thresholds": means}


def _accuracies(rows: list[dict[str, str]]) -> dict[str, dict[str, dict[str, Any]]]:
    clips = np.array([float(row["clips"]) for row in rows])
    artists = np.array([int(float(row["artist_id"])) for row in rows])
    weights = metrics.artist_weights(artists, metrics.RESAMPLES, 0)
    total = weights @ clips
    found: dict[str, dict[str, dict[str, Any]]] = {method: {} for method in METHODS}
    for songs in SONGS:
        base = None
        for method in METHODS:
            cells = [row[f"{method}-{songs}"] for row in rows]
            if not all(cells):
                continue
            right = np.array(cells, float)
            resampled = weights @ right / total
            base = resampled if base is None else base
            low, high = np.percentile(resampled, [2.5, 97.5]).tolist()
            found[method][str(songs)] = {
                "mean": float(right.sum() / clips.sum()),
                "low": low,
                "high": high,
                "gain": np.percentile(resampled - base, [2.5, 97.5]).tolist(),
            }
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train own-genres``."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the splits; without it, the figures of the evidence that is there",
    )
    parser.add_argument("--networks", default="runs/own-genres", metavar="DIR", help="%(default)s")
    parser.add_argument("--output", default="artifacts/evidence", metavar="DIR", help="%(default)s")
    parser.add_argument(
        "--triples",
        type=int,
        default=len(TRIPLES),
        choices=range(1, len(TRIPLES) + 1),
        help="how many networks are trained; %(default)s",
    )
    parser.add_argument("--epochs", type=int, default=Recipe().epochs, help="%(default)s")
    parser.add_argument("--draws", type=int, default=20, help="%(default)s")
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train own-genres``: measures, and returns what ``--json`` prints."""
    if arguments.data is not None:
        experiment(
            arguments.data,
            arguments.networks,
            arguments.output,
            triples=arguments.triples,
            draws=arguments.draws,
            recipe=replace(Recipe(), epochs=arguments.epochs),
            seed=arguments.seed,
        )
    return figures(arguments.output)


def show(result: dict[str, Any]) -> None:
    """Prints the figures as Markdown tables."""
    print("\n\n".join(tables(result)))


def tables(result: dict[str, Any]) -> list[str]:
    """The figures as Markdown tables: three genres, eight genres, and the thresholds."""
    songs = [str(number) for number in SONGS]
    found = []
    for taught, methods in result["accuracy"].items():
        header = [f"{taught} genres", *(f"{number} songs" for number in songs)]
        rows = [
            [method, *(_cell(of_songs.get(number)) for number in songs)]
            for method, of_songs in methods.items()
        ]
        found.append(markdown.table(header, rows))
    header = ["songs", *(label.replace("_", " ") for label in _LABELS)]
    rows = [
        [number, *(f"{means[label]:.2f}" for label in _LABELS)]
        for number, means in result["thresholds"].items()
    ]
    return [*found, markdown.table(header, rows)]


def _cell(figure: dict[str, Any] | None) -> str:
    """An accuracy in percent with its interval, bold where it surely differs from the first's."""
    if figure is None:
        return ""
    mean, low, high = (f"{100 * figure[key]:.1f}" for key in ("mean", "low", "high"))
    least, most = figure["gain"]
    differs = least > 0 or most < 0
    return f"**{mean}** ({low} to {high})" if differs else f"{mean} ({low} to {high})"
