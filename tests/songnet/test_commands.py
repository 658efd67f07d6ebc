"""What the first argument of the command `songnet` may be: a command, or a file."""

import json
import os
import shutil
import subprocess
import sys

import pytest

import songnet
from songnet.__main__ import main


def test_page_is_a_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["page", "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: songnet page")


@pytest.mark.parametrize("arguments", [["./page", "--json"], ["--json", "page"]])
def test_a_file_of_that_name_can_still_be_named(arguments, song, monkeypatch, capfd):
    path = song("tune.wav")
    shutil.copy(path, path.with_name("page"))
    monkeypatch.chdir(path.parent)
    assert main(arguments) == 0
    assert json.loads(capfd.readouterr().out)["file"] == "page"


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"songnet {songnet.__version__}\n"


@pytest.mark.parametrize("port", ["x", "0", "-1", "99999", "7860.5"])
def test_a_port_that_is_none_is_one_sentence(port):
    environment = {**os.environ, "GRADIO_SERVER_PORT": port}
    done = subprocess.run(
        [sys.executable, "-m", "songnet", "page"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    expected = f"GRADIO_SERVER_PORT is '{port}': give a number from 1 to 65535, or leave it out."
    assert done.stderr == f"songnet: {expected}\n"
