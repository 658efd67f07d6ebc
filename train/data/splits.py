"""One split of a data set: the arrays that `python -m train` reads from `.npz` files."""

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from songnet.spec import SPEC
from train.data import data_set
from train.data.data_set import DataSet
from train.errors import DataError


@dataclass(frozen=True)
class Split:
    """The clips of one split, one row a clip.

    Attributes
    ----------
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.
    track_id : np.ndarray [shape=(n,), int32]
    genre : np.ndarray [shape=(n,), int8]
        Index into `genres`.
    artist_id : np.ndarray [shape=(n,), int32]
        -1 where unknown.
    log_mel : np.ndarray or Spectra [shape=(n, n_frames, n_mels), float32, 0..1]
        As `songnet.features.log_mel` gives it. `Spectra` where the data set stays on the disk.
    copy : np.ndarray [shape=(n,), int8]
        Which changed copy of its track a clip is; 0 for the track itself.
    vggish : np.ndarray [shape=(n, 128), float32] or None
        Clip embeddings of a teacher network, where the data set has them.
    data_set : DataSet
        What it is a part of, as `data_set.json` in its folder says.
    """

    name: str
    track_id: np.ndarray
    genre: np.ndarray
    artist_id: np.ndarray
    log_mel: "np.ndarray | Spectra"
    copy: np.ndarray
    vggish: np.ndarray | None
    data_set: DataSet

    def __len__(self) -> int:
        return len(self.genre)

    @property
    def genres(self) -> tuple[str, ...]:
        """The names, in the order of `genre`."""
        return self.data_set.genres

    @property
    def one_hot(self) -> np.ndarray:
        """Labels as probabilities: np.ndarray [shape=(n, n_genres), float32]."""
        return np.eye(len(self.genres), dtype=np.float32)[self.genre]

    def take(self, rows: np.ndarray, name: str) -> "Split":
        """The clips of these rows, as a split of this name."""
        arrays = {array: getattr(self, array) for array in _USED}
        taken = {key: None if array is None else array[rows] for key, array in arrays.items()}
        return dataclasses.replace(self, name=name, **taken)

    @property
    def artist_groups(self) -> np.ndarray:
        """A group number a clip: its artist, or the clip alone where the artist is unknown.

        Returns
        -------
        np.ndarray [shape=(n,), int64]
        """
        alone = -1 - np.arange(len(self), dtype=np.int64)
        return np.where(self.artist_id < 0, alone, self.artist_id)


@dataclass(frozen=True)
class Spectra:
    """The spectra of a split on disk, of which only those that are asked for are read.

    Attributes
    ----------
    levels : np.memmap [shape=(n, n_frames, n_mels), uint8]
    """

    levels: np.ndarray

    def __len__(self) -> int:
        return len(self.levels)

    def __getitem__(self, rows) -> np.ndarray:
        """np.ndarray [shape=(len(rows), n_frames, n_mels), float32, 0..1]"""
        return relative_to_loudest(self.levels[rows])

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """All of them, in memory."""
        return np.asarray(self[:], dtype)


PROTOCOLS = ("official", "random", "folds")
N_FOLDS = 5
# A twentieth of the clips chooses the epoch, so that the held-out fold is only measured on.
_PARTS_A_FOLD = 4
_USED = ("track_id", "genre", "artist_id", "log_mel", "copy", "vggish")
_OPTIONAL = ("copy", "vggish")


def load_split(
    folder: str | Path, name: str, *, protocol: str = "official", seed: int = 0
) -> Split:
    """Reads one split of a data set.

    Parameters
    ----------
    folder : path of the data set
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.
    protocol : {"official", "random"}
        ``official`` is the data set's own split, ``folder/name.npz``. ``random`` deals the clips
        of training and validation anew, 80/10/10 and stratified by genre: artists are then on
        both sides, which flatters. It is there to compare with figures from such splits.
        ``folds`` deals their artists into five folds: fold `seed` is ``test``, a twentieth of the
        clips, from other artists, is ``validation``. Settings are chosen on it.
    seed : int
        Deals the clips of the random split; 0..4 names the fold.

    Returns
    -------
    Split

    Raises
    ------
    DataError
        If a file is missing, is no `.npz`, or lacks an array or has one of another shape, or if
        there is no such fold.
    """
    if protocol == "official":
        return _read(Path(folder), name)
    both = [_read(Path(folder), part) for part in ("training", "validation")]
    clips = _joined(*both)
    deal = {"random": _random_rows, "folds": _fold_rows}[protocol]
    tracks = np.flatnonzero(clips.copy == 0)
    rows = deal(clips, tracks, seed)[name]
    if name == "training":
        learnt = np.isin(clips.track_id, clips.track_id[rows])
        rows = np.append(rows, np.flatnonzero(learnt & (clips.copy > 0)))
    return clips.take(rows, name)


