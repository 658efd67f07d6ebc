"""Measures a trained SongNet on a split or on own files, with artist-clustered intervals."""

import argparse
from pathlib import Path

import keras
import numpy as np

from songnet.weights import load_weights
from train.data import splits
from train.data.splits import Split
from train.errors import DataError
from train.evidence import labelled_folder, metrics, predictions
from train.evidence.comparison import lead, measured, sentence
from train.network.load import learned_from, load_network


def load(model: str | Path, split: Split) -> keras.Model:
    """A network that tells a split's genres apart.

    Parameters
    ----------
    model : path of a `.keras` file
    split : Split

    Returns
    -------
    keras.Model

    Raises
    ------
    DataError
        If the file is missing or no Keras model, or if it tells other genres apart.
    """
    network = load_network(model)
    genres = learned_from(model, network).genres
    if genres != split.genres:
        raise DataError(
            f"{model} tells {', '.join(genres)} apart, and the data set {', '.join(split.genres)}: "
            "train a network on it."
        )
    return network


def predict(network: keras.Model, log_mel: np.ndarray) -> np.ndarray:
    """What a network says of every clip.

    Parameters
    ----------
    network : keras.Model
    log_mel : np.ndarray [shape=(n, n_frames, n_mels), float32, 0..1]

    Returns
    -------
    np.ndarray [shape=(n, g), float64, rows sum to 1]
    """
    said = network.predict(log_mel, batch_size=100)["probabilities"].astype(float)
    return said / said.sum(axis=1, keepdims=True)


def evaluate(
    model: str | Path,
    split: Split,
    output: str | Path | None = None,
    *,
    protocol: str = "official",
    beside: str | Path | None = None,
) -> dict:
    """Measures a network on a split.

    Parameters
    ----------
    model : path of a `.keras` file
    split : Split
    output : path of the CSV file to write, one row a clip; None writes none
    protocol : str
        How the split was made: by this name its baselines are found.
    beside : path of a folder of evidence, or None
        Where `train.baselines` wrote what other models said of the same clips.

    Returns
    -------
    dict
        ``split``, ``clips``, ``artists``, the figures of `metrics.figures_with_intervals`,
        ``recall``: each genre's, and ``lead``: the paired difference in accuracy from the best
        baseline, as `lead.lead` has it; None without one.
    """
    probabilities = predict(load(model, split), split.log_mel)
    groups = split.artist_groups
    said = predictions.Evidence(split.track_id, split.genre, groups, probabilities, split.genres)
    if output is not None:
        predictions.write(output, said)
    others = {} if beside is None else measured(beside, protocol, split.name, said)
    recall = metrics.recall_by_genre(split.genre, probabilities)
    return {
        "split": split.name,
        "clips": len(split),
        "artists": len(np.unique(groups)),
        **metrics.figures_with_intervals(split.genre, probabilities, groups),
        "recall": metrics.by_genre(split.genres, recall),
        "lead": lead([said], others),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train evaluate``."""
    splits.add_arguments(parser, or_folder=True)
    parser.add_argument("--split", default="validation", help="%(default)s")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")
    parser.add_argument(
        "--output", metavar="CSV", help="one row a clip; SPLIT.csv, none for --folder"
    )
    parser.add_argument(
        "--beside",
        default="artifacts/evidence",
        metavar="DIR",
        help="where `baselines` wrote, to compare with; %(default)s",
    )


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train evaluate``: measures, and returns what ``--json`` prints."""
    if arguments.folder:
        weights = load_weights(Path(arguments.model).parent)
        return labelled_folder.evaluate(arguments.folder, weights, arguments.output)
    split = splits.load_split(
        arguments.data, arguments.split, protocol=arguments.protocol, seed=arguments.seed
    )
    output = arguments.output or f"{arguments.split}.csv"
    result = evaluate(
        arguments.model, split, output, protocol=arguments.protocol, beside=arguments.beside
    )
    return result | {"rows": str(output)}


def show(result: dict) -> None:
    """Prints the figures with their intervals, and what else is known, in lines and tables."""
    print(f"{result['clips']} clips of {result['artists']} artists; in brackets: 95 % intervals")
    for name, value in result.items():
        if isinstance(value, dict) and "low" in value and name != "lead":
            print(f"{name:18} {value['mean']:.3f} ({value['low']:.3f} to {value['high']:.3f})")
    if "confusion" in result:
        labelled_folder.show(result)
        return
    for genre, share in result["recall"].items():
        print(f"recall of {genre:14} " + ("no clips" if share is None else f"{share:.3f}"))
    if result["lead"]:
        print(sentence(result["lead"]) + ".")
    else:
        print("Nothing else was measured on these clips: `python -m train baselines` does.")
    print(f"What it said of each clip: {result['rows']}")
