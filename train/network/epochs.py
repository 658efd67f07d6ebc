"""The Keras callback that makes an epoch the same whether training was stopped before it or not."""

from typing import Any

import keras
import numpy as np
from keras import layers

from train.network.batches import Batches


class SameEpochs(keras.callbacks.Callback):
    """Begins each epoch with its own batches and its own dropout.

    Parameters
    ----------
    network : keras.Model
        Its dropout follows from the epoch.
    batches : Batches
        The batches that it is trained on: they start with the epoch at which training goes on.
    """

    def __init__(self, network: keras.Model, batches: Batches):
        super().__init__()
        self._network = network
        self._batches = batches
        self._begun = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._begun:
            self._batches.first_epoch, self._begun = epoch, True
        # Checkpoints do not hold the state of dropout's generators: it follows from the epoch.
        for layer in self._network.layers:
            if isinstance(layer, layers.Dropout):
                state = np.asarray(keras.ops.convert_to_numpy(layer.seed_generator.state.value))
                layer.seed_generator.state.assign([state[0], epoch * 2**16])
