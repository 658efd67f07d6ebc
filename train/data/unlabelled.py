"""Clips without genres, from which a network learns what teachers say of them."""

from dataclasses import dataclass

import numpy as np

from train.data.levels import Spectra
from train.data.splits import Split
from train.errors import DataError


@dataclass(frozen=True)
class Unlabelled:
    """Clips without genres, one row a clip.

    Attributes
    ----------
    artist_id : np.ndarray [shape=(n,), int32]
        -1 where unknown.
    log_mel : np.ndarray or Spectra [shape=(n, n_frames, n_mels), float32, 0..1]
    teachers : dict of str to np.ndarray [shape=(n, d), float32]
        What each teacher says of the clips, one or more.
    """

    artist_id: np.ndarray
    log_mel: np.ndarray | Spectra
    teachers: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.log_mel)


def without_labels(split: Split) -> Unlabelled:
    """The clips of a split, as if nobody knew their genres."""
    if split.vggish is None:
        raise DataError("no teacher")
    return Unlabelled(split.artist_id, split.log_mel, {"vggish": split.vggish})
