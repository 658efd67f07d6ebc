"""What must work wherever SongNet runs: the import, the command line and the page.

It needs nothing but SongNet and pytest, so that it runs where only what serves is installed:
``python -m pytest --noconftest tests/test_smoke.py``. Where the package is not installed, the
checkout is tested. `tests/test_environments.py` runs it with the wheel, in environments of its own.
"""

import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
INSTALLED = any(found.name == "songnet" for found in importlib.metadata.distributions())


@pytest.fixture
def environment():
    """Variables for a process in another folder, which finds SongNet where it is to be tested."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return kept if INSTALLED else kept | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def run(tmp_path, environment):
    """Runs a program in a folder of its own, and gives what it prints."""

    def run_it(*command):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_it


@pytest.fixture
def song(tmp_path, run):
    """One of the songs that the page offers."""
    script = "from songnet.examples import write_examples; print(write_examples('.')[0])"
    return tmp_path / run(sys.executable, "-c", script).strip()


def songnet_command():
    if not INSTALLED:
        return [sys.executable, "-m", "songnet"]
    return [str(Path(sys.executable).with_name("songnet"))]


def test_import(run):
    script = "import songnet; print(len(songnet.Classifier.load().genres), songnet.Prediction)"
    assert run(sys.executable, "-c", script).startswith("8 <class")


def test_command_line(run, song):
    answer = json.loads(run(*songnet_command(), song.name, "--json"))
    assert answer["file"] == "armygeddon.mp3"
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert answer == json.loads(run(sys.executable, "-m", "songnet", song.name, "--json"))


def test_version(run):
    script = "import songnet; print('songnet', songnet.__version__)"
    program, weights = run(*songnet_command(), "--version").splitlines()
    assert program == run(sys.executable, "-c", script).strip()
    assert weights.startswith("weights ")


def test_page(run, song, tmp_path, environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    settings = {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": port,
        "TMPDIR": str(temporary),
    }
    address = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*songnet_command(), "page"],
            cwd=tmp_path,
            env=environment | settings,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(address, process, log)
        script = (
            "import json, sys; from gradio_client import Client, handle_file;"
            "client = Client(sys.argv[1], verbose=False);"
            "print(json.dumps(client.predict(handle_file(sys.argv[2]), api_name='/classify')))"
        )
        answer = json.loads(run(sys.executable, "-c", script, address, str(song)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert answer == json.loads(run(*songnet_command(), song.name, "--json"))
    assert process.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    assert list(temporary.iterdir()) == []


def wait_for(address, process, log):
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the page does not answer: {log.read_text()}")
