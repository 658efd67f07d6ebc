"""A trained network from its file, with the genres that it tells apart."""

import shutil
from pathlib import Path

import keras

from songnet.weights.release import CONFIG_FILE
from train.data import data_set
from train.data.data_set import DataSet
from train.errors import DataError


def load_network(path: str | Path) -> keras.Model:
    """A network from its `.keras` file.

    Raises
    ------
    DataError
        If the file is missing, no Keras model, or names code that does not come with Keras.
    """
    try:
        # Strangers' networks, too: what is in the file is data, and none of it is run.
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, LookupError) as error:
        # Further lines quote the file, whole.
        why = str(error).partition("\n")[0]
        raise DataError(f"{path} is not a .keras file that can be loaded: {why}") from error


def learned_from(path: str | Path, network: keras.Model) -> DataSet:
    """What a network was trained on, as the `config.json` beside its file says.

    Parameters
    ----------
    path : path of the `.keras` file
    network : keras.Model
        What it holds.

    Returns
    -------
    DataSet

    Raises
    ------
    DataError
        If the genres are not as many as the network's outputs.
    """
    config = Path(path).parent / CONFIG_FILE
    known = data_set.read(config)
    outputs = network.output["probabilities"].shape[-1]
    if len(known.genres) != outputs:
        raise DataError(
            f"{path} tells {outputs} genres apart, and {config} must name as many. "
            f"Received: {len(known.genres)}"
        )
    return known


def pass_history_on(path: str | Path, folder: Path) -> None:
    """Copies the history of a network's training, where there is one, to another folder."""
    history = Path(path).parent / data_set.HISTORY_FILE
    if history.is_file() and history.resolve() != (folder / data_set.HISTORY_FILE).resolve():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(history, folder / data_set.HISTORY_FILE)
