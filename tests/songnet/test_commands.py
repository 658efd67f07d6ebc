"""What the first argument of the command `songnet` may be: a command, or a file."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

import songnet
from songnet.__main__ import _COMMANDS, main
from songnet.spec import VERSION
from tests.support.page_visits import free_port
from tests.support.paths import ROOT

PROGRAMS = [["app.py"], ["-m", "songnet", "page"]]


def test_page_is_a_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["page", "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: songnet page")


def test_the_help_says_what_each_command_does(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out.partition("\ncommands")[2].partition("\n\n")[0]
    assert max(map(len, listed.splitlines())) < 80
    told = dict(re.findall(r"^  (\w+) +(\w.+)$", listed, re.MULTILINE))
    assert told.keys() == _COMMANDS.keys()


@pytest.mark.parametrize("command", _COMMANDS)
def test_each_command_s_help_has_an_example_and_exit_statuses(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert f"Example: songnet {command} " in told.replace("Examples:", "Example:")
    assert "Exit status: 0 if" in told
    # The page's answers are for its visitors.
    assert ("--json" in told) == (command != "page")


@pytest.mark.parametrize("arguments", [["./page", "--json"], ["--json", "page"]])
def test_a_file_of_that_name_can_still_be_named(arguments, song, monkeypatch, capfd):
    path = song("tune.wav")
    shutil.copy(path, path.with_name("page"))
    monkeypatch.chdir(path.parent)
    assert main(arguments) == 0
    assert json.loads(capfd.readouterr().out)["file"] == "page"


def test_version(capsys):
    assert main(["--version"]) == 0
    program, weights = capsys.readouterr().out.splitlines()
    assert program == f"songnet {songnet.__version__}"
    assert weights == f"weights {VERSION}, licence: CC-BY-NC-4.0"


@pytest.mark.parametrize("port", ["x", "0", "-1", "99999", "7860.5"])
def test_a_port_that_is_none_is_one_sentence(port):
    environment = {**os.environ, "GRADIO_SERVER_PORT": port}
    done = subprocess.run(
        [sys.executable, "-m", "songnet", "page"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    expected = f"GRADIO_SERVER_PORT is '{port}': give a number from 1 to 65535, or leave it out."
    assert done.stderr == f"songnet: {expected}\n"


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_says_how_to_change_address_and_weights(program):
    done = subprocess.run(
        [sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    for option in ("--port N", "--host H", "--weights FOLDER", "--hub REPO@REVISION"):
        assert option in done.stdout


@pytest.mark.parametrize("port", ["x", "0", "99999"])
def test_an_option_that_is_no_port_is_wrong_usage(port, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["page", "--port", port])
    assert ended.value.code == 2
    assert f"argument --port: '{port}' is no port: give a number" in capsys.readouterr().err


def served_with(tmp_path, *words, program=PROGRAMS[1], **environment):
    """What the page's program says and its status, where it cannot start."""
    done = subprocess.run(
        [sys.executable, *program, *words],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
    )
    assert list(tmp_path.iterdir()) == []
    return done.returncode, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("by_option", [True, False])
def test_a_port_that_is_taken_is_one_sentence(tmp_path, program, by_option):
    """Gradio takes the next one that is free, and nobody finds the page."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = ["--host", "127.0.0.1", "--port", port] if by_option else []
        # An option counts more.
        environment = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": port}
        if by_option:
            environment = {"GRADIO_SERVER_NAME": "192.0.2.1", "GRADIO_SERVER_PORT": "x"}
        said = served_with(tmp_path, *words, program=program, **environment)
    expected = f"songnet: Port {port} is taken: name another with --port or GRADIO_SERVER_PORT.\n"
    assert said == (1, expected)


@pytest.mark.parametrize("name", ["::1", "[::1]", "192.0.2.1", "no such name"])
def test_an_address_that_is_none_of_this_machine_is_one_sentence(tmp_path, name):
    status, said = served_with(tmp_path, GRADIO_SERVER_NAME=name, GRADIO_SERVER_PORT="1")
    assert status == 1
    assert said == (
        f"songnet: {name!r} is no address of this machine: give --host or GRADIO_SERVER_NAME a "
        "name or an IPv4 address of it, or 0.0.0.0 for all of them.\n"
    )


_INTERRUPTED = """
import signal, sys

class Interrupts:
    def find_spec(self, name, *_):
        if name == "numpy":
            signal.raise_signal(signal.SIGINT)

# A test run in the background ignores it otherwise.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupts())
from {program}.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("program", "arguments", "status"),
    [
        ("songnet", ["tune.mp3", "--csv", "out.csv"], 130),
        ("songnet", ["scan", "Music"], 130),
        ("songnet", ["tag", "Music", "--write"], 130),
        ("songnet", ["page"], 0),
        ("songnet.browser", ["build", "site"], 130),
    ],
)
def test_ctrl_c_while_modules_are_imported_ends_without_a_word(
    program, arguments, status, tmp_path
):
    run = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED.format(program=program), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout, run.stderr) == (status, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_page_starts_leaves_nothing(tmp_path, signum):
    for tenths in (4, 8, 14, 20, 28):
        process = subprocess.Popen(
            [sys.executable, "-m", "songnet", "page"],
            env={**os.environ, "TMPDIR": str(tmp_path), "GRADIO_SERVER_PORT": str(free_port())},
            stderr=subprocess.PIPE,
            text=True,
            # A test run that was started with nohup ignores it otherwise.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        until = time.monotonic() + 60
        while not list(tmp_path.iterdir()):
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(tenths / 10)
        process.send_signal(signum)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in said
        assert list(tmp_path.iterdir()) == []


_LOST = """
import signal, sys, weakref
from songnet import serve

class Thing: pass

def interrupted_in_a_callback():
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))
    del thing

def once_it_serves():
    from songnet.ui import page

    watch = page.watch
    page.watch = lambda *given: (interrupted_in_a_callback(), watch(*given))

starts = {"starting": interrupted_in_a_callback, "serving": once_it_serves}
serve._ask_nobody_else = starts[sys.argv[1]]
sys.exit(serve.main([]))
"""


@pytest.mark.parametrize("when", ["starting", "serving"])
def test_a_signal_whose_exception_python_ignores_ends_the_page_too(tmp_path, when):
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "GRADIO_SERVER_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-c", _LOST, when],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert ("Exception ignored" in done.stderr) == (when == "serving")
    assert list(tmp_path.iterdir()) == []
