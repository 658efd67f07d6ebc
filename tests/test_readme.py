"""What the README tells to run, runs."""

import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from songnet import GENRES
from songnet.artifacts import EMBEDDED
from songnet.classifier import Classifier

README = Path(__file__).resolve().parent.parent / "README.md"


def program(name: str) -> str:
    text = README.read_text(encoding="utf-8")
    return re.search(rf"<!-- program: {name} -->\n```python\n(.*?)```", text, re.DOTALL).group(1)


def test_the_program_that_needs_litert_alone(tmp_path):
    """It says what the classifier says, and imports neither songnet nor an audio library."""
    pcm = np.random.default_rng(0).normal(0, 3000, size=(5 * 44_100, 2)).astype(np.int16)
    with wave.open(str(tmp_path / "noise.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(pcm.tobytes())
    script = tmp_path / "classify.py"
    script.write_text(program("litert") + "\nassert 'songnet' not in sys.modules\n")
    weights = EMBEDDED / "songnet.tflite"
    done = subprocess.run(
        [sys.executable, script, weights, tmp_path / "noise.wav"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    said = {genre: float(p[:-1]) for p, genre in map(str.split, done.stdout.splitlines())}
    expected = Classifier.load().classify(tmp_path / "noise.wav").probabilities
    assert set(said) == set(GENRES)
    for genre, percent in said.items():
        assert percent == pytest.approx(100 * expected[genre], abs=1.0)
