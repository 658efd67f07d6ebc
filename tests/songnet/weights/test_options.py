"""Which weights a command takes: those of its options, or of the settings."""

import argparse
import json
import os
import subprocess
import sys

import pytest

from songnet.__main__ import main
from songnet.errors import SettingsError
from songnet.settings import Settings
from songnet.weights.options import add_weights, asked_for
from tests.support.paths import ROOT
from tests.support.releases import write_own_weights
from tests.support.sentences import assert_one_sentence


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder with weights, named from the folder that tests are in."""
    write_own_weights(tmp_path / "runs" / "release", version="7.7.7", license="MIT")
    monkeypatch.chdir(tmp_path)
    return "runs/release"


@pytest.mark.parametrize(
    ("words", "settings", "asked"),
    [
        ([], {}, (None, None)),
        ([], {"weights": "a"}, ("a", None)),
        ([], {"hub": "ada/b"}, (None, "ada/b")),
        (["--weights", "c"], {"weights": "a"}, ("c", None)),
        (["--weights", "c"], {"hub": "ada/b"}, ("c", None)),
        (["--hub", "ada/d"], {"weights": "a"}, (None, "ada/d")),
    ],
)
def test_an_option_counts_more_than_a_setting(words, settings, asked):
    parser = argparse.ArgumentParser()
    add_weights(parser)
    assert asked_for(parser.parse_args(words), Settings(**settings)) == asked


@pytest.mark.parametrize("command", [["song.mp3"], ["teach", "Genres", "--output", "x"], ["page"]])
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--hub", "runs/release"], "runs/release is a folder here: use --weights runs/release"),
        (["--weights", " "], "argument --weights: it names no folder"),
        (["--weights", "runs", "--hub", "ada/b"], "not allowed with argument --weights"),
    ],
)
@pytest.mark.usefixtures("own")
def test_every_command_refuses_what_is_not_meant(command, words, complaint, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, *words])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_repository_whose_name_is_a_folder_can_still_be_named(own):
    parser = argparse.ArgumentParser()
    add_weights(parser)
    assert parser.parse_args(["--hub", f"{own}@main"]).hub == "runs/release@main"


def test_a_command_answers_with_the_weights_of_a_folder(own, song, monkeypatch, capfd):
    path = str(song("tune.wav"))
    assert main([path, "--json", "--weights", own]) == 0
    model = json.loads(capfd.readouterr().out)["model"]
    assert (model["version"], model["license"]) == ("7.7.7", "MIT")
    monkeypatch.setenv("SONGNET_WEIGHTS", own)
    assert main([path, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["model"] == model


@pytest.mark.usefixtures("own")
def test_a_folder_without_weights_is_one_sentence(song, capfd):
    assert main([str(song("tune.wav")), "--weights", "runs"]) == 1
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("songnet: runs/config.json cannot be read: weights are a folder")


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        (
            {"SONGNET_WEIGHTS": "runs/release", "SONGNET_HUB_REPO": "ada/b"},
            "SONGNET_WEIGHTS and SONGNET_HUB_REPO are both set",
        ),
        ({"SONGNET_HUB_REPO": "runs/release"}, "a folder here: set SONGNET_WEIGHTS to it"),
    ],
)
def test_settings_that_are_not_meant_are_one_sentence(environment, complaint):
    with pytest.raises(SettingsError, match=complaint) as caught:
        Settings.from_environment(environment)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"license": "MIT"}, "weights 7.7.7, licence: MIT"),
        ({"license": None}, "weights 7.7.7, licence: not stated"),
    ],
)
@pytest.mark.parametrize("version_first", [True, False])
def test_the_version_says_under_which_licence_the_weights_are(
    tmp_path, capsys, changes, line, version_first
):
    folder = write_own_weights(tmp_path / "own", version="7.7.7", **changes)
    words = ["--weights", str(folder)]
    assert main(["--version", *words] if version_first else [*words, "--version"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == line


def test_the_version_downloads_nothing(capsys):
    assert main(["--version", "--hub", "ada/never-seen@v1"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "weights of the Hub that are not here yet"


def test_the_browser_s_page_is_built_with_them_or_not_at_all(own):
    """The page's own tests build it; here it is told of a setting that is not meant."""
    done = subprocess.run(
        [sys.executable, "-m", "songnet.browser", "build", "site"],
        env=os.environ
        | {"SONGNET_WEIGHTS": own, "SONGNET_HUB_REPO": "ada/b", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("songnet.browser: SONGNET_WEIGHTS and SONGNET_HUB_REPO are both")
