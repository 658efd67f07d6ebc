"""Trains SongNet on JAX."""

import argparse
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
from train.data.arrays import teacher_key
from train.data.splits import Split
from train.data.unlabelled import (
    before_genres,
    held_out_artists,
    learned_from,
    load_unlabelled,
    unlabelled_warnings,
)
from train.errors import DataError
from train.network import history as histories
from train.network import resume as resuming
from train.network.batches import Batches
from train.network.checkpoint import METADATA, Checkpoint, forget
from train.network.devices import shared_by, shares
from train.network.epochs import SameEpochs
from train.network.history import Epoch
from train.network.keep_best import KeepBest
from train.network.pretrain import Pretrained, pretrain, standardised
from train.network.recipe import Recipe, optimizer
from train.network.teachers import out_of_fold_probabilities
from train.outputs import output_folder


def fit(
    training: Split,
    validation: Split,
    output: str | Path,
    *,
    recipe: Recipe = Recipe(),
    config: ModelConfig = ModelConfig(),
    pretrained: Pretrained | None = None,
    seed: int = 0,
    resume: bool = False,
    devices: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[Epoch]:
    """Trains a SongNet and keeps the network of the epoch with the lowest validation log loss.

    The log loss varies less than the accuracy from epoch to epoch, so that its best epoch owes
    less to chance. Of few clips the last epoch's is kept: `train.network.history.best_epoch`.

    The probabilities are not calibrated yet: `train.evidence.calibrate` does that.

    Writes ``songnet.keras``, ``config.json`` (the data set's description, and which clips of it
    there are), ``history.json``, ``training_history.png`` and ``checkpoint/`` (the state after
    the last epoch) to `output`. The same seed gives the same figures on the same machine, resumed
    or not.

    Parameters
    ----------
    training, validation : Split
    output : path of a folder, made where it does not exist
    recipe : Recipe
    config : ModelConfig
    pretrained : Pretrained or None
        What the network knows before it learns the genres; None for nothing.
    seed : int >= 0
    resume : bool
        Whether to go on after the last epoch in `output`.
    devices : int >= 1, or None for all that JAX has
        Number of devices. Each has a copy of the network and takes its part of every batch, so
        that the losses are those of one device, up to rounding. It must divide the batch size.
    callbacks : sequence of keras.callbacks.Callback
        Further callbacks.

    Returns
    -------
    list of Epoch

    Raises
    ------
    DataError
        If there are no clips to train or to validate on; if there are fewer devices, or they cannot
        share a batch evenly; if a teacher's embeddings are of another version; if the run to resume
        is damaged, or of another data set or other clips; if `output` cannot be written; if the
        loss is no number.
    """
    _check(training, validation, recipe)
    recipe, devices = shares(recipe, len(training), devices)
    output = output_folder(output)
    history = resuming.begun(output, training, validation) if resume else []
    checkpoint = output / "checkpoint"
    # A run that was stopped while it stored its first epoch has nothing to go on from.
    if not history or (len(history) == 1 and not (checkpoint / METADATA).exists()):
        forget(checkpoint)

    keras.utils.set_random_seed(seed)
    with shared_by(devices):
        network = build_songnet(config, len(training.genres))
        if pretrained is not None:
            pretrained.give(network)
        targets = _targets(training, recipe, seed)
        batches = Batches(
            training.log_mel,
            targets,
            recipe.batch_size,
            recipe.augmentation,
            seed,
            recipe.least_steps,
        )
        student = _student(network, targets, recipe, len(batches))
        keep_best = KeepBest(network, batches, validation, output, history)
        same_epochs = SameEpochs(network, batches)
        student.fit(
            batches.ahead(recipe.epochs),
            shuffle=False,  # `Batches` has shuffled them, by seed and epoch
            steps_per_epoch=len(batches),
            epochs=recipe.epochs,
            callbacks=[
                *callbacks,
                same_epochs,
                keep_best,
                Checkpoint(checkpoint, len(history)),
                # After the checkpoint is loaded: a run that cannot go on stays as it is.
                keras.callbacks.LambdaCallback(
                    on_train_begin=lambda _: write_config(
                        output, resuming.description(training, validation)
                    )
                ),
            ],
        )
    histories.draw(history, len(training.genres), output / "training_history.png")
    return history


def _check(training: Split, validation: Split, recipe: Recipe) -> None:
    """Raises a `DataError` if nothing can be learned."""
    if not len(training):
        raise DataError("The training split has no clips.")
    if not len(validation):
        raise DataError("The validation split, which chooses the best epoch, has no clips.")
    if recipe.epochs < 1:
        raise DataError(f"--epochs takes a number from 1 on. Received: {recipe.epochs}")
    training.data_set.check_versions()


def _targets(training: Split, recipe: Recipe, seed: int) -> dict[str, np.ndarray]:
    """The training targets by output: soft labels, and the embeddings of each teacher, if any."""
    if not training.teachers:
        return {"probabilities": training.one_hot}
    labels = (1.0 - recipe.teacher) * training.one_hot
    labels += recipe.teacher * _best_out_of_fold(training, seed)
    targets = {"probabilities": labels}
    for name, given in training.teachers.items():
        targets[teacher_key(name)] = standardised(given)
    return targets


def _best_out_of_fold(training: Split, seed: int) -> np.ndarray:
    """The out-of-fold probabilities of the teacher whose log loss is the lowest.

    A changed copy has its recording's: teachers say the same of both, so that a machine that is
    fitted to one knows the other by heart.

    Returns
    -------
    np.ndarray [shape=(n, n_genres), float32, rows sum to 1]
    """
    rows, recording = np.unique(training.recording, return_inverse=True)
    genre, groups = training.genre[rows], training.artist_groups[rows]
    found = []
    for name, embeddings in training.teachers.items():
        try:
            found.append(
                out_of_fold_probabilities(
                    embeddings[rows], genre, groups, n_genres=len(training.genres), seed=seed
                )
            )
        except ValueError as error:
            raise DataError(
                f"{len(rows)} clips are too few, or of too few artists, to soften labels with "
                f"{name}: bring more, or prepare them without this teacher."
            ) from error
    clips = np.arange(len(rows))
    best = min(found, key=lambda of: -np.mean(np.log(np.maximum(of[clips, genre], 1e-9))))
    return best[recording]


def _student(
    network: keras.Model, targets: dict[str, np.ndarray], recipe: Recipe, steps: int
) -> keras.Model:
    """The network compiled for training: with outputs for embeddings, losses and optimiser.

    `steps` is the number of batches in an epoch.
    """
    outputs = {"probabilities": network.get_layer("probabilities").output}
    losses, weights = {"probabilities": "categorical_crossentropy"}, {"probabilities": 1.0}
    heads = [name for name in targets if name not in outputs]
    for name in heads:
        hidden = network.get_layer("hidden").output
        outputs[name] = layers.Dense(targets[name].shape[1], name=name)(hidden)
        losses[name], weights[name] = "mse", recipe.embedding_loss / len(heads)
    student = keras.Model(network.input, outputs)
    student.compile(optimizer(recipe, recipe.epochs, steps), loss=losses, loss_weights=weights)
    return student


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train fit``."""
    defaults = Recipe()
    splits.add_arguments(parser)
    parser.add_argument("--output", default="runs/songnet", metavar="DIR", help="%(default)s")
    parser.add_argument(
        "--pretrain",
        metavar="DIR",
        help="what prepare --unlabelled made: learn what teachers say of it first",
    )
    parser.add_argument(
        "--epochs", type=int, default=defaults.epochs, help="of each part; %(default)s"
    )
    parser.add_argument("--resume", action="store_true", help="go on after the last epoch")
    parser.add_argument(
        "--devices", type=int, metavar="N", help="that share each batch; all that JAX has"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train fit``: trains, and returns what ``--json`` prints."""
    training, validation = (
        splits.from_arguments(arguments, name) for name in ("training", "validation")
    )
    recipe = Recipe().of_epochs(arguments.epochs)
    _check(training, validation, recipe)
    how: dict[str, Any] = {
        "recipe": recipe,
        "seed": arguments.seed,
        "resume": arguments.resume,
        "devices": arguments.devices,
    }
    warnings = []
    if arguments.pretrain is not None:
        clips = load_unlabelled(arguments.pretrain)
        clips = clips.without(held_out_artists(arguments.data, training))
        warnings += unlabelled_warnings(clips)
        training = dataclasses.replace(training, data_set=learned_from(training.data_set, clips))
        if arguments.resume:
            # Before pretraining, which takes long.
            resuming.begun(Path(arguments.output), training, validation)
        folder = Path(arguments.output) / "pretraining"
        how["pretrained"] = pretrain(clips, folder, **how)
    history = fit(training, validation, arguments.output, **how)
    warnings += histories.warnings(history, validation.genre)
    best = histories.best_epoch(history)
    return {
        "output": arguments.output,
        "seed": arguments.seed,
        "epochs": len(history),
        "best_epoch": best["epoch"],
        "val_log_loss": best["val_log_loss"],
        "val_accuracy": best["val_accuracy"],
        "pretrained_on": before_genres(training.data_set),
        "warning": " ".join(warnings),
    }


def show(result: dict[str, Any]) -> None:
    """Prints the result, and what should be known of it."""
    for key, value in result.items():
        if key != "warning" and value != "":
            print(f"{key}: {value}")
    if result["warning"]:
        print(f"Beware: {result['warning']}")
