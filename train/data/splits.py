"""One split of a data set: the arrays that `python -m train` reads from `.npz` files."""

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from train.data import arrays, data_set
from train.data.data_set import DataSet
from train.data.levels import Spectra, from_levels
from train.data.seeds import check_seed
from train.data.tracks import artist_groups
from train.errors import DataError

PROTOCOLS = ("official", "random", "folds")
N_FOLDS = 5
# A twentieth of the clips chooses the epoch, so that the held-out fold is only measured on.
_PARTS_A_FOLD = 4


@dataclass(frozen=True)
class Split:
    """The clips of one split, one row a clip.

    Attributes
    ----------
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.
    track_id : np.ndarray [shape=(n,), int32]
    genre : np.ndarray [shape=(n,), int]
        Index into `genres`.
    artist_id : np.ndarray [shape=(n,), int32]
        -1 where unknown.
    log_mel : np.ndarray or Spectra [shape=(n, n_frames, n_mels), float32, 0..1]
        As `songnet.features.log_mel` gives it. `Spectra` where the data set stays on the disk.
    copy : np.ndarray [shape=(n,), int8]
        Which changed copy of its track a clip is; 0 for the track itself.
    teachers : dict of str to np.ndarray [shape=(n, dimension), float32]
        Clip embeddings by teacher network, where the data set has them.
    data_set : DataSet
        The data set that it is a part of, from `data_set.json` in its folder.
    """

    name: str
    track_id: np.ndarray
    genre: np.ndarray
    artist_id: np.ndarray
    log_mel: np.ndarray | Spectra
    copy: np.ndarray
    teachers: dict[str, np.ndarray]
    data_set: DataSet

    def __len__(self) -> int:
        return len(self.genre)

    @property
    def genres(self) -> tuple[str, ...]:
        """The names of the genres, by their index in `genre`."""
        return self.data_set.genres

    @property
    def one_hot(self) -> np.ndarray:
        """Labels as probabilities: np.ndarray [shape=(n, n_genres), float32]."""
        return np.eye(len(self.genres), dtype=np.float32)[self.genre]

    def take(self, rows: np.ndarray, name: str) -> "Split":
        """A split of this name with the clips of some rows."""
        return dataclasses.replace(
            self,
            name=name,
            track_id=self.track_id[rows],
            genre=self.genre[rows],
            artist_id=self.artist_id[rows],
            log_mel=self.log_mel[rows],
            copy=self.copy[rows],
            teachers={name: values[rows] for name, values in self.teachers.items()},
        )

    @property
    def recording(self) -> np.ndarray:
        """The row of each clip's recording: its own but for changed copies: [shape=(n,), int]."""
        originals = np.flatnonzero(self.copy == 0)
        known = dict(zip(self.track_id[originals].tolist(), originals.tolist(), strict=True))
        rows = np.arange(len(self))
        for row in np.flatnonzero(self.copy):
            rows[row] = known.get(int(self.track_id[row]), row)
        return rows

    @property
    def artist_groups(self) -> np.ndarray:
        """Groups of clips by artist (`train.data.tracks.artist_groups`): [shape=(n,), int64].

        A changed copy is in its recording's, also where the artist is unknown.
        """
        return artist_groups(self.artist_id)[self.recording]


def load_split(
    folder: str | Path,
    name: str,
    *,
    protocol: str = "official",
    seed: int = 0,
    fold: int | None = None,
) -> Split:
    """Reads one split of a data set.

    Parameters
    ----------
    folder : path of the data set
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.
    protocol : {"official", "random", "folds"}
        ``official`` is the data set's own split, ``folder/name.npz``. ``random`` splits the clips
        of training and validation anew, 80/10/10 and stratified by genre: artists are then on
        both sides, which flatters. It is there to compare with figures from such splits.
        ``folds`` divides their artists into five folds: fold `fold` is ``test``, a twentieth of
        the clips, from other artists, is ``validation``. Settings are chosen on it.
    seed : int
        Random seed of the protocol ``random``; the others are always the same.
    fold : int, 0..4, or None
        With the protocol ``folds``, and with no other.

    Returns
    -------
    Split

    Raises
    ------
    DataError
        If a file is missing or damaged, or lacks an array or has one of another shape; if there
        is no such protocol or fold, or one of the two does not go with the other; if there are too
        few clips for the protocol, or no such seed.
    """
    _check(protocol, fold)
    check_seed(seed)
    if protocol == "official":
        return _read(Path(folder), name)
    clips = _joined(*(_read(Path(folder), part) for part in ("training", "validation")))
    tracks = np.flatnonzero(clips.copy == 0)
    try:
        parts = (
            _random_rows(clips, tracks, seed) if fold is None else _fold_rows(clips, tracks, fold)
        )
    except ValueError as error:
        raise DataError(
            f"{len(tracks)} clips of {len(clips.genres)} genres are too few for --protocol "
            f"{protocol}: bring more, or use the data set's own split."
        ) from error
    if name not in parts:
        raise DataError(f"There are the splits {', '.join(parts)}. Received: {name}")
    rows = parts[name]
    if name == "training":
        has_copies = np.isin(clips.track_id, clips.track_id[rows])
        rows = np.append(rows, np.flatnonzero(has_copies & (clips.copy > 0)))
    return clips.take(rows, name)


