"""Measures a release of SongNet on the user's own files, in folders named by genre."""

import argparse
import sys
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from tqdm import tqdm

from songnet.batch import classify_jobs, find_jobs
from songnet.errors import AudioError
from songnet.folders import PassedOver
from songnet.weights import Weights, load_weights
from songnet.weights.metrics import Figures
from train.errors import DataError
from train.evidence import metrics, predictions
from train.evidence.predictions import Evidence
from train.evidence.tables import figures_text
from train.outputs import output_file


class FileAnswer(TypedDict):
    """What a release says of one file.

    ``label`` is the genre of its folder, ``genre`` the most probable one, ``confidence`` (0..1) its
    probability; ``abstained`` tells whether the answer is "not sure".
    """

    file: str
    label: str
    genre: str
    confidence: float
    abstained: bool


class FolderEvaluation(Figures):
    """The figures of a release on the user's own files.

    Attributes
    ----------
    clips, artists : int
        Numbers of files and artists, from the files' tags: a file without an artist counts as one.
    without_artist : int
        Number of files without an artist in their tags.
    confusion : dict of str to dict of str to int
        By the genre of the folder: how many of its files have each genre as the most probable.
    abstained : int
        Number of answers that are "not sure".
    left_out : dict of str to str
        Reasons by file, for those that were not classified.
    files : list of FileAnswer
        The others, in the order of the rows that were written.
    """

    clips: int
    artists: int
    without_artist: int
    confusion: dict[str, dict[str, int]]
    abstained: int
    left_out: dict[str, str]
    files: list[FileAnswer]


def evaluate(
    folder: str | Path, weights: Weights, output: str | Path | None = None
) -> FolderEvaluation:
    """Classifies files as the command line does, and compares the answers with the folders' names.

    Parameters
    ----------
    folder : path
        It holds files as ``GENRE/.../FILE``, with the genres in the network's spelling.
    weights : Weights
        The weights of a release.
    output : path of the CSV file to write, one row a file; None writes none

    Returns
    -------
    FolderEvaluation

    Raises
    ------
    DataError
        If it is no folder, no file has a genre that the network knows, none can be classified, or
        `output` cannot be written.
    """
    if not Path(folder).is_dir():
        raise DataError(f"{folder} is no folder: --folder names one with files as GENRE/FILE.")
    if output is not None:
        output_file(output)
    genres = weights.config.genres
    try:
        passed_over = PassedOver()
        jobs = find_jobs(folder, passed_over)
    except AudioError as error:
        raise DataError(str(error)) from error
    if said := passed_over.sentence():
        print(said, file=sys.stderr)
    known = [job for job in jobs if _genre_of(job.name) in genres]
    if not known:
        raise DataError(
            f"{folder} has no files as GENRE/FILE of a genre that the network knows: "
            f"{', '.join(genres)}."
        )
    left_out = {
        job.name: "The network does not know its genre." for job in jobs if job not in known
    }
    answers = []
    for answer in tqdm(classify_jobs(known, weights), total=len(known), unit=" files"):
        if "error" in answer:
            left_out[answer["file"]] = answer["error"]
        else:
            answers.append(answer)
    if not answers:
        raise DataError(f"Not one file can be used. The first: {next(iter(left_out.values()))}")
    evidence = _as_evidence(answers, genres)
    if output is not None:
        predictions.write(output, evidence)
    confusion = metrics.confusion_matrix(evidence.label, evidence.probabilities)
    return {
        "clips": len(answers),
        "artists": len(set(evidence.artist_id.tolist())),
        "without_artist": int((evidence.artist_id < 0).sum()),
        **metrics.figures_with_intervals(
            evidence.label, evidence.probabilities, evidence.artist_id
        ),
        "confusion": {
            genre: dict(zip(genres, row.tolist(), strict=True))
            for genre, row in zip(genres, confusion, strict=True)
            if row.any()
        },
        "abstained": sum(answer["abstained"] for answer in answers),
        "left_out": left_out,
        "files": [
            {
                "file": answer["file"],
                "label": _genre_of(answer["file"]),
                "genre": answer["genre"],
                "confidence": answer["confidence"],
                "abstained": answer["abstained"],
            }
            for answer in answers
        ],
    }


def _genre_of(name: str) -> str:
    """The genre of a file's folder: the first part of its name."""
    return name.split("/")[0]


def _as_evidence(answers: list[dict[str, Any]], genres: tuple[str, ...]) -> Evidence:
    artists = [answer["metadata"]["artist"] or "" for answer in answers]
    numbers = {name: i for i, name in enumerate(sorted({*artists} - {""}))}
    probabilities = np.array([[a["probabilities"][genre] for genre in genres] for a in answers])
    return Evidence(
        track_id=np.arange(len(answers)),
        label=np.array([genres.index(_genre_of(answer["file"])) for answer in answers]),
        artist_id=np.array([numbers.get(name, -1 - i) for i, name in enumerate(artists)]),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
        genres=genres,
        files=tuple(answer["file"] for answer in answers),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train evaluate-folder``."""
    parser.add_argument("--folder", required=True, metavar="DIR", help="own files, as GENRE/FILE")
    parser.add_argument(
        "--artifacts", default="artifacts", metavar="DIR", help="the release; %(default)s"
    )
    parser.add_argument("--output", metavar="CSV", help="write the predictions, one row a file")


def run(arguments: argparse.Namespace) -> FolderEvaluation:
    """``python -m train evaluate-folder``: measures, and returns what ``--json`` prints."""
    return evaluate(arguments.folder, load_weights(arguments.artifacts), arguments.output)


def show(result: FolderEvaluation) -> None:
    """Prints the figures, the confusion matrix, and what was left out."""
    print(figures_text(result["clips"], result["artists"], result))
    genres = list(next(iter(result["confusion"].values())))
    width = max(map(len, genres)) + 2
    print("\nfiles of (row) that were called (column):")
    print(" " * width + "".join(f"{genre:>{width}}" for genre in genres))
    for genre, row in result["confusion"].items():
        print(f"{genre:{width}}" + "".join(f"{count:{width}}" for count in row.values()))
    print(f"\n“not sure” of {result['abstained']} of {result['clips']} files")
    if result["without_artist"]:
        print(
            f"{result['without_artist']} of {result['clips']} files have no artist in their tags: "
            "each counts as an artist, which makes the intervals narrower than they should be."
        )
    for name, reason in result["left_out"].items():
        print(f"left out: {name}: {reason}")
