"""The library's file: whose it is, of which version, by which network, and who may read it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from songnet.errors import LibraryError
from songnet.library import Library, default_path, schema
from tests.support.library_rows import insert
from tests.support.paths import ROOT

NETWORK = "ab" * 32
GENRES = ("Dub", "Fado")
WINDOWS = [
    {"start_s": 0.0, "end_s": 30.0, "probabilities": {"Dub": 0.712345, "Fado": 0.287655}},
    {"start_s": 30.0, "end_s": 59.123, "probabilities": {"Dub": 0.5, "Fado": 0.5}},
]


@pytest.fixture
def path(tmp_path):
    """A library of three songs: one is named in Latin-1, one is silent, one has vanished."""
    path = tmp_path / "music" / "library.db"
    with Library.open(path, NETWORK, create=True) as library:
        library.belong_to(NETWORK, GENRES)
        tags = {"genres": '["Fado", "Dub"]', "year": 1999}
        insert(library, os.fsdecode(b"/m/caf\xe9.mp3"), WINDOWS, [0.6, 0.8], **tags)
        silent = {"abstained": 1, "warnings": '["No sound is heard in it."]'}
        insert(library, "/m/silent.mp3", WINDOWS, **silent)
        insert(library, "/m/gone.mp3", WINDOWS, [1.0, 0.0], vanished=1)
        failed = {"error": "It is broken.", "genre": None, "confidence": None}
        insert(library, "/m/broken.mp3", WINDOWS, **failed)
    return path


def test_a_song_is_read_as_it_was_stored(path):
    with Library.open(path, NETWORK) as library:
        assert (library.network, library.genres) == (NETWORK, GENRES)
        named, silent = library.songs()
        assert os.fsencode(named.path) == b"/m/caf\xe9.mp3"
        assert (named.genres, named.year, named.artist, named.hear) == (
            ("Fado", "Dub"),
            1999,
            None,
            None,
        )
        assert named.probabilities == {"Dub": 0.625, "Fado": 0.375}
        assert [w._asdict() for w in named.windows] == WINDOWS
        assert named.windows[-1].end_s == 59.123
        np.testing.assert_array_equal(named.embedding, np.float32([0.6, 0.8]))
        assert (silent.embedding, silent.abstained) == (None, True)
        assert silent.warnings == ("No sound is heard in it.",)
        assert library.song(named.path) == named
        assert library.song("/m/gone.mp3") is library.song("/m/broken.mp3") is None
        assert library.by_id([silent.id, 99, named.id]) == [silent, named]
        ids, vectors = library.embeddings()
        assert ids.tolist() == [named.id]
        np.testing.assert_array_equal(vectors, np.float32([[0.6, 0.8]]))


def test_songs_of_a_genre_are_those_that_the_answer_is_sure_of(path):
    with Library.open(path) as library:
        assert [song.path.name for song in library.songs("Dub", sure=0.6)] == ["caf\udce9.mp3"]
        assert list(library.songs("Dub", sure=0.63)) == list(library.songs("Fado")) == []
        assert len(list(library.songs(sure=0.6))) == 2


def test_an_empty_library_has_no_embeddings(tmp_path):
    with Library.open(tmp_path / "l.db", create=True) as library:
        library.belong_to(NETWORK, GENRES)
        ids, vectors = library.embeddings()
        assert (len(ids), len(vectors), list(library.songs())) == (0, 0, [])


def test_the_library_is_by_default_where_programs_keep_their_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == tmp_path / "songnet" / "library.db"
    with Library.open(None, NETWORK, create=True) as library:
        assert library.path.is_file()


def make_foreign(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (name)")


def make_newer(path):
    Library.open(path, create=True).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")


def make_damaged(path):
    with Library.open(path, create=True) as library:
        library.belong_to(NETWORK, GENRES)
        for number in range(200):
            insert(library, f"/m/{number}.mp3", WINDOWS)
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 1024):
        content[start : start + 512] = os.urandom(512)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_text("no database\n" * 100), "is damaged or no library"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000), "is damaged or no"),
        (make_damaged, "is damaged or no library, and is left as it is"),
        (make_foreign, "is another program's file, and is left as it is"),
        (make_newer, "was written by a newer SongNet: update this one"),
        (Path.mkdir, "is a folder: name a file for the library with --library"),
        (os.mkfifo, "is a device or a pipe"),
    ],
    ids=["text", "header", "damaged", "foreign", "newer", "folder", "pipe"],
)
def test_what_is_no_library_is_refused_and_left_as_it_is(tmp_path, make, sentence):
    path = tmp_path / "l.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for create in (False, True):
        with pytest.raises(LibraryError, match=sentence), Library.open(path, create=create) as it:
            list(it.songs())
    assert (path.read_bytes() if path.is_file() else None) == before
    # SQLite keeps two more for readers.
    assert {*os.listdir(tmp_path)} <= {"l.db", "l.db-shm", "l.db-wal"}


def test_a_library_that_is_missing_or_empty_is_told_how_to_make(tmp_path):
    with pytest.raises(LibraryError, match=r"no library .*l\.db: make it with songnet scan FOLDER"):
        Library.open(tmp_path / "l.db")
    (tmp_path / "l.db").touch()
    with pytest.raises(LibraryError, match="is empty: fill it with songnet scan FOLDER"):
        Library.open(tmp_path / "l.db")
    # As a scan leaves it that is killed while it makes the file.
    with Library.open(tmp_path / "l.db", create=True) as library:
        assert library.network == ""
    with pytest.raises(LibraryError, match="is empty"):
        Library.open(tmp_path / "l.db")


def test_another_network_is_refused_unless_it_hears_all_anew(path):
    other = "cd" * 32
    for create in (False, True):
        with pytest.raises(LibraryError, match=r"another network \(abababababab.*, in use cdcd"):
            Library.open(path, other, create=create)
    with Library.open(path, create=True) as library:
        with pytest.raises(LibraryError, match="hear it anew with songnet scan --anew"):
            library.belong_to(other, GENRES)
        assert len(list(library.songs())) == 2
        library.belong_to(other, ("Tango",), anew=True)
    with Library.open(path, other) as library:
        assert (library.genres, list(library.songs()), len(library.embeddings()[0])) == (
            ("Tango",),
            [],
            0,
        )


def test_an_earlier_version_becomes_this_one_and_keeps_its_songs(path, monkeypatch):
    """Version 2 as it might come: a column more, and a name that changes."""
    more = (
        "ALTER TABLE songs ADD COLUMN tempo REAL",
        "UPDATE songs SET genre = 'Dub reggae' WHERE genre = 'Dub'",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))
    monkeypatch.setattr("songnet.library.connection.MIGRATIONS", schema.MIGRATIONS)
    with Library.open(path) as library:
        assert {song.genre for song in library.songs()} == {"Dub reggae"}
        assert schema.version(library.connection) == 2
        library.connection.execute("SELECT tempo FROM songs")


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    more = ("UPDATE songs SET genre = 'Dub reggae'", "ALTER TABLE photos ADD COLUMN tempo")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))
        patch.setattr("songnet.library.connection.MIGRATIONS", schema.MIGRATIONS)
        with pytest.raises(LibraryError, match="cannot be used, no such table: photos"):
            Library.open(path)
    with Library.open(path) as library:
        assert schema.version(library.connection) == 1
        assert {song.genre for song in library.songs()} == {"Dub"}


READ = """
import os, sys
from songnet.library import Library
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
with Library.open(sys.argv[1]) as library:
    print(len(list(library.songs())))
