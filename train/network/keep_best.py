"""The Keras callback that validates a network in training and keeps its best epoch."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from songnet.weights.release import NETWORK_FILE
from train.data.levels import Spectra
from train.data.splits import Split
from train.errors import DataError
from train.network import history as histories
from train.network.batches import Batches
from train.network.history import Epoch

_VALIDATED_AT_ONCE = 100


class KeepBest(keras.callbacks.Callback):
    """Validates after each epoch, saves the best network so far, writes the history.

    Parameters
    ----------
    network : keras.Model
        The part of the trained model that is saved, as ``songnet.keras``.
    batches : Batches
        The batches that it is trained on.
    validation : Split
    output : path of the folder for the network and its history
    history : list of Epoch
        Figures of the earlier epochs, if training is resumed; those of new epochs are added.
    """

    def __init__(
        self,
        network: keras.Model,
        batches: Batches,
        validation: Split,
        output: Path,
        history: list[Epoch],
    ):
        super().__init__()
        self._network = network
        self._batches = batches
        self._validation = validation
        self._output = output
        self._history = history

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        del self._history[epoch:]  # an epoch that was stopped before its checkpoint was written

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None  # Keras always passes them
        genre = self._validation.genre
        probabilities = _probabilities(self._network, self._validation.log_mel)
        of_genre = probabilities[np.arange(len(genre)), genre]
        now = Epoch(
            epoch=epoch + 1,
            steps=len(self._batches),
            passes=self._batches.passes,
            loss=float(logs["loss"]),
            val_log_loss=float(-np.mean(np.log(np.maximum(of_genre, 1e-9)))),
            val_accuracy=float(np.mean(probabilities.argmax(axis=1) == genre)),
        )
        if not np.isfinite([now["loss"], now["val_log_loss"]]).all():
            raise DataError(
                f"The loss of epoch {epoch + 1} is no number: check that log_mel and the teachers' "
                "embeddings hold numbers alone."
            )
        self._history.append(now)
        logs["val_accuracy"] = now["val_accuracy"]  # for the progress bar
        if histories.best_epoch(self._history) is now:
            self._network.save(self._output / NETWORK_FILE)
        histories.write(self._output, self._history)


def _probabilities(network: keras.Model, log_mel: np.ndarray | Spectra) -> np.ndarray:
    """Predicts the genre probabilities of clips, reading no more than a batch at once.

    Returns
    -------
    np.ndarray [shape=(n, n_genres), float32]
    """
    n = len(log_mel)
    distribution = keras.distribution.distribution()
    devices = 1 if distribution is None else distribution.device_mesh.devices.size
    # All batches have one size, which the devices can share evenly: the last one is filled up with
    # the first clips.
    size = -(-min(n, _VALIDATED_AT_ONCE) // devices) * devices
    batches = (np.arange(start, start + size) % n for start in range(0, n, size))
    outputs = [
        # Keras has no annotations: the default, "auto", is taken for the type.
        network.predict(log_mel[rows], batch_size=size, verbose=0)  # pyright: ignore[reportArgumentType]
        for rows in batches
    ]
    return np.concatenate([output["probabilities"] for output in outputs])[:n]
