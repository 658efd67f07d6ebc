"""`python app.py` as a newcomer starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from gradio_client import Client, handle_file

from tests.support import songs
from tests.support.page_visits import HOST, free_port
from tests.support.paths import ROOT
from tests.support.releases import write_own_weights
from tests.support.served import running

PROXIES = {"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("added", "lacking", "signum"),
    [({}, "", signal.SIGTERM), (PROXIES, "PATH", signal.SIGHUP)],
    ids=["usual", "proxies and no PATH"],
)
def test_it_serves_the_page_where_the_environment_says(tmp_path, added, lacking, signum):
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != lacking}
    environment |= {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": HOST, **added}
    environment["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            # A test run that was started with nohup ignores it otherwise.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
    try:
        assert "SongNet" in answer(f"http://{HOST}:{port}/", process, log)
        process.send_signal(signum)
        assert process.wait(timeout=60) == 0
        assert list((tmp_path / "temporary").iterdir()) == []
    finally:
        process.kill()
        process.wait()


def answer(url, process, log):
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.read().decode()
        except urllib.error.URLError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    return pytest.fail(f"app.py does not serve: {log.read_text()}")


@pytest.mark.slow
def test_own_weights_say_whose_they_are_and_claim_no_figures_of_others(tmp_path, environment):
    own = write_own_weights(tmp_path / "own", version="7.7.7", license="MIT")
    log = tmp_path / "log"
    with running([sys.executable, "app.py", "--weights", str(own)], ROOT, environment, log) as page:
        with urllib.request.urlopen(f"{page}/config") as answered:
            texts = answered.read().decode()
        song = songs.write(tmp_path / "song.wav", songs.synthesise(3.0))
        answer = Client(page, verbose=False).predict(handle_file(song), api_name="/classify")
    assert (answer["model"]["version"], answer["model"]["license"]) == ("7.7.7", "MIT")
    assert "Licence: MIT" in texts
    assert "No figures come with these weights" in texts
    assert "share" not in log.read_text()
    assert f"The page is at {page}/ until Ctrl-C" in log.read_text()


def test_broken_figures_stop_the_start_with_one_sentence(tmp_path):
    own = write_own_weights(tmp_path / "own")
    (own / "metrics.json").write_text("{}")
    command = [sys.executable, "app.py", "--port", str(free_port()), "--weights", str(own)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("songnet: metrics.json has no version")
    assert "Traceback" not in done.stderr


def test_it_is_short():
    assert len((ROOT / "app.py").read_text().splitlines()) < 60
