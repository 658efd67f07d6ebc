"""The devices that train a network, and the batches that they share."""

import contextlib
import dataclasses

import keras

from train.errors import DataError
from train.network.recipe import Recipe


def shares(recipe: Recipe, clips: int, devices: int | None) -> tuple[Recipe, int]:
    """The recipe with batches that so many clips fill, and the number of devices that share them.

    Of so few clips that they do not fill a batch, all are in each batch, or as many as the devices
    can share evenly.

    Raises
    ------
    DataError
        If there are fewer devices, or they cannot share a batch evenly.
    """
    present = len(keras.distribution.list_devices())
    count = present if devices is None else devices
    if not 1 <= count <= present:
        raise DataError(f"JAX has {present} devices here. Received: {count}")
    size = recipe.batch_size
    if clips < size:
        size = clips // count * count or clips
    if size % count:
        raise DataError(
            f"{count} devices cannot share batches of {size} clips evenly: use --devices with a "
            "number that divides it."
        )
    return dataclasses.replace(recipe, batch_size=size), count


def shared_by(devices: int) -> contextlib.AbstractContextManager:
    """A context in which so many devices have a copy of the network each, and share each batch."""
    if devices == 1:
        return contextlib.nullcontext()
    present = keras.distribution.list_devices()
    return keras.distribution.DataParallel(devices=present[:devices]).scope()
