"""The Keras callback that stores the state after each epoch, and goes on from it."""

from pathlib import Path
from typing import Any

import keras

from train.errors import DataError

# As Keras names them.
WEIGHTS, METADATA = "latest.weights.h5", "training_metadata.json"


class Checkpoint(keras.callbacks.BackupAndRestore):
    """Stores the state after each epoch in a folder; a training begins with the state there.

    Parameters
    ----------
    folder : path
    known_epochs : int
        Number of epochs in the history of the training that goes on.
    """

    def __init__(self, folder: Path, known_epochs: int):
        super().__init__(str(folder), delete_checkpoint=False, double_checkpoint=True)
        self._folder = folder
        self._known_epochs = known_epochs

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Restores the state; a `DataError` if it is damaged or that of another training."""
        try:
            super().on_train_begin(logs)
            epoch = int(self.model._initial_epoch or 0)
        # What Keras, h5py and json raise for a damaged file depends on where the damage is.
        except Exception as error:
            why = str(error).partition("\n")[0]
            raise self._refusal(why) from error
        has_weights = (self._folder / WEIGHTS).exists()
        if not 0 <= epoch <= self._known_epochs or has_weights != (epoch > 0):
            raise self._refusal(f"epoch {epoch} of {self._known_epochs}")

    def _refusal(self, why: str) -> DataError:
        return DataError(
            f"{self._folder} is damaged, or of another training ({why}): train without --resume, "
            "from the beginning."
        )


def forget(folder: Path) -> None:
    """Deletes what a `Checkpoint` has stored, if anything."""
    for file in folder.glob("*") if folder.is_dir() else ():
        if file.name.startswith((WEIGHTS, METADATA)):
            file.unlink()
