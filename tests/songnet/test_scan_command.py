"""``songnet scan``: what goes where, exit statuses, and what becomes of a run that is killed."""

import json
import random
import signal
import sqlite3
import time

import pytest

from songnet.__main__ import main
from songnet.library import Library
from tests.support import songs
from tests.support.command import start


@pytest.fixture
def folder(tmp_path):
    """Ten songs of a second, one of them twice, and one that is broken."""
    for seed in range(10):
        songs.write(tmp_path / "music" / f"{seed}.flac", songs.synthesise(1.1, seed=seed))
    (tmp_path / "music" / "copy.flac").write_bytes((tmp_path / "music" / "3.flac").read_bytes())
    (tmp_path / "music" / "bad.mp3").write_bytes(b"no song" * 100)
    return tmp_path / "music"


@pytest.fixture(autouse=True)
def music(tmp_path):
    (tmp_path / "music").mkdir()


def content(path):
    """All that a library says, but for the ids."""
    with sqlite3.connect(path) as library:
        assert library.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = [name for _, name, *_ in library.execute("PRAGMA table_info(songs)")]
        kept = ", ".join(name for name in names if name != "id")
        query = f"SELECT {kept}, vector FROM songs LEFT JOIN embeddings USING (id) ORDER BY path"
        return library.execute(query).fetchall()


@pytest.mark.slow
def test_a_run_that_is_killed_is_gone_on_with(folder, tmp_path):
    whole, killed = tmp_path / "whole.db", tmp_path / "killed.db"
    started = time.monotonic()
    assert start("scan", folder, "--library", whole).wait() == 1
    takes = time.monotonic() - started
    moments, stopped = random.Random(20), 0
    for part in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        process = start("scan", folder, "--library", killed)
        time.sleep(takes * part * moments.uniform(0.8, 1.0))
        stopped += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert stopped
    assert start("scan", folder, "--library", killed).wait() == 1
    assert content(killed) == content(whole)
    assert len(content(whole)) == 12


@pytest.mark.slow
def test_two_runs_at_once_do_no_harm(folder, tmp_path):
    alone, both = tmp_path / "alone.db", tmp_path / "both.db"
    assert start("scan", folder, "--library", alone).wait() == 1
    processes = [start("scan", folder, "--library", both) for _ in range(2)]
    for process in processes:
        _, err = process.communicate()
        assert process.returncode == 1, err
    assert content(both) == content(alone)


def test_json_is_one_object_a_line_for_what_is_not_as_it_was(tmp_path, capsys):
    path = songs.write(tmp_path / "music" / "a.flac", songs.synthesise(1.1))
    command = ["scan", str(path.parent), "--json", "--library", str(tmp_path / "l.db")]
    assert main(command) == 0
    out, err = capsys.readouterr()
    (heard,) = map(json.loads, out.splitlines())
    assert (heard["path"], heard["change"], heard["file"]) == (str(path), "new", "a.flac")
    assert list(heard)[2:] == [
        *("file", "genre", "confidence", "abstained", "duration_s", "probabilities", "windows"),
        *("metadata", "warnings", "model", "verdict", "sections", "moments"),
    ]
    assert err.startswith("songnet: 1 new; 0.00 hours of music in ")
    assert main(command) == 0
    assert capsys.readouterr() == ("", "songnet: 1 unchanged.\n")
    path.rename(path.with_name("b.flac"))
    assert main(command) == 0
    out, _ = capsys.readouterr()
    assert json.loads(out) == {"path": str(path.with_name("b.flac")), "change": "moved"}


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["music"], 1, "music holds no audio files: name a folder with songs."),
        (["none"], 1, "none does not exist: check the name."),
        (["music", "--library", "."], 2, "is a folder: name a file for the library with --library"),
        (["music", "--library", "/dev/null"], 2, "is a device or a pipe"),
        (["music", "--library", "/proc/none/l.db"], 2, "(No such file or directory): name another"),
        (["music", "--library", "text"], 2, "text is damaged or no library, and is left as it is"),
    ],
)
def test_bad_input_gets_a_sentence(tmp_path, monkeypatch, capsys, arguments, status, sentence):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "text").write_text("no library" * 100)
    assert main(["scan", *arguments]) == status
    out, err = capsys.readouterr()
    assert sentence in err
    assert out == ""
    assert (tmp_path / "text").read_text() == "no library" * 100


@pytest.mark.parametrize(
    "arguments", [[], [""], ["music", "--hear", "0"], ["music", "--hear", "some"]]
)
def test_wrong_usage_ends_with_2(arguments):
    with pytest.raises(SystemExit) as error:
        main(["scan", *arguments])
    assert error.value.code == 2


def test_another_network_hears_anew_on_request_alone(tmp_path, capsys):
    songs.write(tmp_path / "music" / "a.flac", songs.synthesise(1.1))
    path = tmp_path / "l.db"
    with Library.open(path, create=True) as library:
        library.belong_to("ab" * 32, ("Dub",))
    command = ["scan", str(tmp_path / "music"), "--library", str(path)]
    assert main(command) == 2
    assert "hear it anew with songnet scan --anew" in capsys.readouterr().err
    assert main([*command, "--anew"]) == 0
    with Library.open(path) as library:
        assert len(library.genres) == 8
        assert len(list(library.songs())) == 1
