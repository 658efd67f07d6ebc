"""Cuts a song that arrives in blocks into the windows that the network classifies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from songnet.errors import AudioError
from songnet.spec import SPEC, AudioSpec


@dataclass(frozen=True)
class Window:
    """A stretch of a song, in the length that the network classifies.

    Attributes
    ----------
    start_s, end_s : float [s]
        Where it lies in the song.
    waveform : np.ndarray [shape=(window_samples,), float32]
        The array is used again for the window after the next one: copy what is to be kept.
    """

    start_s: float
    end_s: float
    waveform: np.ndarray


def windows(blocks: Iterable[np.ndarray], spec: AudioSpec = SPEC) -> Iterator[Window]:
    """Cuts a song into windows that cover it.

    One begins where another ends; the last one ends where the song ends, give or take
    `spec.n_fft` samples (46 ms), less than the network sees of a window's end, so that it may
    overlap the one before. A song shorter than a window is one window, in which the song is
    repeated until the window is full: the network then sees the whole song and nothing else, where
    padding would show it silence.

    Parameters
    ----------
    blocks : iterable of np.ndarray [shape=(n,), float32, mono at spec.sample_rate]
    spec : AudioSpec

    Yields
    ------
    Window

    Raises
    ------
    AudioError
        If there is less than `spec.min_seconds` of audio.
    """
    size = spec.window_samples
    # Two arrays are used in turn: allocating one for each window would take longer than filling it.
    window, previous = np.empty((2, size), dtype=np.float32)
    start = filled = 0  # of `window`, in samples
    for block in blocks:
        while len(block):
            if filled == size:
                window, previous = previous, window
                start, filled = start + size, 0
            part = block[: size - filled]
            window[filled : filled + len(part)] = part
            filled, block = filled + len(part), block[len(part) :]
            if filled == size:
                yield _window(window, start, spec)
    end = start + filled
    if end < spec.min_samples:
        raise AudioError(
            f"There is less than {spec.min_seconds:.0f} s of audio: choose a longer recording."
        )
    if start == 0 and filled < size:
        yield _window(np.resize(window[:filled], size), 0, spec, n_samples=end)
    elif start > 0 and spec.n_fft < filled < size:
        tail = np.concatenate([previous[filled:], window[:filled]])
        yield _window(tail, end - size, spec)


def _window(
    waveform: np.ndarray, start: int, spec: AudioSpec, n_samples: int | None = None
) -> Window:
    end = start + (spec.window_samples if n_samples is None else n_samples)
    return Window(start_s=start / spec.sample_rate, end_s=end / spec.sample_rate, waveform=waveform)
