"""SongNet's probabilities for clips before and after a change, and how much they differ."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet.prediction import Prediction
from songnet.weights.metrics import (
    AnsweredSteadiness,
    ClipsRobustness,
    LaterStart,
    Robustness,
    SpectrogramChange,
    SpectrogramsRobustness,
    Steadiness,
    TotalSteadiness,
)
from train.data.csv_rows import rows_of
from train.errors import DataError
from train.evidence import metrics, predictions
from train.evidence.changes import CLIPPED
from train.evidence.names import ChangedEvidenceName, find_changed_evidence
from train.evidence.predictions import Evidence

FILE = "robustness.csv"
STARTS_FILE = "starts.csv"
# The spectrograms with which the changed ones of a split are compared.
UNCHANGED = "unchanged"

# Two genres whose probabilities differ by less than this may swap places under any change.
CLOSE = 0.05
_DIGITS = 12  # of the SHA-256 that identifies the weights
SOURCES = ("real", "synthesised")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """SongNet's probabilities for a clip and for its changed copy.

    Attributes
    ----------
    source : {"real", "synthesised"}
    clip, artist : str
        File name, and the artist in its tags or, without one, the file name again.
    change : str
    before, after : np.ndarray [shape=(g,), float, sum 1]
    weights : str
        Beginning of the SHA-256 of the network's file, as hex.
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
        """Total variation distance between the two probabilities, 0..1."""
        return float(np.abs(self.before - self.after).sum() / 2.0)

    @property
    def close(self) -> bool:
        """Whether the unchanged clip's two most probable genres are within `CLOSE`."""
        second, first = np.sort(self.before)[-2:]
        return bool(first - second < CLOSE)


def pair_of(
    before: Prediction, after: Prediction, *, source: str, clip: str, artist: str, change: str
) -> Pair:
    """The `Pair` of two predictions by the same network; the rest is as there."""
    first, second = (np.array(list(p.probabilities.values())) for p in (before, after))
    return Pair(
        source=source,
        clip=clip,
        artist=artist,
        change=change,
        before=first,
        after=second,
        weights=before.model["sha256"][:_DIGITS],
    )


