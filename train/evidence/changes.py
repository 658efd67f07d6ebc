"""Changes that songs undergo before they are classified: gain, rates, encoders, noise, cuts.

Each change takes a clip and writes the audio file that a user would have. None of them changes
the genre.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.error import FFmpegError
from scipy.signal import fftconvolve, firwin

from train.errors import DataError

_TAPS = 1023  # of the low-pass filter: a transition band of about 100 Hz
_NOISE_FROM_HZ = 20.0


@dataclass(frozen=True)
class Clip:
    """Audio with a file's own rate and channels.

    Attributes
    ----------
    waveform : np.ndarray [shape=(channels, n), float32]
        One or two channels; full scale is 1.
    rate : int [Hz]
    """

    waveform: np.ndarray
    rate: int


def read(path: str | Path) -> Clip:
    """Reads a file with its own rate and channels, which `songnet.audio` does not keep.

    Parameters
    ----------
    path : path of an audio file

    Returns
    -------
    Clip
        More than two channels are mixed down to two.

    Raises
    ------
    DataError
        If it is no audio that can be decoded.
    """
    try:
        with av.open(str(path)) as opened:
            stream = opened.streams.audio[0]
            layout = "mono" if stream.channels == 1 else "stereo"
            resampler = av.AudioResampler("fltp", layout, stream.rate)
            frames = [*opened.decode(stream), None]
            blocks = [block.to_ndarray() for f in frames for block in resampler.resample(f)]
        return Clip(np.concatenate(blocks, axis=1), stream.rate)
    except (FFmpegError, OSError, ValueError, IndexError) as error:
        raise DataError(f"{path} is not audio that can be decoded: {error}.") from error


@dataclass(frozen=True)
class Change:
    """A change of a clip, and the format of the file that it is written to.

    Attributes
    ----------
    name : str
    apply : function of a Clip that gives a waveform [shape=(channels, n)]
    codec, suffix : str
        FFmpeg's name of the encoder, and the file name's ending.
    rate : int [Hz] or None
        Sample rate of the file; None keeps the clip's.
    bit_rate : int [bit/s] or None
    """

    name: str
    apply: Callable[[Clip], np.ndarray] = lambda clip: clip.waveform
    codec: str = "pcm_s16le"
    suffix: str = ".wav"
    rate: int | None = None
    bit_rate: int | None = None

    def write(self, clip: Clip, stem: Path) -> Path:
        """Writes the changed clip.

        Parameters
        ----------
        clip : Clip
        stem : path of the file to write, without its ending

        Returns
        -------
        Path
            The file that was written. In 16 bit, samples beyond full scale are clipped.
        """
        path = stem.with_suffix(self.suffix)
        waveform = np.ascontiguousarray(self.apply(clip), dtype=np.float32)
        layout = ("mono", "stereo")[len(waveform) - 1]
        frame = av.AudioFrame.from_ndarray(waveform, format="fltp", layout=layout)
        frame.sample_rate = clip.rate
        with av.open(str(path), "w") as output:
            stream = output.add_stream(self.codec, rate=self.rate or clip.rate, layout=layout)
            stream = cast(av.AudioStream, stream)
            if self.bit_rate:
                stream.bit_rate = self.bit_rate
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path


def gain(decibels: float) -> Callable[[Clip], np.ndarray]:
    """A change that makes a clip louder or, below 0 dB, quieter."""
    return lambda clip: clip.waveform * np.float32(10.0 ** (decibels / 20.0))


def later(milliseconds: int) -> Callable[[Clip], np.ndarray]:
    """A change that takes away so much of the beginning, as another encoder or editor does."""
    return lambda clip: clip.waveform[:, round(milliseconds * clip.rate / 1000) :]


def later_name(milliseconds: int) -> str:
    """The name of the change that `later` makes."""
    return f"starts {milliseconds:,} ms later"


def mono(clip: Clip) -> np.ndarray:
    """The mean of the channels, as one channel."""
    return clip.waveform.mean(axis=0, keepdims=True)


def two_channels(clip: Clip) -> np.ndarray:
    """The mean of the channels, in both of two channels."""
    return np.repeat(mono(clip), 2, axis=0)


def low_pass(hertz: float) -> Callable[[Clip], np.ndarray]:
    """A change that removes what is above a frequency: a linear-phase filter of 80 dB."""

    def apply(clip: Clip) -> np.ndarray:
        if hertz >= clip.rate / 2:
            return clip.waveform
        # SciPy has no annotations: the default, "hamming", is taken for the type.
        window = ("kaiser", 8.0)
        taps = firwin(_TAPS, hertz, window=window, fs=clip.rate)  # pyright: ignore[reportArgumentType]
        return fftconvolve(clip.waveform, np.asarray(taps)[None], mode="same", axes=1)

    return apply


def room_noise(below_db: float) -> Callable[[Clip], np.ndarray]:
    """A change that adds pink noise, so many dB below the clip's mean power, as in a quiet room.

    Noise in rooms falls by 3 to 6 dB an octave (ventilation, traffic); pink noise, with 3 dB, is
    the hardest of these for the high bands. The same clip gets the same noise each time.
    """

    def apply(clip: Clip) -> np.ndarray:
        n = clip.waveform.shape[1]
        hertz = np.fft.rfftfreq(n, 1.0 / clip.rate)
        white = np.fft.rfft(np.random.default_rng(0).standard_normal(n))
        noise = np.fft.irfft(white * (hertz >= _NOISE_FROM_HZ) / np.sqrt(np.maximum(hertz, 1.0)), n)
        music, hiss = np.mean(mono(clip) ** 2), np.mean(noise**2)
        return clip.waveform + noise * np.sqrt(music / hiss * 10.0 ** (-below_db / 10.0))

    return apply


# 117 ms are half the distance between two of the 128 spectra that the network gets: all of them
# are then of other moments.
LATER_MS = (50, 117, 1000)

# Only a float file can be 20 dB louder without damage. In 16 bit, that clips most peaks of a modern
# recording, which is damage rather than gain: it is listed separately.
CLIPPED = "gain +20 dB, clipped in 16 bit"

CHANGES = (
    Change("gain -20 dB", gain(-20.0)),
    Change("gain +20 dB, float file", gain(20.0), codec="pcm_f32le"),
    Change(CLIPPED, gain(20.0)),
    Change("mono", mono),
    Change("mono in two channels", two_channels),
    Change("22.05 kHz", rate=22_050),
    Change("32 kHz", rate=32_000),
    Change("48 kHz", rate=48_000),
    Change("MP3, 64 kbit/s", codec="libmp3lame", suffix=".mp3", bit_rate=64_000),
    Change("MP3, 96 kbit/s", codec="libmp3lame", suffix=".mp3", bit_rate=96_000),
    Change("MP3, 128 kbit/s", codec="libmp3lame", suffix=".mp3", bit_rate=128_000),
    Change("Opus, 48 kbit/s", codec="libopus", suffix=".opus", rate=48_000, bit_rate=48_000),
    Change("low-pass 11 kHz", low_pass(11_000)),
    Change("low-pass 15 kHz", low_pass(15_000)),
    Change("room noise 20 dB below", room_noise(20.0)),
    *(Change(later_name(milliseconds), later(milliseconds)) for milliseconds in LATER_MS),
)
