"""A small made-up data set. It proves that training runs; it says nothing of accuracy."""

import json

import numpy as np
import pytest

from songnet.spec import GENRES, SPEC
from tests.support.teachers import ear
from train.__main__ import main

__all__ = ["ear"]


def made_up_split(clips_per_genre: int, seed: int) -> dict[str, np.ndarray]:
    """Clips that are loudest in a band of their genre's own, two to an artist."""
    rng = np.random.default_rng(seed)
    genre = np.repeat(np.arange(len(GENRES), dtype=np.int8), clips_per_genre)
    n = len(genre)
    levels = rng.integers(0, 90, size=(n, SPEC.n_frames, SPEC.n_mels))
    for clip, label in enumerate(genre):
        levels[clip, :, 10 + 12 * label : 16 + 12 * label] += 150
    return {
        "track_id": np.arange(n, dtype=np.int32) + 1000 * seed,
        "genre": genre,
        "artist_id": (np.arange(n, dtype=np.int32) // 2) + 1000 * seed,
        "log_mel": levels.astype(np.uint8),
        "vggish": (np.eye(128)[genre] + rng.normal(0, 0.3, (n, 128))).astype(np.float16),
    }


@pytest.fixture(scope="session")
def data_set(tmp_path_factory):
    """A folder with training.npz, validation.npz and test.npz."""
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, clips) in enumerate([("training", 24), ("validation", 6), ("test", 6)], 1):
        np.savez(folder / f"{name}.npz", **made_up_split(clips, seed))
    return folder


@pytest.fixture(scope="session")
def prepared_fma(fma_download, tmp_path_factory):
    """The data set that ``python -m train prepare`` makes of it, and its report."""
    output = tmp_path_factory.mktemp("prepared")
    command = ["prepare", "--fma", str(fma_download), "--output", str(output)]
    assert main([*command, "--workers", "1"]) == 0
    return output, json.loads((output / "report.json").read_text(encoding="utf-8"))
