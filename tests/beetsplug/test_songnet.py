"""The beets plugin, in the real beets, on a library of its own with real files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mutagen
import numpy as np
import pytest

from songnet import Classifier
from songnet.__main__ import main
from tests.support import songs
from tests.support.paths import ROOT
from tests.support.taught import song_of, write_music

TUNE = song_of("Tones", 0)
# A plugin that has beets write tags on import, as it does where it has found a release.
RETAG = """
from beets.importer import Action
from beets.plugins import BeetsPlugin

class Retag(BeetsPlugin):
    def __init__(self):
        super().__init__()
        self.register_listener("import_task_choice", self.choose)

    def choose(self, session, task):
        task.set_choice(Action.RETAG)
"""


@pytest.fixture(scope="module")
def heard():
    """What SongNet says of `TUNE`, as numbers and names."""
    prediction = Classifier.load().classify(TUNE[:, 0])
    assert not prediction.abstained
    assert 0.1 < prediction.confidence < 0.95
    return prediction


@pytest.fixture
def music(tmp_path):
    """Three songs of an album: one has no genre, one has, and one is silent."""
    folder = tmp_path / "music"
    folder.mkdir()
    write_song(folder / "Plain.flac", TUNE)
    write_song(folder / "Named.flac", TUNE, genre="Fado")
    write_song(folder / "Silent.flac", np.zeros_like(TUNE))
    return folder


def write_song(path, waveform, **tags):
    file = mutagen.File(songs.write(path, waveform), easy=True)
    file.update({"title": path.stem, "artist": "Somebody", "album": "Something", **tags})
    file.save()


def genres_in(folder):
    """The genres in the tags of a folder's songs, by their titles."""
    files = [mutagen.File(path, easy=True) for path in Path(folder).rglob("*.flac")]
    return {file["title"][0]: file.get("genre", []) for file in files}


