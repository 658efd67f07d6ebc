"""Clips before and after a change: what SongNet said of both, and how far apart that is."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data.csv_rows import rows_of
from train.evidence import metrics, predictions
from train.evidence.changes import CLIPPED
from train.evidence.names import ChangedEvidenceName, find_changed_evidence

FILE = "robustness.csv"
# What the validation clips' spectrograms went through; the first is what the others are held to.
UNCHANGED = "unchanged"

# A flip between two genres that were this close is a coin's, not the change's.
CLOSE = 0.05
SOURCES = ("real", "synthesised")


@dataclass(frozen=True)
class Pair:
    """What SongNet said of a clip and of its changed copy.

    Attributes
    ----------
    source : {"real", "synthesised"}
    clip, artist : str
        File name, and the artist in its tags or, without one, the file name again.
    change : str
    before, after : np.ndarray [shape=(g,), float, sum 1]
    weights : str
        The beginning of the SHA-256 of the network's file.
    """

    source: str
    clip: str
    artist: str
    change: str
    before: np.ndarray
    after: np.ndarray
    weights: str

    @property
    def same(self) -> bool:
        """Whether the most probable genre is still the same."""
        return bool(self.before.argmax() == self.after.argmax())

    @property
    def distance(self) -> float:
        """Total-variation distance, 0..1."""
        return float(np.abs(self.before - self.after).sum() / 2.0)

    @property
    def close(self) -> bool:
        """Whether the unchanged clip's two most probable genres are within `CLOSE`."""
        second, first = np.sort(self.before)[-2:]
        return bool(first - second < CLOSE)


