"""Each command of the training tutorial runs, from the download to the published Space."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial

import pytest
from gradio_client import Client, handle_file
from huggingface_hub import snapshot_download

from songnet.__main__ import main as songnet
from songnet.model import ModelConfig
from songnet.settings import REVISION_VARIABLE
from songnet.spec import GENRES
from tests.support import fma_tree
from tests.support.paths import ROOT
from tests.support.served import running
from tests.support.teachers import musicnn_or_skip
from train.__main__ import main

pytestmark = pytest.mark.slow

TUTORIAL = (ROOT / "train" / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line)
    for block in re.findall(r"^```bash\n(.*?)^```", TUTORIAL, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
SMALL = ModelConfig(filters=(8,), kernel_sizes=(3,), gru_units=4, attention_units=4)


@pytest.fixture(scope="module")
def download(tmp_path_factory):
    """Clips as long as musicnn needs, and enough of each genre for it to soften the labels."""
    folder = fma_tree.build(tmp_path_factory.mktemp("fma"), seconds=3.2, training=10)
    (folder / "fma_large").symlink_to(folder / "fma_small")
    return folder


@pytest.fixture
def project(tmp_path, download, monkeypatch):
    """The project's folder, with the download and own music: no artists, and new genres."""
    for name in ("songnet", "train", "app.py", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "FMA").symlink_to(download)
    for genre, name in enumerate(["Fado", "Tango"]):
        first = fma_tree.write_song(tmp_path / "MUSIC" / name / "0.mp3", genre, seed=genre)
        for i in range(1, 20):
            shutil.copy(first, first.with_name(f"{i}.mp3"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(project, environment, monkeypatch):
    """Runs a command of the tutorial, with a small network that is trained for one epoch."""
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "jax")
    from train.network import fit

    for name in ("fit", "pretrain"):
        monkeypatch.setattr(fit, name, partial(getattr(fit, name), config=SMALL))

    def command(words):
        if words[:3] == ["python", "-m", "songnet"]:
            assert songnet(words[3:]) == 0
            return
        assert words[:3] == ["python", "-m", "train"]
        step, *options = [word.replace("OWNER/", "ada/") for word in words[3:]]
        if step == "export":  # needs TensorFlow, and Keras runs on JAX in this process
            done = subprocess.run(
                [sys.executable, "-m", "train", step, *options],
                env=environment | {"PYTHONPATH": str(project)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        else:
            assert main([step, *options, *(["--epochs", "1"] if step == "fit" else [])]) == 0

    return command


def test_few_songs_are_taught():
    """What a newcomer with few songs reads first is not how to train."""
    chapter = TUTORIAL.partition("## Your own music")[2]
    assert chapter.index("songnet teach MUSIC") < chapter.index("-m train prepare")


@pytest.mark.usefixtures("hub_client")
def test_from_the_download_to_the_space(run, project, hub):
    musicnn_or_skip()
    shutil.copytree(project / "MUSIC" / "Fado", project / "MUSIC" / "Rock")
    for words in COMMANDS:
        run(words)
    release = json.loads((project / "runs" / "release" / "config.json").read_text())
    assert release["data_set"] == "FMA-small"
    assert release["genres"] == list(GENRES)
    assert [teacher["name"] for teacher in release["teachers"]] == ["musicnn"]
    pretrained = json.loads((project / "runs" / "pretrained" / "config.json").read_text())
    assert pretrained["training_data"].endswith(
        "before that, without labels, 80 clips of FMA-large, official training split "
        "(arXiv 1612.01840) (CC-BY-NC-4.0)"
    )
    published = hub.hub.repositories["model", "ada/songnet"]
    assert published.files["songnet.tflite"]
    card = published.files["README.md"].decode()
    assert "official, test: 8 clips of 8 artists" in card
    assert "RBF SVM" in card
    space = hub.hub.repositories["space", "ada/songnet-page"]
    assert space.variables[REVISION_VARIABLE] == published.head


@pytest.mark.usefixtures("hub_client")
def test_other_genres_go_all_the_way(run, project, hub, environment, capsys):
    own, *_ = [words for words in COMMANDS if "--license" in words]
    run([*own, "--output", "runs/data"])
    assert "40 of 40 clips (100%) have no artist" in capsys.readouterr().out
    for words in COMMANDS:
        if words[3] not in ("prepare", "baselines") and not {"--folder", "--pretrain"} & {*words}:
            run(words)
    card = hub.hub.repositories["model", "ada/songnet"].files["README.md"].decode()
    assert "which of 2 genres of MUSIC it is" in card
    assert "The weights are under: CC-BY-4.0." in card

    snapshot_download("ada/songnet-page", repo_type="space", local_dir=project / "space")
    variables = hub.hub.repositories["space", "ada/songnet-page"].variables
    log = project / "log"
    page = [sys.executable, "app.py"]
    with running(page, project / "space", environment | variables, log) as address:
        song = handle_file(project / "MUSIC" / "Tango" / "0.mp3")
        answer = Client(address, verbose=False).predict(song, api_name="/classify")
    assert set(answer["probabilities"]) == {"Fado", "Tango"}
    assert "Traceback" not in log.read_text()
