"""What the README's chapter "Your library" tells to run, runs as it stands there."""

import subprocess
import sys
from pathlib import Path

import mutagen
import pytest

from songnet.__main__ import main
from songnet.classifier import Classifier
from tests.support import songs
from tests.support.paths import ROOT
from tests.support.readme import program

# The commands as a shell finds them where the package is installed.
SHELL = f"""\
set -e
songnet() {{ "{sys.executable}" -m songnet "$@"; }}
beet() {{ "{sys.executable}" -m beets "$@"; }}
"""


@pytest.fixture
def music(tmp_path, monkeypatch):
    """The folder and the song that the chapter names, in the working folder; a home of its own."""
    for seed, title in enumerate(("Alba", "Brisa", "Cal")):
        path = tmp_path / "Music" / "Something" / f"{title}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_song(path, seed, title)
    write_song(tmp_path / "song.mp3", 1, "Song")
    for name in ("HOME", "XDG_DATA_HOME", "BEETSDIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "Music"


def write_song(path, seed, title):
    file = mutagen.File(songs.write(path, songs.synthesise(2, seed=seed)), easy=True)
    file.update({"title": title, "artist": "Somebody", "album": "Something"})
    file.save()


def run(name):
    """A program of the chapter in Bash: what it prints, and what it tells on standard error."""
    done = subprocess.run(
        ["bash", "-c", SHELL + program(name)], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_commands_of_beets(music, tmp_path):
    (tmp_path / "home").mkdir()
    own = f"directory: {tmp_path}/sorted\nimport: {{autotag: no, quiet: yes}}\n"
    config = program("beets configuration").replace("0.7", "0")
    (tmp_path / "home" / "config.yaml").write_text(own + config.replace("auto: yes", "auto: no"))
    beets = [sys.executable, "-m", "beets"]
    subprocess.run([*beets, "import", music], check=True, capture_output=True)
    _, told = run("beets")
    assert told.count("Brisa.mp3: ") == 3
    (written,) = (tmp_path / "sorted").rglob("*Brisa.mp3")
    heard = Classifier.load().classify(music / "Something" / "Brisa.mp3")
    assert mutagen.File(written, easy=True)["genre"] == [heard.genre]


def test_the_program_that_makes_a_list_for_mp3tag(music):
    assert main([str(music), "--csv", "genres.csv"]) == 0
    exec(program("mp3tag").replace("0.7", "0"), {})
    heard = [(path, Classifier.load().classify(path)) for path in sorted(music.rglob("*.mp3"))]
    lines = Path("mp3tag.txt").read_text(encoding="utf-8-sig").splitlines()
    assert lines == [f"{path}|{answer.genre}" for path, answer in heard]
