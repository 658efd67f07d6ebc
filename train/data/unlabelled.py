"""Clips without genres, from which a network learns what teachers say of them."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data import arrays, data_set
from train.data.data_set import DataSet
from train.data.levels import Spectra, from_levels
from train.data.splits import Split
from train.data.tracks import SPLITS, UNLABELLED
from train.errors import DataError

_BEFORE = "; before that, without labels, "


@dataclass(frozen=True)
class Unlabelled:
    """Clips without genres, one row a clip.

    Attributes
    ----------
    artist : np.ndarray [shape=(n,), str]
        Names of the artists; empty where unknown.
    log_mel : np.ndarray or Spectra [shape=(n, n_frames, n_mels), float32, 0..1]
    teachers : dict of str to np.ndarray [shape=(n, d), float32]
        What each teacher says of the clips, one or more.
    data_set : DataSet
        The set that they are from.
    """

    artist: np.ndarray
    log_mel: np.ndarray | Spectra
    teachers: dict[str, np.ndarray]
    data_set: DataSet

    def __len__(self) -> int:
        return len(self.log_mel)

    def without(self, artists: Iterable[str]) -> "Unlabelled":
        """The clips of all but these artists, whatever the case of their names."""
        names = {_folded(name) for name in artists} - {""}
        rows = np.flatnonzero([_folded(name) not in names for name in self.artist])
        if isinstance(self.log_mel, Spectra):
            log_mel = self.log_mel.take(rows)
        else:
            log_mel = self.log_mel[rows]
        teachers = {name: values[rows] for name, values in self.teachers.items()}
        return Unlabelled(self.artist[rows], log_mel, teachers, self.data_set)


def load_unlabelled(folder: str | Path) -> Unlabelled:
    """Reads a set that ``python -m train prepare --unlabelled`` has made.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Unlabelled

    Raises
    ------
    DataError
        If there is no such set; if it is damaged, has no clips or no teachers, or spectra of other
        settings than this version's.
    """
    folder = Path(folder)
    if not arrays.split_path(folder, UNLABELLED):
        raise DataError(
            f"{folder} holds no clips without genres: --pretrain names a folder that python -m "
            "train prepare --unlabelled has made."
        )
    stored, path = arrays.load(folder, UNLABELLED, required=arrays.OF_UNLABELLED)
    found = arrays.teachers(stored)
    if not found:
        raise DataError(
            f"No teacher has heard the clips in {path}, so that there is nothing to learn from "
            "them: prepare them again with --teacher."
        )
    if not len(stored["log_mel"]):
        raise DataError(f"{path} has no clips to learn from.")
    levels = stored["log_mel"]
    return Unlabelled(
        artist=np.asarray(stored["artist"]),
        log_mel=Spectra(levels) if path.is_dir() else from_levels(levels),
        teachers={name: values.astype(np.float32) for name, values in found.items()},
        data_set=_described(folder / data_set.FILE),
    )


def _described(path: Path) -> DataSet:
    try:
        return DataSet.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not describe a data set: {error}.") from error


def unlabelled_warnings(clips: Unlabelled) -> list[str]:
    """What should be known of clips from which a network is to learn, a sentence each."""
    unknown = int((clips.artist == "").sum())
    if not unknown:
        return []
    return [
        f"{unknown} of {len(clips)} clips without labels ({unknown / len(clips):.0%}) have no "
        "artist: some may be by artists who are held out to measure on, which flatters."
    ]


def without_labels(split: Split) -> Unlabelled:
    """The clips of a split, as if nobody knew their genres, nor their artists' names."""
    unknown = np.full(len(split), "")
    return Unlabelled(unknown, split.log_mel, split.teachers, split.data_set)


def held_out_artists(folder: str | Path, training: Split) -> set[str]:
    """Names of the artists in a data set of whom a training split of it has no clip.

    Parameters
    ----------
    folder : path of the data set
    training : Split

    Returns
    -------
    set of str
        Without those who are known by number alone.
    """
    names: dict[int, str] = {}
    for split in SPLITS:
        names |= arrays.artists(Path(folder), split)
    heard = set(training.artist_id.tolist())
    return {name for artist, name in names.items() if artist not in heard}


def before_genres(known: DataSet) -> str:
    """From which clips without labels a network learned first; empty for none."""
    return known.training_data.partition(_BEFORE)[2]


def learned_from(labelled: DataSet, before: Unlabelled) -> DataSet:
    """The description of what a network learned from: genres, and before that clips without.

    Where the two sets' licences differ, that of the network is ``other``: its description names
    both.
    """
    known = before.data_set
    titles = dict.fromkeys(filter(None, (labelled.teacher, known.teacher)))
    teachers = {teacher.name: teacher for teacher in (*known.teachers, *labelled.teachers)}
    return dataclasses.replace(
        labelled,
        training_data=(
            f"{labelled.training_data}{_BEFORE}{len(before):,} clips of {known.training_data} "
            f"({known.license})"
        ),
        teacher="; ".join(titles),
        teachers=tuple(teachers.values()),
        license=labelled.license if labelled.license == known.license else "other",
    )


def _folded(name: str) -> str:
    return " ".join(str(name).casefold().split())
