"""Mixes decoded frames down to one mono waveform at one sample rate."""

from collections.abc import Iterable, Iterator

import av
import numpy as np

# Sample formats, packed and planar, that NumPy mixes down, with their type and full scale.
_FORMATS = {"s16": (np.int16, 2.0**15), "s32": (np.int32, 2.0**31), "flt": (np.float32, 1.0)}
_FORMATS |= {f"{name}p": sample for name, sample in _FORMATS.items()}
# FFmpeg's names for one and two channels, whether or not a file says which speakers they are for.
_SIMPLE_LAYOUTS = ("mono", "stereo", "1 channels", "2 channels")
# Gain of the left and of the right channel in the mono mix, as in FFmpeg: -3 dB.
_CHANNEL_GAIN = np.float32(np.sqrt(0.5))
# Largest absolute sample that is accepted (full scale is 1). Float files may hold larger ones and
# NaN, which are damage; the power spectrum of what is accepted fits a float32.
LOUDEST = np.float32(1e10)


def gathered(frames: Iterable[av.AudioFrame], samples: int) -> Iterator[av.AudioFrame]:
    """Joins small frames into larger ones, as each frame that Python handles takes time.

    Parameters
    ----------
    frames : iterable of av.AudioFrame
        The format, channels and rate may change on the way.
    samples : int > 0
        Length of the joined frames.

    Yields
    ------
    av.AudioFrame
        Of at most `samples`, shorter before a change and at the end. Frames of more than two
        channels are passed on unchanged, and so are those of a quarter of `samples` and more,
        unless shorter ones wait to be joined.
    """
    # There are thousands of frames: as little as possible is done for each.
    fifo, channels, joinable, large = av.AudioFifo(), None, False, samples / 4
    for frame in frames:
        # A FIFO does not check the channels of what it is given, and knows no unusual layouts.
        if frame.layout.nb_channels != channels:
            yield from fifo.read_many(samples, partial=True)
            fifo, channels = av.AudioFifo(), frame.layout.nb_channels
            joinable = frame.layout.name in _SIMPLE_LAYOUTS
        if not joinable or (large <= frame.samples <= samples and not fifo.samples):
            yield frame
            continue
        frame.pts = None
        try:
            fifo.write(frame)
        except ValueError:  # another sample format or rate
            yield from fifo.read_many(samples, partial=True)
            fifo = av.AudioFifo()
            fifo.write(frame)
        yield from fifo.read_many(samples)
    yield from fifo.read_many(samples, partial=True)


def mono_blocks(frames: Iterable[av.AudioFrame], rate: int) -> Iterator[np.ndarray]:
    """Mixes frames down to mono and resamples them.

    Channels are weighted as in FFmpeg. NumPy mixes mono and stereo that have the target rate;
    FFmpeg resamples all else.

    Parameters
    ----------
    frames : iterable of av.AudioFrame
        The format, channels and rate may change on the way.
    rate : int [Hz]

    Yields
    ------
    np.ndarray [shape=(n,), float32, finite, 0 < n <= rate]
        Samples that are NaN, or larger than `LOUDEST`, become zero.

    Raises
    ------
    av.FFmpegError, ValueError, MemoryError
        If FFmpeg cannot resample the frames.
    """
    resampler, kind = None, None
    for frame in frames:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if found != kind:
            if resampler is not None:
                yield from _resampled(resampler, None)
            kind, resampler = found, None
            format_name, layout, frame_rate = found
            if format_name not in _FORMATS or layout not in _SIMPLE_LAYOUTS or frame_rate != rate:
                resampler = av.AudioResampler("flt", "mono", rate, frame_size=rate)
        if resampler is None:
            yield _mixed(frame)
        else:
            frame.pts = None
            yield from _resampled(resampler, frame)
    if resampler is not None:
        yield from _resampled(resampler, None)


def _mixed(frame: av.AudioFrame) -> np.ndarray:
    dtype, full_scale = _FORMATS[frame.format.name]
    n_channels = frame.layout.nb_channels
    if frame.format.is_packed:
        pcm = np.frombuffer(memoryview(frame.planes[0]), dtype, frame.samples * n_channels)
        channels = pcm.astype(np.float32).reshape(-1, n_channels).T
    else:
        planes = (np.frombuffer(memoryview(plane), dtype, frame.samples) for plane in frame.planes)
        channels = [plane.astype(np.float32, copy=False) for plane in planes]
    gain = np.float32(1.0 / full_scale)
    with np.errstate(over="ignore", invalid="ignore"):
        if n_channels == 1:
            mixed = channels[0] * gain
        else:
            mixed = channels[0] + channels[1]
            mixed *= gain * _CHANNEL_GAIN
    # Integer samples are always in range.
    return _without_damage(mixed) if dtype is np.float32 else mixed


def _resampled(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[np.ndarray]:
    for resampled in resampler.resample(frame):
        if resampled.samples:
            yield _without_damage(resampled.to_ndarray()[0])


def _without_damage(block: np.ndarray) -> np.ndarray:
    """The block, with zeros for samples that are NaN or larger than `LOUDEST`."""
    # NaN fails the comparisons, too.
    if block.min() >= -LOUDEST and block.max() <= LOUDEST:
        return block
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(block) <= LOUDEST, block, np.float32(0.0))
