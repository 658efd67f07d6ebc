"""What anybody does with the published files: the card's own lines, on every backend."""

import importlib.util
import json
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from huggingface_hub import hf_hub_download

from songnet.classifier import Classifier
from songnet.features import log_mel
from songnet.spec import SPEC, VERSION
from songnet.weights import EMBEDDED, ReleaseConfig
from tests.support import songs
from tests.support.paths import ROOT
from tests.support.releases import embedded_release, metrics
from train.release.card import model_card

MODEL = "ada/songnet"
CONFIG = ReleaseConfig.read(EMBEDDED)


@pytest.fixture
def model(hub):
    """The project's own weights, published."""
    published = hub.add("model", MODEL, embedded_release())
    published.tags[f"v{VERSION}"] = published.head
    return published


@pytest.fixture(scope="module")
def waveform():
    return songs.synthesise(SPEC.window_seconds)[:, 0]


@pytest.mark.slow
@pytest.mark.usefixtures("hub_client")
@pytest.mark.parametrize("backend", ["jax", "tensorflow", "torch"])
def test_from_hub_and_keras_agree(environment, model, waveform, tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    np.save(tmp_path / "log_mel.npy", log_mel(waveform)[None])
    code = (
        "import json, sys, keras, numpy as np\n"
        "from huggingface_hub import hf_hub_download\n"
        f"file = hf_hub_download('{MODEL}', 'songnet.keras', revision='{model.head}')\n"
        "network = keras.saving.load_model(file)\n"
        "probabilities = network.predict(np.load('log_mel.npy'), verbose=0)['probabilities'][0]\n"
        "assert not [m for m in sys.modules if m.split('.')[0] == 'songnet']\n"
        "print(json.dumps([keras.backend.backend(), probabilities.tolist()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    used, probabilities = json.loads(done.stdout.splitlines()[-1])
    assert used == backend
    prediction = Classifier.from_hub(MODEL, revision=model.head).classify(waveform)
    # The TensorFlow Lite file has 8-bit weights.
    assert list(prediction.probabilities.values()) == pytest.approx(probabilities, abs=0.03)


@pytest.mark.usefixtures("hub_client")
def test_keras_file_runs_no_code_of_its_own(model):
    file = hf_hub_download(MODEL, "songnet.keras", revision=model.head)
    with zipfile.ZipFile(file) as archive:
        description = archive.read("config.json").decode()
    classes = set(re.findall(r'"class_name": "(\w+)"', description))
    modules = set(re.findall(r'"module": "([\w.]+)"', description))
    registered = set(re.findall(r'"registered_name": "([\w>]+)"', description))
    assert "GRU" in classes
    assert "Lambda" not in classes
    assert {module.split(".")[0] for module in modules} == {"keras"}
    assert not {name for name in registered if ">" in name}, "custom objects need custom code"


@pytest.mark.usefixtures("model")
def test_the_cards_python_runs_as_it_stands(environment, tmp_path, waveform):
    card = model_card(MODEL, CONFIG, metrics())
    programs = re.findall(r"```python\n(.*?)```", card.text, re.DOTALL)
    assert len(programs) == 3
    songs.write(tmp_path / "song.mp3", waveform[:, None])
    for program in programs:
        done = run(environment, tmp_path, "-c", program)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    command = re.search(r"```bash\npython (.*?)\n```", card.text)[1]
    done = run(environment, tmp_path, *command.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("song.mp3: ")
    assert "is a branch" not in done.stderr


def run(environment, folder, *arguments):
    settings = {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "jax"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment | settings,
        cwd=folder,
        capture_output=True,
        text=True,
    )
