"""Leaves out the padding that an encoder puts behind a song to fill its last packets."""

from collections.abc import Iterator

import numpy as np

# Two packets of AAC with its longest frame at 44.1 kHz; what goes on for longer is no padding.
LONGEST_S = 4096 / 44_100


def without_padding(
    blocks: Iterator[np.ndarray], end_s: float | None, rate: int
) -> Iterator[np.ndarray]:
    """The blocks of a song up to its stated end, unless clearly more than padding is behind it.

    Players do so, by the edit list of an MP4; FFmpeg's decoder hands over whole packets.

    Parameters
    ----------
    blocks : iterator of np.ndarray [shape=(n,)]
    end_s : float or None [s]
        The stated end; None leaves all as it is.
    rate : int [Hz]
        Of the blocks.

    Yields
    ------
    np.ndarray [shape=(n,), n > 0]
    """
    if end_s is None:
        yield from blocks
        return
    left = round(end_s * rate)
    behind: list[np.ndarray] = []
    for block in blocks:
        if left:
            yield block[:left]
        if len(block) > left:
            behind.append(block[left:])
        left = max(0, left - len(block))
        if sum(map(len, behind)) > LONGEST_S * rate:
            yield from behind
            yield from blocks
            return
