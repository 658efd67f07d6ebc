"""The middle window of a track, of which no more than a few minutes are in memory."""

from pathlib import Path

import numpy as np

from songnet.audio import Limits
from songnet.sandbox import Resources, Sandbox
from songnet.spec import SPEC

# Whole tracks of the archive are up to hours long.
_LIMITS = Limits(max_bytes=2**30, max_seconds=6 * 3600.0, max_pcm_bytes=2**36)
_RESOURCES = Resources(cpu_seconds=900, wall_seconds=1800.0)
# By so much, either way, the middle may lie elsewhere than the container's duration says.
_MARGIN = 60 * SPEC.sample_rate


def decoder() -> Sandbox:
    """A process that decodes, and has the time that it takes for the longest tracks."""
    return Sandbox(workers=1, resources=_RESOURCES)


def middle(path: Path, decoder: Sandbox) -> np.ndarray:
    """The middle window of a track; all of one that is no longer than a window.

    It starts at a whole second: a clip with some samples too many loses them at its end, as in
    FMA's published features, which are of 30 s exactly.

    Where the middle is, is known for sure only at the track's end: the surroundings of where the
    container says are kept. Where it says wrong, the track is decoded once more.

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
        As `songnet.audio.read_blocks`.
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
    return max(0, total - SPEC.window_samples) // 2 // SPEC.sample_rate * SPEC.sample_rate


def _stretch(path: Path, decoder: Sandbox, begin: int, end: int) -> tuple[np.ndarray, int]:
    """The samples from `begin` to `end`, and how many there are in the whole track."""
    kept, total = [np.empty(0, np.float32)], 0
    for block in decoder.read_blocks(path, limits=_LIMITS):
        # An empty slice would keep its block in memory.
        if total < end and total + len(block) > begin:
            kept.append(block[max(0, begin - total) : end - total])
        total += len(block)
    return np.concatenate(kept), total
