"""The training batches, which threads prepare in advance, so that training need not wait for them.

Grain serves them rather than a `keras.utils.PyDataset`, whose queue is filled before the first
epoch begins: training would see some batches twice and, resumed, those of another epoch.
"""

import grain
import numpy as np

from train.data.levels import Spectra
from train.network.augment import Augmentation, augment

_THREADS = 8
_AHEAD = 16  # batches prepared in advance, of 2 MiB each


class Batches:
    """Shuffled and augmented batches, which are the same for the same seed, epoch and index.

    Parameters
    ----------
    inputs : np.ndarray or train.data.levels.Spectra [shape=(n, time, band), float32]
    targets : dict of str to np.ndarray [shape=(n, d), float32]
    batch_size : int
    augmentation : Augmentation
    seed : int
    least : int >= 1
        Fewest batches in an epoch: one of fewer clips goes through them several times, each time in
        another order and augmented anew.

    Attributes
    ----------
    passes : int
        How often an epoch goes through the clips.
    first_epoch : int
        The epoch with which `ahead` starts; set it before iterating.
    """

    def __init__(
        self,
        inputs: np.ndarray | Spectra,
        targets: dict[str, np.ndarray],
        batch_size: int,
        augmentation: Augmentation,
        seed: int,
        least: int = 1,
    ):
        self.first_epoch = 0
        self._inputs = inputs
        self._targets = targets
        self._batch_size = batch_size
        self._augmentation = augmentation
        self._seed = seed
        # The clips that do not fill a batch are left out.
        self._in_a_pass = len(inputs) // batch_size
        self.passes = -(-least // self._in_a_pass)

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return self.passes * self._in_a_pass

    def batch(self, epoch: int, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Inputs [shape=(batch_size, time, band), float32, 0..1] and targets of one batch."""
        passed, place = divmod(index, self._in_a_pass)
        shuffler = np.random.default_rng([self._seed, epoch * self.passes + passed])
        order = shuffler.permutation(len(self._inputs))
        rows = order[place * self._batch_size : (place + 1) * self._batch_size]
        rng = np.random.default_rng([self._seed, epoch, index])
        inputs = augment(self._inputs[rows], rng, self._augmentation)
        return inputs, {name: values[rows] for name, values in self._targets.items()}

    def ahead(self, epochs: int) -> grain.IterDataset:
        """The batches of so many epochs from `first_epoch` on, in order, prepared in advance."""

        def numbered(number: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
            epoch, index = divmod(number, len(self))
            return self.batch(self.first_epoch + epoch, index)

        batches = grain.MapDataset.range(epochs * len(self)).map(numbered)
        return batches.to_iter_dataset(
            grain.ReadOptions(num_threads=_THREADS, prefetch_buffer_size=_AHEAD)
        )
