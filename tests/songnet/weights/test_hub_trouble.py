"""What of this machine keeps the Hub away, and which weights answer then."""

import contextlib
import errno
import importlib.util
import subprocess
import sys

import pytest
from huggingface_hub.utils import close_session

from songnet.errors import WeightsError
from songnet.weights import load_weights
from tests.support.releases import release
from tests.support.sentences import assert_one_sentence

pytestmark = pytest.mark.usefixtures("hub_client", "embedded", "impatient")

REPO = "ada/songnet"
FILES = release()


@pytest.fixture
def model(hub):
    return hub.add("model", REPO, FILES)


CACHES = {"a file in its way": "file/cache", "no such place": "/proc/nothing", "long": "x" * 300}


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
@pytest.mark.parametrize("pinned", [True, False])
def test_a_cache_that_cannot_be_used_is_named(model, tmp_path, monkeypatch, cache, pinned):
    (tmp_path / "file").write_text("")
    cache = str(tmp_path / cache)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", cache)
    weights = load_weights(hub=f"{REPO}@{model.head if pinned else 'main'}")
    assert weights.tflite == b"embedded"
    assert f"the folder for downloads cannot be used: {cache} (" in weights.source
    assert "the Hub cannot be reached" not in weights.source


def test_a_full_disk_is_not_the_hub_s_fault(model, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    source = load_weights(hub=f"{REPO}@{model.head}").source
    assert f"cannot be used: {tmp_path / 'cache'} (No space left on device;" in source


@contextlib.contextmanager
def new_client(monkeypatch, **environment):
    """The client that the Hub's library makes in this environment; another one afterwards."""
    with monkeypatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        close_session()
        yield
    close_session()


PROXIES = {
    "socks5://127.0.0.1:9": "pip install socksio",
    "socks://127.0.0.1:9": "a proxy is set that cannot be used (Unknown scheme",
    "http://127.0.0.1:port": "a proxy is set that cannot be used (Invalid port",
    "http://127.0.0.1:9": "the connection failed",
}


@pytest.mark.parametrize(("proxy", "why"), PROXIES.items(), ids=PROXIES)
def test_a_proxy_that_cannot_be_used_is_one_sentence(model, monkeypatch, proxy, why):
    if why == "pip install socksio" and importlib.util.find_spec("socksio"):
        pytest.skip("socksio is installed, with which such a proxy is used")
    with new_client(monkeypatch, all_proxy=proxy, no_proxy=""):
        source = load_weights(hub=f"{REPO}@{model.head}").source
    assert "(the Hub cannot be reached: " in source
    assert why in source


def test_certificates_that_are_not_there_are_named(model, monkeypatch):
    with new_client(monkeypatch, SSL_CERT_FILE="/nowhere.pem"):
        source = load_weights(hub=f"{REPO}@{model.head}").source
    assert "SSL_CERT_FILE or SSL_CERT_DIR cannot be used (No such file" in source


def test_a_token_that_is_none(model, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_ädä")
    with pytest.raises(WeightsError, match="the token holds letters that no token has") as raised:
        load_weights(hub=f"{REPO}@{model.head}")
    assert_one_sentence(raised.value)


def test_other_weights_only_where_they_are_allowed(hub, model):
    named = f"{REPO}@{model.head}"
    hub.fail("GET", "/api/models/", 500)
    with pytest.raises(WeightsError, match=rf"{named} are not here, and the Hub cannot") as raised:
        load_weights(hub=named, or_embedded=False)
    assert_one_sentence(raised.value)
    assert load_weights(hub=named, or_embedded=True).tflite == b"embedded"


@pytest.mark.usefixtures("model")
def test_weights_in_the_cache_are_those_that_were_asked_for(hub):
    load_weights(hub=f"{REPO}@main")
    hub.fail("GET", "/api/models/", 500)
    weights = load_weights(hub=f"{REPO}@main", or_embedded=False)
    assert weights.tflite == FILES["songnet.tflite"]


@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_command_line_takes_other_weights_only_when_told(environment, hub, song, by):
    hub.fail("GET", "/api/models/", 500)
    command = [sys.executable, "-m", "songnet", str(song("tune.wav"))]
    if by == "option":
        command += ["--hub", REPO]
    else:
        environment |= {"SONGNET_HUB_REPO": REPO}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"songnet: The weights {REPO}@main are not here, and the Hub")
    assert run.stderr.count("\n") == 1
    run = subprocess.run(
        [*command, "--or-embedded"], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0
    assert run.stdout.startswith("tune.wav: ")
    assert f"embedded in this installation, in place of {REPO}@main" in run.stderr
