"""Random changes of log-mel spectrograms that do not change the genre.

Each function takes and returns a batch [shape=(n, time, band), float32, 0..1] and a generator, and
works on all clips of the batch at once. `train/EXPERIMENTS.md` says what else was tried.
"""

from dataclasses import dataclass

import numpy as np

from songnet.features import mel_frequencies
from songnet.spec import SPEC
from train.data.levels import relative_to_loudest

_HANN_BINS = 1.5  # FFT bins that one independent value fills under a Hann window


@dataclass(frozen=True)
class Augmentation:
    """How strongly training clips are changed.

    Attributes
    ----------
    tilt_db : float [dB]
        Largest slope from the lowest to the highest band, either way: another equaliser.
    noise : float, 0..1
        Share of clips to which noise is added: another room, another recorder.
    """

    tilt_db: float = 4.0
    noise: float = 0.1


def rotate(batch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shifts each clip in time by a random number of frames, the end to the beginning."""
    n, time, _ = batch.shape
    frames = (np.arange(time) + rng.integers(time, size=(n, 1))) % time
    return batch[np.arange(n)[:, None], frames]


def tilt(batch: np.ndarray, rng: np.random.Generator, tilt_db: float) -> np.ndarray:
    """Adds a random slope over the bands to each clip, as another equaliser would."""
    slope = rng.uniform(-tilt_db, tilt_db, size=(len(batch), 1, 1)) / SPEC.db_range
    over_bands = np.linspace(-0.5, 0.5, batch.shape[2])
    return relative_to_loudest(batch + (slope * over_bands).astype(np.float32))


def silence_above(batch: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Sets the bands with centres at or above a frequency to the floor; `hertz` has one a clip."""
    kept = mel_frequencies()[1:-1] < np.asarray(hertz)[:, None]
    return batch * kept[:, None, :].astype(np.float32)


def room_noise(batch: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Adds noise of a random strength and colour to a share of the clips (`add_noise`).

    The noise is 10 to 50 dB below the music, and its spectrum between white and a fall of 6 dB an
    octave, as in rooms and recorders.
    """
    chosen = np.flatnonzero(rng.random(len(batch)) < share)
    result = batch.copy()
    result[chosen] = add_noise(
        batch[chosen], rng, rng.uniform(10, 50, len(chosen)), rng.uniform(0, 6, len(chosen))
    )
    return result


def add_noise(
    batch: np.ndarray, rng: np.random.Generator, snr_db: np.ndarray, fall_db: np.ndarray
) -> np.ndarray:
    """Adds the power of noise to spectrograms, and makes them relative to their new loudest bin.

    Parameters
    ----------
    batch : np.ndarray [shape=(n, time, band), float32, 0..1]
    rng : np.random.Generator
        The noise fluctuates from frame to frame, more in narrow bands than in wide ones.
    snr_db : np.ndarray [shape=(n,), dB]
        Mean power of the music relative to that of the noise.
    fall_db : np.ndarray [shape=(n,), dB an octave]
        Fall of the noise's spectrum: 0 is white noise, 3 is pink.

    Returns
    -------
    np.ndarray [the same shape and range]
    """
    edges = mel_frequencies()
    centres, widths = edges[1:-1], (edges[2:] - edges[:-2]) / 2
    music = 10.0 ** (SPEC.db_range / 10 * (batch.astype(np.float64) - 1.0))
    noise = 10.0 ** (-np.asarray(fall_db)[:, None] * np.log2(centres / 1000.0) / 10)
    # Filters have unit area: a band's value is power a hertz.
    ratio = (music @ widths).mean(axis=1) / (noise @ widths)
    noise *= (ratio * 10.0 ** (-np.asarray(snr_db) / 10))[:, None]
    independent_bins = np.maximum(1.0, widths * SPEC.n_fft / SPEC.sample_rate / _HANN_BINS)
    fluctuation = rng.gamma(independent_bins, 1.0 / independent_bins, size=batch.shape)
    decibels = 10.0 * np.log10(music + noise[:, None, :] * fluctuation)
    return relative_to_loudest((decibels / SPEC.db_range + 1.0).astype(np.float32))


def augment(batch: np.ndarray, rng: np.random.Generator, how: Augmentation) -> np.ndarray:
    """Applies all changes to a batch: rotates it, adds noise and tilts it.

    Parameters
    ----------
    batch : np.ndarray [shape=(n, time, band), float32, 0..1]
    rng : np.random.Generator
    how : Augmentation

    Returns
    -------
    np.ndarray [the same shape and range]
    """
    batch = room_noise(rotate(batch, rng), rng, how.noise)
    return tilt(batch, rng, how.tilt_db)
