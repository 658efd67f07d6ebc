"""CLAP, which LAION taught on sounds and music with their descriptions, by transformers.

Its weights are on the Hugging Face Hub, under the Apache License 2.0. They are downloaded when they
are needed first; of the two networks that share them, only the one that hears is loaded.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np

from train.teachers.teacher import Teacher, fetching, package

_REPOSITORY = "laion/clap-htsat-unfused"
_REVISION = "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a"
_FETCH = f"hf download {_REPOSITORY} --revision {_REVISION}"


class Clap(Teacher):
    """CLAP's `htsat-unfused`: the 512 numbers that it shares with descriptions."""

    name = "clap"
    title = "CLAP, which learned from LAION-Audio-630K"
    license = "Apache-2.0"
    citation = (
        "Yusong Wu et al., Large-Scale Contrastive Language-Audio Pretraining with Feature Fusion "
        "and Keyword-to-Caption Augmentation, 2023, arXiv 2211.06687"
    )
    sample_rate = 48_000
    patch_samples = 480_000  # the 10 s that the network learned from
    dimension = 512
    weights: ClassVar = {
        "config.json": "9efb9557bc804f2ca6e394486af2e45dfed0b18554909735a99c6220b84e4288",
        "preprocessor_config.json": (
            "9739f58296aa6f9ac18008fd0150fb2649bc554985fbde86d0a4041c882ac753"
        ),
        "pytorch_model.bin": "1cd3c601bc4afe0fa87be3de4c13dd2cfadd249fac1e29acf74a9b296c3219bb",
    }
    packages = ("torch", "transformers")
    install = "pip install -r train/requirements-teachers.txt"
    remedy = f"{_FETCH} --force-download"

    def __init__(self):
        folder = self.fetch()
        torch, transformers = package("torch"), package("transformers")
        torch.set_num_threads(1)  # as `Teacher.embed_clip` does for the others
        self._spectrogram = transformers.ClapFeatureExtractor.from_pretrained(
            folder, local_files_only=True
        )
        network = transformers.ClapAudioModelWithProjection.from_pretrained(
            folder, local_files_only=True, use_safetensors=False
        )
        self._network = network.eval()

    @classmethod
    def place(cls) -> Path:
        from huggingface_hub import snapshot_download

        files = [*cls.weights]
        with fetching(cls, f"where there is a connection, {_FETCH}"):
            return Path(snapshot_download(_REPOSITORY, revision=_REVISION, allow_patterns=files))

    def embed(self, waveform: np.ndarray) -> np.ndarray:
        with package("torch").inference_mode():
            return np.concatenate([self._said_of(patch) for patch in _patches(waveform)])

    def _said_of(self, patch: np.ndarray) -> np.ndarray:
        given = self._spectrogram(patch, sampling_rate=self.sample_rate, return_tensors="pt")
        return self._network(**given).audio_embeds.numpy()


def _patches(waveform: np.ndarray) -> list[np.ndarray]:
    """Patches of 10 s, evenly spread: a clip of 29.98 s, as FMA's are, has three."""
    size = Clap.patch_samples
    count = round(len(waveform) / size)
    starts = np.linspace(0, len(waveform) - size, count).astype(int)
    return [waveform[start : start + size] for start in starts]
