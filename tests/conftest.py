"""Fixtures that several tests share: synthesised songs and, where they are, real ones."""

import os
import shutil

# Before any test brings Keras along: training and its tests are for JAX.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
from hypothesis import settings

from tests.support import songs
from tests.support.page_visits import BROWSER_OPTIONS
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
def browser(tmp_path_factory):
    """A real Chromium, in whose microphone a song is played over and over."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium on this machine")
    played = songs.write(tmp_path_factory.mktemp("played") / "song.wav", songs.synthesise(10.0))
    options = [*BROWSER_OPTIONS, f"--use-file-for-fake-audio-capture={played}"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=options)
        yield browser
        browser.close()


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
