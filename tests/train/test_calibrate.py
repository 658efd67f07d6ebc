"""Temperature scaling finds the temperature that was applied, and changes no ranking."""

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig, build_songnet
from train.calibrate import apply_temperature, fit_temperature
from train.metrics import figures


def softened(probabilities, temperature):
    scaled = probabilities ** (1 / temperature)
    return scaled / scaled.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_finds_the_temperature(temperature):
    rng = np.random.default_rng(0)
    true = rng.dirichlet(np.ones(8), size=20_000)
    genre = np.array([rng.choice(8, p=p) for p in true])
    said = softened(true, 1 / temperature)
    assert fit_temperature(said, genre) == pytest.approx(temperature, rel=0.05)
    assert figures(genre, softened(said, temperature))["ece"][0] < 0.01


def test_lies_in_the_weights():
    keras.utils.set_random_seed(0)
    network = build_songnet(ModelConfig(filters=(8, 8, 8), gru_units=4))
    inputs = np.random.default_rng(0).random((3, 128, 128)).astype(np.float32)
    before = network.predict(inputs, verbose=0)
    apply_temperature(network, 0.5)
    after = network.predict(inputs, verbose=0)
    expected = softened(before["probabilities"], 0.5)
    np.testing.assert_allclose(after["probabilities"], expected, atol=1e-5)
    np.testing.assert_array_equal(after["embedding"], before["embedding"])
