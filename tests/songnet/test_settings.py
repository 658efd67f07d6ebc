"""Settings from the environment, and the errors for invalid ones."""

import math
import os
import pickle
import subprocess
import sys

import pytest

from songnet import audio
from songnet.audio import Limits
from songnet.errors import AudioError, SettingsError
from songnet.sandbox import LEAST_MEMORY, Resources, Sandbox
from songnet.settings import Settings, explain
from songnet.weights import load_weights
from tests.support.paths import ROOT
from tests.support.sentences import assert_one_sentence

LIMITS = {
    "SONGNET_MAX_MB": lambda settings: settings.limits.max_bytes / 2**20,
    "SONGNET_MAX_MINUTES": lambda settings: settings.limits.max_seconds / 60,
    "SONGNET_MAX_PCM_MB": lambda settings: settings.limits.max_pcm_bytes / 2**20,
    "SONGNET_DECODER_MB": lambda settings: settings.resources.memory_bytes / 2**20,
    "SONGNET_DECODER_CPU_SECONDS": lambda settings: settings.resources.cpu_seconds,
    "SONGNET_DECODER_SECONDS": lambda settings: settings.resources.wall_seconds,
    "SONGNET_QUEUE_SIZE": lambda settings: settings.queue_size,
    "SONGNET_MAX_SONGS": lambda settings: settings.max_songs,
    "SONGNET_KEEP_MINUTES": lambda settings: settings.keep_seconds / 60,
}
WHOLE = ("SONGNET_DECODER_CPU_SECONDS", "SONGNET_QUEUE_SIZE", "SONGNET_MAX_SONGS")


def test_nothing_set_is_the_default():
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment(dict.fromkeys(LIMITS, "")) == Settings()


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_from_the_environment(name):
    value = LIMITS[name](Settings.from_environment({name: "412.5"}))
    assert value == (math.ceil(412.5) if name in WHOLE else 412.5)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("text", ["0", "-1", "many", "nan", "inf"])
def test_a_mistyped_limit_stops_the_start(name, text):
    with pytest.raises(SettingsError, match=f"{name} is '{text}': give a number above 0") as caught:
        Settings.from_environment({name: text})
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("text", ["1e300", "1000001"])
def test_a_limit_that_nothing_can_count_to_stops_the_start(name, text):
    with pytest.raises(SettingsError, match=f"{name} is '{text}', which is too much") as caught:
        Settings.from_environment({name: text})
    assert_one_sentence(caught.value)


def test_with_the_highest_limits_songs_are_read(song):
    settings = Settings.from_environment(dict.fromkeys(LIMITS, "1000000"))
    with Sandbox(1, settings.resources) as box:
        assert sum(map(len, box.read_blocks(song("tune.wav"), limits=settings.limits))) == 132_300


def test_memory_with_which_no_decoder_works_stops_the_start():
    with pytest.raises(
        SettingsError, match="SONGNET_DECODER_MB is '10', which is too little: give 320"
    ):
        Settings.from_environment({"SONGNET_DECODER_MB": "10"})


def test_a_classifier_works_in_the_least_memory(song):
    paths = [song("cd.mp3", seconds=40, channels=2), song("studio.wav", 40, 192_000, channels=2)]
    with Sandbox(1, Resources(memory_bytes=LEAST_MEMORY), load_weights()) as box:
        for path in paths:
            assert box.classify(path)["duration_s"] == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize("limit", ["max_bytes", "max_seconds", "max_pcm_bytes"])
def test_a_limit_that_is_named_is_the_one_that_refused(limit, song):
    """Also where a child process says so."""
    path = song("tune.flac")
    lowest = Limits(**{limit: 1})
    with Sandbox(1) as box:
        for read in (audio.read_blocks, box.read_blocks):
            with pytest.raises(AudioError) as caught:
                list(read(path, limits=lowest))
            raised = explain(pickle.loads(pickle.dumps(caught.value)))
            (name,) = [name for name in LIMITS if raised.endswith(f", or raise {name}.")]
            assert_one_sentence(AudioError(raised))
            higher = Settings.from_environment({name: "1000"}).limits
            assert getattr(higher, limit) > 1
            assert len(list(read(path, limits=higher))) == 3


