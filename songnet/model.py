"""SongNet in Keras 3 layers and `keras.ops`: it runs on JAX, TensorFlow and PyTorch alike.

log-mel [128, 128], and what changes in each band
  -> 3 x (Conv1D, BatchNorm, ReLU, Dropout, MaxPool) -> GRU -> self-attention, beside the timbre
  -> softmax over the genres
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from songnet.spec import GENRES, SPEC


@dataclass(frozen=True)
class ModelConfig:
    """The architecture's settings.

    Attributes
    ----------
    filters : tuple of int
        Channels of each convolution block; each block halves the time axis.
    kernel_sizes : tuple of int [frames]
        Reach of each block's convolution.
    dropout : float, 0..1
        Share of activations dropped in a block and before the last layer.
    gru_units : int
        Units of the GRU in each of its two directions.
    attention_units : int
        Width of the hidden layer that scores the moments.
    cepstra : int
        Cepstral coefficients whose statistics describe the timbre.
    timbre_units : int
        Width of that description.
    embedding_units : int
        Width D of the embedding.
    """

    filters: tuple[int, ...] = (128, 128, 128)
    kernel_sizes: tuple[int, ...] = (3, 3, 3)
    dropout: float = 0.1
    gru_units: int = 64
    attention_units: int = 64
    cepstra: int = 20
    timbre_units: int = 48
    embedding_units: int = 96


def attentive_statistics(sequence, units: int):
    """Self-attention over time: weighs moments by their own content and sums them up.

    The weights are ``softmax(v . tanh(W h_t))`` over time (Lin et al. 2017, arXiv 1703.03130);
    the summary holds the weighted mean and the weighted standard deviation of every channel
    (Okabe et al. 2018, arXiv 1803.10963).

    Parameters
    ----------
    sequence : KerasTensor [batch, T, channels]
    units : int
        Width of the hidden layer that scores the moments.

    Returns
    -------
    summary : KerasTensor [batch, 2 * channels]
    attention : KerasTensor [batch, T], which sums to 1
    """
    hidden = layers.Dense(units, activation="tanh", name="attention_hidden")(sequence)
    score = layers.Dense(1, use_bias=False, name="attention_score")(hidden)
    weights = layers.Softmax(axis=1, name="attention_softmax")(score)
    mean = ops.sum(weights * sequence, axis=1, keepdims=True)
    variance = ops.sum(weights * ops.square(sequence - mean), axis=1)
    summary = ops.concatenate([ops.squeeze(mean, axis=1), ops.sqrt(variance + 1e-4)], axis=-1)
    return summary, layers.Flatten(name="attention")(weights)


def cepstral_statistics(log_mel, n_cepstra: int):
    """How a clip's cepstral coefficients are distributed over time: its timbre.

    The cepstrum is the orthonormal DCT-II of a frame's log-mel (Davis and Mermelstein 1980); its
    mean and covariance describe timbre apart from order in time (Mandel and Ellis 2005).

    Parameters
    ----------
    log_mel : KerasTensor [batch, T, n_mels]
    n_cepstra : int
        How many coefficients, the slowest first.

    Returns
    -------
    KerasTensor [batch, n_cepstra * (n_cepstra + 7) / 2]
        Means, standard deviations, mean absolute differences from frame to frame, and the signed
        square roots of all covariances, each pair once.
    """
    n_mels = log_mel.shape[-1]
    phase = np.outer(np.arange(n_mels) + 0.5, np.arange(n_cepstra))
    dct = np.cos(np.pi / n_mels * phase) * np.sqrt(2.0 / n_mels)
    dct[:, 0] /= np.sqrt(2.0)
    cepstra = ops.matmul(log_mel, dct.astype(np.float32))
    mean = ops.mean(cepstra, axis=1, keepdims=True)
    offset = cepstra - mean
    covariance = ops.matmul(ops.transpose(offset, (0, 2, 1)), offset) / log_mel.shape[1]
    rows, columns = np.triu_indices(n_cepstra)
    flat = ops.reshape(covariance, (-1, n_cepstra * n_cepstra))
    pairs = ops.take(flat, (rows * n_cepstra + columns).astype(np.int32), axis=1)
    parts = [
        ops.squeeze(mean, axis=1),
        ops.sqrt(ops.mean(ops.square(offset), axis=1) + 1e-6),
        ops.mean(ops.abs(cepstra[:, 1:] - cepstra[:, :-1]), axis=1),
        pairs / ops.sqrt(ops.abs(pairs) + 1e-8),  # smooth at 0, where nothing changes
    ]
    return ops.concatenate(parts, axis=-1)


def build_songnet(config: ModelConfig = ModelConfig(), n_genres: int = len(GENRES)) -> keras.Model:
    """SongNet with fresh weights.

    Parameters
    ----------
    config : ModelConfig
    n_genres : int > 1

    Returns
    -------
    keras.Model
        Input ``log_mel`` [batch, n_frames, n_mels], 0..1, as `songnet.features.log_mel` gives it.
        Outputs, by name: ``probabilities`` [batch, n_genres], ``attention`` [batch, T] (sums to 1)
        and ``embedding`` [batch, embedding_units] (unit length).
    """
    log_mel = keras.Input((SPEC.n_frames, SPEC.n_mels), name="log_mel")
    # What changes in a band, apart from how loud it is throughout, which differs by recording.
    change = log_mel - ops.mean(log_mel, axis=1, keepdims=True)
    x = ops.concatenate([log_mel, change], axis=-1)
    # Without a scale and an offset of its own, which the first convolution has.
    x = layers.BatchNormalization(center=False, scale=False, name="input_norm")(x)
    blocks = zip(config.filters, config.kernel_sizes, strict=True)
    for i, (filters, reach) in enumerate(blocks, start=1):
        x = layers.Conv1D(filters, reach, padding="same", use_bias=False, name=f"conv{i}")(x)
        x = layers.BatchNormalization(name=f"norm{i}")(x)
        x = layers.ReLU(name=f"relu{i}")(x)
        x = layers.SpatialDropout1D(config.dropout, name=f"dropout{i}")(x)
        x = layers.MaxPooling1D(2, name=f"pool{i}")(x)
    x = layers.Bidirectional(layers.GRU(config.gru_units, return_sequences=True), name="gru")(x)
    summary, attention = attentive_statistics(x, config.attention_units)
    timbre = cepstral_statistics(log_mel, config.cepstra)
    timbre = layers.BatchNormalization(center=False, scale=False, name="timbre_norm")(timbre)
    timbre = layers.Dropout(2.0 * config.dropout, name="timbre_dropout")(timbre)
    timbre = layers.Dense(config.timbre_units, use_bias=False, name="timbre")(timbre)
    timbre = layers.BatchNormalization(name="timbre_out_norm")(timbre)
    timbre = layers.ReLU(name="timbre_relu")(timbre)
    x = ops.concatenate([summary, timbre], axis=-1)
    x = layers.Dropout(config.dropout, name="summary_dropout")(x)
    hidden = layers.Dense(config.embedding_units, activation="relu", name="hidden")(x)
    embedding = layers.UnitNormalization(name="embedding")(hidden)
    x = layers.Dropout(config.dropout, name="hidden_dropout")(hidden)
    probabilities = layers.Dense(n_genres, activation="softmax", name="probabilities")(x)
    outputs = {"probabilities": probabilities, "attention": attention, "embedding": embedding}
    return keras.Model(log_mel, outputs, name="songnet")
