"""Log-mel spectrograms as data sets store them: 8 bits a value, in memory or on the disk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

_FULL = 255  # the level of a log-mel of 1


def to_levels(log_mel: np.ndarray) -> np.ndarray:
    """Quantises log-mel spectrograms to 8 bits.

    Parameters
    ----------
    log_mel : np.ndarray [any shape, float, 0..1]
        As `songnet.features.log_mel` gives it.

    Returns
    -------
    np.ndarray [the same shape, uint8]
        0..255, in steps of 0.3 dB.
    """
    return np.round(_FULL * log_mel).astype(np.uint8)


def from_levels(levels: np.ndarray) -> np.ndarray:
    """Restores log-mel spectrograms from 8 bits, relative to the loudest bin that was kept.

    Parameters
    ----------
    levels : np.ndarray [shape=(n, n_frames, n_mels), uint8]
        0..255 for -80..0 dB relative to the loudest bin of the clip, which need not be in a frame
        that was kept.

    Returns
    -------
    np.ndarray [the same shape, float32, 0..1]
        1 is the loudest bin kept, 0 is 80 dB below it.
    """
    return relative_to_loudest(levels.astype(np.float32) / _FULL)


def relative_to_loudest(log_mel: np.ndarray) -> np.ndarray:
    """Shifts each clip so that its loudest bin is 1, and clips what falls below 0.

    Parameters
    ----------
    log_mel : np.ndarray [shape=(n, n_frames, n_mels), float32]
        In units of `songnet.spec.SPEC.db_range`.

    Returns
    -------
    np.ndarray [the same shape, float32, 0..1]
    """
    return np.clip(log_mel - log_mel.max(axis=(1, 2), keepdims=True) + 1.0, 0.0, 1.0)


@dataclass(frozen=True)
class Spectra:
    """The log-mel of many clips on the disk; indexing reads the chosen clips.

    Attributes
    ----------
    levels : np.memmap [shape=(m, n_frames, n_mels), uint8]
    rows : np.ndarray [shape=(n,), int] or None
        Which of them are meant; None for all.
    """

    levels: np.ndarray
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.levels if self.rows is None else self.rows)

    def take(self, rows: np.ndarray) -> "Spectra":
        """Some of the clips, which stay on the disk."""
        return Spectra(self.levels, rows if self.rows is None else self.rows[rows])

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        """The chosen clips: np.ndarray [shape=(len(rows), n_frames, n_mels), float32, 0..1]."""
        return from_levels(self.levels[rows if self.rows is None else self.rows[rows]])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        """All clips, in memory."""
        return np.asarray(self[:], dtype)
