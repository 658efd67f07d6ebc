"""The network: its outputs, and the same figures on every Keras backend."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from songnet.features import mel_frequencies
from songnet.spec import SPEC
from songnet.weights import EMBEDDED

pytestmark = pytest.mark.slow

PREDICT = """
import sys
import keras, numpy as np

network = keras.saving.load_model(sys.argv[1])
outputs = network.predict(np.load(sys.argv[2]), verbose=0)
np.savez(sys.argv[3], **{name: np.asarray(values) for name, values in outputs.items()})
assert keras.backend.backend() == sys.argv[4]
"""


def run(program, *arguments, backend):
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def inputs(folder):
    """Noise, a few loud bands, a few loud moments, nothing at all, and noise without treble."""
    log_mel = 0.3 * np.random.default_rng(0).random((5, SPEC.n_frames, SPEC.n_mels))
    log_mel[1, :, 20:40] += 0.6
    log_mel[2, ::8] += 0.6
    log_mel[3] = 0
    log_mel[4] = np.where(mel_frequencies()[1:-1] < 8_000, log_mel[0], 0)
    np.save(folder / "inputs.npy", log_mel.astype(np.float32))
    return folder / "inputs.npy"


def predict(folder, inputs, backend):
    output = folder / f"{backend}.npz"
    run(PREDICT, EMBEDDED / "songnet.keras", inputs, output, backend, backend=backend)
    return dict(np.load(output))


@pytest.fixture(scope="module")
def on_jax(folder, inputs):
    return predict(folder, inputs, "jax")


def test_outputs(on_jax):
    assert on_jax["probabilities"].shape == (5, 8)
    np.testing.assert_allclose(on_jax["probabilities"].sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(on_jax["attention"].sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(on_jax["embedding"], axis=1), 1, atol=1e-5)
    assert np.ptp(on_jax["probabilities"], axis=0).max() > 0.05  # the input matters


def test_what_encoders_cut_off_does_not_matter(on_jax):
    for name, outputs in on_jax.items():
        np.testing.assert_allclose(outputs[4], outputs[0], atol=1e-6, err_msg=name)


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_same_figures_on_every_backend(folder, inputs, on_jax, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    outputs = predict(folder, inputs, backend)
    for name, expected in on_jax.items():
        np.testing.assert_allclose(outputs[name], expected, atol=1e-5, err_msg=name)
