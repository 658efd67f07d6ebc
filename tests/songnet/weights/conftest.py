"""Weights that came with the installation, and a client that does not wait long."""

import pytest

from songnet.weights import load
from tests.support.releases import release


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    """Other weights that came with the installation."""
    folder = tmp_path / "embedded"
    folder.mkdir()
    for name, data in release(tflite=b"embedded").items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(load, "EMBEDDED", folder)
    return folder


@pytest.fixture
def nothing_embedded(embedded, monkeypatch):
    monkeypatch.setattr(load, "EMBEDDED", embedded / "nowhere")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("songnet.weights.hub._TIMEOUT_S", 0.5)
