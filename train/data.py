"""One split of a data set: the arrays that `python -m train` reads from an `.npz` file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet.errors import SongNetError
from songnet.spec import GENRES, SPEC


class DataError(SongNetError):
    """A data set that cannot be used, in one sentence for the person who named it."""


@dataclass(frozen=True)
class Split:
    """The clips of one split, one row a clip.

    Attributes
    ----------
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.
    track_id : np.ndarray [shape=(n,), int32]
    genre : np.ndarray [shape=(n,), int8]
        Index into `songnet.GENRES`.
    artist_id : np.ndarray [shape=(n,), int32]
        -1 where unknown.
    log_mel : np.ndarray [shape=(n, n_frames, n_mels), float32, 0..1]
        As `songnet.features.log_mel` gives it.
    vggish : np.ndarray [shape=(n, 128), float32] or None
        Clip embeddings of a teacher network, where the data set has them.
    """

    name: str
    track_id: np.ndarray
    genre: np.ndarray
    artist_id: np.ndarray
    log_mel: np.ndarray
    vggish: np.ndarray | None

    def __len__(self) -> int:
        return len(self.genre)

    @property
    def one_hot(self) -> np.ndarray:
        """Labels as probabilities: np.ndarray [shape=(n, n_genres), float32]."""
        return np.eye(len(GENRES), dtype=np.float32)[self.genre]

    @property
    def artist_groups(self) -> np.ndarray:
        """A group number a clip: its artist, or the clip alone where the artist is unknown.

        Returns
        -------
        np.ndarray [shape=(n,), int64]
        """
        alone = -1 - np.arange(len(self), dtype=np.int64)
        return np.where(self.artist_id < 0, alone, self.artist_id)


def load_split(folder: str | Path, name: str) -> Split:
    """Reads ``folder/name.npz``.

    Parameters
    ----------
    folder : path of the data set
    name : str
        ``"training"``, ``"validation"`` or ``"test"``.

    Returns
    -------
    Split

    Raises
    ------
    DataError
        If the file is missing, is no `.npz`, or lacks an array or has one of another shape.
    """
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        raise DataError(f"{path} is missing: --data names a folder that holds {name}.npz.")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files if key in _USED}
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not a readable .npz file ({error}).") from error
    missing = [key for key in _USED if key not in arrays and key != "vggish"]
    if missing:
        raise DataError(f"{path} lacks the arrays {', '.join(missing)}.")
    if arrays["log_mel"].shape[1:] != (SPEC.n_frames, SPEC.n_mels):
        raise DataError(
            f"log_mel in {path} must have the shape (n, {SPEC.n_frames}, {SPEC.n_mels}). "
            f"Received: {arrays['log_mel'].shape}"
        )
    genre = arrays["genre"]
    if genre.size and not 0 <= genre.min() <= genre.max() < len(GENRES):
        raise DataError(f"genre in {path} must lie in 0..{len(GENRES) - 1}.")
    vggish = arrays.get("vggish")
    return Split(
        name=name,
        track_id=arrays["track_id"],
        genre=genre,
        artist_id=arrays["artist_id"],
        log_mel=relative_to_loudest(arrays["log_mel"]),
        vggish=None if vggish is None else vggish.astype(np.float32),
    )


_USED = ("track_id", "genre", "artist_id", "log_mel", "vggish")


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
