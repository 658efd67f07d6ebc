"""A scan hears what is new, and knows it again wherever it is and however it is tagged."""

import os
import shutil
from pathlib import Path

import mutagen
import numpy as np
import pytest
from mutagen import asf, id3, mp4

from songnet.classifier import Classifier
from songnet.errors import LibraryError
from songnet.library import Library, files
from songnet.library.changes import Changes
from songnet.library.scan import scan
from songnet.weights import load_weights
from tests.support import songs

WEIGHTS = load_weights()


class Music:
    """A folder of music, and the library of it."""

    def __init__(self, folder):
        self.folder = folder / "music"
        self.folder.mkdir()
        self.file = folder / "library.db"

    def add(self, name, seed, seconds=1.5):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        rate = 48_000 if path.suffix == ".opus" else 44_100
        return songs.write(path, songs.synthesise(seconds, rate, seed=seed), rate)

    def scan(self, *paths, **options):
        """What a scan of the folder, or of these paths, did, numbers of 0 left out."""
        self.told = []
        with Library.open(self.file, create=True) as library:
            library.belong_to(WEIGHTS.network_sha256, WEIGHTS.config.genres)
            options = {"workers": 1, "on_song": self.told.append, **options}
            report = scan(library, paths or [self.folder], WEIGHTS, **options).to_json()
        return {name: n for name, n in report.items() if n and not name.endswith("s")}

    def songs(self):
        with Library.open(self.file) as library:
            return {song.path.relative_to(self.folder).as_posix(): song for song in library.songs()}


@pytest.fixture
def music(tmp_path):
    return Music(tmp_path)


def tag(path, **tags):
    file = mutagen.File(path, easy=True)
    if file.tags is None:
        file.add_tags()
    file.update(tags)
    file.save()


def test_a_song_has_the_answer_that_it_has_alone(music):
    path = music.add("a.mp3", 0, seconds=70)
    tag(path, title="T", artist="A", albumartist="V.A.", genre=["Fado", "Dub"], date="1999-01-01")
    assert music.scan(hear=None) == {"new": 1}
    song, alone = music.songs()["a.mp3"], Classifier(WEIGHTS).classify(path)
    answer = alone.to_json()
    assert (song.genre, song.confidence) == (answer["genre"], answer["confidence"])
    assert (song.abstained, song.duration_s) == (answer["abstained"], answer["duration_s"])
    assert song.probabilities == answer["probabilities"]
    assert [w._asdict() for w in song.windows] == [
        {key: window[key] for key in ("start_s", "end_s", "probabilities")}
        for window in answer["windows"]
    ]
    np.testing.assert_allclose(song.embedding, alone.embedding, atol=1e-6)
    assert (song.title, song.artist, song.album, song.album_artist) == ("T", "A", None, "V.A.")
    assert (song.genres, song.year, song.size) == (("Fado", "Dub"), 1999, path.stat().st_size)
    assert music.told[0]["change"] == "new"
    assert music.told[0]["path"] == str(path)
    assert music.told[0]["genre"] == song.genre


def test_only_what_is_new_or_sounds_otherwise_is_heard(music):
    first = music.add("a.mp3", 0)
    music.add("b/b.flac", 1)
    assert music.scan() == {"new": 2}
    before = music.songs()
    assert music.scan() == {"unchanged": 2}
    assert music.told == []
    music.add("a.mp3", 2)
    os.utime(first, ns=(0, before["a.mp3"].mtime_ns + 1))
    music.add("c.mp3", 3)
    assert music.scan() == {"new": 1, "changed": 1, "unchanged": 1}
    after = music.songs()
    assert after["a.mp3"].id == before["a.mp3"].id
    assert after["a.mp3"].probabilities != before["a.mp3"].probabilities
    assert after["b/b.flac"] == before["b/b.flac"]


