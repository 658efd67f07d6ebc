"""Folders of songs for the tests of the command line."""

import numpy as np
import pytest

from tests.support import songs


@pytest.fixture
def folder(tmp_path):
    """Three songs and a broken one, two of them below, among files that are no songs."""
    root = tmp_path / "music"
    (root / "b below").mkdir(parents=True)
    tune = songs.synthesise(2)
    songs.write(root / "a tune.wav", tune)
    songs.write(root / "b below" / "ténor ♫.mp3", tune)
    songs.write(root / "b below" / "z.FLAC".lower(), tune)
    (root / "c broken.mp3").write_bytes(b"no sound " * 100)
    (root / "cover.jpg").write_bytes(b"picture")
    (root / "._a tune.wav").write_bytes(b"what a Mac leaves behind")
    (root / "folder.mp3").mkdir()
    return root


@pytest.fixture
def long_songs(tmp_path):
    """A folder with three short songs, then two that take seconds to classify."""
    folder = tmp_path / "long"
    folder.mkdir()
    for name in ("1.wav", "2.wav", "3.wav"):
        songs.write(folder / name, songs.synthesise(1, 8_000), 8_000)
    long = np.tile(songs.synthesise(30, 8_000), (50, 1))
    for name in ("8 long.wav", "9 long.wav"):
        songs.write(folder / name, long, 8_000, "ULAW")
    return folder
