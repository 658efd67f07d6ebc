"""The log-mel spectrogram as a Keras layer, for the exported graph.

The same figures as `songnet.features.log_mel` of one window, in operations that TensorFlow Lite
has built in. Only the kept frames are transformed, and the mel filters are stored without most of
their zeros: dense, they would weigh more than the network.
"""

import keras
import numpy as np
from keras import layers, ops

from songnet.features import hann, mel_filters
from songnet.spec import SPEC

# Neighbouring bands that share one small matrix product.
_BANDS_PER_GROUP = 8


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
        self._filters = _filter_groups()

    def call(self, waveform):
        n_hops = SPEC.window_samples // SPEC.hop_length
        hops = waveform[:, : n_hops * SPEC.hop_length]
        hops = ops.reshape(hops, (-1, n_hops, SPEC.hop_length))
        frames = ops.take(hops, self._hops, axis=1)
        frames = ops.reshape(frames, (-1, SPEC.n_frames, SPEC.n_fft)) * self._window
        real, imaginary = ops.rfft(frames)
        power = ops.square(real) + ops.square(imaginary)
        groups = [power[:, :, low:high] @ weights for low, high, weights in self._filters]
        mel = ops.maximum(ops.concatenate(groups, axis=-1), np.float32(SPEC.min_power))
        relative = ops.log(mel) - ops.log(ops.max(mel, axis=(1, 2), keepdims=True))
        steps = np.float32(10.0 / np.log(10.0) / SPEC.db_range)
        return ops.maximum(relative * steps + 1.0, 0.0)

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


def _filter_groups() -> list[tuple[int, int, np.ndarray]]:
    """The mel filters in groups of neighbouring bands, each with the FFT bins that it needs.

    Returns
    -------
    list of (low, high, weights [shape=(high - low, bands), float32])
    """
    filters = mel_filters(SPEC)
    groups = []
    for band in range(0, SPEC.n_mels, _BANDS_PER_GROUP):
        weights = filters[:, band : band + _BANDS_PER_GROUP]
        used = np.flatnonzero(weights.any(axis=1))
        low, high = int(used[0]), int(used[-1]) + 1
        groups.append((low, high, np.ascontiguousarray(weights[low:high])))
    return groups
