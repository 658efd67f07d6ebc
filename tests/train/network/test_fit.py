"""Training: learns, repeats itself, goes on where it was stopped."""

import dataclasses
import json
import os
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig
from train.data.levels import Spectra, to_levels
from train.data.splits import load_split
from train.errors import DataError
from train.network.batches import Batches
from train.network.fit import Recipe, fit

pytestmark = pytest.mark.slow

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
    probabilities = network.predict(splits[1].log_mel, verbose=0)["probabilities"]
    best = min(history, key=lambda entry: entry["val_log_loss"])
    assert np.mean(probabilities.argmax(axis=1) == splits[1].genre) == pytest.approx(
        best["val_accuracy"]
    )
    log_loss = -np.mean(np.log(probabilities[np.arange(len(probabilities)), splits[1].genre]))
    assert log_loss == pytest.approx(best["val_log_loss"], abs=1e-4)


def test_keeps_only_what_serves(trained):
    output, _ = trained
    network = keras.saving.load_model(output / "songnet.keras")
    assert set(network.output) == {"probabilities", "attention", "embedding"}


def test_same_seed_same_figures_also_when_resumed(trained, splits, tmp_path, monkeypatch):
    _, straight = trained

    class PowerCutError(Exception):
        pass

    def cut_in_third_epoch(self, epoch, index, serve=Batches.batch):
        if (epoch, index) == (2, 20):
            raise PowerCutError
        return serve(self, epoch, index)

    monkeypatch.setattr(Batches, "batch", cut_in_third_epoch)
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


def batches_of(split, recipe=QUICK, seed=5):
    targets = {"probabilities": split.one_hot}
    return Batches(split.log_mel, targets, recipe.batch_size, recipe.augmentation, seed)


def on_disk(split, folder):
    """The same clips, with their spectra in a file."""
    path = folder / f"{len(split)}.npy"
    np.save(path, to_levels(np.asarray(split.log_mel)))
    return dataclasses.replace(split, log_mel=Spectra(np.load(path, mmap_mode="r")))


def test_batches_depend_on_seed_and_epoch_alone(splits):
    first, second = (batches_of(splits[0]) for _ in range(2))
    np.testing.assert_array_equal(first.batch(0, 2)[0], second.batch(0, 2)[0])
    assert not np.array_equal(first.batch(0, 2)[0], second.batch(1, 2)[0])
    inputs, labels = first.batch(0, 0)
    assert inputs.shape == (8, 128, 128)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    np.testing.assert_allclose(labels["probabilities"].sum(axis=1), 1, atol=1e-5)


def test_batches_from_the_disk_are_those_from_memory_in_their_order(splits, tmp_path):
    training = splits[0].take(np.arange(0, 192, 6), "")
    served = list(batches_of(on_disk(training, tmp_path)).ahead(epochs=2))
    kept = batches_of(training)
    assert len(served) == 2 * len(kept) == 8
    for number, (inputs, targets) in enumerate(served):
        expected, labels = kept.batch(*divmod(number, 4))
        np.testing.assert_allclose(inputs, expected, atol=1e-6)
        np.testing.assert_array_equal(targets["probabilities"], labels["probabilities"])


class _Waiting(keras.callbacks.Callback):
    """Holds training up until a batch that it has not asked for has been read."""

    def __init__(self, read):
        super().__init__()
        self.read, self.came = read, False

    def on_train_batch_end(self, batch, logs=None):
        if batch == 0:
            self.came = self.read.wait(timeout=60)


def test_a_set_on_the_disk_trains_to_the_same_loss_and_is_read_ahead(splits, tmp_path, monkeypatch):
    """A few clips, of which the last batch for validation has not as many as the others."""
    training, validation = (
        dataclasses.replace(split.take(np.arange(clips), ""), vggish=None)
        for split, clips in zip(splits, (24, 7), strict=True)
    )
    recipe, read = dataclasses.replace(QUICK, epochs=1), threading.Event()

    def batch(self, epoch, index, serve=Batches.batch):
        if index == 2:
            read.set()
        return serve(self, epoch, index)

    monkeypatch.setattr(Batches, "batch", batch)
    [memory] = fit(training, validation, tmp_path / "memory", recipe=recipe, config=SMALL)
    read.clear()
    waiting = _Waiting(read)
    [disk] = fit(
        on_disk(training, tmp_path),
        on_disk(validation, tmp_path),
        tmp_path / "disk",
        recipe=recipe,
        config=SMALL,
        callbacks=[waiting],
    )
    assert waiting.came
    assert disk["loss"] == pytest.approx(memory["loss"], rel=1e-3)
    assert disk["val_log_loss"] == pytest.approx(memory["val_log_loss"], rel=1e-3)


_DEVICES = """
import dataclasses
import sys
import keras
import numpy as np
from train.data.splits import load_split
from train.network.fit import Recipe, fit
from songnet.model import ModelConfig

assert len(keras.distribution.list_devices()) == 4
folder, output = sys.argv[1:]
training = load_split(folder, "training").take(np.arange(0, 192, 12), "")
training = dataclasses.replace(training, vggish=None)
validation = load_split(folder, "validation").take(np.arange(0, 48, 7), "")
config = ModelConfig(filters=(8, 8, 8), gru_units=4, attention_units=4, dropout=0.1)
recipe = Recipe(epochs=2, batch_size=8)

class Holders(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.count = len(self.model.trainable_variables[0].value.sharding.device_set)

for devices in (1, None):
    where, holders = f"{output}/{devices}", Holders()
    fit(
        training,
        validation,
        where,
        recipe=recipe,
        config=config,
        devices=devices,
        callbacks=[holders],
    )
    assert holders.count == (devices or 4)
"""


def test_four_devices_train_to_the_losses_of_one(data_set, tmp_path):
    """Equal to a thousandth, since sums are rounded in another order."""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", _DEVICES, data_set, tmp_path],
        env=os.environ | flags | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    one, four = (
        json.loads((tmp_path / name / "history.json").read_text()) for name in ("1", "None")
    )
    assert len(one) == len(four) == 2
    for alone, shared in zip(one, four, strict=True):
        for figure in ("loss", "val_log_loss"):
            assert shared[figure] == pytest.approx(alone[figure], rel=1e-3)


@pytest.mark.parametrize("devices", [0, 1000])
def test_devices_that_are_not_there_are_one_sentence(splits, tmp_path, devices):
    with pytest.raises(DataError, match=f"Received: {devices}"):
        fit(*splits, tmp_path, recipe=QUICK, config=SMALL, devices=devices)


def test_fewer_clips_than_a_batch_are_one_sentence(splits, tmp_path):
    few = splits[0].take(np.arange(3), "")
    with pytest.raises(DataError, match="Received: 3"):
        fit(few, splits[1], tmp_path, recipe=QUICK, config=SMALL)
    with pytest.raises(DataError, match="has no clips"):
        fit(splits[0], splits[1].take(np.arange(0), ""), tmp_path, recipe=QUICK, config=SMALL)
