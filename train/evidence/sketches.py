"""Three pieces of music that the project composes and synthesises itself, in sketches of a style.

The robustness of answers is measured on them, too: the same code gives the same samples everywhere.
"""

import itertools
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from mutagen.id3 import TALB, TIT2, TPE1
from mutagen.wave import WAVE

_RATE = 22_050  # Hz: bright enough for these sounds, and half the work
_SECONDS = 30.0
_ARTIST = "SongNet's synthesiser"
_ALBUM = "Sketches"

# Semitones above the root.
_MINOR_LOOP = (0, -4, 3, -2)
_MAJOR_LOOP = (0, 7, 9, 5)


@dataclass(frozen=True)
class Sketch:
    """A synthesised piece.

    Attributes
    ----------
    title : str
    description : str
        The instruments, in a few words.
    compose : function
        Gives the waveform: np.ndarray [shape=(n,), float32, -1..1, mono at 22,050 Hz].
    """

    title: str
    description: str
    compose: Callable[[], np.ndarray]

    @property
    def file_name(self) -> str:
        """The title in lower case with hyphens, and ``.wav``."""
        return self.title.lower().replace(" ", "-") + ".wav"


def write_sketches(folder: str | Path) -> list[Path]:
    """Writes every sketch as a 16-bit WAV with title, artist and album.

    Parameters
    ----------
    folder : path
        It is there.

    Returns
    -------
    list of Path
        One for each of `SKETCHES`, in order.
    """
    paths = [Path(folder) / sketch.file_name for sketch in SKETCHES]
    for sketch, path in zip(SKETCHES, paths, strict=True):
        _write(sketch, path)
    return paths