def _check(protocol: str, fold: int | None) -> None:
    if protocol not in PROTOCOLS:
        raise DataError(f"There are the protocols {', '.join(PROTOCOLS)}. Received: {protocol}")
    if protocol != "folds" and fold is not None:
        raise DataError(f"--fold needs --protocol folds. Received: {protocol}")
    if protocol == "folds" and fold is None:
        raise DataError(f"--protocol folds needs --fold, 0 to {N_FOLDS - 1}.")
    if fold is not None and not 0 <= fold < N_FOLDS:
        raise DataError(f"There are the folds 0 to {N_FOLDS - 1}. Received: {fold}")


def _random_rows(clips: Split, rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """80 % of the rows for training, 10 % each for validation and test, stratified."""
    training, rest = train_test_split(
        rows, test_size=0.2, stratify=clips.genre[rows], random_state=seed
    )
    validation, test = train_test_split(
        rest, test_size=0.5, stratify=clips.genre[rest], random_state=seed
    )
    parts = {"training": training, "validation": validation, "test": test}
    return {name: np.asarray(part) for name, part in parts.items()}


def _fold_rows(clips: Split, rows: np.ndarray, fold: int) -> dict[str, np.ndarray]:
    """The rows of one fold's three parts; no artist is in two of them."""
    splitter = StratifiedGroupKFold(N_FOLDS * _PARTS_A_FOLD, shuffle=True, random_state=0)
    genre, groups = clips.genre[rows], clips.artist_groups[rows]
    parts = [rows[held_out] for _, held_out in splitter.split(genre, genre, groups)]
    # A fold is four parts in a row; the part after it is its validation split.
    parts = parts[fold * _PARTS_A_FOLD :] + parts[: fold * _PARTS_A_FOLD]
    test, (validation, *training) = parts[:_PARTS_A_FOLD], parts[_PARTS_A_FOLD:]
    return {
        "training": np.sort(np.concatenate(training)),
        "validation": validation,
        "test": np.sort(np.concatenate(test)),
    }


def _joined(first: Split, second: Split) -> Split:
    """The clips of one split after those of the other."""
    teachers = {
        teacher: np.concatenate([values, second.teachers[teacher]])
        for teacher, values in first.teachers.items()
        if teacher in second.teachers
    }
    return Split(
        name=f"{first.name} and {second.name}",
        track_id=np.concatenate([first.track_id, second.track_id]),
        genre=np.concatenate([first.genre, second.genre]),
        artist_id=np.concatenate([first.artist_id, second.artist_id]),
        log_mel=np.concatenate([np.asarray(first.log_mel), np.asarray(second.log_mel)]),
        copy=np.concatenate([first.copy, second.copy]),
        teachers=teachers,
        data_set=first.data_set,
    )


def _read(folder: Path, name: str) -> Split:
    """Reads a split of the protocol ``official``."""
    stored, path = arrays.load(folder, name)
    genre, levels, teachers = stored["genre"], stored["log_mel"], arrays.teachers(stored)
    whole = data_set.read(folder / data_set.FILE)
    if genre.size and not 0 <= genre.min() <= genre.max() < len(whole.genres):
        raise DataError(f"genre in {path} must lie in 0..{len(whole.genres) - 1}.")
    return Split(
        name=name,
        track_id=stored["track_id"],
        genre=genre,
        artist_id=stored["artist_id"],
        log_mel=Spectra(levels) if path.is_dir() else from_levels(levels),
        copy=stored.get("copy", np.zeros(len(genre), np.int8)),
        teachers={teacher: found.astype(np.float32) for teacher, found in teachers.items()},
        data_set=whole,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose what a step reads, and the seed."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the splits")
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, default="official", help="which split; %(default)s"
    )
    parser.add_argument(
        "--fold",
        type=int,
        choices=range(N_FOLDS),
        help="which of the folds is held out, with --protocol folds",
    )
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")


def from_arguments(arguments: argparse.Namespace, name: str) -> Split:
    """The split of this name that the options of `add_arguments` choose.

    Raises
    ------
    DataError
        As for `load_split`.
    """
    return load_split(
        arguments.data,
        name,
        protocol=arguments.protocol,
        seed=arguments.seed,
        fold=arguments.fold,
    )
