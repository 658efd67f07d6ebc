"""What the README and docs tell to run, runs."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import wave

import numpy as np
import pytest

from songnet import GENRES, OwnGenres
from songnet.classifier import Classifier
from songnet.spec import SPEC
from songnet.weights import EMBEDDED
from tests.support import readme, songs
from tests.support.environments import fresh_python
from tests.support.page_visits import free_port
from tests.support.paths import ROOT
from tests.support.readme import README, program


def pinned(*names: str) -> list[str]:
    files = (ROOT / "requirements.txt", ROOT / "train" / "requirements.txt")
    lines = [line for file in files for line in file.read_text().splitlines()]
    return [line for line in lines if line.split("==")[0] in names]


@pytest.fixture
def noise(tmp_path):
    """5 s of stereo noise in a WAV file."""
    pcm = np.random.default_rng(0).normal(0, 3000, size=(5 * 44_100, 2)).astype(np.int16)
    with wave.open(str(tmp_path / "noise.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(pcm.tobytes())
    return tmp_path / "noise.wav"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "runtime", "file"),
    [
        ("litert", "ai-edge-litert", "songnet.tflite"),
        ("onnx", "onnxruntime", "songnet.onnx"),
    ],
)
def test_the_program_that_needs_a_runtime_alone(named, runtime, file, noise, tmp_path):
    """It says what the classifier says, where neither songnet nor an audio library is installed."""
    needed = pinned("numpy", runtime)
    assert len(needed) == 2
    python = fresh_python(tmp_path / "environment", *needed)
    script = noise.with_name("classify.py")
    script.write_text(program(named))
    # Isolated: neither the environment nor the working folder adds to what is installed.
    alone = [python, "-I"]
    for absent in ("songnet", "av", "librosa", "soundfile", "scipy", "tensorflow"):
        done = subprocess.run([*alone, "-c", f"import {absent}"], capture_output=True)
        assert done.returncode == 1, absent
    done = subprocess.run(
        [*alone, script, EMBEDDED / file, noise],
        capture_output=True,
        text=True,
        cwd=noise.parent,
    )
    assert done.returncode == 0, done.stderr
    percentages = {genre: float(p[:-1]) for p, genre in map(str.split, done.stdout.splitlines())}
    expected = Classifier.load().classify(noise).probabilities
    assert set(percentages) == set(GENRES)
    for genre, percent in percentages.items():
        assert percent == pytest.approx(100 * expected[genre], abs=1.0)


@pytest.mark.parametrize("named", ["litert", "onnx"])
def test_the_program_is_short(named):
    lines = [line for line in program(named).splitlines() if line.strip()]
    assert len(lines) <= 16


def test_the_program_refuses_what_is_not_44_1_khz(tmp_path):
    (tmp_path / "classify.py").write_text(program("litert"))
    song = songs.write(tmp_path / "song.wav", songs.synthesise(1, 22_050), 22_050)
    command = [sys.executable, tmp_path / "classify.py", EMBEDDED / "songnet.tflite", song]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "Convert the song to 16 bit at 44.1 kHz first.\n"
    assert not done.stdout


def test_the_program_that_uses_the_package(tmp_path, monkeypatch, capsys):
    song = songs.write(tmp_path / "song.mp3", songs.synthesise(2))
    monkeypatch.chdir(tmp_path)
    exec(program("library"), {})
    expected = Classifier.load().classify(song)
    assert capsys.readouterr().out == f"{expected.genre} {expected.confidence} None\n"


def test_the_program_that_looks_at_a_prediction(tmp_path, monkeypatch, capsys):
    song = songs.write(tmp_path / "song.mp3", songs.synthesise(100))
    monkeypatch.chdir(tmp_path)
    exec(program("prediction"), {})
    expected = Classifier.load().classify(song, hear=3)
    assert len(expected.windows) == 3
    printed = capsys.readouterr().out
    for told in (expected.probabilities, expected.windows[2].probabilities):
        assert f"{told}\n" in printed
    song.write_bytes(b"La la la")
    with pytest.raises(SystemExit, match=r"song\.mp3: .+\."):
        exec(program("prediction"), {})


@pytest.fixture
def genres_folder(tmp_path, monkeypatch):
    """The folders and the song that the chapter on own genres names, in the working folder."""

    def write(name, frequency, noise, seed):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = np.arange(88_200)[:, None] / 44_100
        tone = np.sin(2 * np.pi * frequency * seconds) * (seconds * (3 + seed) % 1 < 0.5)
        floor = np.random.default_rng(seed).normal(size=seconds.shape)
        songs.write(path, (0.2 * tone + noise * (1 + seed) * floor).astype(np.float32))

    for seed in range(3):
        write(f"Genres/Dub/{seed}.mp3", 60 + 20 * seed, 0.001, seed)
        write(f"Genres/Techno/{seed}.mp3", 100 + 40 * seed, 0.05, seed)
        write(f"Genres/Fado/{seed}.mp3", 900 + 300 * seed, 0.005, seed)
    write("More/Dub/new.mp3", 75, 0.002, 5)
    write("song.mp3", 1_300, 0.01, 4)
    monkeypatch.chdir(tmp_path)


def in_bash(commands):
    """What commands print that find `songnet` as they do where it is installed."""
    shell = f'songnet() {{ "{sys.executable}" -m songnet "$@"; }}\nset -e\n'
    done = subprocess.run(
        ["bash", "-c", shell + commands],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("genres_folder")
@pytest.mark.parametrize("named", ["teach", "own genres in short"])
def test_the_commands_that_teach_genres(named):
    printed = in_bash(program(named))
    assert printed.startswith("3 genres, 9 songs.")
    assert "\nsong.mp3: " in printed
    taught = {"Dub": 4, "Fado": 3} if named == "teach" else {"Dub": 3, "Fado": 3, "Techno": 3}
    assert OwnGenres.load("my.genres").counts == taught


@pytest.mark.parametrize("named", ["files", "files and tables"])
def test_the_commands_for_files(named, tmp_path, monkeypatch):
    (tmp_path / "Music").mkdir()
    for name in ("song.mp3", "Music/a.mp3", "Music/b.mp3"):
        songs.write(tmp_path / name, songs.synthesise(2))
    monkeypatch.chdir(tmp_path)
    assert in_bash(program(named)).startswith("song.mp3: ")
    for table in tmp_path.glob("*.csv"):
        assert len(table.read_text(encoding="utf-8").splitlines()) == 3
    assert (tmp_path / "genres.csv").is_file()


@pytest.mark.usefixtures("genres_folder")
def test_the_program_that_teaches_genres(capsys):
    exec(program("own genres"), {})
    first, genre = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"[01]\.\d+ \([\d.]+, [\d.]+\)", first)
    assert genre in ("Dub", "Techno", "Fado")


def answer(address, process):
    """Waits until a server answers, and gives what it answers."""
    for _ in range(600):
        assert process.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                return reply.read().decode()
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{address} does not answer")


@contextlib.contextmanager
def started(commands, folder):
    """A shell that runs commands for a ``with`` block, and then ends with all that it started."""
    shell = f"""\