"""


@pytest.fixture
def closed(path):
    """A library in a folder that nobody may write; its folders can be read by all."""
    folders = [path.parent, *path.parent.parents][: len(path.parent.parts) - 2]
    for folder in folders:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    yield path
    path.parent.chmod(0o755)


def test_a_library_is_read_where_nothing_can_be_written(closed):
    command = [sys.executable, "-c", READ, closed]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.returncode) == ("2\n", 0), done.stderr
    assert os.listdir(closed.parent) == [closed.name]


def test_a_reader_sees_what_a_writer_has_finished(path):
    with Library.open(path, create=True) as writer, Library.open(path) as reader:
        insert(writer, "/m/new.mp3", WINDOWS)
        assert reader.song("/m/new.mp3") is not None
        writer.connection.execute("BEGIN IMMEDIATE")
        insert(writer, "/m/newer.mp3", WINDOWS)
        assert reader.song("/m/newer.mp3") is None
        writer.connection.execute("ROLLBACK")


def test_a_file_system_without_shared_memory_does_without_a_log(path, monkeypatch):
    """As on some network file systems, where SQLite refuses WAL."""

    class Refusing(sqlite3.Connection):
        def execute(self, statement, *values):
            if statement == "PRAGMA journal_mode = WAL":
                raise sqlite3.OperationalError("locking protocol")
            return super().execute(statement, *values)

    connect = sqlite3.connect
    with connect(path) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, factory=Refusing, **o))
    with Library.open(path, create=True) as library:
        insert(library, "/m/new.mp3", WINDOWS)
        assert os.listdir(path.parent) == [path.name]
    with Library.open(path) as library:
        assert library.song("/m/new.mp3") is not None
