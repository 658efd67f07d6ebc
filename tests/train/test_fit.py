"""Training: learns, repeats itself, goes on where it was stopped."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig
from train.data import load_split
from train.fit import Batches, Recipe, fit

SMALL = ModelConfig(
    filters=(16, 16, 16), kernel_sizes=(3, 3, 3), dropout=0.1, gru_units=8, attention_units=4
)
QUICK = Recipe(epochs=6, batch_size=8, learning_rate=2e-2)


@pytest.fixture(scope="module")
def splits(data_set):
    return load_split(data_set, "training"), load_split(data_set, "validation")


@pytest.fixture(scope="module")
def trained(splits, tmp_path_factory):
    output = tmp_path_factory.mktemp("run")
    return output, fit(*splits, output, recipe=QUICK, config=SMALL, seed=3)


def test_learns_what_is_easy(trained):
    _, history = trained
    assert history[-1]["loss"] < history[0]["loss"]
    assert max(entry["val_accuracy"] for entry in history) > 0.5


def test_keeps_the_best_epoch_and_the_history(trained, splits):
    output, history = trained
    assert json.loads((output / "history.json").read_text()) == history
    assert (output / "training_history.png").stat().st_size > 5_000
    network = keras.saving.load_model(output / "songnet.keras", compile=False)
    said = network.predict(splits[1].log_mel, verbose=0)["probabilities"]
    best = min(history, key=lambda entry: entry["val_log_loss"])
    assert np.mean(said.argmax(axis=1) == splits[1].genre) == pytest.approx(best["val_accuracy"])
    log_loss = -np.mean(np.log(said[np.arange(len(said)), splits[1].genre]))
    assert log_loss == pytest.approx(best["val_log_loss"], abs=1e-4)


def test_keeps_only_what_serves(trained):
    output, _ = trained
    network = keras.saving.load_model(output / "songnet.keras")
    assert set(network.output) == {"probabilities", "attention", "embedding"}


def test_same_seed_same_figures_also_when_resumed(trained, splits, tmp_path, monkeypatch):
    _, straight = trained

    class PowerCutError(Exception):
        pass

    def cut_in_third_epoch(self, index, serve=Batches.__getitem__):
        if self.epoch == 2 and index == 1:
            raise PowerCutError
        return serve(self, index)

    monkeypatch.setattr(Batches, "__getitem__", cut_in_third_epoch)
    with pytest.raises(PowerCutError):
        fit(*splits, tmp_path, recipe=QUICK, config=SMALL, seed=3)
    monkeypatch.undo()
    resumed = fit(*splits, tmp_path, recipe=QUICK, config=SMALL, seed=3, resume=True)
    assert resumed == straight


def test_another_seed_other_figures(trained, splits, tmp_path):
    _, history = trained
    other = fit(
        *splits, tmp_path, recipe=dataclasses.replace(QUICK, epochs=1), config=SMALL, seed=4
    )
    assert other[0]["loss"] != history[0]["loss"]


def test_trains_without_a_teacher(splits, tmp_path):
    training, validation = (dataclasses.replace(split, vggish=None) for split in splits)
    recipe = dataclasses.replace(QUICK, epochs=1)
    assert len(fit(training, validation, tmp_path, recipe=recipe, config=SMALL)) == 1


def test_batches_depend_on_seed_and_epoch_alone(splits):
    training, _ = splits
    targets = {"probabilities": training.one_hot}
    first, second = (Batches(training.log_mel, targets, QUICK, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first[2][0], second[2][0])
    second.epoch = 1
    assert not np.array_equal(first[2][0], second[2][0])
    inputs, labels = first[0]
    assert inputs.shape == (8, 128, 128)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    np.testing.assert_allclose(labels["probabilities"].sum(axis=1), 1, atol=1e-5)
