"""What `import songnet` gives, and what it does not load for it."""

import subprocess
import sys

import pytest

import songnet
from songnet import classifier, own_genres, prediction, spec
from tests.support.paths import ROOT

# Each takes longer to load than the rest of the package.
HEAVY = ["ai_edge_litert", "av", "gradio", "huggingface_hub", "mutagen", "numpy", "PIL", "plotly"]


def test_the_public_names():
    assert sorted(songnet.__all__) == [
        "AudioSpec",
        "Classifier",
        "GENRES",
        "OwnGenres",
        "Prediction",
        "SPEC",
        "TaughtSong",
        "__version__",
    ]
    assert songnet.Classifier is classifier.Classifier
    assert songnet.Prediction is prediction.Prediction
    assert songnet.OwnGenres is own_genres.OwnGenres
    assert songnet.TaughtSong is own_genres.TaughtSong
    assert songnet.SPEC is spec.SPEC
    assert {*songnet.__all__} <= {*dir(songnet)}
    with pytest.raises(AttributeError, match="has no attribute 'Clasifier'"):
        _ = songnet.Clasifier


def test_importing_it_is_light():
    script = f"import songnet, sys; print([name for name in {HEAVY} if name in sys.modules])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_asking_for_a_name_loads_it():
    script = "from songnet import Classifier; import sys; print('numpy' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


def test_gradio_is_imported_only_to_serve():
    """`songnet.serve` says first what Gradio reads from the environment when it is imported."""
    script = "import songnet.__main__, songnet.serve, sys; print('gradio' in sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
