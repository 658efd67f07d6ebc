"""The command line's contract: what goes where, and what each exit status means."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import termios

import numpy as np
import pytest

from songnet.__main__ import main
from songnet.spec import GENRES
from tests.support import songs
from tests.support.command import COMMAND, ORDER, children_with, needs_proc, start, wait_until
from tests.support.page_visits import half_a_song
from tests.support.paths import ROOT


def test_json_of_one_file(song, capsys):
    path = song("tune.mp3", seconds=2)
    assert main([str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    (answer,) = map(json.loads, out.splitlines())
    assert list(answer) == [
        *("file", "genre", "confidence", "abstained", "duration_s", "probabilities", "windows"),
        *("metadata", "warnings", "model", "verdict", "sections", "moments"),
    ]
    assert answer["file"] == "tune.mp3"
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert set(answer["probabilities"]) == set(GENRES)
    assert answer["warnings"] == []
    assert err == ""


def test_half_a_song_is_answered_with_a_warning(tmp_path, capsys):
    path, warning = half_a_song(tmp_path)
    assert main([str(path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("half.wav: ")
    assert err == f"songnet: half.wav: {warning}\n"
    assert main([str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["warnings"] == [warning]
    assert err == ""


def test_a_few_windows_of_a_song(song, capsys):
    path = song("long.wav", seconds=65, rate=8_000)
    assert main([str(path), "--json", "--hear", "2"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [window["start_s"] for window in answer["windows"]] == [1.25, 33.75]
    assert (answer["duration_s"], answer["heard_s"]) == (65, 60)
    assert main([str(path), "--json", "--hear", "all"]) == 0
    assert len(json.loads(capsys.readouterr().out)["windows"]) == 3


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "some"])
def test_no_number_of_windows(count, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["tune.mp3", "--hear", count])
    assert ended.value.code == 2
    assert "no number of windows" in capsys.readouterr().err


def test_text_of_one_file(song, capsys):
    assert main([str(song("tune.mp3", seconds=2))]) == 0
    assert capsys.readouterr().out.startswith("tune.mp3: ")


def test_silence_has_no_percentages(tmp_path, capsys):
    silent = songs.write(tmp_path / "silent.wav", np.zeros((88_200, 1), np.float32))
    assert main([str(silent)]) == 0
    assert capsys.readouterr().out == "silent.wav: nothing to hear\n"
    assert main(["tag", str(silent), "--library", str(tmp_path / "library.db")]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["silent.wav", "silent"]


@pytest.mark.parametrize("command", [[], ["like"], ["scan"]])
def test_a_name_that_begins_with_a_dash(song, monkeypatch, capsys, command):
    path = song("tune.wav")
    path.rename(path.with_name("-dash.wav"))
    monkeypatch.chdir(path.parent)
    with pytest.raises(SystemExit, match="2"):
        main([*command, "-dash.wav"])
    assert "(the file -dash.wav is written ./-dash.wav, or after --)" in capsys.readouterr().err
    assert main(["--", "-dash.wav"]) == 0
    assert capsys.readouterr().out.startswith("-dash.wav: ")


def test_a_command_that_is_mistyped(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["pgae"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "songnet: pgae is no command and no file: is songnet page meant?"
    assert "pgae does not exist" in told[1]
    (tmp_path / "pgae").write_bytes(b"")
    main(["pgae"])
    assert "command" not in capsys.readouterr().err


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
    assert "songnet: 4 files" in err
    assert "hours of music per minute" in err
    # A bar would fill a log.
    assert "\r" not in err
    assert "Traceback" not in err


def test_a_screen_has_a_progress_bar(folder):
    screen, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command = [*COMMAND, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    shown = b""
    # The end of what a terminal says is an error, where it is no empty read.
    with contextlib.suppress(OSError):
        while part := os.read(screen, 4096):
            shown += part
    os.close(screen)
    assert process.wait() == 1
    assert b"4/4" in shown


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


def test_wrong_usage(capsys):
    for arguments in ([], ["a.mp3", "--json", "--csv", "out.csv"], ["--frobnicate", "a.mp3"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_an_empty_name_is_wrong_usage(song, capsys):
    with pytest.raises(SystemExit) as ended:
        main([str(song("tune.wav")), ""])
    assert ended.value.code == 2
    assert "an empty name is no file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        *(
            ("--hub", value, "argument --hub: it names no repository: give one as")
            for value in ("", " ", "@v1")
        ),
        ("--csv", "-", "--csv writes a file: name one"),
    ],
)
def test_an_option_that_names_nothing_is_wrong_usage(
    song, tmp_path, monkeypatch, capsys, option, value, message
):
    path = song("tune.wav")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([str(path), option, value])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True)
    assert not (tmp_path / "-").exists()


def test_failures_in_folders_are_told_apart(tmp_path, capsys):
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "01.mp3").write_bytes(b"")
    for options in ([], ["--csv", str(tmp_path / "t.csv")]):
        assert main([str(tmp_path), *options]) == 1
        said = capsys.readouterr().err.splitlines()
        for name in ("A", "B"):
            assert f"songnet: {name}/01.mp3 is empty: choose another file." in said


@pytest.mark.parametrize("options", ["", "--json"])
@pytest.mark.parametrize(
    ("target", "message"),
    [
        (">/dev/full", "The results cannot be written (No space left on device): send"),
        (">&-", "There is no standard output for the results: open it"),
    ],
)
def test_an_output_that_takes_nothing_is_one_sentence(song, options, target, message):
    path = song("tune.wav")
    command = f'"{sys.executable}" -m songnet "{path}" {options} {target}'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    *_, last = done.stderr.splitlines()
    assert last.startswith(f"songnet: {message}")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-", "2>/dev/full"])
def test_messages_that_nobody_takes_change_no_results(folder, closed):
    (folder / ".git").mkdir()
    command = f'"{sys.executable}" -m songnet "{folder}" --json {closed}'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["file"] for answer in answers] == ORDER
    assert ["error" in answer for answer in answers] == [False, False, False, True]
    assert done.returncode == 1


def test_missing_files_and_empty_folders(tmp_path, capsys):
    assert main([str(tmp_path / "gone.mp3"), str(tmp_path), "--json"]) == 1
    errors = [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]
    assert sorted(errors) == [
        "gone.mp3 does not exist: check the name.",
        f"{tmp_path.name} holds no audio files: name a folder with songs.",
    ]


def test_what_a_shell_or_a_link_leads_to_is_told(tmp_path, song, capsys):
    command = f'"{sys.executable}" -m songnet <(cat "{song("tune.wav")}")'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("songnet: /dev/fd/")
    assert " is not a file but a device or a pipe: name an audio file." in done.stderr
    (tmp_path / "link.mp3").symlink_to("gone.mp3")
    assert main([str(tmp_path / "link.mp3"), "--csv", str(tmp_path / "t.csv")]) == 1
    said = "songnet: link.mp3 is a link to a file that is missing: mend it.\n"
    assert capsys.readouterr().err == said
    assert f'"{tmp_path}/link.mp3"' in (tmp_path / "t.csv").read_text()


def test_a_file_that_is_named_twice_is_heard_once(tmp_path, capsys, monkeypatch):
    songs.write(tmp_path / "a.wav", songs.synthesise(1))
    monkeypatch.chdir(tmp_path)
    assert main(["a.wav", "./a.wav", str(tmp_path), "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    "address", ["https://example.org/a/song.mp3", "HTTP://x/y", "file:///home/song.mp3"]
)
def test_an_address_is_not_said_to_be_missing(address, capsys):
    assert main([address, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"] == (
        f"{address} is an address, and nothing is fetched: download the song, and name its file."
    )


def test_a_limit_is_refused_with_the_variable_that_raises_it(song, capsys, monkeypatch):
    path = song("tune.wav")
    monkeypatch.setenv("SONGNET_MAX_MINUTES", "0.04")
    assert main([str(path)]) == 1
    assert capsys.readouterr().err == (
        "songnet: tune.wav lasts longer than the 0.04 min that are accepted: cut out a part, or "
        "raise SONGNET_MAX_MINUTES.\n"
    )


def test_what_a_search_passes_over_is_said_once(folder, capsys):
    (folder / "b below" / "live.tak").write_bytes(b"")
    (folder / ".Trash-1000").mkdir()
    (folder / "z").symlink_to("b below")
    (folder.parent / "more").mkdir()
    (folder.parent / "more" / "studio.tak").write_bytes(b"")
    main([str(folder), str(folder.parent / "more"), "--json"])
    out, err = capsys.readouterr()
    assert sorted(json.loads(line)["file"] for line in out.splitlines()) == [*ORDER, "more"]
    (said,) = [line for line in err.splitlines() if "passed over" in line]
    assert said == (
        "songnet: passed over 2 files of a kind that is not read (2 .tak), 1 hidden folder "
        "(.Trash-1000), 1 linked folder (z); a linked folder is searched if it is named itself."
    )


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
    # `true` has ended long before the first answer; `head -1` might be slower than all of them.
    command = f'"{sys.executable}" -m songnet --json "{folder}" | true'
    shell = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, text=True
    )
    assert shell.returncode == 141
    assert "Traceback" not in shell.stderr
    assert "Exception ignored" not in shell.stderr


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
