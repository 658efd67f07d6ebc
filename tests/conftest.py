"""Fixtures that several tests share: synthesised songs and, where they are, real ones."""

import os

# Before any test brings Keras along: training and its tests are for JAX.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
from hypothesis import settings

from tests.support import songs
from tests.support.paths import ROOT

# Machines differ in speed; a test that is slow there is not wrong.
settings.register_profile("songnet", deadline=None, database=None)
settings.load_profile("songnet")

pytest_plugins = ["tests.support.hub_fixtures"]

SHARED_AUDIO = ROOT.parent / "shared" / "audio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that opens a page in Chromium."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def song(tmp_path):
    """Writes a synthesised song: ``song("tune.mp3", seconds=3)`` gives its path."""

    def make(name: str, seconds: float = 3.0, rate: int = 44_100, channels: int = 1, **options):
        path = tmp_path / name
        return songs.write(path, songs.synthesise(seconds, rate, channels), rate, **options)

    return make


@pytest.fixture(scope="session")
def shared_audio():
    """The folder of 15 real FMA clips."""
    if not SHARED_AUDIO.is_dir():
        pytest.skip("the real clips in ../shared/audio are not here")
    return SHARED_AUDIO


@pytest.fixture(scope="session")
def fma_download(tmp_path_factory):
    """A small FMA as it is on disk when it is unpacked."""
    from tests.support import fma_tree  # pandas is slow to import, and few tests want it

    return fma_tree.build(tmp_path_factory.mktemp("fma"))