def _write(sketch: Sketch, path: Path) -> None:
    samples = (np.clip(sketch.compose(), -1.0, 1.0) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
    tags = WAVE(path)
    for frame, text in ((TIT2, sketch.title), (TPE1, _ARTIST), (TALB, _ALBUM)):
        tags[frame.__name__] = frame(encoding=3, text=text)
    tags.save()


def _night_drive() -> np.ndarray:
    """Four-on-the-floor at 124 bpm: kick, off-beat hi-hat, a sawtooth bass and wide chords."""
    rng = np.random.default_rng(1)
    beat = 60 / 124
    track = _silence()
    for i in range(int(_SECONDS / beat)):
        root = 45 + _MINOR_LOOP[(i // 8) % 4]
        _add(track, i * beat, _kick(), 0.9)
        _add(track, (i + 0.5) * beat, _hat(rng, 0.06), 0.25)
        if i >= 16:
            for step in (0.25, 0.5, 0.75):
                _add(track, (i + step) * beat, _saw(root - 12, beat * 0.22), 0.30)
        if i % 8 == 0:
            for interval in (12, 15, 19, 24):
                _add(track, i * beat, _pad(root + interval, beat * 8), 0.07)
        if i >= 32:
            note = root + (24, 27, 31, 36)[i % 4]
            _add(track, (i + 0.25) * beat, _saw(note, beat * 0.3), 0.10)
    return _finish(track)


def _porch_morning() -> np.ndarray:
    """Finger-picked steel strings (Karplus-Strong) in a major key, with a slow melody."""
    rng = np.random.default_rng(2)
    beat = 60 / 92
    pattern = (0, 12, 7, 16, 12, 19, 7, 16)
    melody = (24, 26, 28, 31, 28, 26, 24, 19)
    track = _silence()
    for i in range(int(_SECONDS / (beat / 2))):
        bar, step = divmod(i, 8)
        root = 43 + _MAJOR_LOOP[bar % 4]
        late = rng.normal(0.0, 0.006)
        _add(track, max(0.0, i * beat / 2 + late), _pluck(root + pattern[step], 2.2, rng), 0.5)
        if bar % 2 and step % 4 == 0:
            note = root + melody[(bar + step) % 8]
            _add(track, i * beat / 2, _pluck(note, 2.8, rng), 0.45)
    return _finish(track)


def _slow_weather() -> np.ndarray:
    """Drones that beat against each other, filtered noise that swells, and a few distant bells."""
    rng = np.random.default_rng(3)
    time = _time(_SECONDS)
    track = _silence()
    for midi, drift in ((33, 0.11), (33.15, 0.07), (40, 0.05), (45.2, 0.13), (52, 0.03)):
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * drift * time + rng.uniform(0, 6))
        track += 0.16 * swell * np.sin(2 * np.pi * _hertz(midi) * time)
    noise = np.convolve(rng.standard_normal(len(time)), np.hanning(48) / 24, mode="same")
    track += 0.16 * noise * (0.5 - 0.5 * np.cos(2 * np.pi * time / 11)) ** 2
    for start in np.sort(rng.uniform(2, _SECONDS - 4, 9)):
        _add(track, start, _bell(rng.choice([69, 74, 76, 81]), 4.0), 0.12)
    return _finish(track)


SKETCHES = (
    Sketch("Night drive", "drum machine and bass", _night_drive),
    Sketch("Porch morning", "plucked strings", _porch_morning),
    Sketch("Slow weather", "drones and bells", _slow_weather),
)


def _silence() -> np.ndarray:
    return np.zeros(round(_SECONDS * _RATE))


def _time(seconds: float) -> np.ndarray:
    """The time of each sample [s]."""
    return np.arange(round(seconds * _RATE)) / _RATE


def _hertz(midi: float) -> float:
    """The frequency of a MIDI note number."""
    return 440.0 * 2 ** ((midi - 69) / 12)


def _add(track: np.ndarray, start_s: float, sound: np.ndarray, gain: float) -> None:
    """Mixes a sound into a track; what reaches over its end is cut off."""
    start = round(start_s * _RATE)
    fits = track[start : start + len(sound)]
    fits += gain * sound[: len(fits)]


@cache
def _kick() -> np.ndarray:
    """A bass drum: a sine whose pitch falls."""
    time = _time(0.28)
    pitch = 48 + 110 * np.exp(-time * 34)
    return np.sin(2 * np.pi * np.cumsum(pitch) / _RATE) * np.exp(-time * 12)


def _hat(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A hi-hat: high-passed noise that decays."""
    time = _time(seconds)
    return np.diff(rng.standard_normal(len(time)), prepend=0.0) * np.exp(-time * 60)


@cache
def _saw(midi: float, seconds: float) -> np.ndarray:
    """A sawtooth from its first harmonics, so that nothing aliases."""
    time = _time(seconds)
    pitch = _hertz(midi)
    harmonics = range(1, min(24, int(_RATE / 2 / pitch)))
    tone = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in harmonics)
    return tone * np.exp(-time * 6) * np.minimum(1.0, (seconds - time) * 200)


def _pad(midi: float, seconds: float) -> np.ndarray:
    """A soft chord tone of three detuned sines."""
    time = _time(seconds)
    pitch = _hertz(midi)
    voices = sum(np.sin(2 * np.pi * pitch * detune * time) for detune in (0.996, 1.0, 1.004))
    return voices * np.sin(np.pi * time / seconds) ** 0.5


def _pluck(midi: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A plucked string (Karplus and Strong 1983): a burst of noise in a delay line, smoothed.

    One pass through the delay line is one row: each row is the one before, smoothed.
    """
    period = round(_RATE / _hertz(midi))
    turns = round(seconds * _RATE / period)
    rows = np.empty((turns, period))
    rows[0] = np.convolve(rng.uniform(-1, 1, period), np.ones(3) / 3, mode="same")
    for before, row in itertools.pairwise(rows):
        row[0] = before[0] + before[-1]
        np.add(before[1:], before[:-1], out=row[1:])
        row *= 0.498
    sound = rows.ravel()
    return sound * np.minimum(1.0, np.arange(len(sound), 0, -1) / 400)


def _bell(midi: float, seconds: float) -> np.ndarray:
    """A bell: frequency modulation with an inharmonic ratio (Chowning 1973)."""
    time = _time(seconds)
    pitch = _hertz(midi)
    index = 4 * np.exp(-time * 2)
    modulator = index * np.sin(2 * np.pi * pitch * 1.4 * time)
    return np.sin(2 * np.pi * pitch * time + modulator) * np.exp(-time * 1.3)


def _finish(track: np.ndarray) -> np.ndarray:
    """Applies soft saturation and a fade at both ends; peaks at -3 dB leave room for resampling."""
    track = np.tanh(1.2 * track)
    fade = np.minimum(1.0, np.arange(len(track)) / (0.02 * _RATE))
    track *= fade * fade[::-1]
    return (0.7 * track / np.abs(track).max()).astype(np.float32)
