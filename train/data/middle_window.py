"""Decodes the middle window of a track with no more than a few minutes of it in memory."""

from pathlib import Path

import numpy as np

from songnet.audio import Limits
from songnet.sandbox import Resources, Sandbox
from songnet.spec import SPEC
from train.data.clips import LARGEST_FILE

# Whole tracks of the archive are up to hours long.
_LIMITS = Limits(max_bytes=LARGEST_FILE, max_seconds=6 * 3600.0, max_pcm_bytes=2**36)
_RESOURCES = Resources(cpu_seconds=900, wall_seconds=1800.0)
# Samples kept before and after the window that the container's duration predicts, in case it errs.
_MARGIN = 60 * SPEC.sample_rate


def decoder() -> Sandbox:
    """A sandbox of one process, with time enough for the longest tracks."""
    return Sandbox(workers=1, resources=_RESOURCES)


def middle(path: Path, decoder: Sandbox) -> np.ndarray:
    """Decodes the middle window of a track, or all of a track no longer than a window.

    The window starts at a whole second: a clip with some samples too many loses them at its end,
    as in FMA's published features, which are of exactly 30 s.

    The true middle is known only at the end of the track. Therefore the audio around the middle
    that the container states is kept; if the true one is elsewhere, the track is decoded again.

    Parameters
    ----------
    path : path of an audio file
    decoder : Sandbox

    Returns
    -------
    np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate, n <= SPEC.window_samples]

    Raises
    ------
    AudioError
        As for `songnet.audio.read_blocks`.
    """
    stated_s = decoder.probe(path, _LIMITS).duration_s or 0.0
    guess = _start(round(stated_s * SPEC.sample_rate))
    begin, end = max(0, guess - _MARGIN), guess + SPEC.window_samples + _MARGIN
    kept, total = _stretch(path, decoder, begin, end)
    start = _start(total)
    if start < begin or min(total, start + SPEC.window_samples) > end:
        begin, end = start, start + SPEC.window_samples
        kept, _ = _stretch(path, decoder, begin, end)
    return kept[start - begin :][: SPEC.window_samples]


def _start(total: int) -> int:
    """First sample of the middle window of a track of `total` samples."""
    return max(0, total - SPEC.window_samples) // 2 // SPEC.sample_rate * SPEC.sample_rate


def _stretch(path: Path, decoder: Sandbox, begin: int, end: int) -> tuple[np.ndarray, int]:
    """The samples from `begin` to `end`, and the number of samples in the whole track."""
    kept, total = [np.empty(0, np.float32)], 0
    for block in decoder.read_blocks(path, limits=_LIMITS):
        # An empty slice would keep its block in memory.
        if total < end and total + len(block) > begin:
            kept.append(block[max(0, begin - total) : end - total])
        total += len(block)
    return np.concatenate(kept), total
