"""Cuts a song that arrives in blocks into the windows that the network judges."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from songnet.errors import AudioError
from songnet.spec import SPEC, AudioSpec


@dataclass(frozen=True)
class Window:
    """A stretch of a song, brought to the length that the network judges.

    Attributes
    ----------
    start_s, end_s : float [s]
        Where it lies in the song.
    waveform : np.ndarray [shape=(window_samples,), float32]
    """

    start_s: float
    end_s: float
    waveform: np.ndarray


def windows(blocks: Iterable[np.ndarray], spec: AudioSpec = SPEC) -> Iterator[Window]:
    """Cuts a song into windows that cover it.

    Windows start every `spec.window_hop_seconds`; the last one ends where the song ends, give or
    take `spec.n_fft` samples (46 ms), less than the network sees of a window's end. A song
    shorter than a window is one window, in which the song is repeated until the window is full:
    the network then sees the whole song and nothing else, where padding would show it silence.

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
    size, hop = spec.window_samples, spec.window_hop_samples
    held = np.zeros(0, dtype=np.float32)
    start = 0  # of `held`, in samples of the song
    next_start = 0  # of the next window
    for block in _gather(blocks, hop):
        held = np.concatenate([held, block])
        while start + len(held) >= next_start + size:
            yield _window(held[next_start - start :][:size], next_start, spec)
            next_start += hop
        keep = max(0, start + len(held) - size)
        held, start = held[keep - start :] if keep > start else held, max(start, keep)
    end = start + len(held)
    if end < spec.min_samples:
        raise AudioError(
            f"There is less than {spec.min_seconds:.0f} s of audio: choose a longer recording."
        )
    if next_start == 0:
        yield _window(np.resize(held, size), 0, spec, n_samples=end)
    elif end - (next_start - hop + size) > spec.n_fft:
        yield _window(held[-size:], end - size, spec)


def _gather(blocks: Iterable[np.ndarray], at_least: int) -> Iterator[np.ndarray]:
    """Joins small blocks, so that samples are copied a few times and not a thousand."""
    pending, size = [], 0
    for block in blocks:
        pending.append(block)
        size += len(block)
        if size >= at_least:
            yield np.concatenate(pending)
            pending, size = [], 0
    if pending:
        yield np.concatenate(pending)


def _window(waveform, start: int, spec: AudioSpec, n_samples: int | None = None) -> Window:
    end = start + (spec.window_samples if n_samples is None else n_samples)
    return Window(start_s=start / spec.sample_rate, end_s=end / spec.sample_rate, waveform=waveform)
