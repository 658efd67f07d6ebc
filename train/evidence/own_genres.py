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
from train.data.seeds import check_seed
from train.errors import DataError
from train.evidence import strangers
from train.evidence.experiment_options import add_shared
from train.evidence.few_songs import METHODS, Heard, drawn, right_answers
from train.evidence.own_genres_figures import (
    ANSWERS,
    KEYS,
    LABELS,
    SONGS,
    THRESHOLDS,
    figures,
    tables,
)
from train.evidence.unseen_genres import TRIPLES, hear_unseen
from train.network.fit import Recipe
from train.outputs import output_folder

ALL_GENRES = tuple(range(len(TRIPLES)))


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
        clips that are "none of these", and of other genres' clips: ``strangers``;
        ``strangers_sure``, the share of the latter that are answered.
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
        of_others = tested.embedding[others] @ means.T
        refused = of_others.max(axis=1) < chosen.none_below
        confidence = probabilities(of_others, chosen.temperature).max(axis=1)
        found.append(
            (
                held_out.accuracy,
                right.mean(),
                chosen.temperature,
                sure.mean(),
                right[sure].mean() if sure.any() else np.nan,
                (similarity.max(axis=1) < chosen.none_below).mean(),
                refused.mean(),
                (~refused & (confidence >= chosen.abstain_below)).mean(),
            )
        )
    return dict(zip(LABELS, np.nanmean(found, axis=0).tolist(), strict=True))


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
    """Makes the evidence: the tables `ANSWERS`, `THRESHOLDS` and `strangers.STRANGERS`.

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
        As for `hear_unseen`; if songs are drawn less than once, or `output` cannot be written.
    """
    if draws < 1:
        raise DataError(f"--draws takes a number from 1 on. Received: {draws}")
    check_seed(seed)
    output = output_folder(output)
    answers, chosen, heard = [], [], []
    for number in tqdm(range(triples), unit="network"):
        taught, tested = hear_unseen(data, number, networks, recipe=recipe, seed=seed)
        heard.append((taught, tested))
        for genres in (TRIPLES[number], ALL_GENRES):
            counted = measured(taught, tested, genres, draws, seed)
            key = {"unseen": number, "taught": len(genres)}
            answers += [key | {"artist_id": a} | counts for a, counts in counted.items()]
        chosen += [
            {"unseen": number, "songs": songs}
            | thresholds(taught, tested, TRIPLES[number], songs, draws, seed)
            for songs in SONGS[1:]
        ]
    columns = [*KEYS, *(f"{method}-{songs}" for method in METHODS for songs in SONGS)]
    _write(output / ANSWERS, columns, answers)
    _write(output / THRESHOLDS, ["unseen", "songs", *LABELS], chosen)
    compared = strangers.measured(heard, draws, seed)
    _write(output / strangers.STRANGERS, [*strangers.KEYS, *strangers.LABELS], compared)


def _write(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow(
                {
                    k: f"{value:.6g}" if isinstance(value, float) else value
                    for k, value in row.items()
                }
            )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train own-genres``."""
    add_shared(parser, networks="runs/own-genres")
    parser.add_argument(
        "--triples",
        type=int,
        default=len(TRIPLES),
        choices=range(1, len(TRIPLES) + 1),
        help="how many networks are trained; %(default)s",
    )
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
