"""Training: learns, repeats itself, goes on where it was stopped."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import partial

import keras
import numpy as np
import pytest

from songnet.model import ModelConfig
from tests.support.sentences import assert_one_sentence
from train.__main__ import main
from train.data.data_set import TaughtBy
from train.data.levels import Spectra, to_levels
from train.data.splits import load_split
from train.errors import DataError
from train.network.batches import Batches
from train.network.fit import Recipe, _targets, fit
from train.network.history import best_epoch

pytestmark = pytest.mark.slow

SMALL = ModelConfig(
    filters=(16, 16, 16), kernel_sizes=(3, 3, 3), dropout=0.1, gru_units=8, attention_units=4
)
QUICK = Recipe(epochs=6, batch_size=8, least_steps=1, learning_rate=2e-2)


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
    training, validation = (dataclasses.replace(split, teachers={}) for split in splits)
    recipe = dataclasses.replace(QUICK, epochs=1)
    assert len(fit(training, validation, tmp_path, recipe=recipe, config=SMALL)) == 1


def test_each_teacher_has_a_head_and_the_best_softens_the_labels(splits, tmp_path):
    """The network learns from all of them; what serves is the same."""
    deaf = np.random.default_rng(0).normal(size=(len(splits[0]), 20)).astype(np.float32)
    training = dataclasses.replace(splits[0], teachers={"deaf": deaf, **splits[0].teachers})
    targets = _targets(training, QUICK, seed=3)
    assert {name: values.shape[1] for name, values in targets.items()} == {
        "probabilities": 8,
        "teacher-deaf": 20,
        "teacher-vggish": 128,
    }
    np.testing.assert_allclose(targets["teacher-deaf"].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(targets["teacher-deaf"].std(axis=0), 1, atol=1e-3)
    alone = _targets(splits[0], QUICK, seed=3)
    for name, values in alone.items():
        np.testing.assert_array_equal(targets[name], values)
    recipe = dataclasses.replace(QUICK, epochs=1)
    [epoch] = fit(training, splits[1], tmp_path, recipe=recipe, config=SMALL)
    [before] = fit(*splits, tmp_path, recipe=recipe, config=SMALL)
    assert epoch["loss"] != before["loss"]
    network = keras.saving.load_model(tmp_path / "songnet.keras")
    assert set(network.output) == {"probabilities", "attention", "embedding"}


def test_a_changed_copy_has_the_soft_labels_of_its_recording(splits):
    """Otherwise a machine would be asked for what it was fitted to, and be sure of it."""
    unknown = dataclasses.replace(splits[0], artist_id=np.full(len(splits[0]), -1))
    twice = unknown.take(np.tile(np.arange(len(unknown)), 2), "training")
    copies = dataclasses.replace(twice, copy=np.repeat([0, 1], len(unknown)))
    expected = _targets(unknown, QUICK, seed=3)["probabilities"]
    np.testing.assert_array_equal(
        _targets(copies, QUICK, seed=3)["probabilities"], np.tile(expected, (2, 1))
    )
    assert len(np.unique(copies.artist_groups)) == len(unknown)
    alone = copies.take(np.arange(len(unknown), len(copies)), "training")
    np.testing.assert_array_equal(alone.recording, np.arange(len(alone)))


def test_a_teacher_of_another_version_is_one_sentence(splits, tmp_path):
    other = TaughtBy("musicnn", "ISC", "", version="an older one")
    described = dataclasses.replace(splits[0].data_set, teachers=(other,))
    training = dataclasses.replace(splits[0], data_set=described)
    with pytest.raises(DataError, match=r"another version of musicnn \(an older one, and this is"):
        fit(training, splits[1], tmp_path, recipe=QUICK, config=SMALL)
    assert not list(tmp_path.iterdir())


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
        dataclasses.replace(split.take(np.arange(clips), ""), teachers={})
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
from train.network.fit import Recipe, _targets, fit
from songnet.model import ModelConfig

assert len(keras.distribution.list_devices()) == 4
folder, output = sys.argv[1:]
training = load_split(folder, "training").take(np.arange(0, 192, 12), "")
training = dataclasses.replace(training, teachers={})
validation = load_split(folder, "validation").take(np.arange(0, 48, 7), "")
config = ModelConfig(filters=(8, 8, 8), gru_units=4, attention_units=4, dropout=0.1)
recipe = Recipe(epochs=2, batch_size=8, least_steps=1)

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


def few(split, count):
    """Some clips of each genre, without the teacher's embeddings."""
    return dataclasses.replace(
        split.take(np.arange(0, len(split), len(split) // count), ""), teachers={}
    )


def test_fewer_clips_than_a_batch_are_a_batch(splits, tmp_path):
    training, validation = few(splits[0], 3), few(splits[1], 3)
    recipe = dataclasses.replace(QUICK, epochs=1)
    [epoch] = fit(training, validation, tmp_path, recipe=recipe, config=SMALL)
    assert epoch["loss"] > 0
    assert (tmp_path / "songnet.keras").is_file()


def test_an_epoch_of_few_clips_goes_through_all_of_them_again(splits):
    split = splits[0].take(np.arange(0, 192, 8), "")
    targets = {"probabilities": split.one_hot, "number": np.arange(24.0)[:, None]}
    batches = Batches(split.log_mel, targets, 8, QUICK.augmentation, 5, least=7)
    assert (batches.passes, len(batches)) == (3, 9)
    numbers = np.array(
        [
            [batches.batch(epoch, index)[1]["number"].ravel() for index in range(9)]
            for epoch in (0, 1)
        ]
    ).reshape(6, 24)
    np.testing.assert_array_equal(np.sort(numbers), np.tile(np.arange(24), (6, 1)))
    assert len(np.unique(numbers, axis=0)) == 6


def test_enough_clips_make_the_batches_that_they_always_made(splits):
    """The figures of the shipped network stay what they are."""
    split = splits[0].take(np.arange(0, 192, 8), "")
    targets = {"number": np.arange(24.0)[:, None]}
    batches = Batches(split.log_mel, targets, 8, QUICK.augmentation, 5, least=3)
    assert (batches.passes, len(batches)) == (1, 3)
    for epoch in (0, 4):
        order = np.random.default_rng([5, epoch]).permutation(24)
        for index in range(3):
            found = batches.batch(epoch, index)[1]["number"].ravel()
            np.testing.assert_array_equal(found, order[8 * index : 8 * index + 8])


def test_of_few_clips_the_last_network_is_kept_also_when_resumed(splits, tmp_path):
    """A network that knows its clips by heart is too sure of others, and has a high log loss."""
    training, validation = few(splits[0], 8), few(splits[1], 3)
    recipe = dataclasses.replace(QUICK, least_steps=4)
    half = dataclasses.replace(recipe, epochs=3)
    fit(training, validation, tmp_path, recipe=half, config=SMALL)
    history = fit(training, validation, tmp_path, recipe=recipe, config=SMALL, resume=True)
    assert [entry["steps"] for entry in history] == 6 * [4]
    network = keras.saving.load_model(tmp_path / "songnet.keras", compile=False)
    probabilities = network.predict(validation.log_mel, verbose=0)["probabilities"]
    log_loss = -np.mean(np.log(probabilities[np.arange(len(validation)), validation.genre]))
    assert log_loss == pytest.approx(history[-1]["val_log_loss"], abs=1e-4)
    assert best_epoch(history) is history[-1]


def test_a_run_that_learned_little_says_so(data_set, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("train.network.fit.fit", partial(fit, config=SMALL))
    command = ["fit", "--data", str(data_set), "--output", str(tmp_path), "--epochs", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Beware: 30 steps are too few to learn from, which takes 500 and more" in said
    assert "warning" not in said


def test_no_clips_and_no_epochs_are_one_sentence(splits, tmp_path):
    none = splits[1].take(np.arange(0), "")
    with pytest.raises(DataError, match="training split has no clips"):
        fit(none, splits[1], tmp_path, recipe=QUICK, config=SMALL)
    with pytest.raises(DataError, match="which chooses the best epoch, has no clips"):
        fit(splits[0], none, tmp_path, recipe=QUICK, config=SMALL)
    endless = dataclasses.replace(QUICK, epochs=0)
    with pytest.raises(DataError, match=r"--epochs takes a number from 1 on\. Received: 0"):
        fit(*splits, tmp_path, recipe=endless, config=SMALL)


def test_too_few_clips_for_a_teacher_are_one_sentence(splits, tmp_path):
    training = splits[0].take(np.arange(6), "")
    with pytest.raises(DataError, match="too few, or of too few artists, to soften labels"):
        fit(training, splits[1], tmp_path, recipe=QUICK, config=SMALL)


def test_a_loss_that_is_no_number_ends_with_an_error(splits, tmp_path):
    training = few(splits[0], 8)
    log_mel = np.array(training.log_mel)
    log_mel[0] = np.nan
    broken = dataclasses.replace(training, log_mel=log_mel)
    with pytest.raises(DataError, match="loss of epoch 1 is no number"):
        fit(broken, few(splits[1], 3), tmp_path, recipe=QUICK, config=SMALL)
    assert not (tmp_path / "songnet.keras").exists()


@pytest.fixture(scope="module")
def stopped(splits, tmp_path_factory):
    """Clips for training and validation, and the folder of a run that was stopped after two."""
    folder = tmp_path_factory.mktemp("stopped")
    clips = few(splits[0], 8), few(splits[1], 3)
    fit(*clips, folder, recipe=dataclasses.replace(QUICK, epochs=2), config=SMALL)
    return clips, folder


def resumed(stopped, tmp_path, change, clips=None):
    """Three epochs in a copy of the stopped run's folder, after a change of it."""
    known, folder = stopped
    shutil.copytree(folder, tmp_path / "run")
    change(tmp_path / "run")
    recipe = dataclasses.replace(QUICK, epochs=3)
    return fit(*(clips or known), tmp_path / "run", recipe=recipe, config=SMALL, resume=True)


def nothing(_folder):
    """No change."""


def flipped(name):
    def flip(folder):
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 255
        (folder / name).write_bytes(data)

    return flip


def written(name, text):
    return lambda folder: (folder / name).write_text(text)


def both_flipped(folder):
    for name in ("latest.weights.h5", "latest.weights.h5.bkp"):
        flipped(f"checkpoint/{name}")(folder)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (written("history.json", "["), r"history\.json is not the history of a training"),
        (written("history.json", '[{"epoch": 2}]'), r"history\.json is not the history"),
        (written("checkpoint/training_metadata.json", "{"), "checkpoint is damaged"),
        (written("checkpoint/training_metadata.json", '{"epoch": 9}'), "epoch 9 of 2"),
        (written("checkpoint/checksums.json", "{"), "checkpoint is damaged"),
        (both_flipped, "its weights are not those that were stored"),
        (written("config.json", "["), r"config\.json does not describe a data set"),
    ],
)
def test_a_damaged_run_is_not_gone_on_with(stopped, tmp_path, change, complaint):
    def aged(folder):
        config = folder / "config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | {"by": "an older version"}))
        change(folder)
        found.append(config.read_text())

    found = []
    with pytest.raises(DataError, match=complaint) as error:
        resumed(stopped, tmp_path, aged)
    assert "\n" not in str(error.value)
    assert [(tmp_path / "run" / "config.json").read_text()] == found


def test_of_a_damaged_state_the_one_before_is_taken(stopped, tmp_path):
    whole = resumed(stopped, tmp_path / "whole", nothing)
    again = resumed(stopped, tmp_path / "damaged", flipped("checkpoint/latest.weights.h5"))
    assert again == whole


def test_a_run_of_other_genres_is_not_gone_on_with(stopped, tmp_path):
    known = stopped[0][0].data_set
    other = dataclasses.replace(known, genres=tuple(reversed(known.genres)))
    clips = [dataclasses.replace(split, data_set=other) for split in stopped[0]]
    with pytest.raises(DataError, match=r"is of the genres Electronic, .*: train without --resume"):
        resumed(stopped, tmp_path, nothing, clips)
    assert (tmp_path / "run" / "config.json").read_text() == (
        stopped[1] / "config.json"
    ).read_text()


EAR = TaughtBy("ear", "MIT", "", "1")


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ({"license": "CC0-1.0"}, r"licence: CC-BY-NC-4\.0; here: CC0-1\.0"),
        (
            {"training_data": "9 songs of mine"},
            "training data: FMA-small.*; here: 9 songs of mine",
        ),
        ({"teachers": (EAR,)}, "teachers: vggish; here: ear 1"),
        ({"teachers": ()}, "teachers: vggish; here: none"),
        (np.arange(7), "number of training clips: 8; here: 7"),
        (np.array([0, 1, 2, 3, 4, 5, 7, 6]), "is of other training clips, or of these in another"),
    ],
)
def test_a_run_of_another_data_set_is_not_gone_on_with(stopped, tmp_path, other, complaint):
    clips = list(stopped[0])
    if isinstance(other, np.ndarray):
        clips[0] = clips[0].take(other, "")
    else:
        known = dataclasses.replace(clips[0].data_set, **other)
        clips = [dataclasses.replace(split, data_set=known) for split in clips]
    with pytest.raises(DataError, match=complaint) as found:
        resumed(stopped, tmp_path, nothing, clips)
    assert_one_sentence(found.value)
    assert "name the same --data, train without --resume" in str(found.value)
    config = (stopped[1] / "config.json").read_text()
    assert (tmp_path / "run" / "config.json").read_text() == config


def test_a_run_with_other_clips_for_validation_is_not_gone_on_with(stopped, splits, tmp_path):
    other = splits[1].take(np.arange(len(splits[1]))[-3:], "")
    with pytest.raises(DataError, match="is of other validation clips"):
        resumed(stopped, tmp_path, nothing, (stopped[0][0], other))


@pytest.mark.parametrize("kept", [(), ("genres",), ("genres", "teacher", "license")])
def test_a_run_of_an_earlier_version_goes_on(stopped, tmp_path, kept):
    """It did not note the clips, nor the teachers with their licences."""

    def older(folder):
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({key: config[key] for key in kept}))

    assert len(resumed(stopped, tmp_path, older)) == 3
    config = (stopped[1] / "config.json").read_text()
    assert (tmp_path / "run" / "config.json").read_text() == config
    assert json.loads(config)["training_clips"] == 8
