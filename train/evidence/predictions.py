"""Per-clip predictions on disk: the evidence from which every quoted figure is computed."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet.spec import GENRES
from train.data.csv_rows import rows_of

_NEEDED = ("track_id", "label", "artist_id")
_FILE = "file"
# Probabilities are stored with five digits.
_SUM_TOLERANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Predictions of one model for every clip of a split.

    Attributes
    ----------
    track_id, label, artist_id : np.ndarray [shape=(n,), int]
        `label` is an index into `genres`; in `artist_id`, each clip whose artist is unknown has a
        number of its own.
    probabilities : np.ndarray [shape=(n, g), float]
    genres : tuple of str [length=g]
    files : tuple of str [length=n] or None
        The names of the clips' files; None for the clips of a data set, which have a `track_id`.
    """

    track_id: np.ndarray
    label: np.ndarray
    artist_id: np.ndarray
    probabilities: np.ndarray
    genres: tuple[str, ...] = GENRES
    files: tuple[str, ...] | None = None

    @property
    def confidence(self) -> np.ndarray:
        """Probability of the most probable genre of each clip: [shape=(n,), float]."""
        return self.probabilities.max(axis=1)

    @property
    def correct(self) -> np.ndarray:
        """Whether the most probable genre of each clip is its label: [shape=(n,), bool]."""
        return self.probabilities.argmax(axis=1) == self.label

    @property
    def accuracy(self) -> float:
        """Share of the clips whose most probable genre is their label."""
        return float(np.mean(self.correct))


def joined(runs: Sequence[Evidence]) -> Evidence:
    """The predictions of several runs for their clips, one run after the other."""
    return Evidence(
        track_id=np.concatenate([run.track_id for run in runs]),
        label=np.concatenate([run.label for run in runs]),
        artist_id=np.concatenate([run.artist_id for run in runs]),
        probabilities=np.concatenate([run.probabilities for run in runs]),
        genres=runs[0].genres,
    )


def write(path: str | Path, evidence: Evidence) -> None:
    """Writes one CSV row for each clip: track_id, label, all probabilities, artist_id, file."""
    path = Path(path)
    files = [()] * len(evidence.label) if evidence.files is None else zip(evidence.files)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        named = [] if evidence.files is None else [_FILE]
        rows.writerow(["track_id", "label", *evidence.genres, "artist_id", *named])
        for track, label, probabilities, artist, file_name in zip(
            evidence.track_id,
            evidence.label,
            evidence.probabilities,
            evidence.artist_id,
            files,
            strict=True,
        ):
            cells = [f"{p:.5f}" for p in probabilities]
            rows.writerow([track, evidence.genres[label], *cells, artist, *file_name])


def read(path: str | Path) -> Evidence:
    """Reads what `write` wrote.

    Raises
    ------
    DataError
        If the file is missing or is not such a table.
    """
    with rows_of(path, "of per-clip predictions", _NEEDED) as reader:
        rows = list(reader)
        if not rows:
            raise ValueError("it has no rows")
        names = reader.fieldnames or ()
        genres = tuple(name for name in names if name not in (*_NEEDED, _FILE))
        if unknown := {row["label"] for row in rows} - {*genres}:
            raise ValueError(f"labels have no column: {', '.join(sorted(map(str, unknown)))}")
        probabilities = np.array([[float(row[genre]) for genre in genres] for row in rows])
        if not (probabilities >= 0).all() or not _sum_to_one(probabilities):
            raise ValueError("the probabilities of a row do not add up to 1")
        return Evidence(
            track_id=np.array([int(row["track_id"]) for row in rows]),
            label=np.array([genres.index(row["label"]) for row in rows]),
            artist_id=np.array([int(row["artist_id"]) for row in rows]),
            probabilities=probabilities,
            genres=genres,
            files=tuple(row[_FILE] for row in rows) if _FILE in names else None,
        )


def _sum_to_one(probabilities: np.ndarray) -> bool:
    return bool((np.abs(probabilities.sum(axis=1) - 1) < _SUM_TOLERANCE).all())