def test_other_tags_and_another_place_make_no_other_song(music):
    """In each kind of file, first alone, and then both at once, as Picard does it."""
    endings = ["aiff", "flac", "m4a", "mp3", "ogg", "opus", "wav", "wma"]
    paths = [music.add(f"a.{ending}", seed) for seed, ending in enumerate(endings)]
    music.scan()
    before = music.songs()
    tagged = [mutagen.File(path) for path in paths]
    for file in tagged:
        if file.tags is None:
            file.add_tags()
        if isinstance(file.tags, id3.ID3):
            file.tags.add(id3.TPE1(encoding=3, text=["A" * 5000]))
        else:
            keys = {mp4.MP4: "\xa9ART", asf.ASF: "Author"}
            file.tags[keys.get(type(file), "artist")] = ["A" * 5000]
        file.save()
    assert music.scan() == {"retagged": 8}
    for path in paths:
        song = music.songs()[path.name]
        assert (song.artist, song.size) == ("A" * 300, path.stat().st_size)
        assert song.id == before[path.name].id
        assert song.probabilities == before[path.name].probabilities
    (music.folder / "A").mkdir()
    for file, path in zip(tagged, paths, strict=True):
        file.tags.clear()
        file.save()
        path.rename(music.folder / "A" / path.name)
    assert music.scan() == {"moved": 8}
    moved = music.songs()
    assert {name: moved[f"A/{name}"].id for name in before} == {
        name: song.id for name, song in before.items()
    }
    assert {song.artist for song in moved.values()} == {None}
    assert music.scan() == {"unchanged": 8}


def test_copies_both_stay(music):
    path = music.add("a.mp3", 0)
    music.scan()
    shutil.copy(path, music.folder / "b.mp3")
    shutil.copy(path, music.folder / "c.mp3")
    path.unlink()
    assert music.scan() == {"moved": 1, "copied": 1}
    found = music.songs()
    assert found.keys() == {"b.mp3", "c.mp3"}
    np.testing.assert_array_equal(found["b.mp3"].embedding, found["c.mp3"].embedding)
    with Library.open(music.file) as library:
        assert len(library.embeddings()[0]) == 2


def test_what_is_gone_is_marked_and_known_when_it_is_back(music, tmp_path):
    path = music.add("a.mp3", 0)
    music.add("b.mp3", 1)
    other = music.add("other/c.mp3", 2)
    music.scan()
    path.rename(tmp_path / "a.mp3")
    shutil.rmtree(other.parent)
    # Only below what was scanned.
    assert music.scan(music.folder / "b.mp3") == {"unchanged": 1}
    assert music.songs().keys() == {"a.mp3", "b.mp3", "other/c.mp3"}
    assert music.scan() == {"unchanged": 1, "vanished": 2}
    assert [(song["path"], song["change"]) for song in music.told] == [
        (str(path), "vanished"),
        (str(other), "vanished"),
    ]
    assert music.songs().keys() == {"b.mp3"}
    assert music.scan() == {"unchanged": 1}
    (tmp_path / "a.mp3").rename(path)
    assert music.scan() == {"moved": 1, "unchanged": 1}
    assert music.songs().keys() == {"a.mp3", "b.mp3"}


def test_a_disk_that_is_not_there_makes_nothing_vanish(music, monkeypatch):
    music.add("disk/a.mp3", 0)
    music.add("b.mp3", 1)
    disk, mounted = os.fsencode(music.folder / "disk"), os.path.ismount
    with monkeypatch.context() as patch:
        patch.setattr(files.os.path, "ismount", lambda path: path == disk or mounted(path))
        music.scan()
    (music.folder / "disk/a.mp3").unlink()
    assert music.scan() == {"unchanged": 1, "away": 1}
    assert music.songs().keys() == {"disk/a.mp3", "b.mp3"}
    # An empty folder may be where a disk belongs, and a missing one may be on it.
    for path in (music.folder / "disk", music.folder / "none"):
        assert music.scan(path) == {"failed": 1}
    (music.folder / "b.mp3").unlink()
    assert music.scan() == {"failed": 1}
    assert music.songs().keys() == {"disk/a.mp3", "b.mp3"}