def write(path: str | Path, pairs: Iterable[Pair], genres: Sequence[str]) -> None:
    """Writes one CSV row a pair, with the probabilities of all genres before and after."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        columns = [f"{when} {genre}" for when in ("before", "after") for genre in genres]
        rows.writerow(["source", "clip", "artist", "change", *columns, "weights"])
        for pair in pairs:
            probabilities = (f"{p:.5f}" for p in (*pair.before, *pair.after))
            names = (pair.source, pair.clip, pair.artist, pair.change)
            rows.writerow([*names, *probabilities, pair.weights])


def read(path: str | Path) -> list[Pair]:
    """Reads what `write` wrote.

    Raises
    ------
    DataError
        If the file is missing or is not such a table.
    """
    with rows_of(path, "of changed clips", ("source", "clip", "artist", "change")) as rows:
        return [_pair(row) for row in rows]


def _pair(row: dict[str, str]) -> Pair:
    before, after = (
        np.array([float(cell) for column, cell in row.items() if column.startswith(when)])
        for when in ("before ", "after ")
    )
    if not before.size or before.shape != after.shape:
        raise ValueError("no probabilities before and after")
    return Pair(
        source=row["source"],
        clip=row["clip"],
        artist=row["artist"],
        change=row["change"],
        before=before,
        after=after,
        weights=row["weights"],
    )


def figures(pairs: Sequence[Pair], abstain_below: float) -> Steadiness:
    """Computes how steady the answers are over one or more pairs.

    Parameters
    ----------
    pairs : sequence of Pair
    abstain_below : float, 0..1
        Confidence under which an answer is "not sure".

    Returns
    -------
    Steadiness
    """
    distances = [pair.distance for pair in pairs]
    return {
        "pairs": len(pairs),
        "same_genre": float(np.mean([pair.same for pair in pairs])),
        "close_flips": float(np.mean([pair.close and not pair.same for pair in pairs])),
        "distance": float(np.mean(distances)),
        "largest_distance": max(distances),
        "answered": _answered(pairs, abstain_below),
    }


def _answered(pairs: Sequence[Pair], abstain_below: float) -> AnsweredSteadiness:
    same = [pair.same for pair in pairs if pair.before.max() >= abstain_below]
    return {"pairs": len(same), "same_genre": float(np.mean(same)) if same else None}


def totals(pairs: Sequence[Pair], abstain_below: float) -> TotalSteadiness:
    """Computes `figures`, with artist-clustered 95 % intervals of the two that have a target."""
    return {
        **figures(pairs, abstain_below),
        "same_genre_interval": _interval(pairs, [pair.same for pair in pairs]),
        "distance_interval": _interval(pairs, [pair.distance for pair in pairs]),
    }


def _interval(pairs: Sequence[Pair], values: Sequence[float]) -> list[float]:
    """The 95 % interval of the mean of a value of each pair, from resampling artists."""
    _, artist = np.unique([pair.artist for pair in pairs], return_inverse=True)
    of_pairs = np.array(values, dtype=float)[:, None]
    return metrics.ratio_intervals(of_pairs, np.ones_like(of_pairs), artist)[0].tolist()


def later_start(pairs: Sequence[Pair], abstain_below: float) -> LaterStart:
    """Computes how steady the answers are over one or more pairs of excerpts.

    Parameters
    ----------
    pairs : sequence of Pair
        Each of an excerpt and the one that starts later.
    abstain_below : float, 0..1
        Confidence under which an answer is "not sure".

    Returns
    -------
    LaterStart
    """
    answered = [pair for pair in pairs if pair.before.max() >= abstain_below]
    result: LaterStart = {
        "pairs": len(pairs),
        "artists": len({pair.artist for pair in pairs}),
        "same_genre": float(np.mean([pair.same for pair in pairs])),
        "same_genre_interval": _interval(pairs, [pair.same for pair in pairs]),
        "answered": len(answered),
        "answered_same_genre": None,
    }
    if answered:
        result["answered_same_genre"] = float(np.mean([pair.same for pair in answered]))
        result["answered_interval"] = _interval(answered, [pair.same for pair in answered])
    return result


def robustness(folder: Path, abstain_below: float) -> Robustness | None:
    """Computes every figure of robustness from a folder of evidence.

    Parameters
    ----------
    folder : path
    abstain_below : float, 0..1
        Confidence under which an answer is "not sure".

    Returns
    -------
    Robustness or None
        None if the folder holds no such evidence.

    Raises
    ------
    DataError
        If a table cannot be read or is empty, or that of a split's unchanged spectrograms is
        missing.
    """
    if not (folder / FILE).is_file():
        return None
    pairs = read(folder / FILE)
    if not pairs:
        raise DataError(f"{folder / FILE} has no pairs of clips: run python -m train robustness.")
    by_source = {source: [p for p in pairs if p.source == source] for source in SOURCES}
    result: Robustness = {
        "weights": pairs[0].weights,
        "clips": {
            source: _by_change(found, abstain_below) for source, found in by_source.items() if found
        },
        "spectrograms": _spectrograms(folder),
    }
    if (folder / STARTS_FILE).is_file():
        # Those of other weights are not shown beside these.
        excerpts = [p for p in read(folder / STARTS_FILE) if p.weights == pairs[0].weights]
        result["starts"] = {
            change: later_start([p for p in excerpts if p.change == change], abstain_below)
            for change in dict.fromkeys(p.change for p in excerpts)
        }
    return result


def _by_change(pairs: list[Pair], abstain_below: float) -> ClipsRobustness:
    changes = dict.fromkeys(pair.change for pair in pairs)
    return {
        "clips": len({pair.clip for pair in pairs}),
        "artists": len({pair.artist for pair in pairs}),
        "changes": {
            name: figures([p for p in pairs if p.change == name], abstain_below) for name in changes
        },
        "total": totals(pairs, abstain_below),
        "unclipped": totals([pair for pair in pairs if pair.change != CLIPPED], abstain_below),
    }


def _spectrograms(folder: Path) -> dict[str, SpectrogramsRobustness]:
    by_split: dict[str, dict[str, Evidence]] = defaultdict(dict)
    for name, path in find_changed_evidence(folder):
        by_split[name.split][name.change] = predictions.read(path)
    result: dict[str, SpectrogramsRobustness] = {}
    for split, changed in by_split.items():
        before = changed.pop(UNCHANGED, None)
        if before is None:
            missing = ChangedEvidenceName(split=split, change=UNCHANGED).file
            raise DataError(f"{folder} lacks {missing}: run python -m train robustness.")
        result[split] = {
            "clips": len(before.label),
            "accuracy": before.accuracy,
            "changes": {name: _difference(before, after) for name, after in changed.items()},
        }
    return result


def _difference(before: Evidence, after: Evidence) -> SpectrogramChange:
    old, new = before.probabilities, after.probabilities
    return {
        "accuracy": after.accuracy,
        "difference": metrics.accuracy_difference(
            before.label, new[None], old[None], before.artist_id
        ),
        "same_genre": float(np.mean(old.argmax(axis=1) == new.argmax(axis=1))),
        "distance": float(np.abs(old - new).sum(axis=1).mean() / 2.0),
    }