@pytest.mark.parametrize(("text", "on"), [("", False), ("0", False), ("1", True)])
def test_a_switch_from_the_environment(text, on):
    assert Settings.from_environment({"SONGNET_MCP": text}).tools is on


def test_a_mistyped_switch_stops_the_start():
    with pytest.raises(SettingsError, match="SONGNET_MCP is 'yes': give 1 for on or 0 for off"):
        Settings.from_environment({"SONGNET_MCP": "yes"})


@pytest.mark.parametrize(
    ("repository", "revision", "hub"),
    [("", "", None), ("ada/songnet", "", "ada/songnet"), ("a/b", "v1", "a/b@v1")],
)
def test_a_repository_from_the_environment(repository, revision, hub):
    environment = {"SONGNET_HUB_REPO": repository, "SONGNET_HUB_REVISION": revision}
    assert Settings.from_environment(environment).hub == hub


@pytest.mark.parametrize("text", ["https://ada.example/songnet/", "http://localhost:8000"])
def test_an_address_from_the_environment(text):
    assert Settings.from_environment({"SONGNET_BROWSER_URL": text}).browser_url == text


@pytest.mark.parametrize("text", ["ada.example", "javascript:alert(1)", "https://", "https://a b"])
def test_what_is_no_address_stops_the_start(text):
    with pytest.raises(SettingsError, match=r"SONGNET_BROWSER_URL is .*: give an") as caught:
        Settings.from_environment({"SONGNET_BROWSER_URL": text})
    assert_one_sentence(caught.value)


def test_a_revision_of_nothing_stops_the_start():
    with pytest.raises(SettingsError, match="'v1', and SONGNET_HUB_REPO is not set: set both"):
        Settings.from_environment({"SONGNET_HUB_REVISION": "v1"})


@pytest.mark.parametrize("program", [["app.py"], ["-m", "songnet", "song.mp3"]])
def test_a_program_says_what_is_mistyped_and_ends(program, tmp_path):
    environment = os.environ | {"SONGNET_MAX_MB": "x", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    sentence = "SONGNET_MAX_MB is 'x': give a number above 0, or leave it out."
    assert done.stderr == f"songnet: {sentence}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_setting_does_not_end_a_stranger_s_program():
    program = (
        "import songnet.classifier, songnet.sandbox, songnet.batch, songnet.settings\n"
        "import songnet.weights; songnet.weights.load_weights(); print('alive')"
    )
    mistyped = os.environ | dict.fromkeys([*LIMITS, "SONGNET_MCP", "SONGNET_HUB_REPO"], "x")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=mistyped, capture_output=True, text=True
    )
    assert done.stdout == "alive\n", done.stderr


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, ()),
        ({"SONGNET_TRUSTED_PROXIES": ""}, ()),
        ({"SONGNET_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,"}, ("127.0.0.1", "10.0.0.0/8")),
        ({"SONGNET_TRUSTED_PROXIES": "::1", "SPACE_ID": "ada/songnet"}, ("::1",)),
        ({"SPACE_ID": "ada/songnet"}, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    ],
)
def test_trusted_proxies_from_the_environment(environment, proxies):
    assert Settings.from_environment(environment).trusted_proxies == proxies


@pytest.mark.parametrize("text", ["*", "proxy", "10.0.0.0/99", "10.0.0.1/8", "1.2.3"])
def test_a_mistyped_proxy_stops_the_start(text):
    with pytest.raises(SettingsError, match="SONGNET_TRUSTED_PROXIES is ") as caught:
        Settings.from_environment({"SONGNET_TRUSTED_PROXIES": text})
    assert_one_sentence(caught.value)
