"""The programs of docs/api.md, run as they stand there against a running page."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.support import readme, songs
from tests.support.readme import program
from tests.support.taught import song_of

STANDS_FOR_THE_PAGE = "http://localhost:7860"


@pytest.fixture
def tune(tmp_path):
    """The song that the programs name."""
    return songs.write(tmp_path / "song.mp3", songs.synthesise(3.0))


@pytest.fixture
def run(address, tune):
    """Runs a program in the folder of its song: ``run("curl", "bash")`` gives what it prints."""

    def run_it(name, *command):
        text = program(name)
        assert STANDS_FOR_THE_PAGE in text
        done = subprocess.run(
            command,
            input=text.replace(STANDS_FOR_THE_PAGE, address.rstrip("/")),
            capture_output=True,
            text=True,
            cwd=tune.parent,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_it


@pytest.fixture
def expected(classifier, tune):
    """What the programs are to say of it."""
    return classifier.classify(tune).to_json()


def test_python(run, expected):
    output = run("python", sys.executable, "-")
    # Gradio's client says where it is before it says anything else.
    output = output.splitlines()[-1]
    assert output.split() == [expected["genre"], str(expected["confidence"]), "None"]


def test_teaching(run, tune):
    for genre in ("Noise", "Tones"):
        folder = tune.parent / "Genres" / genre
        folder.mkdir(parents=True)
        for number in range(3):
            songs.write(folder / f"{number}.mp3", song_of(genre, number))
    *_, learned, answer = run("teaching", sys.executable, "-").splitlines()
    assert learned.startswith("1.0 [] ['With fewer than 20 songs")
    assert answer.split()[0] == "Tones"


def test_javascript(run, expected, tmp_path):
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js or npm is not installed")
    (package,) = re.findall(r"`npm install (@gradio/client@\S+)`", readme.text())
    npm = ["npm", "install", "--no-fund", "--no-audit", package]
    if subprocess.run(npm, cwd=tmp_path, capture_output=True).returncode:
        pytest.skip(f"npm cannot install {package} here")
    output = run("javascript", "node", "--input-type=module")
    assert output.split() == [expected["genre"], str(expected["confidence"]), "null"]


def test_curl(run, expected):
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl or bash is not installed")
    kind, data = run("curl", "bash").strip().splitlines()
    assert kind == "event: complete"
    assert json.loads(data.removeprefix("data: ")) == [expected]
