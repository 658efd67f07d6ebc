"""The command line's contract: what goes where, and what each exit status means."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from songnet.__main__ import main
from songnet.spec import GENRES
from songnet.table import table_columns
from tests.support import songs
from tests.support.paths import ROOT

COMMAND = [sys.executable, "-m", "songnet"]


def heed_interrupts():
    """What a shell starts in the background, such as a test run, ignores Ctrl-C otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments, **options):
    """The command line as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(os.fspath, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=heed_interrupts,
        **options,
    )


def table_of(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def files_of(path):
    return [row["file"] for row in table_of(path)]


@pytest.fixture
def folder(tmp_path):
    """Three songs and a broken one, two of them below, among files that are no songs."""
    root = tmp_path / "music"
    (root / "b below").mkdir(parents=True)
    tune = songs.synthesise(2)
    songs.write(root / "a tune.wav", tune)
    songs.write(root / "b below" / "ténor ♫.mp3", tune)
    songs.write(root / "b below" / "z.FLAC".lower(), tune)
    (root / "c broken.mp3").write_bytes(b"no sound " * 100)
    (root / "cover.jpg").write_bytes(b"picture")
    (root / "._a tune.wav").write_bytes(b"what a Mac leaves behind")
    (root / "folder.mp3").mkdir()
    return root


ORDER = ["a tune.wav", "b below/ténor ♫.mp3", "b below/z.flac", "c broken.mp3"]


def test_json_of_one_file(song, capsys):
    path = song("tune.mp3", seconds=2)
    assert main([str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    (answer,) = map(json.loads, out.splitlines())
    assert list(answer) == [
        *("file", "genre", "confidence", "abstained", "duration_s", "probabilities", "windows"),
        *("metadata", "model"),
    ]
    assert answer["file"] == "tune.mp3"
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert set(answer["probabilities"]) == set(GENRES)
    assert err == ""


def test_text_of_one_file(song, capsys):
    assert main([str(song("tune.mp3", seconds=2))]) == 0
    assert capsys.readouterr().out.startswith("tune.mp3: ")


def test_json_of_a_folder_is_one_object_a_line_in_order(folder):
    process = start(folder, "--json")
    out, err = process.communicate()
    answers = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 1
    assert [answer["file"] for answer in answers] == ORDER
    assert answers[3] == {
        "file": "c broken.mp3",
        "error": "c broken.mp3 is not audio that can be read: use WAV, FLAC, OGG, Opus, MP3, AIFF, "
        "M4A or WebM.",
    }
    assert all("genre" in answer for answer in answers[:3])
    assert "4/4" in err
    assert "hours of music per minute" in err
    assert "Traceback" not in err


def test_a_file_gets_the_same_answer_alone_and_among_many(folder, capsys):
    main([str(folder), "--json"])
    together = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    main([str(folder / ORDER[0]), "--json"])
    assert json.loads(capsys.readouterr().out) == together[0]


def test_text_of_a_folder(folder, capsys):
    assert main([str(folder)]) == 1
    out, err = capsys.readouterr()
    assert [line.rpartition(": ")[0] for line in out.splitlines()] == ORDER[:3]
    assert "songnet: c broken.mp3 is not audio" in err


def test_csv(folder, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert main([str(folder), "--csv", str(out)]) == 1
    assert capsys.readouterr().out == ""
    rows = table_of(out)
    assert list(rows[0]) == [*table_columns(), "path"]
    assert [row["file"] for row in rows] == ORDER
    assert [row["path"] for row in rows] == [str(folder / name) for name in ORDER]
    assert [bool(row["error"]) for row in rows] == [False, False, False, True]
    assert sum(float(rows[0][genre]) for genre in GENRES) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("left", [0.0, 0.02, 0.4, 0.75, 0.999])
def test_a_torn_table_is_gone_on_with(folder, tmp_path, left):
    whole, torn = tmp_path / "whole.csv", tmp_path / "torn.csv"
    main([str(folder), "--csv", str(whole)])
    content = whole.read_bytes()
    torn.write_bytes(content[: round(left * len(content))])
    assert main([str(folder), "--csv", str(torn)]) == 1
    assert torn.read_bytes() == content


def test_finished_rows_are_not_done_again(folder, tmp_path, capsys):
    out = tmp_path / "out.csv"
    main([str(folder), "--csv", str(out)])
    *finished, failed = table_of(out)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_bytes(b"")
    songs.write(folder / "new.wav", songs.synthesise(2))
    assert main([str(folder), "--csv", str(out)]) == 1
    assert table_of(out)[:3] == finished
    assert table_of(out)[3]["error"] != failed["error"]
    assert files_of(out) == [*ORDER, "new.wav"]
    assert "songnet: 2 files" in capsys.readouterr().err


def test_a_failed_row_is_replaced_by_the_answer_of_the_mended_file(folder, tmp_path):
    out = tmp_path / "out.csv"
    arguments = [str(folder), "--csv", str(out)]
    assert main(arguments) == 1
    content = out.read_bytes()
    assert main(arguments) == 1
    assert out.read_bytes() == content
    songs.write(folder / "b below" / "mended.wav", songs.synthesise(2)).replace(folder / ORDER[3])
    assert main(arguments) == 0
    assert files_of(out) == ORDER
    assert not any(row["error"] for row in table_of(out))


@pytest.fixture
def two_folders(tmp_path):
    """Two folders with the same names below them."""
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        songs.write(tmp_path / name / "01.wav", songs.synthesise(1, seed=ord(name)))
    return tmp_path


def test_files_of_one_name_have_a_row_each(two_folders, monkeypatch):
    monkeypatch.chdir(two_folders)
    for arguments in (["A"], ["B"], ["A/01.wav"], ["B", "A"], ["B/01.wav", "B/../A/01.wav", "."]):
        assert main([*arguments, "--csv", "t.csv"]) == 0
    rows = table_of("t.csv")
    assert [row["file"] for row in rows] == ["01.wav", "01.wav"]
    assert [row["path"] for row in rows] == [str(two_folders / name / "01.wav") for name in "AB"]
    assert rows[0]["Rock"] != rows[1]["Rock"]


def test_a_file_has_one_row_however_it_is_named(two_folders, monkeypatch):
    (two_folders / "link.wav").symlink_to("A/01.wav")
    (two_folders / "C").symlink_to("A")
    monkeypatch.chdir(two_folders / "B")
    names = ["../A/01.wav", "../A", "../C/01.wav", "../link.wav", str(two_folders / "A" / "01.wav")]
    assert main([*names, "--csv", "../t.csv"]) == 0
    monkeypatch.chdir("/")
    for name in names:
        path = two_folders / "B" / name
        assert main([str(path), "--csv", str(two_folders / "t.csv")]) == 0
    assert files_of(two_folders / "t.csv") == ["01.wav"]


def test_names_that_are_shown_alike_have_a_row_each(tmp_path):
    out = tmp_path / "out.csv"
    tune = songs.write(tmp_path / "tune.wav", songs.synthesise(1)).read_bytes()
    paths = [os.fsencode(tmp_path) + name for name in (b"/caf\xe8.wav", b"/caf\xe9.wav")]
    for path in paths:
        Path(os.fsdecode(path)).write_bytes(tune)
        assert main([os.fsdecode(path), "--csv", str(out)]) == 0
    assert main([*map(os.fsdecode, paths), "--csv", str(out)]) == 0
    assert files_of(out) == ["caf�.wav", "caf�.wav"]


def test_a_second_run_on_one_table_is_told(long_songs, tmp_path, song, capsys):
    out = tmp_path / "out.csv"
    process = start(long_songs, "--csv", out)
    wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") >= 2)
    assert main([str(song("tune.wav")), "--csv", str(out)]) == 2
    assert "out.csv is being written by another run: wait" in capsys.readouterr().err
    process.kill()
    process.communicate()
    assert main([str(song("tune.wav")), "--csv", str(out)]) == 0
    assert files_of(out)[-1] == "tune.wav"


def test_a_folder_that_had_no_songs(tmp_path):
    out, folder = tmp_path / "out.csv", tmp_path / "music"
    folder.mkdir()
    for _ in range(2):
        assert main([str(folder), "--csv", str(out)]) == 1
        assert files_of(out) == ["music"]
    songs.write(folder / "tune.wav", songs.synthesise(1))
    assert main([str(folder), "--csv", str(out)]) == 0
    assert files_of(out) == ["tune.wav"]


def test_a_table_of_something_else_is_left_alone(song, tmp_path, capsys):
    notes = tmp_path / "notes.csv"
    notes.write_text("do not lose this\n")
    assert main([str(song("tune.wav")), "--csv", str(notes)]) == 2
    assert "notes.csv is there and is no table of SongNet's" in capsys.readouterr().err
    assert notes.read_text() == "do not lose this\n"


@pytest.mark.parametrize("out", ["missing/folder/out.csv", "."])
def test_a_table_that_cannot_be_written(song, tmp_path, capsys, out):
    assert main([str(song("tune.wav")), "--csv", str(tmp_path / out)]) == 2
    captured = capsys.readouterr()
    assert "cannot be written" in captured.err
    assert captured.out == ""


def test_a_full_disk(song, capsys):
    assert main([str(song("tune.wav")), "--csv", "/dev/full"]) == 2
    assert "full cannot be written (No space left on device)" in capsys.readouterr().err


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)"])
def test_titles_are_no_formulas(song, tmp_path, title):
    mutagen = pytest.importorskip("mutagen")
    path = song("=cmd.flac")
    file = mutagen.File(path)
    file["title"] = title
    file.save()
    out = tmp_path / "out.csv"
    assert main([str(path), "--csv", str(out)]) == 0
    (row,) = table_of(out)
    assert (row["file"], row["title"]) == ("'=cmd.flac", f"'{title}")
    assert main([str(path), "--csv", str(out)]) == 0
    assert len(table_of(out)) == 1


def test_wrong_usage(capsys):
    for arguments in ([], ["a.mp3", "--json", "--csv", "out.csv"], ["--frobnicate", "a.mp3"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_missing_files_and_empty_folders(tmp_path, capsys):
    assert main([str(tmp_path / "gone.mp3"), str(tmp_path), "--json"]) == 1
    errors = [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]
    assert sorted(errors) == [
        "gone.mp3 does not exist: check the name.",
        f"{tmp_path.name} holds no audio files: name a folder with songs.",
    ]


def test_weights_that_are_not_there(song, capsys):
    assert main([str(song("tune.wav")), "--json", "--hub", "not a repository"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("songnet: The weights not a repository@main cannot be had from the Hub")


def test_undecodable_names(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9\n.wav"
    songs.write(tmp_path / "tune.wav", songs.synthesise(2)).rename(os.fsdecode(path))
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    for arguments in (["--json"], []):
        process = start(os.fsdecode(path), *arguments, env=ascii_only)
        out, err = process.communicate()
        assert process.returncode == 0
        assert "Traceback" not in err
        assert "caf��.wav" in out


def test_a_reader_that_has_seen_enough(folder):
    command = f'"{sys.executable}" -m songnet --json "{folder}" | head -1'
    shell = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, text=True
    )
    assert json.loads(shell.stdout)["file"] == ORDER[0]
    assert "Traceback" not in shell.stderr
    assert "Exception ignored" not in shell.stderr


def children_of(pid):
    return [child.pid for child in psutil.Process(pid).children()]


def children_with(pid, folder):
    """The child processes that have a file of a folder open."""
    return [
        child.pid
        for child in psutil.Process(pid).children()
        if any(Path(file.path).is_relative_to(folder) for file in child.open_files())
    ]


def wait_until(holds, timeout_s=120):
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="finds child processes in /proc"
)


@pytest.fixture
def long_songs(tmp_path):
    """A folder with three short songs, then two that take seconds to classify."""
    folder = tmp_path / "long"
    folder.mkdir()
    for name in ("1.wav", "2.wav", "3.wav"):
        songs.write(folder / name, songs.synthesise(1, 8_000), 8_000)
    long = np.tile(songs.synthesise(30, 8_000), (50, 1))
    for name in ("8 long.wav", "9 long.wav"):
        songs.write(folder / name, long, 8_000, "ULAW")
    return folder


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_keeps_its_rows_and_goes_on(long_songs, tmp_path, signum):
    out = tmp_path / "out.csv"
    process = start(long_songs, "--csv", out)
    wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") >= 4)
    children = children_of(process.pid)
    process.send_signal(signum)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (130 if signum == signal.SIGINT else -signal.SIGTERM)
    assert "Traceback" not in err
    assert ("goes on where it stopped" in err) == (signum == signal.SIGINT)
    assert [row["file"] for row in table_of(out)] == ["1.wav", "2.wav", "3.wav"]
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    for path in long_songs.glob("* long.wav"):
        songs.write(path, songs.synthesise(1, 8_000), 8_000)
    assert main([str(long_songs), "--csv", str(out)]) == 0
    assert len(table_of(out)) == 5


@needs_proc
def test_a_worker_that_is_killed_costs_its_file_alone(long_songs):
    for path in long_songs.glob("?.wav"):
        path.unlink()
    process = start(long_songs, "--json")
    busy = []
    wait_until(lambda: busy.extend(children_with(process.pid, long_songs)) or busy)
    os.kill(busy[0], signal.SIGKILL)
    out, err = process.communicate(timeout=300)
    answers = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 1
    assert "Traceback" not in err
    assert sorted("error" in answer for answer in answers) == [False, True]
    (failed,) = (answer for answer in answers if "error" in answer)
    assert failed["error"] == (
        f"{failed['file']} cannot be decoded, its decoder stopped: export it again as MP3 or WAV."
    )
