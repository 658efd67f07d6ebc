"""How good a released SongNet is on somebody's own labelled music."""

from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from songnet.batch import classify_jobs, find_jobs
from songnet.errors import AudioError
from songnet.weights import Weights
from train.errors import DataError
from train.evidence import metrics, predictions


def evaluate(folder: str | Path, weights: Weights, output: str | Path | None = None) -> dict:
    """Classifies files as the page and the command line do, and compares with their folders' names.

    Parameters
    ----------
    folder : path
        It holds files as ``GENRE/.../FILE``, with the genres spelled as the network does.
    weights : Weights
        Of a release: `songnet.tflite` and `config.json`.
    output : path of the CSV file to write, one row a file; None writes none

    Returns
    -------
    dict
        ``clips`` and ``artists`` (from the files' tags; a file without is an artist of its own);
        ``without_artist``; the figures of `metrics.figures_with_intervals`; ``confusion``: how
        many files of each genre were called each; ``abstained``: how many answers are "not sure";
        ``left_out``: reasons by file.

    Raises
    ------
    DataError
        If no file has a genre that the network knows.
    """
    genres = weights.config.genres
    try:
        jobs = find_jobs(folder)
    except AudioError as error:
        raise DataError(str(error)) from error
    known = [job for job in jobs if job.name.split("/")[0] in genres]
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
    said = _as_evidence(answers, genres)
    if output is not None:
        predictions.write(output, said)
    confusion = metrics.confusion_matrix(said.label, said.probabilities)
    return {
        "clips": len(answers),
        "artists": len(set(said.artist_id.tolist())),
        "without_artist": int((said.artist_id < 0).sum()),
        **metrics.figures_with_intervals(said.label, said.probabilities, said.artist_id),
        "confusion": {
            genre: dict(zip(genres, row.tolist(), strict=True))
            for genre, row in zip(genres, confusion, strict=True)
            if row.any()
        },
        "abstained": Counter(answer["abstained"] for answer in answers)[True],
        "left_out": left_out,
    }


def _as_evidence(answers: list[dict], genres: tuple[str, ...]) -> predictions.Evidence:
    artists = [answer["metadata"]["artist"] or "" for answer in answers]
    numbers = {name: i for i, name in enumerate(sorted({*artists} - {""}))}
    probabilities = np.array([[a["probabilities"][genre] for genre in genres] for a in answers])
    return predictions.Evidence(
        track_id=np.arange(len(answers)),
        label=np.array([genres.index(answer["file"].split("/")[0]) for answer in answers]),
        artist_id=np.array([numbers.get(name, -1 - i) for i, name in enumerate(artists)]),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
        genres=genres,
    )


def show(result: dict) -> None:
    """Prints what was taken for what, and what was left out.

    Parameters
    ----------
    result : dict
        As `evaluate` returns it.
    """
    said = list(next(iter(result["confusion"].values())))
    width = max(map(len, said)) + 2
    print("\nfiles of (row) that were called (column):")
    print(" " * width + "".join(f"{genre:>{width}}" for genre in said))
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
