"""Trains SongNet on JAX."""

import argparse
import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from songnet.model import ModelConfig, build_songnet
from songnet.weights.release import write_config
from train.data import splits
from train.data.splits import Split
from train.errors import DataError
from train.network import history as histories
from train.network.augment import Augmentation
from train.network.batches import Batches
from train.network.history import Epoch
from train.network.keep_best import KeepBest
from train.network.teachers import out_of_fold_probabilities


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How the shipped network is trained; `train/EXPERIMENTS.md` says why.

    Attributes
    ----------
    epochs, batch_size : int
    learning_rate : float
        Its peak: reached in two epochs, then lowered to nothing along a cosine.
    weight_decay : float
        Of AdamW.
    teacher : float, 0..1
        Share of the teacher's out-of-fold probabilities in the labels, where the data set has
        `vggish`; the rest is the true genre.
    embedding_loss : float
        Weight of the loss of predicting the `vggish` embedding; that of the genre weighs 1.
    augmentation : Augmentation
    """

    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    teacher: float = 0.6
    embedding_loss: float = 1.0
    augmentation: Augmentation = Augmentation()


def fit(
    training: Split,
    validation: Split,
    output: str | Path,
    *,
    recipe: Recipe = Recipe(),
    config: ModelConfig = ModelConfig(),
    seed: int = 0,
    resume: bool = False,
    devices: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[Epoch]:
    """Trains a SongNet and keeps the epoch with the lowest validation log loss.

    The log loss wavers less than the accuracy from epoch to epoch, so that its best epoch is
    less of a lucky one.

    Its probabilities are not calibrated yet: `train.evidence.calibrate` does that.

    Writes ``songnet.keras``, ``config.json`` (the genres, and whose clips), ``history.json``,
    ``training_history.png`` and ``checkpoint/`` (the state after the last epoch) to `output`. The
    same seed gives the same figures on the same machine, resumed or not.

    Parameters
    ----------
    training, validation : Split
    output : path of a folder, made where it does not exist
    recipe : Recipe
    config : ModelConfig
    seed : int >= 0
    resume : bool
        Go on after the last epoch in `output`.
    devices : int >= 1, or None for all that JAX has
        Each has a copy of the network and takes its part of every batch, so that the losses are
        those of one device, up to rounding. Their number must divide the batch size.
    callbacks : sequence of keras.callbacks.Callback
        To watch it.

    Returns
    -------
    list of Epoch

    Raises
    ------
    DataError
        If there are too few clips for a batch, none to validate on, or not so many devices, if they
        cannot share a batch evenly, or if the history of what is resumed cannot be read.
    """
    if len(training) < recipe.batch_size:
        raise DataError(
            f"Training takes {recipe.batch_size} clips at once: bring more. "
            f"Received: {len(training)}"
        )
    if not len(validation):
        raise DataError("The validation split, which chooses the best epoch, has no clips.")
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    write_config(output, training.data_set.to_json())
    history = histories.read(output) if resume else []
    backup = keras.callbacks.BackupAndRestore(
        str(output / "checkpoint"), delete_checkpoint=False, double_checkpoint=True
    )
    if not history:
        _forget(output / "checkpoint")

    keras.utils.set_random_seed(seed)
    with _shared_by(devices, recipe.batch_size):
        network = build_songnet(config, len(training.genres))
        targets = _targets(training, recipe, seed)
        batches = Batches(training.log_mel, targets, recipe.batch_size, recipe.augmentation, seed)
        student = _student(network, targets, recipe, len(batches))
        keep_best = KeepBest(network, batches, validation, output, history)
        student.fit(
            batches.ahead(recipe.epochs),
            shuffle=False,  # they are, by seed and epoch
            steps_per_epoch=len(batches),
            epochs=recipe.epochs,
            callbacks=[*callbacks, keep_best, backup],
        )
    histories.draw(history, len(training.genres), output / "training_history.png")
    return history


def _shared_by(devices: int | None, batch_size: int) -> contextlib.AbstractContextManager:
    """Within it, so many devices hold a copy of the network each and a part of each batch."""
    present = keras.distribution.list_devices()
    count = len(present) if devices is None else devices
    if not 1 <= count <= len(present):
        raise DataError(f"JAX has {len(present)} devices here. Received: {count}")
    if batch_size % count:
        raise DataError(
            f"{count} devices cannot share batches of {batch_size} clips evenly: use --devices "
            "with a number that divides it."
        )
    if count == 1:
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(devices=present[:count]).scope()


def _forget(checkpoint: Path) -> None:
    if checkpoint.is_dir():
        for file in checkpoint.iterdir():
            file.unlink()


def _targets(training: Split, recipe: Recipe, seed: int) -> dict[str, np.ndarray]:
    """What the network learns to predict of each training clip, by output."""
    if training.vggish is None:
        return {"probabilities": training.one_hot}
    taught = out_of_fold_probabilities(
        training.vggish, training.genre, training.artist_groups, seed=seed
    )
    labels = (1.0 - recipe.teacher) * training.one_hot + recipe.teacher * taught
    embeddings = training.vggish - training.vggish.mean(axis=0)
    return {"probabilities": labels, "vggish": embeddings / (embeddings.std(axis=0) + 1e-6)}


def _student(
    network: keras.Model, targets: dict[str, np.ndarray], recipe: Recipe, steps: int
) -> keras.Model:
    """The network with what only training needs: the head for embeddings, losses, optimiser.

    `steps` is the number of batches in an epoch.
    """
    outputs = {"probabilities": network.get_layer("probabilities").output}
    losses, weights = {"probabilities": "categorical_crossentropy"}, {"probabilities": 1.0}
    if "vggish" in targets:
        hidden = network.get_layer("hidden").output
        outputs["vggish"] = layers.Dense(targets["vggish"].shape[1], name="vggish")(hidden)
        losses["vggish"], weights["vggish"] = "mse", recipe.embedding_loss
    warm_up = 2 * steps
    schedule = keras.optimizers.schedules.CosineDecay(
        0.05 * recipe.learning_rate,
        max(1, recipe.epochs * steps - warm_up),
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.AdamW(
        # Keras has no annotations: the default, a number, is taken for the type.
        schedule,  # pyright: ignore[reportArgumentType]
        weight_decay=recipe.weight_decay,
        clipnorm=1.0,
    )
    student = keras.Model(network.input, outputs)
    student.compile(optimizer, loss=losses, loss_weights=weights)
    return student


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train fit``."""
    defaults = Recipe()
    splits.add_arguments(parser)
    parser.add_argument("--output", default="runs/songnet", metavar="DIR", help="%(default)s")
    parser.add_argument("--epochs", type=int, default=defaults.epochs, help="%(default)s")
    parser.add_argument("--resume", action="store_true", help="go on after the last epoch")
    parser.add_argument(
        "--devices", type=int, metavar="N", help="that share each batch; all that JAX has"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train fit``: trains, and returns what ``--json`` prints."""
    history = fit(
        splits.from_arguments(arguments, "training"),
        splits.from_arguments(arguments, "validation"),
        arguments.output,
        recipe=dataclasses.replace(Recipe(), epochs=arguments.epochs),
        seed=arguments.seed,
        resume=arguments.resume,
        devices=arguments.devices,
    )
    best = histories.best_epoch(history)
    return {
        "output": arguments.output,
        "seed": arguments.seed,
        "epochs": len(history),
        "best_epoch": best["epoch"],
        "val_log_loss": best["val_log_loss"],
        "val_accuracy": best["val_accuracy"],
    }