songnet() {{ "{sys.executable}" -m songnet "$@"; }}
python() {{ "{sys.executable}" "$@"; }}
pip() {{ [ "$*" = "install ." ]; }}
"""
    process = subprocess.Popen(
        ["bash", "-c", shell + commands],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


@pytest.mark.slow
def test_the_command_that_starts_it(tmp_path, monkeypatch):
    """What it installs is tested with the wheel, in tests/test_environments.py."""
    port = free_port()
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
    with started(program("start"), tmp_path) as process:
        assert "SongNet" in answer(f"http://127.0.0.1:{port}/", process)


@pytest.mark.slow
def test_the_commands_that_build_the_page_without_a_server(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("building the page needs Node, which is not on this machine")
    build, serve = program("browser").splitlines()
    command = [sys.executable, *shlex.split(build)[1:]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    if "npm failed" in done.stderr:
        pytest.skip(f"Node's packages cannot be installed here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    port = free_port()
    with started(serve.replace("8000", str(port)), tmp_path) as process:
        assert "SongNet" in answer(f"http://127.0.0.1:{port}/", process)


def test_the_windows_are_those_of_the_signal_path():
    sentence = f"heard in windows of {SPEC.window_seconds:.0f} s"
    assert sentence in readme.text()


def test_what_it_tells_about_the_tests_is_what_others_run():
    text = README.read_text(encoding="utf-8")
    (command,) = re.findall(r"^pip install -r tests/requirements\.txt && (.+)$", text, re.MULTILINE)
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert steps[-1] == command
    assert "pip install -q -r tests/requirements.txt" in steps
    assert f"\ntest: ## all tests\n\t{command}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
