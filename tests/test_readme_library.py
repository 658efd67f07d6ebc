"""What the README and docs/library.md tell to run with a library, runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import mutagen
import numpy as np
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
    artists = {"Alba": "Somebody", "Brisa": "Nobody", "Cal": "Everybody"}
    (tmp_path / "Music" / "Something").mkdir(parents=True)
    for seed, (title, artist) in enumerate(artists.items()):
        waveform = songs.synthesise(2, seed=seed)
        write_song(tmp_path / "Music" / "Something" / f"{title}.mp3", waveform, title, artist)
    # An octave lower: what sounds the same counts as the same song.
    lower = np.repeat(songs.synthesise(1, seed=3), 2, axis=0)
    write_song(tmp_path / "song.mp3", lower, "Song", "Another")
    for name in ("HOME", "XDG_DATA_HOME", "BEETSDIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "Music"


def write_song(path, waveform, title, artist):
    file = mutagen.File(songs.write(path, waveform), easy=True)
    file.update({"title": title, "artist": artist, "album": "Something"})
    file.save()


def run(name, changes=None):
    """A program of the chapter in Bash: what it prints, and what it tells on standard error."""
    commands = program(name)
    for old, new in (changes or {}).items():
        assert old in commands
        commands = commands.replace(old, new)
    return bash(commands)


def bash(commands):
    done = subprocess.run(
        ["bash", "-c", SHELL + commands], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_commands_of_a_library(music):
    """They are run in the chapter's order."""
    before = {path: path.read_bytes() for path in music.rglob("*.mp3")}
    assert "3 new" in run("scan")[1]
    _, told = run("tag", {"songnet tag": "songnet tag --sure 0.5"})
    assert "0 of 3" not in told
    assert all(path.read_bytes() != content for path, content in before.items())
    (journal,) = re.findall(r"To undo: songnet tag --undo (\S+)", told)
    run("undo", {"JOURNAL": journal})
    assert {path: path.read_bytes() for path in music.rglob("*.mp3")} == before
    run("like")
    for name in ("like", "folk", "way"):
        assert "Music/Something/Alba.mp3" in Path(f"{name}.m3u8").read_text(encoding="utf-8")
    run("export")
    assert len(Path("library.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
    run("map")
    assert "Brisa" in Path("map.html").read_text(encoding="utf-8")


def test_the_readme_fills_in_genres_and_takes_them_back(music):
    before = {path: path.read_bytes() for path in music.rglob("*.mp3")}
    show, write, undo = program("fill in").splitlines()
    for command in (show, write.replace("songnet tag", "songnet tag --sure 0.5")):
        assert {path: path.read_bytes() for path in before} == before
        _, told = bash(command)
    assert all(path.read_bytes() != content for path, content in before.items())
    (journal,) = re.findall(r"To undo: songnet tag --undo (\S+)", told)
    bash(undo.replace("JOURNAL", journal))
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.usefixtures("music")
def test_the_readme_finds_what_sounds_alike():
    run("sounds alike", {"--genre Folk": "--genre Folk --sure 0"})
    for name in ("like.m3u8", "folk.m3u8", "map.html"):
        assert "Alba" in Path(name).read_text(encoding="utf-8")


def test_the_commands_of_beets(music, tmp_path):
    (tmp_path / "home").mkdir()
    own = f"directory: {tmp_path}/sorted\nimport: {{autotag: no, quiet: yes}}\n"
    config = program("beets configuration").replace("0.7", "0")
    (tmp_path / "home" / "config.yaml").write_text(own + config.replace("auto: yes", "auto: no"))
    beets = [sys.executable, "-m", "beets"]
    subprocess.run([*beets, "import", music], check=True, capture_output=True)
    _, told = run("beets")
    assert [told.count(f"{title}.mp3: ") for title in ("Alba", "Brisa", "Cal")] == [3, 2, 2]
    (written,) = (tmp_path / "sorted").rglob("*Alba.mp3")
    heard = Classifier.load().classify(music / "Something" / "Alba.mp3")
    assert mutagen.File(written, easy=True)["genre"] == [heard.genre]


def test_the_program_that_makes_a_list_for_mp3tag(music):
    assert main([str(music), "--csv", "genres.csv"]) == 0
    exec(program("mp3tag").replace("0.7", "0"), {})
    heard = [(path, Classifier.load().classify(path)) for path in sorted(music.rglob("*.mp3"))]
    lines = Path("mp3tag.txt").read_text(encoding="utf-8-sig").splitlines()
    assert lines == [f"{path}|{answer.genre}" for path, answer in heard]
