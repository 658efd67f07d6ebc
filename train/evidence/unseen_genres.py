"""Networks that were trained without three of the genres, and what they hear in all of them."""

import dataclasses
import os
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np

from songnet.weights.release import NETWORK_FILE
from train.data.splits import N_FOLDS, Split, load_split
from train.errors import DataError
from train.evidence.few_songs import Heard
from train.network.fit import Recipe, fit
from train.network.load import load_network

_BATCH = 100
# Any two genres three steps apart or less, counted in a ring of eight, are in one of these triples,
# and each genre is in three of them. The first four have each genre once or twice.
TRIPLES = tuple(
    tuple(sorted((start, (start + 1) % 8, (start + 3) % 8))) for start in (0, 2, 4, 6, 1, 3, 5, 7)
)


def hear_unseen(
    data: str | Path, number: int, output: str | Path, *, recipe: Recipe, seed: int
) -> tuple[Heard, Heard]:
    """Trains a network without the genres of a triple, and lets it hear the clips of all genres.

    What is in `output` from an earlier run is read and not made again.

    Parameters
    ----------
    data : path of a data set of eight genres
    number : int
        The triple's, 0 to 7. Fold `number % 5` is held out.
    output : path of a folder
    recipe : Recipe
    seed : int

    Returns
    -------
    Heard, Heard
        Of the fold's training part, from which songs are taken to teach, and of its test part. No
        artist is in both, and the network was trained on neither the three genres nor the latter.

    Raises
    ------
    DataError
        If the data set has other than eight genres, or cannot be read or trained on.
    """
    stored = Path(output) / f"heard-{number}.npz"
    if stored.is_file():
        return _read(stored)
    parts = {
        name: load_split(data, name, protocol="folds", fold=number % N_FOLDS)
        for name in ("training", "validation", "test")
    }
    if len(parts["test"].genres) != len(TRIPLES):
        raise DataError("Three of eight genres are left out: bring a data set of eight.")
    folder = Path(output) / f"network-{number}"
    seen = [genre for genre in range(len(TRIPLES)) if genre not in TRIPLES[number]]
    training, validation = (_only(parts[name], seen) for name in ("training", "validation"))
    fit(training, validation, folder, recipe=recipe, seed=seed)
    network = load_network(folder / NETWORK_FILE)
    taught, tested = (_heard(network, parts[name]) for name in ("training", "test"))
    _write(stored, taught, tested)
    return taught, tested


def _only(split: Split, genres: list[int]) -> Split:
    """The clips of some genres, as a data set of these genres alone."""
    rows = np.flatnonzero(np.isin(split.genre, genres))
    names = tuple(split.genres[genre] for genre in genres)
    chosen = split.take(rows, split.name)
    return dataclasses.replace(
        chosen,
        genre=np.searchsorted(genres, chosen.genre).astype(np.int8),
        data_set=dataclasses.replace(split.data_set, genres=names),
    )


def _heard(network: keras.Model, split: Split) -> Heard:
    # Dropout does nothing here: this is its input, the summary.
    summary = network.get_layer("summary_dropout").output
    outputs = [network.output["embedding"], summary, network.output["probabilities"]]
    embedding, summary, probabilities = keras.Model(network.input, outputs).predict(
        np.asarray(split.log_mel),
        batch_size=_BATCH,  # pyright: ignore[reportArgumentType]
        verbose=0,  # pyright: ignore[reportArgumentType]
    )
    summary = summary / np.linalg.norm(summary, axis=1, keepdims=True)
    unknown = -1 - split.track_id.astype(int)
    artist = np.where(split.artist_id < 0, unknown, split.artist_id)
    return Heard(embedding, summary, probabilities, split.genre.astype(int), artist)


def _write(path: Path, *parts: Heard) -> None:
    arrays = {
        f"{part}_{name}": value
        for part, heard in enumerate(parts)
        for name, value in vars(heard).items()
    }
    # In one step: a file that is there is whole.
    new = path.with_suffix(".part.npz")
    np.savez(new, **arrays)
    os.replace(new, path)


def _read(path: Path) -> tuple[Heard, Heard]:
    names = [field.name for field in dataclasses.fields(Heard)]
    try:
        with np.load(path, allow_pickle=False) as stored:
            first, second = (
                Heard(**{name: stored[f"{part}_{name}"] for name in names}) for part in (0, 1)
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"{path} is damaged: delete it, and it is made again.") from error
    return first, second
