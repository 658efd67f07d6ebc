"""The reference log-mel spectrogram, in NumPy.

It makes the training features, and every parity test compares with it. The exported network
computes the same inside its graph (`songnet.frontend`).
"""

from functools import cache

import numpy as np

from songnet.spec import SPEC, AudioSpec

# Slaney's Auditory Toolbox (1998): linear up to 1 kHz, logarithmic above.
_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hz: float | np.ndarray) -> np.ndarray:
    """Converts hertz to Slaney mels: linear to 1 kHz (15 mel), logarithmic above.

    Parameters
    ----------
    hz : float or np.ndarray, >= 0 [Hz]

    Returns
    -------
    np.ndarray [mel], the same shape
    """
    hz = np.asarray(hz, dtype=np.float64)
    above = _BREAK_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _HZ_PER_MEL, above)


def mel_to_hz(mel: float | np.ndarray) -> np.ndarray:
    """Converts Slaney mels to hertz: the inverse of `hz_to_mel`.

    Parameters
    ----------
    mel : float or np.ndarray, >= 0 [mel]

    Returns
    -------
    np.ndarray [Hz], the same shape
    """
    mel = np.asarray(mel, dtype=np.float64)
    above = _BREAK_HZ * np.exp(_LOG_STEP * np.maximum(mel - _BREAK_MEL, 0.0))
    return np.where(mel < _BREAK_MEL, mel * _HZ_PER_MEL, above)


def mel_frequencies(spec: AudioSpec = SPEC) -> np.ndarray:
    """Edges and centres of the mel bands.

    Parameters
    ----------
    spec : AudioSpec

    Returns
    -------
    np.ndarray [shape=(n_mels + 2,), Hz]
        Band ``b`` rises from entry ``b``, peaks at ``b + 1`` and falls to ``b + 2``.
    """
    return mel_to_hz(np.linspace(0.0, hz_to_mel(spec.sample_rate / 2), spec.n_mels + 2))


@cache
def mel_filters(spec: AudioSpec = SPEC) -> np.ndarray:
    """Triangular mel filters of unit area, as `librosa.filters.mel` makes them by default.

    Parameters
    ----------
    spec : AudioSpec

    Returns
    -------
    np.ndarray [shape=(1 + n_fft // 2, n_mels), float32, read-only]
        ``power @ mel_filters(spec)`` is the mel power.
    """
    edges = mel_frequencies(spec)
    bins = np.linspace(0.0, spec.sample_rate / 2, 1 + spec.n_fft // 2)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    area = 2.0 / (edges[2:] - edges[:-2])
    filters = (np.maximum(0.0, np.minimum(rising, falling)) * area).astype(np.float32)
    filters.setflags(write=False)
    return filters


def hann(spec: AudioSpec = SPEC) -> np.ndarray:
    """The periodic Hann window of one frame.

    Parameters
    ----------
    spec : AudioSpec

    Returns
    -------
    np.ndarray [shape=(n_fft,), float32]
    """
    return np.hanning(spec.n_fft + 1)[:-1].astype(np.float32)


def log_mel(waveform: np.ndarray, spec: AudioSpec = SPEC) -> np.ndarray:
    """Computes the log-mel spectrogram of a piece of audio, relative to its loudest bin.

    Parameters
    ----------
    waveform : np.ndarray [shape=(n,), float, mono at spec.sample_rate]
        Of any length: the kept frames are spread over all of it (`AudioSpec.kept_frames`). Where
        a frame reaches over an end, the audio is padded with zeros.
    spec : AudioSpec

    Returns
    -------
    np.ndarray [shape=(n_frames, n_mels), float32, 0..1]
        1 is the loudest bin, 0 is a bin that is `spec.db_range` dB below it, or more. Time comes
        first, the lowest band comes first. The gain of the waveform has no influence; silence
        gives ones everywhere.

    Raises
    ------
    ValueError
        If the waveform is not one-dimensional or is empty.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 / 44_100 * np.arange(44_100 * 30))
    >>> log_mel(tone).shape
    (128, 128)
    """
    waveform = np.asarray(waveform, dtype=np.float32)
    if waveform.ndim != 1 or not waveform.size:
        raise ValueError(f"A waveform has one dimension and samples. Received: {waveform.shape}")
    padded = np.pad(waveform, spec.n_fft // 2)
    starts = np.asarray(spec.kept_frames(len(waveform))) * spec.hop_length
    frames = padded[starts[:, None] + np.arange(spec.n_fft)]
    power = np.abs(np.fft.rfft(frames * hann(spec))) ** 2
    decibels = 10.0 * np.log10(np.maximum(power @ mel_filters(spec), spec.min_power))
    relative = np.clip(decibels - decibels.max(), -spec.db_range, 0.0)
    return (relative / spec.db_range + 1.0).astype(np.float32)
