"""The figures of own genres, from the evidence that ``python -m train own-genres`` writes."""

from pathlib import Path
from typing import Any

import numpy as np

from train import markdown
from train.data.csv_rows import rows_of
from train.evidence import metrics, strangers
from train.evidence.few_songs import METHODS

ANSWERS, THRESHOLDS = "own-genres.csv", "own-genres-thresholds.csv"
# The first columns of `ANSWERS`; the others are right answers by method and number of songs.
KEYS = ("unseen", "taught", "artist_id", "clips")
SONGS = (1, 3, 5, 10, 20)
_AT_ONCE = 500  # resamples, which limits the memory
# The columns of `THRESHOLDS`, which `train.evidence.own_genres.thresholds` explains.
LABELS = (
    *("held_out", "accuracy", "temperature", "sure", "right_when_sure"),
    *("refused", "strangers", "strangers_sure"),
)


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
        of an interval; ``thresholds``: by number of songs the means of `thresholds`;
        ``strangers``: what `strangers.figures` returns.

    Raises
    ------
    DataError
        If a table is missing or damaged.
    """
    with rows_of(Path(evidence) / ANSWERS, "of own genres", KEYS) as reader:
        rows = list(reader)
        accuracy = {
            taught: _accuracies([row for row in rows if row["taught"] == taught])
            for taught in ("3", "8")
        }
    with rows_of(Path(evidence) / THRESHOLDS, "of thresholds", ("songs", *LABELS)) as reader:
        rows = list(reader)
        means = {
            str(songs): {
                label: float(np.mean([float(r[label]) for r in rows if r["songs"] == str(songs)]))
                for label in LABELS
            }
            for songs in SONGS[1:]
        }
    return {
        "accuracy": accuracy,
        "thresholds": means,
        "strangers": strangers.figures(evidence),
    }


def _accuracies(rows: list[dict[str, str]]) -> dict[str, dict[str, dict[str, Any]]]:
    clips = np.array([float(row["clips"]) for row in rows])
    artists = np.array([int(row["artist_id"]) for row in rows])
    columns = [(method, str(songs)) for method in METHODS for songs in SONGS]
    # A method that needs more songs has empty cells.
    columns = [each for each in columns if all(row["-".join(each)] for row in rows)]
    right = np.array([[float(row["-".join(each)]) for each in columns] for row in rows])
    parts = []
    for part in range(metrics.RESAMPLES // _AT_ONCE):
        weights = metrics.artist_weights(artists, _AT_ONCE, [0, part])
        parts.append(weights @ right / (weights @ clips)[:, None])
    resampled = dict(zip(columns, np.concatenate(parts).T, strict=True))
    means = dict(zip(columns, right.sum(axis=0) / clips.sum(), strict=True))
    found: dict[str, dict[str, dict[str, Any]]] = {method: {} for method in METHODS}
    for method, songs in columns:
        of_method = resampled[method, songs]
        low, high = np.percentile(of_method, [2.5, 97.5]).tolist()
        gain = of_method - resampled[METHODS[0], songs]
        found[method][songs] = {
            "mean": float(means[method, songs]),
            "low": low,
            "high": high,
            "gain": np.percentile(gain, [2.5, 97.5]).tolist(),
        }
    return found


def tables(result: dict[str, Any]) -> list[str]:
    """The figures as Markdown tables: three genres, eight genres, thresholds, and strangers."""
    songs = [str(number) for number in SONGS]
    found = []
    for taught, methods in result["accuracy"].items():
        header = [f"{taught} genres", *(f"{n} song{'s' if n > 1 else ''}" for n in SONGS)]
        rows = [
            [method, *(_cell(of_songs.get(number)) for number in songs)]
            for method, of_songs in methods.items()
        ]
        found.append(markdown.table(header, rows))
    header = ["songs", *(label.replace("_", " ") for label in LABELS)]
    rows = [
        [number, *(f"{means[label]:.2f}" for label in LABELS)]
        for number, means in result["thresholds"].items()
    ]
    compared = [strangers.table(rules, number) for number, rules in result["strangers"].items()]
    return [*found, markdown.table(header, rows), *compared]


def _cell(figure: dict[str, Any] | None) -> str:
    """An accuracy in percent with its interval, bold where it surely differs from the first's."""
    if figure is None:
        return ""
    mean, low, high = (f"{100 * figure[key]:.1f}" for key in ("mean", "low", "high"))
    least, most = figure["gain"]
    differs = least > 0 or most < 0
    return f"**{mean}** ({low} to {high})" if differs else f"{mean} ({low} to {high})"


def in_short(result: dict[str, Any]) -> str:
    """What the README tells of the figures; `result` is what `figures` returns."""
    return (
        "From 5 songs each of three genres that the network had never heard of, "
        f"{_told(result['accuracy']['3']['mean']['5'])} of other artists' songs are recognised; a "
        "guess gets 33 %."
    )


def _told(figure: dict[str, Any]) -> str:
    mean, low, high = (f"{100 * figure[key]:.0f}" for key in ("mean", "low", "high"))
    return f"{mean} % ({low} to {high})"


def sentences(result: dict[str, Any]) -> str:
    """What the docs tell of the figures; `result` is what `figures` returns."""
    three, eight = (result["accuracy"][taught]["mean"] for taught in ("3", "8"))
    few = result["thresholds"]["5"]
    known, others, sure = (
        f"{100 * few[share]:.0f} %" for share in ("refused", "strangers", "strangers_sure")
    )
    return (
        "From 5 songs each of three genres that the network had never heard of, "
        f"{_told(three['5'])} of other artists' songs are recognised, from 10 {_told(three['10'])} "
        f"and from 20 {_told(three['20'])}; a guess gets 33 %. Of eight genres, three of them new, "
        f"from 10 songs each {_told(eight['10'])}; a guess gets 12 %. With three genres taught by "
        f"5 songs each, {known} of their songs are “none of these” by mistake; of other genres' "
        f"songs {others} are, and {sure} get a genre nevertheless (of the rest SongNet is not "
        "sure). `python -m train own-genres` measured it on FMA-small, with networks "
        "that were trained on five genres ([what else was tried](train/EXPERIMENTS.md#own-genres))."
    )
