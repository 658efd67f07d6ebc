"""The tests' Hub and a client that knows no other: a token, a cache and a folder of its own."""

import os
import time
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub.utils import _http

from songnet.settings import REPOSITORY_VARIABLE, REVISION_VARIABLE
from tests.support.hub_server import HubServer


@pytest.fixture
def hub():
    with HubServer() as server:
        yield server


@pytest.fixture
def hub_client(hub, tmp_path, monkeypatch):
    """Points the real client, in this process, at the tests' Hub; ``.waits`` are its waits.

    The client reads its environment when it is imported, hence its constants here; tests that run
    a process of their own go through ``HF_ENDPOINT``.
    """
    for name in (REPOSITORY_VARIABLE, REVISION_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_ada")
    constants = {
        "ENDPOINT": hub.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_TOKEN_PATH": str(tmp_path / "token"),
        "AGENT_HARNESSES_PATH": str(tmp_path / "harnesses.json"),
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_OFFLINE": False,
    }
    for name, value in constants.items():
        monkeypatch.setattr(huggingface_hub.constants, name, value)
    waits = []
    patient = SimpleNamespace(sleep=waits.append, time=time.time)
    monkeypatch.setattr(_http, "time", patient)
    monkeypatch.setattr("huggingface_hub.file_download.time", patient)
    return SimpleNamespace(waits=waits)


@pytest.fixture
def environment(hub, tmp_path):
    """The same for a process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "SONGNET_", "GRADIO_"))}
    return kept | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_TOKEN": "hf_ada",
        "HF_HUB_DISABLE_XET": "1",
    }