def _random_rows(clips: Split, rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """80 % of the rows for training, 10 % each for validation and test, stratified."""
    training, rest = train_test_split(
        rows, test_size=0.2, stratify=clips.genre[rows], random_state=seed
    )
    validation, test = train_test_split(
        rest, test_size=0.5, stratify=clips.genre[rest], random_state=seed
    )
    return {"training": training, "validation": validation, "test": test}


def _fold_rows(clips: Split, rows: np.ndarray, fold: int) -> dict[str, np.ndarray]:
    """The rows of one fold's three parts; no artist is in two of them."""
    if not 0 <= fold < N_FOLDS:
        raise DataError(f"There are the folds 0 to {N_FOLDS - 1}. Received: {fold}")
    dealer = StratifiedGroupKFold(N_FOLDS * _PARTS_A_FOLD, shuffle=True, random_state=0)
    genre, groups = clips.genre[rows], clips.artist_groups[rows]
    parts = [rows[held_out] for _, held_out in dealer.split(genre, genre, groups)]
    # Folds are neighbouring parts, and the part after a fold chooses its epoch.
    parts = parts[fold * _PARTS_A_FOLD :] + parts[: fold * _PARTS_A_FOLD]
    test, (validation, *training) = parts[:_PARTS_A_FOLD], parts[_PARTS_A_FOLD:]
    return {
        "training": np.sort(np.concatenate(training)),
        "validation": validation,
        "test": np.sort(np.concatenate(test)),
    }


def _joined(first: Split, second: Split) -> Split:
    def join(array: str) -> np.ndarray | None:
        parts = [getattr(split, array) for split in (first, second)]
        return None if any(part is None for part in parts) else np.concatenate(parts)

    return Split("", *(join(array) for array in _USED), first.data_set)


def _read(folder: Path, name: str) -> Split:
    path = folder / f"{name}.npz"
    on_disk = (folder / name).is_dir()
    if not path.is_file() and not on_disk:
        raise DataError(f"{path} is missing: --data names a folder that holds {name}.npz.")
    try:
        if on_disk:
            path = folder / name
            arrays = {
                key: np.load(path / f"{key}.npy", mmap_mode="r")
                for key in _USED
                if (path / f"{key}.npy").is_file()
            }
        else:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files if key in _USED}
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not a readable .npz file ({error}).") from error
    missing = [key for key in _USED if key not in arrays and key not in _OPTIONAL]
    if missing:
        raise DataError(f"{path} lacks the arrays {', '.join(missing)}.")
    if arrays["log_mel"].shape[1:] != (SPEC.n_frames, SPEC.n_mels):
        raise DataError(
            f"log_mel in {path} must have the shape (n, {SPEC.n_frames}, {SPEC.n_mels}). "
            f"Received: {arrays['log_mel'].shape}"
        )
    genre = arrays["genre"]
    whole = data_set.read(folder / data_set.FILE)
    if genre.size and not 0 <= genre.min() <= genre.max() < len(whole.genres):
        raise DataError(f"genre in {path} must lie in 0..{len(whole.genres) - 1}.")
    vggish, levels = arrays.get("vggish"), arrays["log_mel"]
    return Split(
        name=name,
        track_id=arrays["track_id"],
        genre=genre,
        artist_id=arrays["artist_id"],
        log_mel=Spectra(levels) if on_disk else relative_to_loudest(levels),
        copy=arrays.get("copy", np.zeros(len(genre), np.int8)),
        vggish=None if vggish is None else vggish.astype(np.float32),
        data_set=whole,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options by which a step is told what to read, and the seed."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the splits")
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, default="official", help="which split; %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")


def relative_to_loudest(levels: np.ndarray) -> np.ndarray:
    """Stored grey levels as log-mel relative to the loudest bin that was kept.

    Parameters
    ----------
    levels : np.ndarray [shape=(n, n_frames, n_mels), uint8]
        0..255 for -80..0 dB below the loudest bin of all the clip's frames.

    Returns
    -------
    np.ndarray [the same shape, float32, 0..1]
        1 is the loudest bin kept, 0 is 80 dB below it.
    """
    scaled = levels.astype(np.float32) / 255.0
    return np.clip(scaled - scaled.max(axis=(1, 2), keepdims=True) + 1.0, 0.0, 1.0)