class Beets:
    """The command `beet` with a folder, a configuration and a library of its own."""

    def __init__(self, home):
        self.home, self.library = home, home / "library"
        self.options = {"min_confidence": 0}
        self.plugins = []
        self.environment = {}
        home.mkdir()

    def run(self, *arguments):
        """The command as a process that has ended."""
        config = {
            "plugins": ["songnet", *self.plugins],
            "directory": str(self.library),
            "create_backup_before_migrations": False,
            "pluginpath": str(self.home / "plugins"),
            "import": {"write": True, "quiet": True, "quiet_fallback": "asis"},
            "songnet": self.options,
        }
        (self.home / "config.yaml").write_text(json.dumps(config))  # JSON is YAML, too.
        return subprocess.run(
            [sys.executable, "-m", "beets", *map(os.fspath, arguments)],
            env={
                **os.environ,
                "BEETSDIR": str(self.home),
                "PYTHONPATH": str(ROOT),
                **self.environment,
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *arguments):
        """What the command tells on standard error."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def fields(self, *names):
        """Fields of all songs, by their titles."""
        shown = self.run("ls", "--format", "|".join(f"${name}" for name in ("title", *names)))
        return {line.split("|")[0]: line.split("|")[1:] for line in shown.stdout.splitlines()}


@pytest.fixture
def beet(tmp_path):
    return Beets(tmp_path / "beets")


def test_an_import_fills_in_what_is_missing(beet, music, heard):
    """beets itself leaves the tags of what is imported as it is, until it is told to write."""
    beet("import", music)
    found = beet.fields("genres", "songnet_genre", "songnet_confidence")
    assert found["Plain"] == [heard.genre, heard.genre, f"{heard.confidence:.2f}"]
    assert found["Named"][0] == "Fado"
    assert found["Silent"][:2] == ["", ""]
    assert genres_in(beet.library) == {"Plain": [], "Named": ["Fado"], "Silent": []}
    beet("write")
    assert genres_in(beet.library) == {"Plain": [heard.genre], "Named": ["Fado"], "Silent": []}
    assert genres_in(music) == {"Plain": [], "Named": ["Fado"], "Silent": []}
    by_number = beet.run("ls", "songnet_confidence:0.05..1", "songnet_genre::.").stdout
    assert by_number == "Somebody - Something - Plain\n"


def test_an_import_that_writes_tags_writes_genres(beet, music, heard):
    (beet.home / "plugins").mkdir()
    (beet.home / "plugins" / "retag.py").write_text(RETAG)
    beet.plugins = ["retag"]
    beet("import", music)
    assert genres_in(beet.library) == {"Plain": [heard.genre], "Named": ["Fado"], "Silent": []}


def test_the_command_hears_what_a_query_finds(beet, music, heard):
    write_song(music / "Other.flac", TUNE)
    beet.options |= {"auto": False}
    beet("import", music)
    nothing = {"Plain": [], "Named": ["Fado"], "Silent": [], "Other": []}
    assert genres_in(beet.library) == nothing
    before = beet.fields("genres", "songnet_genre", "mtime")
    told = beet("songnet", "--pretend", "title:Plain")
    assert f"Plain.flac: {heard.genre} ({100 * heard.confidence:.0f} %)" in told
    assert beet.fields("genres", "songnet_genre", "mtime") == before
    assert genres_in(beet.library) == nothing
    beet("songnet", "title:Plain")
    assert genres_in(beet.library) == nothing | {"Plain": [heard.genre]}
    assert beet("songnet", "title:Named", "title:Plain") == ""
    beet("songnet", "--force", "title:Named")
    assert genres_in(beet.library) == nothing | {"Plain": [heard.genre], "Named": [heard.genre]}


def test_force_takes_nothing_away(beet, music):
    beet.options |= {"min_confidence": 1, "force": True}
    beet("import", music)
    assert beet.fields("genres")["Named"] == ["Fado"]


def test_a_song_is_heard_once(beet, music, heard):
    """A threshold is changed, and the answer that was kept takes effect; a write is beets' own."""
    beet.options |= {"min_confidence": 0.99}
    beet("import", music)
    assert beet.fields("genres", "songnet_genre")["Plain"] == ["", heard.genre]
    beet.options |= {"min_confidence": heard.confidence - 0.01}
    beet.environment = {"SONGNET_MAX_MINUTES": "0.001"}
    assert "Silent.flac: not sure" in beet("songnet")
    assert beet.fields("genres")["Plain"] == [heard.genre]
    assert genres_in(beet.library)["Plain"] == [heard.genre]


def test_an_album_without_a_genre_gets_that_of_most_songs(beet, music, heard):
    (music / "Named.flac").unlink()
    write_song(music / "Again.flac", TUNE)
    beet("import", music)
    assert beet.run("ls", "-a", "-f", "$genres").stdout == f"{heard.genre}\n"
    assert beet.fields("genres")["Silent"] == [""]


def test_a_broken_song_costs_its_own_answer(beet, music, heard):
    beet.options |= {"auto": False, "hear": "all"}
    write_song(music / "Gone.flac", TUNE)
    write_song(music / "Odd.flac", TUNE)
    beet("import", music)
    (gone,), (odd,) = beet.library.rglob("*Gone.flac"), beet.library.rglob("*Odd.flac")
    gone.unlink()
    odd.write_bytes(odd.read_bytes()[:9000] + bytes(60_000))
    told = beet("songnet").splitlines()
    assert [line for line in told if str(gone) in line and "exist" in line]
    assert [line for line in told if str(odd) in line]
    assert beet.fields("genres")["Plain"] == [heard.genre]


@pytest.mark.parametrize("in_a_file", [False, True])
def test_genres_have_the_users_names(beet, music, heard, in_a_file):
    (beet.home / "map.toml").write_text(f'{heard.genre} = ["Chanson", "Café"]', encoding="utf-8")
    named = {heard.genre: ["Chanson", "Café"]}
    beet.options |= {"map": "map.toml" if in_a_file else named}
    beet("import", music)
    assert beet.fields("genres", "songnet_genre")["Plain"] == ["Chanson; Café", heard.genre]
    beet("write")
    assert genres_in(beet.library)["Plain"] == ["Chanson", "Café"]


def test_own_genres(beet, music, tmp_path):
    taught = ["teach", write_music(tmp_path / "taught"), "--output", beet.home / "my.genres"]
    assert main(list(map(str, taught))) == 0
    beet.options |= {"genres": "my.genres", "map": {"Tones": "Drone"}}
    beet("import", music)
    assert beet.fields("genres", "songnet_genre")["Plain"] == ["Drone", "Tones"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"min_confidence": 70}, "songnet.min_confidence is 70: give a number from 0 to 1"),
        ({"min_confidence": "high"}, "songnet.min_confidence: must be numeric"),
        ({"map": {"Hiphop": "Rap"}}, "songnet.map names “Hiphop”, which"),
        ({"map": {"Hip-Hop": 4}}, "songnet.map has no name for “Hip-Hop”"),
        ({"map": "gone.toml"}, "gone.toml cannot be read"),
        ({"genres": "gone.genres"}, "gone.genres"),
        ({"hear": 0}, "songnet.hear is 0: give a number of windows, such as 3, or all."),
    ],
)
def test_a_fault_in_the_configuration_is_one_sentence(beet, music, options, sentence):
    """It is told before anything is imported: copied, that is, into the library's folder."""
    beet.options |= options
    done = beet.run("import", music)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert sentence in told
    assert not beet.library.exists()
