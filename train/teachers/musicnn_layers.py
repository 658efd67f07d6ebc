"""The layers of musicnn's `MSD_musicnn` in TensorFlow, and the file that LiteRT runs.

``python -m train.teachers.musicnn_layers FOLDER`` writes that file to standard output.
"""

import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import tensorflow as tf

_FRAMES, _BANDS = 187, 96  # of a patch
_EPSILON = 1e-3  # of the batch normalisations


def _variables(folder: str) -> Callable[[str], Any]:
    """The network's variables, by their names in the checkpoint."""
    return tf.compat.v1.train.NewCheckpointReader(f"{folder}/").get_tensor


def _tflite(variable: Callable[[str], Any]) -> bytes:
    """The network as a TensorFlow Lite file, from ``patch`` to ``embedding`` and ``tags``."""

    def hear(patch: Any) -> dict[str, Any]:
        return _layers(variable, patch)

    given = tf.TensorSpec((1, _FRAMES, _BANDS), tf.float32, "patch")
    traced = tf.function(hear).get_concrete_function(given)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced], tf.Module())
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return converter.convert()


def _layers(variable: Callable[[str], Any], patch: Any) -> dict[str, Any]:
    """The layers of `MSD_musicnn` in TensorFlow, in evaluation.

    The n-th convolution, dense layer and batch normalisation of the checkpoint have a number, but
    for the first of each.
    """

    def named(kind: str, number: int) -> str:
        return f"{kind}_{number}" if number else kind

    def normalised(x: Any, number: int) -> Any:
        name = named("batch_normalization", number)
        gamma, beta = variable(f"{name}/gamma"), variable(f"{name}/beta")
        scale = gamma / np.sqrt(variable(f"{name}/moving_variance") + _EPSILON)
        return x * scale + (beta - variable(f"{name}/moving_mean") * scale)

    def convolved(x: Any, number: int, padding: Literal["SAME", "VALID"]) -> Any:
        name = named("conv2d", number)
        x = tf.nn.conv2d(x, variable(f"{name}/kernel"), 1, padding) + variable(f"{name}/bias")
        return normalised(tf.nn.relu(x), number + 1)

    def dense(x: Any, number: int) -> Any:
        name = named("dense", number)
        return x @ variable(f"{name}/kernel") + variable(f"{name}/bias")

    def in_time(x: Any) -> Any:
        return tf.pad(x, [[0, 0], [3, 3], [0, 0], [0, 0]])

    spectrogram = normalised(tf.expand_dims(patch, -1), 0)
    timbral = [convolved(in_time(spectrogram), number, "VALID") for number in (0, 1)]
    temporal = [convolved(spectrogram, number, "SAME") for number in (2, 3, 4)]
    # The loudest over all frequencies: [1, frame, channel].
    front = tf.concat([tf.reduce_max(x, axis=2) for x in (*timbral, *temporal)], axis=2)
    features = [front]
    for number in (5, 6, 7):
        found = convolved(in_time(tf.expand_dims(features[-1], -1)), number, "VALID")[:, :, 0, :]
        features.append(found if number == 5 else found + features[-1])
    whole = tf.concat(features, axis=2)
    pooled = tf.stack([tf.reduce_max(whole, axis=1), tf.reduce_mean(whole, axis=1)], axis=2)
    embedding = dense(normalised(tf.reshape(pooled, (1, -1)), 9), 0)
    tags = tf.sigmoid(dense(normalised(tf.nn.relu(embedding), 10), 1))
    return {"embedding": embedding, "tags": tags}


if __name__ == "__main__":
    sys.stdout.buffer.write(_tflite(_variables(sys.argv[1])))
