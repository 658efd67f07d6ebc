"""Pretraining: before the genres, a network learns what teachers say of clips without labels."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from songnet.model import ModelConfig, build_songnet
from train.data.unlabelled import Unlabelled
from train.errors import DataError
from train.network.batches import Batches
from train.network.checkpoint import Checkpoint, forget
from train.network.devices import shared_by, shares
from train.network.epochs import SameEpochs
from train.network.fingerprint import fingerprint
from train.network.recipe import Recipe, optimizer
from train.outputs import output_folder

_WEIGHTS, _PROGRESS = "pretrained.weights.h5", "pretraining.json"


@dataclass(frozen=True)
class Pretrained:
    """What a network has learned from clips without labels.

    Attributes
    ----------
    weights : path of the weights of all layers up to ``hidden``
    losses : list of float
        The mean loss of each epoch.
    steps : int
        Number of batches that it has learned from.
    """

    weights: Path
    losses: list[float]
    steps: int

    def give(self, network: keras.Model) -> None:
        """Puts the weights into a SongNet, whose last layer stays as it is.

        Raises
        ------
        DataError
            If the weights are damaged, or those of another architecture.
        """
        try:
            _body(network).load_weights(self.weights)
        # What Keras and h5py raise for a damaged file depends on where the damage is.
        except Exception as error:
            why = str(error).partition("\n")[0]
            raise DataError(
                f"{self.weights} cannot be used ({why}): delete its folder, and pretrain again."
            ) from error


def pretrain(
    clips: Unlabelled,
    output: str | Path,
    *,
    recipe: Recipe = Recipe(),
    config: ModelConfig = ModelConfig(),
    seed: int = 0,
    resume: bool = False,
    devices: int | None = None,
) -> Pretrained:
    """Trains a SongNet to predict each teacher's embedding of clips, and keeps all but the heads.

    The embeddings are standardised; each has a linear layer of its own on ``hidden``, and the mean
    squared error for a loss. There is nothing to overfit to but the clips themselves, which are
    many: the last epoch's network is kept.

    Parameters
    ----------
    clips : Unlabelled
    output : path of a folder, made where it does not exist
    recipe : Recipe
    config : ModelConfig
        The architecture of the network that is to learn genres.
    seed : int >= 0
    resume : bool
        Whether to go on after the last epoch in `output`; one that has ended is not run again.
    devices : int >= 1, or None for all that JAX has

    Returns
    -------
    Pretrained

    Raises
    ------
    DataError
        If there are no clips; if a teacher's embeddings are of another version; if the run to
        resume is damaged or of other clips; as for `train.network.devices.shares` and
        `train.outputs.output_folder`; if the loss is no number.
    """
    if not len(clips):
        raise DataError(
            "No clips without labels are left: all are by artists who are held out to measure on."
        )
    clips.data_set.check_versions()
    recipe, devices = shares(recipe, len(clips), devices)
    output = output_folder(output)
    progress = _Progress(output / _PROGRESS, clips, resume)
    checkpoint = output / "checkpoint"
    if not progress.losses:
        forget(checkpoint)
    keras.utils.set_random_seed(seed)
    with shared_by(devices):
        # How many genres there will be does not matter: their layer is not kept.
        network = build_songnet(config, n_genres=2)
        targets = {name: standardised(values) for name, values in clips.teachers.items()}
        batches = Batches(
            clips.log_mel,
            targets,
            recipe.batch_size,
            recipe.augmentation,
            seed,
            recipe.least_steps,
        )
        hidden = network.get_layer("hidden").output
        heads = {
            name: layers.Dense(values.shape[1], name=f"teacher_{number}")(hidden)
            for number, (name, values) in enumerate(targets.items())
        }
        student = keras.Model(network.input, heads)
        student.compile(
            optimizer(recipe, recipe.pretraining_epochs, len(batches)),
            loss=dict.fromkeys(heads, "mse"),
        )
        student.fit(
            batches.ahead(recipe.pretraining_epochs),
            shuffle=False,
            steps_per_epoch=len(batches),
            epochs=recipe.pretraining_epochs,
            callbacks=[
                SameEpochs(network, batches),
                progress,
                Checkpoint(checkpoint, len(progress.losses)),
            ],
        )
        _body(network).save_weights(output / _WEIGHTS)
    return Pretrained(output / _WEIGHTS, progress.losses, recipe.pretraining_epochs * len(batches))


def standardised(embeddings: np.ndarray) -> np.ndarray:
    """Embeddings with a mean of 0 and a deviation of 1 in each dimension: [the same shape]."""
    centred = embeddings - embeddings.mean(axis=0)
    return centred / (centred.std(axis=0) + 1e-6)


def _body(network: keras.Model) -> keras.Model:
    """A SongNet up to the layer from which genres and embeddings are predicted."""
    return keras.Model(network.input, network.get_layer("hidden").output)


class _Progress(keras.callbacks.Callback):
    """Writes down the loss after each epoch, and what the clips are.

    Parameters
    ----------
    path : path of its JSON file
    clips : Unlabelled
    resume : bool
        Whether to go on with what is in that file.
    """

    def __init__(self, path: Path, clips: Unlabelled, resume: bool):
        super().__init__()
        self._path = path
        self._of = {
            "clips": len(clips),
            "teachers": {name: values.shape[1] for name, values in clips.teachers.items()},
            "songs": fingerprint((clips.artist, *clips.teachers.values())),
        }
        self.losses = self._read() if resume and path.is_file() else []

    def _read(self) -> list[float]:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            of, losses = dict(stored["of"]), [float(loss) for loss in stored["losses"]]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(
                f"{self._path} does not say how far pretraining came ({error!r}): train anew, "
                "without --resume."
            ) from error
        # An earlier version did not note which songs they are.
        if {"songs": self._of["songs"]} | of != self._of:
            raise DataError(
                f"The pretraining in {self._path.parent} is of other clips: train without "
                "--resume, or to another --output."
            )
        return losses

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        del self.losses[epoch:]  # an epoch that was stopped before its checkpoint was written

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None  # Keras always passes them
        if not np.isfinite(logs["loss"]):
            raise DataError(
                f"The loss of epoch {epoch + 1} of pretraining is no number: check that the "
                "teachers' arrays hold numbers alone."
            )
        self.losses.append(float(logs["loss"]))
        text = json.dumps({"of": self._of, "losses": self.losses})
        self._path.write_text(text + "\n", encoding="utf-8")