def test_a_folder_that_cannot_be_looked_into_hides_nothing(music, monkeypatch):
    path = music.add("closed/a.mp3", 0)
    music.add("b.mp3", 1)
    music.scan()
    scandir, lstat = os.scandir, os.lstat

    def refuse(call):
        def called(path, *more, **options):
            if b"closed" in os.fsencode(path):
                raise PermissionError(13, "Permission denied")
            return call(path, *more, **options)

        return called

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse(scandir))
        patch.setattr(files.os, "lstat", refuse(lstat))
        assert music.scan() == {"unchanged": 1}
    assert path.name in {Path(name).name for name in music.songs()}


def test_what_failed_is_remembered_until_it_changes(music):
    path = music.folder / "bad.mp3"
    path.write_bytes(b"no song" * 100)
    assert music.scan() == {"failed": 1}
    assert music.told[0]["error"].startswith("bad.mp3 is not audio that can be read")
    assert music.scan() == {"failed": 1}
    assert music.told == []
    assert music.scan(retry=True) == {"failed": 1}
    assert len(music.told) == 1
    assert music.songs() == {}
    music.add("bad.mp3", 0)
    assert music.scan() == {"changed": 1}
    path.write_bytes(b"no song" * 100)
    assert music.scan() == {"failed": 1}
    assert music.songs() == {}


def test_more_windows_are_heard_when_asked_for_and_fewer_never(music):
    music.add("long.mp3", 0, seconds=130)
    music.add("short.mp3", 1)
    assert music.scan(hear=2) == {"new": 2}
    assert len(music.songs()["long.mp3"].windows) == 2
    assert music.scan(hear=1) == {"unchanged": 2}
    assert music.scan(hear=3) == {"changed": 1, "unchanged": 1}
    assert music.scan(hear=None) == {"changed": 1, "unchanged": 1}
    assert {song.hear for song in music.songs().values()} == {None}
    assert music.scan(hear=3) == {"unchanged": 2}


def test_a_song_that_changes_while_it_is_heard_is_heard_again(music, monkeypatch):
    path = music.add("a.mp3", 0)
    answer = Changes.answer

    def changed(*arguments, **options):
        music.add("a.mp3", 1)
        os.utime(path, ns=(0, 12345))
        return answer(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Changes, "answer", changed)
        music.scan()
    heard = music.songs()["a.mp3"].probabilities
    assert music.scan() == {"changed": 1}
    assert music.songs()["a.mp3"].probabilities != heard


def test_names_that_are_not_utf_8_and_folders_behind_links(music, tmp_path):
    name = os.fsdecode(b"caf\xe9")
    path = music.add("a.flac", 0)
    (music.folder / name).mkdir()
    path.rename(music.folder / name / f"{name}.flac")
    (tmp_path / "link").symlink_to(music.folder)
    assert music.scan() == {"new": 1}
    assert music.scan(tmp_path / "link") == {"unchanged": 1}
    assert music.songs().keys() == {f"{name}/{name}.flac"}
    assert music.scan(music.folder / name / f"{name}.flac") == {"unchanged": 1}


def test_an_answer_that_is_none_is_a_failure(music, monkeypatch):
    """As a child process that was taken over may send it."""
    music.add("a.mp3", 0)
    nonsense = {"probabilities": {}, "windows": 3, "warnings": [], "genre": 1, "duration_s": "x"}
    monkeypatch.setattr(
        "songnet.sandbox.Sandbox.hear", lambda *_: (dict(nonsense), np.zeros(3, np.float32))
    )
    assert music.scan() == {"failed": 1}
    assert "a.mp3 cannot be decoded" in music.told[0]["error"]


def test_no_room_on_the_disk_is_told_and_loses_nothing(music):
    music.add("a.mp3", 0)
    music.scan()
    music.add("b.mp3", 1)
    with Library.open(music.file, create=True) as library:
        pages = library.connection.execute("PRAGMA page_count").fetchone()[0]
        library.connection.execute(f"PRAGMA max_page_count = {pages}")
        changes, state = Changes(library), files.FileState(1, 1)
        with pytest.raises(LibraryError, match="the disk is full: make room"):
            changes.failure(b"/m/a.mp3", state, "x" * 10**6)
    assert music.songs().keys() == {"a.mp3"}
    assert music.scan() == {"new": 1, "unchanged": 1}
