"""The network, in Keras 3 layers and `keras.ops`, so that it runs on JAX, TensorFlow and PyTorch.

the lower 96 bands of a log-mel [128, 128], and each band's deviation from its mean over time
  -> 3 x (Conv1D, BatchNorm, ReLU, Dropout, MaxPool) -> GRU -> self-attention
  -> softmax over the genres
"""

from dataclasses import dataclass

import keras
from keras import KerasTensor, layers, ops

from songnet.spec import GENRES, HEARD_BANDS, SPEC


@dataclass(frozen=True)
class ModelConfig:
    """The architecture's settings.

    Attributes
    ----------
    n_bands : int
        Mel bands that the network uses, the lowest first: 96 reach up to 7.9 kHz. What is above
        depends on encoders and microphones more than on the song.
    filters : tuple of int
        Output channels of each convolution block; each block halves the time axis.
    kernel_sizes : tuple of int [frames]
        Kernel size of each block's convolution.
    dropout : float, 0..1
        Rate of dropout in each block and before the last layers.
    gru_units : int
        Units of the GRU in each of its two directions.
    attention_units : int
        Width of the hidden layer that scores the time steps.
    embedding_units : int
        Width D of the embedding.
    """

    n_bands: int = HEARD_BANDS
    filters: tuple[int, ...] = (128, 128, 128)
    kernel_sizes: tuple[int, ...] = (3, 3, 3)
    dropout: float = 0.1
    gru_units: int = 64
    attention_units: int = 64
    embedding_units: int = 96


def attentive_statistics(sequence: KerasTensor, units: int) -> tuple[KerasTensor, KerasTensor]:
    """Pools a sequence over time by self-attention: weighted mean and standard deviation.

    The weights are ``softmax(v . tanh(W h_t))`` over time (Lin et al. 2017, arXiv 1703.03130);
    the summary holds the weighted mean and the weighted standard deviation of every channel
    (Okabe et al. 2018, arXiv 1803.10963).

    Parameters
    ----------
    sequence : KerasTensor [batch, T, channels]
    units : int
        Width of the hidden layer that scores the time steps.

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


def build_songnet(config: ModelConfig = ModelConfig(), n_genres: int = len(GENRES)) -> keras.Model:
    """Builds SongNet with newly initialised weights.

    Parameters
    ----------
    config : ModelConfig
    n_genres : int > 1
        Number of outputs.

    Returns
    -------
    keras.Model
        Input ``log_mel`` [batch, n_frames, n_mels], 0..1, as `songnet.features.log_mel` gives it.
        Outputs, by name: ``probabilities`` [batch, n_genres], ``attention`` [batch, T] (sums to 1)
        and ``embedding`` [batch, embedding_units] (unit length).
    """
    log_mel = keras.Input((SPEC.n_frames, SPEC.n_mels), name="log_mel")
    bands = log_mel[:, :, : config.n_bands]
    # Each band without its mean level over time, which depends on the recording.
    change = bands - ops.mean(bands, axis=1, keepdims=True)
    x = ops.concatenate([bands, change], axis=-1)
    # Without a learned scale and offset: the first convolution has them.
    x = layers.BatchNormalization(center=False, scale=False, name="input_norm")(x)
    blocks = zip(config.filters, config.kernel_sizes, strict=True)
    for i, (filters, kernel_size) in enumerate(blocks, start=1):
        x = layers.Conv1D(filters, kernel_size, padding="same", use_bias=False, name=f"conv{i}")(x)
        x = layers.BatchNormalization(name=f"norm{i}")(x)
        x = layers.ReLU(name=f"relu{i}")(x)
        x = layers.SpatialDropout1D(config.dropout, name=f"dropout{i}")(x)
        x = layers.MaxPooling1D(2, name=f"pool{i}")(x)
    x = layers.Bidirectional(layers.GRU(config.gru_units, return_sequences=True), name="gru")(x)
    summary, attention = attentive_statistics(x, config.attention_units)
    x = layers.Dropout(config.dropout, name="summary_dropout")(summary)
    hidden = layers.Dense(config.embedding_units, activation="relu", name="hidden")(x)
    embedding = layers.UnitNormalization(name="embedding")(hidden)
    x = layers.Dropout(config.dropout, name="hidden_dropout")(hidden)
    probabilities = layers.Dense(n_genres, activation="softmax", name="probabilities")(x)
    outputs = {"probabilities": probabilities, "attention": attention, "embedding": embedding}
    return keras.Model(log_mel, outputs, name="songnet")
