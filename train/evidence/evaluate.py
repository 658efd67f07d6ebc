"""Measures a trained SongNet on a split, with artist-clustered intervals."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import keras
import numpy as np

from songnet.weights.metrics import Figures, Lead
from train.data import splits
from train.data.splits import Spectra, Split
from train.errors import DataError
from train.evidence import looks, metrics, predictions
from train.evidence.comparison import lead, read_others, sentence
from train.evidence.predictions import Evidence
from train.evidence.tables import figures_text
from train.network.load import learned_from, load_network
from train.outputs import output_file


class Evaluation(Figures):
    """The figures of a network on a split, and its lead over the best baseline, if any."""

    split: str
    clips: int
    artists: int
    recall: dict[str, float | None]
    lead: Lead | None


class SavedEvaluation(Evaluation):
    """An `Evaluation` with the path of the CSV file of its predictions."""

    rows: str


def load(model: str | Path, split: Split) -> keras.Model:
    """Loads a network, and checks that its genres are those of a split.

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
        If the file is missing or no Keras model, or if it knows other genres.
    """
    network = load_network(model)
    genres = learned_from(model, network).genres
    if genres != split.genres:
        raise DataError(
            f"{model} knows the genres {', '.join(genres)}, and the data set has "
            f"{', '.join(split.genres)}: train a network on it."
        )
    return network


def predict(network: keras.Model, log_mel: np.ndarray | Spectra) -> np.ndarray:
    """Predicts the genre probabilities of clips.

    Parameters
    ----------
    network : keras.Model
    log_mel : np.ndarray or Spectra [shape=(n, n_frames, n_mels), float32, 0..1]

    Returns
    -------
    np.ndarray [shape=(n, g), float64, rows sum to 1]
    """
    outputs = network.predict(np.asarray(log_mel), batch_size=100)
    probabilities = outputs["probabilities"].astype(float)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def evidence_of(split: Split, probabilities: np.ndarray) -> Evidence:
    """The probabilities for the clips of a split, as evidence."""
    return Evidence(
        track_id=split.track_id,
        label=split.genre,
        artist_id=split.artist_groups,
        probabilities=probabilities,
        genres=split.genres,
    )


def evaluate(
    model: str | Path,
    split: Split,
    output: str | Path | None = None,
    *,
    protocol: str = "official",
    baselines: str | Path | None = None,
) -> Evaluation:
    """Measures a network on a split.

    Parameters
    ----------
    model : path of a `.keras` file
    split : Split
    output : path of the CSV file to write, one row a clip; None writes none
    protocol : str
        How the split was made, to find the baselines' predictions.
    baselines : path of a folder of evidence, or None
        The predictions of other models, which `train.evidence.baselines` wrote there.

    Returns
    -------
    Evaluation

    Raises
    ------
    DataError
        As for `load`, if the split has no clips, or if `output` cannot be written.
    """
    if not len(split):
        raise DataError(f"The {split.name} split has no clips to measure on.")
    if output is not None:
        output_file(output)
    found = evidence_of(split, predict(load(model, split), split.log_mel))
    if output is not None:
        predictions.write(output, found)
    others = {} if baselines is None else read_others(baselines, protocol, split.name, found)
    recall = metrics.recall_by_genre(found.label, found.probabilities)
    return {
        "split": split.name,
        "clips": len(split),
        "artists": len(np.unique(found.artist_id)),
        **metrics.figures_with_intervals(found.label, found.probabilities, found.artist_id),
        "recall": metrics.by_genre(split.genres, recall),
        "lead": lead([found], others),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train evaluate``."""
    splits.add_arguments(parser)
    parser.add_argument("--split", default="validation", help="%(default)s")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")
    parser.add_argument("--output", metavar="CSV", help="one row a clip; SPLIT.csv")
    parser.add_argument(
        "--beside",
        default="artifacts/evidence",
        metavar="DIR",
        help="where `baselines` wrote, to compare with; %(default)s",
    )
    parser.add_argument("--folder", action=_Moved, help=argparse.SUPPRESS)


class _Moved(argparse.Action):
    """Ends with an error that names the step to which the option has moved."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        parser.error(
            "own files in folders named by genre are measured by "
            f"python -m train evaluate-folder --folder {values}"
        )


def run(arguments: argparse.Namespace) -> SavedEvaluation:
    """``python -m train evaluate``: measures, and returns what ``--json`` prints."""
    split = splits.from_arguments(arguments, arguments.split)
    looks.remind(arguments.protocol, arguments.split)
    output = arguments.output or f"{arguments.split}.csv"
    result = evaluate(
        arguments.model, split, output, protocol=arguments.protocol, baselines=arguments.beside
    )
    return {**result, "rows": str(output)}


def show(result: SavedEvaluation) -> None:
    """Prints the figures with their intervals, recall by genre, and the lead over baselines."""
    print(figures_text(result["clips"], result["artists"], result))
    for genre, share in result["recall"].items():
        print(f"recall of {genre:14} " + ("no clips" if share is None else f"{share:.3f}"))
    if result["lead"]:
        print(sentence(result["lead"]) + ".")
    else:
        print("Nothing else was measured on these clips: `python -m train baselines` does.")
    print(f"The predictions for each clip: {result['rows']}")
