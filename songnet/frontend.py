"""The log-mel spectrogram as a Keras layer, for the exported graph.

The same figures as `songnet.features.log_mel` of one window, in operations that TensorFlow Lite
has built in. Only the kept frames are transformed, and the mel filters are stored without their
zeros: dense, they would weigh more than the network.
"""

import keras
import numpy as np
from keras import layers, ops

from songnet.features import hann, mel_filters, mel_frequencies
from songnet.spec import SPEC


@keras.saving.register_keras_serializable(package="songnet")
class LogMel(layers.Layer):
    """One window of audio to its log-mel spectrogram.

    Input shape: ``(batch, window_samples)``, float32, any gain. Output shape:
    ``(batch, n_frames, n_mels)``, float32, 0..1: 1 is the loudest bin.
    """

    def __init__(self, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self._hops = _hops_of_frames()
        self._window = hann(SPEC)
        self._segments, self._rising, self._falling = _mel_slopes()

    def call(self, waveform):
        n_hops = SPEC.window_samples // SPEC.hop_length
        hops = waveform[:, : n_hops * SPEC.hop_length]
        hops = ops.reshape(hops, (-1, n_hops, SPEC.hop_length))
        frames = ops.take(hops, self._hops, axis=1)
        frames = ops.reshape(frames, (-1, SPEC.n_frames, SPEC.n_fft)) * self._window
        real, imaginary = ops.rfft(frames)
        power = ops.square(real) + ops.square(imaginary)
        mel = ops.maximum(self._mel(power), np.float32(SPEC.min_power))
        relative = ops.log(mel) - ops.log(ops.max(mel, axis=(1, 2), keepdims=True))
        steps = np.float32(10.0 / np.log(10.0) / SPEC.db_range)
        return ops.maximum(relative * steps + 1.0, 0.0)

    def _mel(self, power):
        """FFT bins [batch, n_frames, 1 + n_fft / 2] to mel bands [batch, n_frames, n_mels]."""
        bins_first = ops.transpose(power, (2, 0, 1))
        rising, falling = (
            ops.segment_sum(bins_first * weights, self._segments, sorted=True)
            for weights in (self._rising, self._falling)
        )
        return ops.transpose(rising[:-1] + falling[1:], (1, 2, 0))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], SPEC.n_frames, SPEC.n_mels)


def _hops_of_frames() -> np.ndarray:
    """Which stretches of one hop make up each kept frame.

    Frame ``t`` is centred on sample ``t * hop_length``. In a whole window no kept frame reaches
    over an end, so that nothing needs padding.

    Returns
    -------
    np.ndarray [shape=(n_frames * n_fft / hop_length,), int32]
    """
    hops_per_frame = SPEC.n_fft // SPEC.hop_length
    first = np.asarray(SPEC.kept_frames(SPEC.window_samples)) - hops_per_frame // 2
    return (first[:, None] + np.arange(hops_per_frame)).ravel().astype(np.int32)


def _mel_slopes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mel filters without their zeros.

    The bands' edges cut the spectrum into segments. On segment ``s`` band ``s`` rises, band
    ``s - 1`` falls, and all others are zero.

    Returns
    -------
    segments : np.ndarray [shape=(1 + n_fft / 2,), int32, not decreasing]
        Where each FFT bin lies, 0..n_mels.
    rising, falling : np.ndarray [shape=(1 + n_fft / 2, 1, 1), float32]
        Weight of each bin in the two bands.
    """
    bins = np.arange(1 + SPEC.n_fft // 2)
    edges = mel_frequencies(SPEC)[1:-1] * SPEC.n_fft / SPEC.sample_rate
    segments = np.searchsorted(edges, bins, side="right")
    filters = np.pad(mel_filters(SPEC), ((0, 0), (1, 1)))
    rising, falling = filters[bins, segments + 1], filters[bins, segments]
    return segments.astype(np.int32), rising[:, None, None], falling[:, None, None]
