"""A teacher for tests: it hears how loud a clip's halves of a second are, and where."""

import hashlib
import importlib.util
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from train.teachers import known
from train.teachers.teacher import Teacher

FACTOR = b"2"


class Ear(Teacher):
    """Peak and mean of each half second, times what its file of weights says."""

    name = "ear"
    title = "an ear, which learned from nothing"
    license = "MIT"
    citation = "A. Ear, On hearing, 2020"
    sample_rate = 8_000
    patch_samples = 4_000
    dimension = 2
    weights: ClassVar = {"factor.txt": hashlib.sha256(FACTOR).hexdigest()}
    packages = ("numpy",)
    install = "pip install numpy"
    remedy = "write it again"
    folder: ClassVar[Path]

    def __init__(self):
        self._factor = float((self.fetch() / "factor.txt").read_text())

    @classmethod
    def place(cls) -> Path:
        return cls.folder

    def embed(self, waveform: np.ndarray) -> np.ndarray:
        halves = waveform[: len(waveform) // 4_000 * 4_000].reshape(-1, 4_000)
        said = [np.abs(halves).max(axis=1), halves.mean(axis=1)]
        return self._factor * np.stack(said, axis=1).astype(np.float32)


@pytest.fixture
def ear(tmp_path_factory, monkeypatch):
    """The `Ear`, among the teachers that there are, with its weights in a folder."""
    Ear.folder = tmp_path_factory.mktemp("ear")
    (Ear.folder / "factor.txt").write_bytes(FACTOR)
    monkeypatch.setitem(known.TEACHERS, "ear", Ear)
    known.loaded.cache_clear()
    yield Ear
    known.loaded.cache_clear()


def musicnn_or_skip() -> None:
    """Skips a test where musicnn's weights are not installed."""
    if importlib.util.find_spec("musicnn") is None:
        pytest.skip("musicnn's weights are not here: pip install --no-deps musicnn==0.1.0")
