"""The table that `songnet ... --csv` writes."""

import csv
import os
import signal
from pathlib import Path

import pytest

from songnet.__main__ import main
from songnet.spec import GENRES
from songnet.table import table_columns
from tests.support import songs
from tests.support.command import ORDER, children_of, needs_proc, start, wait_until
from tests.support.page_visits import half_a_song


def table_of(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def files_of(path):
    return [row["file"] for row in table_of(path)]


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


def test_csv_with_a_warning(tmp_path, capsys):
    path, warning = half_a_song(tmp_path)
    assert main([str(path), "--csv", str(tmp_path / "out.csv")]) == 0
    (row,) = table_of(tmp_path / "out.csv")
    assert (row["warnings"], row["error"]) == (warning, "")
    assert capsys.readouterr().err == f"songnet: half.wav: {warning}\n"


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


def test_a_song_that_was_downloaded_anew_is_heard_again(tmp_path, capsys):
    path, warning = half_a_song(tmp_path)
    out = tmp_path / "out.csv"
    other = songs.write(tmp_path / "other.wav", songs.synthesise(2))
    arguments = [str(path), str(other), "--csv", str(out)]
    assert main(arguments) == 0
    content, half = out.read_bytes(), path.read_bytes()
    # Neither the same answer nor a failure changes the row.
    assert main(arguments) == 0
    path.write_bytes(b"")
    assert main(arguments) == 1
    assert out.read_bytes() == content
    path.write_bytes(half[:-88_200])
    assert main(arguments) == 0
    assert table_of(out)[0]["warnings"] != warning
    songs.write(path, songs.synthesise(5))
    assert main(arguments) == 0
    assert files_of(out) == ["half.wav", "other.wav"]
    assert [row["warnings"] for row in table_of(out)] == ["", ""]
    capsys.readouterr()
    assert main(arguments) == 0
    assert "nothing was to do" in capsys.readouterr().err


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


def test_a_table_that_cannot_be_written(song, tmp_path, capsys):
    assert main([str(song("tune.wav")), "--csv", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert "cannot be written" in captured.err
    assert captured.out == ""


def test_a_folder_that_is_missing_is_named(song, tmp_path, capsys, monkeypatch):
    path = str(song("tune.wav"))
    assert main([path, "--csv", str(tmp_path / "missing" / "out.csv")]) == 2
    sentence = f"out.csv cannot be written, there is no folder {tmp_path}/missing: make it"
    assert sentence in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert main([path, "--csv", "out.csv"]) == 0


def test_a_complete_table_is_said_to_be_complete(folder, tmp_path, capsys):
    out = str(tmp_path / "out.csv")
    (folder / ORDER[3]).unlink()
    main([str(folder), "--csv", out])
    assert "songnet: 3 files" in capsys.readouterr().err
    assert main([str(folder), "--csv", out]) == 0
    said = "songnet: the table has the answers of all files (3): nothing was to do.\n"
    assert capsys.readouterr().err == said


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
    finished = table_of(out)
    # A fast machine may have heard a long one before the signal came.
    songs_in_order = ["1.wav", "2.wav", "3.wav", "8 long.wav", "9 long.wav"]
    assert 3 <= len(finished) < 5
    assert [row["file"] for row in finished] == songs_in_order[: len(finished)]
    assert not any(row["error"] for row in finished)
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    for path in long_songs.glob("* long.wav"):
        songs.write(path, songs.synthesise(1, 8_000), 8_000)
    assert main([str(long_songs), "--csv", str(out)]) == 0
    assert len(table_of(out)) == 5
