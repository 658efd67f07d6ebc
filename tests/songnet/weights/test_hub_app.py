"""The page and the Hub: the pushed Space starts as it is, and offline nothing is asked."""

import json
import re
import sys

import pytest
from gradio_client import Client, handle_file
from huggingface_hub import snapshot_download

from songnet.weights import EMBEDDED
from tests.support import songs
from tests.support.environments import fresh_python
from tests.support.paths import ROOT
from tests.support.releases import embedded_release
from tests.support.served import running
from train.release.publish import publish_space

pytestmark = pytest.mark.slow

SPACE, MODEL = "ada/songnet-page", "ada/songnet"
# Writes down every address that a process connects to, asks for or listens on.
LISTENER = """
import runpy, sys
log = open(sys.argv[1], "a", buffering=1)
def hear(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        print(event, arguments[1], file=log)
    elif event == "socket.getaddrinfo":
        print(event, arguments[:2], file=log)
sys.addaudithook(hear)
sys.path.insert(0, "")
sys.argv = ["app.py"]
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture
def song(tmp_path):
    return songs.write(tmp_path / "song.wav", songs.synthesise(3.0))


@pytest.mark.usefixtures("hub_client")
def test_pushed_space_starts_in_a_fresh_environment_and_classifies(
    hub, environment, tmp_path, song
):
    model = hub.add("model", MODEL, embedded_release())
    publish_space(SPACE, MODEL)
    folder = tmp_path / "space"
    snapshot_download(SPACE, repo_type="space", local_dir=folder)
    python = fresh_python(tmp_path / "environment", "-r", folder / "requirements.txt")
    variables = hub.hub.repositories["space", SPACE].variables
    hub.requests.clear()

    log = tmp_path / "log"
    with running([python, "app.py"], folder, environment | variables, log) as address:
        answer = Client(address, verbose=False).predict(handle_file(song), api_name="/classify")

    config = json.loads((EMBEDDED / "config.json").read_text(encoding="utf-8"))
    assert answer["model"]["sha256"] == config["files"]["songnet.tflite"]["sha256"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0, abs=1e-4)
    assert hub.count("GET", f"/resolve/{model.head}/songnet.tflite") == 1
    assert "Traceback" not in log.read_text()


def test_offline_with_embedded_weights_opens_no_socket_but_its_own(environment, tmp_path, song):
    sockets = tmp_path / "sockets"
    command = [sys.executable, "-c", LISTENER, str(sockets)]
    environment |= {"HF_HUB_OFFLINE": "1"}
    with running(command, ROOT, environment, tmp_path / "log") as address:
        Client(address, verbose=False).predict(handle_file(song), api_name="/classify")
    events = sockets.read_text().splitlines()
    assert any(event.startswith("socket.bind") for event in events), "nothing was logged"
    port = address.rpartition(":")[2]
    own = re.compile(rf"\w+\.\w+ \('(127\.0\.0\.1|localhost)', {port}\)")
    assert [event for event in events if not own.fullmatch(event)] == []
