"""The Keras callback that stores the state after each epoch, and goes on from it."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import keras

from train.errors import DataError

# As Keras names them.
WEIGHTS, METADATA = "latest.weights.h5", "training_metadata.json"
_OLDER = ".bkp"
_CHECKSUMS = "checksums.json"


class Checkpoint(keras.callbacks.BackupAndRestore):
    """Stores the state after each epoch in a folder; a training begins with the state there.

    The state before it is there, too, and is taken where the newer one is damaged.

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

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stores the state, and the checksums of its files."""
        super().on_epoch_end(epoch, logs)
        sums = [_sha256(self._folder / name) for name in (WEIGHTS, WEIGHTS + _OLDER)]
        (self._folder / _CHECKSUMS).write_text(json.dumps(sums) + "\n", encoding="utf-8")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Restores the state; a `DataError` if it is damaged or that of another training."""
        try:
            self._replace_damaged()
            super().on_train_begin(logs)
            epoch = int(self.model._initial_epoch or 0)
        # What Keras, h5py and json raise for a damaged file depends on where the damage is.
        except Exception as error:
            raise self._refusal(str(error).partition("\n")[0]) from error
        has_weights = (self._folder / WEIGHTS).exists()
        if not 0 <= epoch <= self._known_epochs or has_weights != (epoch > 0):
            raise self._refusal(f"epoch {epoch} of {self._known_epochs}")

    def _replace_damaged(self) -> None:
        """Puts the older state in the place of weights that are not those that were stored.

        Raises
        ------
        ValueError
            If the older ones are not, either.
        """
        checksums = self._folder / _CHECKSUMS
        if not checksums.exists():
            return
        stored = json.loads(checksums.read_text(encoding="utf-8"))
        if _sha256(self._folder / WEIGHTS) in stored:
            return
        if _sha256(self._folder / (WEIGHTS + _OLDER)) not in stored:
            raise ValueError("its weights are not those that were stored")
        for name in (WEIGHTS, METADATA):
            shutil.copyfile(self._folder / (name + _OLDER), self._folder / name)

    def _refusal(self, why: str) -> DataError:
        return DataError(
            f"{self._folder} is damaged, or of another training ({why}): train without --resume, "
            "from the beginning."
        )


def forget(folder: Path) -> None:
    """Deletes what a `Checkpoint` has stored, if anything."""
    for file in folder.glob("*"):
        if file.name.startswith((WEIGHTS, METADATA, _CHECKSUMS)):
            file.unlink()


def _sha256(path: Path) -> str | None:
    """SHA-256 of a file, as hex; None where there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
