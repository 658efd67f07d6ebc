"""Random changes of log-mel spectrograms that leave the genre what it is.

Every function takes and gives a batch [shape=(n, time, band), float32, 0..1] and a generator, and
works on all clips of the batch at once. `train/EXPERIMENTS.md` says what else was tried.
"""

from dataclasses import dataclass

import numpy as np

from songnet.features import mel_frequencies
from songnet.spec import SPEC


@dataclass(frozen=True)
class Augmentation:
    """How strongly training clips are changed.

    Attributes
    ----------
    tilt_db : float [dB]
        Largest slope from the lowest to the highest band, either way: another equaliser.
    band_limit : float, 0..1
        Share of clips that lose all above a random 8 to 20 kHz: another encoder.
    """

    tilt_db: float = 4.0
    band_limit: float = 0.2


def rotate(batch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lets each clip start somewhere else: what went before comes after the end."""
    n, time, _ = batch.shape
    frames = (np.arange(time) + rng.integers(time, size=(n, 1))) % time
    return batch[np.arange(n)[:, None], frames]


def tilt(batch: np.ndarray, rng: np.random.Generator, tilt_db: float) -> np.ndarray:
    """Adds a random slope over the bands, as another equaliser would."""
    slope = rng.uniform(-tilt_db, tilt_db, size=(len(batch), 1, 1)) / SPEC.db_range
    over_bands = np.linspace(-0.5, 0.5, batch.shape[2])
    tilted = batch + (slope * over_bands).astype(np.float32)
    return np.clip(tilted - tilted.max(axis=(1, 2), keepdims=True) + 1.0, 0.0, 1.0)


def band_limit(batch: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Silences the bands above a random cut-off in a share of the clips, as encoders do."""
    n = len(batch)
    centres = mel_frequencies()[1:-1]
    cutoff = np.where(rng.random(n) < share, rng.uniform(8_000, 20_000, n), np.inf)
    return batch * (centres < cutoff[:, None])[:, None, :].astype(np.float32)


def augment(batch: np.ndarray, rng: np.random.Generator, how: Augmentation) -> np.ndarray:
    """All of the above, in a random instance for each clip.

    Parameters
    ----------
    batch : np.ndarray [shape=(n, time, band), float32, 0..1]
    rng : np.random.Generator
    how : Augmentation

    Returns
    -------
    np.ndarray [the same shape and range]
    """
    return tilt(band_limit(rotate(batch, rng), rng, how.band_limit), rng, how.tilt_db)
