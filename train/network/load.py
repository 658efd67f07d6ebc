"""Loads a trained network, and the description of the data set that it learned from."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras

from songnet.weights.release import CONFIG_FILE
from train.data import data_set
from train.data.data_set import DataSet
from train.errors import DataError


def load_network(path: str | Path) -> keras.Model:
    """Loads a network from its `.keras` file.

    Raises
    ------
    DataError
        If the file is missing, no Keras model, or names code that does not come with Keras.
    """
    try:
        # The file may be untrusted: in safe mode, no code in it is run.
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    # What Keras, h5py, zipfile and zlib raise for a damaged file depends on where the damage is.
    except Exception as error:
        # Further lines of the error quote the whole file.
        why = _of_newer_keras(path) or str(error).partition("\n")[0]
        raise DataError(f"{path} is not a .keras file that can be loaded: {why}") from error
    if not isinstance(network, keras.Model):
        raise DataError(f"{path} is not a .keras file that can be loaded: it holds no model.")
    return network


def _of_newer_keras(path: str | Path) -> str | None:
    """A sentence, where the file was written by a newer Keras than this: it may not be readable."""
    try:
        with zipfile.ZipFile(path) as archive:
            written = json.loads(archive.read("metadata.json"))["keras_version"]
        newer = _numbers(written) > _numbers(keras.__version__)
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError):
        return None
    if not newer:
        return None
    return (
        f"Keras {written} wrote it, and this is Keras {keras.__version__}: "
        f'pip install "keras>={written}".'
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".")[:2])


def learned_from(path: str | Path, network: keras.Model) -> DataSet:
    """The data set that a network was trained on, from the `config.json` in its folder.

    Parameters
    ----------
    path : path of the `.keras` file
    network : keras.Model
        The network in that file.

    Returns
    -------
    DataSet

    Raises
    ------
    DataError
        If the network has no output ``probabilities``, or one for another number of genres.
    """
    outputs: Any = getattr(network, "output", None)  # a model that was never called has none
    if not isinstance(outputs, dict) or "probabilities" not in outputs:
        raise DataError(f"{path} is no SongNet: it has no output named probabilities.")
    config = Path(path).parent / CONFIG_FILE
    known = data_set.read(config)
    n_genres = outputs["probabilities"].shape[-1]
    if len(known.genres) != n_genres:
        raise DataError(
            f"{path} tells {n_genres} genres apart, and {config} must name as many. "
            f"Received: {len(known.genres)}"
        )
    return known
