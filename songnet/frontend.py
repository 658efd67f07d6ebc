"""The log-mel spectrogram as a Keras layer, for the exported graph.

It gives the same values as `songnet.features.log_mel` of one window, in operations that TensorFlow
Lite has built in. Only the kept frames are transformed, by products with small matrices, which
take less than half the time of its RFFT2D. The mel filters are stored without their zeros: dense,
they would be larger than the network.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from numpy.typing import NDArray

from songnet.features import hann, mel_filters, mel_frequencies
from songnet.spec import SPEC

# A frame's Fourier transform is done in two steps: over _COARSE samples that are _FINE apart, then
# over _FINE.
_COARSE = 64
_FINE = SPEC.n_fft // _COARSE
_HALF = _COARSE // 2 + 1
# Frames are addressed in steps of so many samples, the largest number that divides a window and
# every frame's start: cutting off the rest that a larger step leaves would copy the whole window.
_STEP = math.gcd(SPEC.window_samples, SPEC.hop_length, SPEC.n_fft // 2)


@keras.saving.register_keras_serializable(package="songnet")
class LogMel(layers.Layer):
    """Computes the log-mel spectrogram of one window of audio.

    Input shape: ``(batch, window_samples)``, float32, any gain. Output shape:
    ``(batch, n_frames, n_mels)``, float32, 0..1: 1 is the loudest bin.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self._first_steps = _first_steps_of_frames()
        self._window = hann(SPEC)
        self._coarse, self._twiddles, self._fine = _transforms()
        self._bins = _bin_indices()
        self._segments, self._rising, self._falling = _mel_slopes()

    def call(self, waveform: KerasTensor) -> KerasTensor:
        frames = self._frames(waveform) * self._window
        mel = ops.maximum(self._mel(self._power(frames)), np.float32(SPEC.min_power))
        relative = ops.log(mel) - ops.log(ops.max(mel, axis=(1, 2), keepdims=True))
        steps = np.float32(10.0 / np.log(10.0) / SPEC.db_range)
        return ops.maximum(relative * steps + 1.0, 0.0)

    def _frames(self, waveform: KerasTensor) -> KerasTensor:
        """Cuts a waveform [batch, window_samples] into its kept frames [batch, n_frames, n_fft]."""
        steps = ops.reshape(waveform, (-1, SPEC.window_samples // _STEP, _STEP))
        # Zero, since no magnitude is negative. The converter cannot know that, so that `places` is
        # computed in the graph: as a constant, it would be a third of the file.
        zero = ops.cast(ops.abs(waveform[0, :1]) < 0.0, "int32")
        within = np.arange(SPEC.n_fft // _STEP, dtype=np.int32)
        places = (self._first_steps + zero)[:, None] + within
        frames = ops.take(steps, ops.reshape(places, (-1,)), axis=1)
        return ops.reshape(frames, (-1, SPEC.n_frames, SPEC.n_fft))

    def _power(self, frames: KerasTensor) -> KerasTensor:
        """Computes power spectra of frames [batch, n_frames, n_fft], not in order of frequency.

        This is Cooley and Tukey's transform (1965) in two steps, for real samples. Bin
        ``a + _COARSE * b`` is at ``[a, b]`` of the last two axes, [_HALF, _FINE]. Bins with a
        larger ``a`` are mirror images of these.
        """
        grid = ops.reshape(frames, (-1, SPEC.n_frames, _COARSE, _FINE))
        first = ops.matmul(self._coarse, grid)
        real, imaginary = first[:, :, :_HALF], first[:, :, _HALF:]
        cosine, sine = self._twiddles
        turned = [real * cosine - imaginary * sine, real * sine + imaginary * cosine]
        squares = ops.square(ops.matmul(ops.concatenate(turned, axis=-1), self._fine))
        return squares[..., :_FINE] + squares[..., _FINE:]

    def _mel(self, power: KerasTensor) -> KerasTensor:
        """Sums power [batch, n_frames, _HALF, _FINE] to mel bands [batch, n_frames, n_mels]."""
        power = ops.reshape(power, (-1, SPEC.n_frames, _HALF * _FINE))
        bins_first = ops.take(ops.transpose(power, (2, 0, 1)), self._bins, axis=0)
        rising, falling = (
            ops.segment_sum(bins_first * weights, self._segments, sorted=True)
            for weights in (self._rising, self._falling)
        )
        return ops.transpose(rising[:-1] + falling[1:], (1, 2, 0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], SPEC.n_frames, SPEC.n_mels)


def _first_steps_of_frames() -> np.ndarray:
    """The first step of each kept frame.

    Frame ``t`` is centred on sample ``t * hop_length``. In a whole window no kept frame reaches
    over an end, so that nothing needs padding.

    Returns
    -------
    np.ndarray [shape=(n_frames,), int32], in steps of _STEP samples
    """
    centres = np.asarray(SPEC.kept_frames(SPEC.window_samples)) * SPEC.hop_length
    return ((centres - SPEC.n_fft // 2) // _STEP).astype(np.int32)


def _transforms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The matrices of the Fourier transform; real parts come before imaginary ones.

    Returns
    -------
    coarse : np.ndarray [shape=(2 * _HALF, _COARSE), float32]
        The first step, multiplied from the left.
    twiddles : np.ndarray [shape=(2, _HALF, _FINE), float32]
        Cosines and sines that rotate the result of the first step.
    fine : np.ndarray [shape=(2 * _FINE, 2 * _FINE), float32]
        The second step, multiplied from the right.
    """
    a, n = np.arange(_HALF)[:, None], np.arange(_FINE)
    coarse = _real_and_imaginary(np.exp(-2j * np.pi * a * np.arange(_COARSE) / _COARSE))
    twiddles = _real_and_imaginary(np.exp(-2j * np.pi * a * n / SPEC.n_fft))
    real, imaginary = _real_and_imaginary(np.exp(-2j * np.pi * np.outer(n, n) / _FINE))
    fine = np.block([[real, imaginary], [-imaginary, real]])
    return np.concatenate(coarse), np.stack(twiddles), fine


def _real_and_imaginary(values: NDArray[np.complex128]) -> tuple[np.ndarray, np.ndarray]:
    """The two parts of complex numbers, as float32."""
    return values.real.astype(np.float32), values.imag.astype(np.float32)


def _bin_indices() -> np.ndarray:
    """The index of each FFT bin in the flattened output of `LogMel._power`.

    Returns
    -------
    np.ndarray [shape=(1 + n_fft / 2,), int32]
    """
    bins = np.arange(1 + SPEC.n_fft // 2)
    computed = np.where(bins % _COARSE < _HALF, bins, SPEC.n_fft - bins)
    return (computed % _COARSE * _FINE + computed // _COARSE).astype(np.int32)


def _mel_slopes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mel filters without their zeros.

    The bands' edges cut the spectrum into segments. On segment ``s`` band ``s`` rises, band
    ``s - 1`` falls, and all others are zero.

    Returns
    -------
    segments : np.ndarray [shape=(1 + n_fft / 2,), int32, not decreasing]
        The segment of each FFT bin, 0..n_mels.
    rising, falling : np.ndarray [shape=(1 + n_fft / 2, 1, 1), float32]
        Weight of each bin in the two bands.
    """
    bins = np.arange(1 + SPEC.n_fft // 2)
    edges = mel_frequencies(SPEC)[1:-1] * SPEC.n_fft / SPEC.sample_rate
    segments = np.searchsorted(edges, bins, side="right")
    filters = np.pad(mel_filters(SPEC), ((0, 0), (1, 1)))
    rising, falling = filters[bins, segments + 1], filters[bins, segments]
    return segments.astype(np.int32), rising[:, None, None], falling[:, None, None]
