"""musicnn, a tagger that learned from the Million Song Dataset.

Its weights lie in its package on PyPI, under the ISC licence. That package's own code cannot run on
any Python that is supported here: only its files are read, and its layers are rebuilt.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from songnet.features import hann, mel_filters
from songnet.spec import SPEC
from train.teachers.teacher import Teacher, check_installed, check_weights, package

_SPEC = replace(SPEC, sample_rate=16_000, n_fft=512, hop_length=256, n_mels=96)
_FRAMES = 187  # in a patch, which is the 3 s that the network learned from
_EPSILON = 1e-3  # of the batch normalisations

# The 50 tags of its output, in their order.
TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists"),
    *("classic rock", "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill"),
    *("instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic"),
    *("experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock"),
    *("60s", "rnb", "indie pop", "sad", "House", "happy"),
)


class Musicnn(Teacher):
    """musicnn's `MSD_musicnn`: the 200 numbers of its last hidden layer, before the tags."""

    name = "musicnn"
    title = "musicnn, which learned from the Million Song Dataset"
    license = "ISC"
    citation = (
        "Jordi Pons and Xavier Serra, musicnn: Pre-trained convolutional neural networks for music "
        "audio tagging, 2019, arXiv 1909.06654"
    )
    sample_rate = _SPEC.sample_rate
    patch_samples = (_FRAMES - 1) * _SPEC.hop_length
    dimension = 200
    weights: ClassVar = {
        ".data-00000-of-00001": (
            "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6"
        ),
        ".index": "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
    }
    packages = ("musicnn", "tensorflow")
    install = "pip install --no-deps musicnn==0.1.0"

    def __init__(self):
        # One thread, as `Teacher.embed_clip` has it for the others.
        network = Interpreter(model_content=_tflite(_variables(self.fetch())), num_threads=1)
        self._network = network.get_signature_runner("serving_default")

    @classmethod
    def fetch(cls) -> Path:
        check_installed(cls)
        found = importlib.util.find_spec("musicnn")  # which imports nothing
        places = found.submodule_search_locations if found else None
        folder = Path(*(places or ["musicnn"])[:1]) / "MSD_musicnn"
        check_weights(cls, folder, f"{cls.install} --force-reinstall")
        return folder

    def embed(self, waveform: np.ndarray) -> np.ndarray:
        return self.hear(waveform)[0]

    def hear(self, waveform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings and tags of the patches of a clip.

        Parameters
        ----------
        waveform : np.ndarray [shape=(n,), float32, mono at sample_rate, n >= patch_samples]

        Returns
        -------
        np.ndarray [shape=(patches, 200), float32]
        np.ndarray [shape=(patches, 50), float32, 0..1]
            How likely each of `TAGS` is.
        """
        said = [self._network(patch=patch[None]) for patch in patches(waveform)]
        return (
            np.concatenate([of["embedding"] for of in said]),
            np.concatenate([of["tags"] for of in said]),
        )


def patches(waveform: np.ndarray) -> np.ndarray:
    """The network's input: patches of 187 frames, one after the other; the rest is left out.

    Parameters
    ----------
    waveform : np.ndarray [shape=(n,), float32, mono at 16 kHz]

    Returns
    -------
    np.ndarray [shape=(patches, 187, 96), float32, >= 0]
        ``log10(1 + 10,000 power)`` of 96 mel bands.
    """
    padded = np.pad(waveform, _SPEC.n_fft // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SPEC.n_fft)[:: _SPEC.hop_length]
    frames = frames[: len(frames) // _FRAMES * _FRAMES]
    power = np.abs(np.fft.rfft(frames * hann(_SPEC))) ** 2
    levels = np.log10(1.0 + 10_000.0 * (power @ mel_filters(_SPEC)))
    return levels.astype(np.float32).reshape(-1, _FRAMES, _SPEC.n_mels)


def _variables(folder: Path) -> Callable[[str], Any]:
    """The network's variables, by their names in the checkpoint."""
    return package("tensorflow").compat.v1.train.NewCheckpointReader(f"{folder}/").get_tensor


def _tflite(variable: Callable[[str], Any]) -> bytes:
    """The network as a TensorFlow Lite file, from ``patch`` to ``embedding`` and ``tags``."""
    tf = package("tensorflow")

    @tf.function(input_signature=[tf.TensorSpec((1, _FRAMES, _SPEC.n_mels), tf.float32, "patch")])
    def hear(patch: Any) -> dict[str, Any]:
        return _layers(tf, variable, patch)

    module = tf.Module()
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [hear.get_concrete_function()], module
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return converter.convert()


def _layers(tf: Any, variable: Callable[[str], Any], patch: Any) -> dict[str, Any]:
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

    def convolved(x: Any, number: int, padding: str) -> Any:
        name = named("conv2d", number)
        x = tf.nn.conv2d(x, variable(f"{name}/kernel"), 1, padding) + variable(f"{name}/bias")
        return normalised(tf.nn.relu(x), number + 1)

    def dense(x: Any, number: int) -> Any:
        name = named("dense", number)
        return x @ variable(f"{name}/kernel") + variable(f"{name}/bias")

    def in_time(x: Any) -> Any:
        return tf.pad(x, [[0, 0], [3, 3], [0, 0], [0, 0]])

    spectrogram = normalised(patch[..., None], 0)
    timbral = [convolved(in_time(spectrogram), number, "VALID") for number in (0, 1)]
    temporal = [convolved(spectrogram, number, "SAME") for number in (2, 3, 4)]
    # The loudest over all frequencies: [1, frame, channel].
    front = tf.concat([tf.reduce_max(x, axis=2) for x in (*timbral, *temporal)], axis=2)
    features = [front]
    for number in (5, 6, 7):
        found = convolved(in_time(features[-1][..., None]), number, "VALID")[:, :, 0, :]
        features.append(found if number == 5 else found + features[-1])
    whole = tf.concat(features, axis=2)
    pooled = tf.stack([tf.reduce_max(whole, axis=1), tf.reduce_mean(whole, axis=1)], axis=2)
    embedding = dense(normalised(tf.reshape(pooled, (1, -1)), 9), 0)
    tags = tf.sigmoid(dense(normalised(tf.nn.relu(embedding), 10), 1))
    return {"embedding": embedding, "tags": tags}
