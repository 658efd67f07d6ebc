"""musicnn, a tagger that learned from the Million Song Dataset.

Its weights lie in its package on PyPI, under the ISC licence. That package's own code cannot run on
any Python that is supported here: only its files are read, and `musicnn_layers` has its layers.
"""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from songnet.features import hann, mel_filters
from songnet.spec import SPEC
from train.errors import DataError
from train.teachers.teacher import Teacher

_SPEC = replace(SPEC, sample_rate=16_000, n_fft=512, hop_length=256, n_mels=96)
_FRAMES = 187  # in a patch, which is the 3 s that the network learned from
_PROJECT = Path(__file__).resolve().parents[2]

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
    remedy = f"{install} --force-reinstall"

    def __init__(self):
        # One thread, as `Teacher.embed_clip` has it for the others.
        network = Interpreter(model_content=_tflite(self.fetch()), num_threads=1)
        self._network = network.get_signature_runner("serving_default")

    @classmethod
    def place(cls) -> Path:
        spec = importlib.util.find_spec("musicnn")  # which imports nothing
        places = spec.submodule_search_locations if spec else None
        return Path(*(places or ["musicnn"])[:1]) / "MSD_musicnn"

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


def _tflite(folder: Path) -> bytes:
    """The network as a TensorFlow Lite file, which a process of its own makes of its weights.

    TensorFlow is needed for that alone; it would stay in memory, and other teachers' PyTorch
    crashes beside it.
    """
    command = [sys.executable, "-m", "train.teachers.musicnn_layers", str(folder.absolute())]
    done = subprocess.run(command, cwd=_PROJECT, capture_output=True)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        why = why or f"its process ended with status {done.returncode}"  # killed, it says nothing
        raise DataError(f"TensorFlow cannot read the weights of musicnn in {folder}: {why}.")
    return done.stdout
