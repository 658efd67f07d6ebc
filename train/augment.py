"""Random changes of log-mel spectrograms that leave the genre what it is.

Every function takes and gives a batch [shape=(n, time, band), float32, 0..1] and a generator, and
works on all clips of the batch at once.
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
    band_mask, time_mask : int [bands, frames]
        Longest stretch that is blotted out.
    mixup : float >= 0
        Parameter of the Beta distribution of the mixing weight (Zhang et al. 2018,
        arXiv 1710.09412); 0 mixes nothing.
    """

    tilt_db: float = 12.0
    band_limit: float = 0.4
    band_mask: int = 16
    time_mask: int = 24
    mixup: float = 0.0


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


def mask(batch: np.ndarray, rng: np.random.Generator, axis: int, longest: int) -> np.ndarray:
    """Blots out a random stretch along an axis with the clip's mean (SpecAugment, 1904.08779)."""
    n, size = len(batch), batch.shape[axis]
    length = rng.integers(longest + 1, size=(n, 1))
    start = (rng.random((n, 1)) * (size - length)).astype(int)
    positions = np.arange(size)
    hit = (positions >= start) & (positions < start + length)
    hit = np.expand_dims(hit, 3 - axis)
    return np.where(hit, batch.mean(axis=(1, 2), keepdims=True), batch)


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
    batch = rotate(batch, rng)
    batch = tilt(batch, rng, how.tilt_db)
    batch = band_limit(batch, rng, how.band_limit)
    batch = mask(batch, rng, 2, how.band_mask)
    return mask(batch, rng, 1, how.time_mask).astype(np.float32)


def mixup_weights(n: int, rng: np.random.Generator, alpha: float) -> np.ndarray:
    """How much of itself each clip of a batch keeps when it is mixed with another.

    Returns
    -------
    np.ndarray [shape=(n,), float32, 0.5..1]
    """
    if alpha == 0:
        return np.ones(n, dtype=np.float32)
    weights = rng.beta(alpha, alpha, size=n)
    return np.maximum(weights, 1.0 - weights).astype(np.float32)
