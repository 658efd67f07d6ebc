"""Changed copies of training clips: other pitch, tempo, noise, bandwidth, level and encoder.

`train.network.augment` changes spectrograms anew in every epoch, at little cost. Another pitch or
tempo, or the artefacts of an encoder, need audio: audiomentations makes such copies of it.
"""

import hashlib
import importlib.util
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from songnet.spec import SPEC
from train.errors import DataError

_NEEDED = ("audiomentations", "fast_mp3_augment")
# Held while audiomentations draws from the global random generators, which threads share.
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class Copy:
    """One changed copy of a clip, or the clip itself.

    Attributes
    ----------
    number : int
        From 1; 0 is the clip itself.
    seed : int
        The same seed, number and clip give the same copy, on any machine and in any order.
    """

    number: int = 0
    seed: int = 0

    def name(self, source: str) -> str:
        """The copy's name in a store, made of its clip's source."""
        return f"{source} (copy {self.number})" if self.number else source

    def stamp(self, stamp: str | None) -> str | None:
        """A text that changes when the copy would change, made of its clip's stamp."""
        if not self.number or stamp is None:
            return stamp
        return f"{stamp}-{self.seed}-{version('audiomentations')}"

    def apply(self, waveform: np.ndarray, source: str) -> np.ndarray:
        """Makes the copy's waveform from the clip's.

        Two to six changes, in this order: another pitch (up to 2 semitones), another tempo (up to
        10 %), noise (10 to 50 dB below, white to 6 dB an octave), nothing above 6 to 20 kHz, up to
        12 dB louder (clipped at full scale) or quieter, and MP3 of 32 to 192 kbit/s.

        Parameters
        ----------
        waveform : np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate]
        source : str
            The clip's source, from which the random changes follow.

        Returns
        -------
        np.ndarray [shape=(m,), float32]
        """
        if not self.number:
            return waveform
        with _drawing_from(f"{self.seed}/{self.number}/{source}"):
            return _changes()(waveform, SPEC.sample_rate)


@contextmanager
def _drawing_from(seed: str) -> Iterator[None]:
    """Seeds the global random generators for a ``with`` block, and restores them after it."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4])
    with _DRAWING:
        before = random.getstate(), np.random.get_state()
        random.seed(number)
        np.random.seed(number)
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])


@cache
def _changes() -> Any:
    """The changes, as audiomentations composes them."""
    # Imported here: it is needed, and installed, only to make copies.
    import audiomentations as am

    gain = am.Compose([am.Gain(min_gain_db=-12.0, max_gain_db=12.0, p=1.0), am.Clip(p=1.0)])
    changes = [
        am.PitchShift(min_semitones=-2.0, max_semitones=2.0, p=1.0),
        am.TimeStretch(min_rate=0.9, max_rate=1.1, leave_length_unchanged=False, p=1.0),
        am.AddColorNoise(
            min_snr_db=10.0, max_snr_db=50.0, min_f_decay=-6.0, max_f_decay=0.0, p=1.0
        ),
        am.LowPassFilter(
            min_cutoff_freq=6_000.0,
            max_cutoff_freq=20_000.0,
            min_rolloff=96,
            max_rolloff=96,
            p=1.0,
        ),
        gain,
        am.Mp3Compression(min_bitrate=32, max_bitrate=192, p=1.0),
    ]
    return am.SomeOf((2, None), changes)


def check(copies: int) -> None:
    """Raises a `DataError` if so many copies of each clip cannot be made."""
    if not 0 <= copies <= np.iinfo(np.int8).max:
        raise DataError(f"--augment takes 0 to 127 copies of a clip. Received: {copies}")
    if copies and not all(map(importlib.util.find_spec, _NEEDED)):
        raise DataError(
            "--augment needs audiomentations, which is not installed here: pip install -r "
            "train/requirements-augment.txt."
        )