def write(path: str | Path, pairs: Iterable[Pair], genres: Sequence[str]) -> None:
    """Writes one CSV row a pair, with the probabilities of all genres before and after."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        said = [f"{when} {genre}" for when in ("before", "after") for genre in genres]
        rows.writerow(["source", "clip", "artist", "change", *said, "weights"])
        for pair in pairs:
            said = (f"{p:.5f}" for p in (*pair.before, *pair.after))
            names = (pair.source, pair.clip, pair.artist, pair.change)
            rows.writerow([*names, *said, pair.weights])


def read(path: str | Path) -> list[Pair]:
    """Reads what `write` wrote.

    Raises
    ------
    DataError
        If the file is missing or is not such a table.
    """
    with rows_of(path, "of changed clips") as rows:
        return [_pair(row) for row in rows]


def _pair(row: dict[str, str]) -> Pair:
    before, after = (
        np.array([float(said) for column, said in row.items() if column.startswith(when)])
        for when in ("before ", "after ")
    )
    if not before.size or before.shape != after.shape:
        raise ValueError("no probabilities before and after")
    names = (row[column] for column in ("source", "clip", "artist", "change"))
    return Pair(*names, before, after, row["weights"])


def figures(pairs: list[Pair]) -> dict:
    """How steady the answers are.

    Parameters
    ----------
    pairs : list of Pair, not empty

    Returns
    -------
    dict
        ``pairs``, their number; ``same_genre``, the share whose most probable genre stays;
        ``close_flips``, the share whose genre changes but was within `CLOSE` of another before;
        ``distance`` and ``largest_distance``, the mean and largest total-variation distance.
    """
    distances = [pair.distance for pair in pairs]
    return {
        "pairs": len(pairs),
        "same_genre": float(np.mean([pair.same for pair in pairs])),
        "close_flips": float(np.mean([pair.close and not pair.same for pair in pairs])),
        "distance": float(np.mean(distances)),
        "largest_distance": max(distances),
    }


def totals(pairs: list[Pair]) -> dict:
    """`figures` of pairs, with artist-clustered 95 % intervals of the two that have a target.

    Parameters
    ----------
    pairs : list of Pair, not empty

    Returns
    -------
    dict
        Of `figures`, with ``same_genre_interval`` and ``distance_interval``: [low, high].
    """
    _, artist = np.unique([pair.artist for pair in pairs], return_inverse=True)
    weights = metrics.artist_weights(artist, metrics.RESAMPLES, seed=0)
    result = figures(pairs)
    for name, attribute in (("same_genre", "same"), ("distance", "distance")):
        values = np.array([getattr(pair, attribute) for pair in pairs], dtype=float)
        means = weights @ values / weights.sum(axis=1)
        result[f"{name}_interval"] = np.percentile(means, [2.5, 97.5]).tolist()
    return result


def robustness(folder: Path) -> dict | None:
    """Every figure of robustness, from a folder of evidence.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict or None
        None without such evidence. ``weights``: those that were measured. ``clips``: by source,
        ``clips``, ``artists``, ``changes`` (`figures` by change), ``total`` (`totals`) and
        ``unclipped`` (the same without the files that were clipped). ``spectrograms``: by split,
        ``clips``, ``accuracy`` unchanged and ``changes``: by change, ``accuracy``,
        ``difference`` from the unchanged (`metrics.accuracy_difference`), ``same_genre`` and
        ``distance``.

    Raises
    ------
    DataError
        If a table cannot be read.
    """
    if not (folder / FILE).is_file():
        return None
    pairs = read(folder / FILE)
    by_source = {source: [p for p in pairs if p.source == source] for source in SOURCES}
    return {
        "weights": pairs[0].weights,
        "clips": {source: _by_change(of) for source, of in by_source.items() if of},
        "spectrograms": _spectrograms(folder),
    }


def _by_change(pairs: list[Pair]) -> dict:
    changes = dict.fromkeys(pair.change for pair in pairs)
    return {
        "clips": len({pair.clip for pair in pairs}),
        "artists": len({pair.artist for pair in pairs}),
        "changes": {name: figures([p for p in pairs if p.change == name]) for name in changes},
        "total": totals(pairs),
        "unclipped": totals([pair for pair in pairs if pair.change != CLIPPED]),
    }


def _spectrograms(folder: Path) -> dict:
    result = {}
    for name, path in find_changed_evidence(folder):
        unchanged = ChangedEvidenceName(split=name.split, change=UNCHANGED)
        before = predictions.read(folder / unchanged.file)
        changes = result.setdefault(
            name.split, {"clips": len(before.label), "accuracy": _accuracy(before), "changes": {}}
        )["changes"]
        if name != unchanged:
            changes[name.change] = _difference(before, predictions.read(path))
    return result


def _accuracy(said: predictions.Evidence) -> float:
    return float(np.mean(said.probabilities.argmax(axis=1) == said.label))


def _difference(before: predictions.Evidence, after: predictions.Evidence) -> dict:
    old, new = before.probabilities, after.probabilities
    return {
        "accuracy": _accuracy(after),
        "difference": metrics.accuracy_difference(
            before.label, new[None], old[None], before.artist_id
        ),
        "same_genre": float(np.mean(old.argmax(axis=1) == new.argmax(axis=1))),
        "distance": float(np.abs(old - new).sum(axis=1).mean() / 2.0),
    }


def tables(robustness: dict) -> str:
    """The figures of `robustness` as Markdown: a table for clips, and one for spectrograms."""
    sources = robustness["clips"].values()
    lines = _table(
        "Change",
        *(
            f"{of['clips']} {source} clips: {figure}"
            for source, of in robustness["clips"].items()
            for figure in ("same genre", "mean distance (largest)")
        ),
    )
    for change in next(iter(sources))["changes"]:
        lines.append(_row(change, *(cell for of in sources for cell in _cells(of, change))))
    for name, total in (("**all**", "total"), ("all but what was clipped", "unclipped")):
        lines.append(_row(name, *(cell for of in sources for cell in _total_cells(of, total))))
    for split, of in robustness["spectrograms"].items():
        right = f"{of['clips']} {split} clips, {_percent(of['accuracy'])} right unchanged"
        lines += ["", *_table(right, "Same genre", "Mean distance", "Accuracy, points")]
        for change, row in of["changes"].items():
            steady = (_percent(row["same_genre"]), f"{row['distance']:.3f}")
            lines.append(_row(change, *steady, _points(row["difference"])))
    for source, of in robustness["clips"].items():
        total = of["total"]
        if total["same_genre"] == 1:
            continue
        lines += [
            "",
            f"Of all {total['pairs']} pairs of {source} clips {_percent(1 - total['same_genre'])} "
            f"change their genre, {_percent(total['close_flips'])} where it led by less than "
            f"{100 * CLOSE:.0f} points.",
        ]
    return "\n".join(lines)


def _table(*columns: str) -> list[str]:
    return [_row(*columns), "|" + "---|" * len(columns)]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(of: dict, change: str) -> tuple[str, str]:
    row = of["changes"][change]
    distance = f"{row['distance']:.3f} ({row['largest_distance']:.3f})"
    return _percent(row["same_genre"]), distance


def _total_cells(of: dict, name: str) -> tuple[str, str]:
    total = of[name]
    same = _percent(total["same_genre"])
    if of["artists"] > 1:
        low, high = (f"{100 * share:.1f}" for share in total["same_genre_interval"])
        same += f" ({low} to {high})"
    return same, f"{total['distance']:.3f} ({total['largest_distance']:.3f})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(difference: dict) -> str:
    mean, low, high = (f"{100 * difference[name]:+.1f}" for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"
