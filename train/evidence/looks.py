"""The guard of the official test split: it is looked at to report, and nothing is chosen by it."""

import sys
from functools import cache
from pathlib import Path

from songnet.weights import EMBEDDED
from train.errors import DataError
from train.evidence import predictions
from train.evidence.names import EvidenceName, find_evidence
from train.evidence.predictions import Evidence

_SPLIT = ("official", "test")


def remind(protocol: str, split: str) -> None:
    """Says on standard error what a look at the official test split may be for; else nothing.

    Parameters
    ----------
    protocol, split : str
        What is about to be measured on.
    """
    if (protocol, split) == _SPLIT:
        print(
            "The official test split is for reporting: choose nothing by it (no setting, epoch, "
            "threshold or method), and note this look, its day and its reason, where the figures "
            "are quoted, as train/EXPERIMENTS.md does.",
            file=sys.stderr,
        )


def read_to_choose(evidence: str | Path) -> Evidence:
    """Reads predictions by which something is chosen: none for the official test split.

    Parameters
    ----------
    evidence : path of a file of predictions

    Returns
    -------
    Evidence

    Raises
    ------
    DataError
        If it is named as predictions for that split, or has clips of FMA-small's under another
        name: those for which this installation has predictions. Or as in `predictions.read`.
    """
    name = EvidenceName.parse(Path(evidence).name)
    if name is not None and (name.protocol, name.split) == _SPLIT:
        raise _refusal(f"{evidence} is")
    run = predictions.read(evidence)
    if found := len(_clips(run) & _test_clips()):
        raise _refusal(f"{found} of the {len(run.label)} clips in {evidence} are")
    return run


def _refusal(what: str) -> DataError:
    return DataError(
        f"{what} of the official test split, by which nothing is chosen: give predictions for "
        "folds or for the validation split."
    )


def _clips(run: Evidence) -> set[tuple[int, int, str]]:
    """Each clip's track, artist and genre: tracks of other data sets may have the same numbers."""
    genres = (run.genres[label] for label in run.label)
    return set(zip(run.track_id.tolist(), run.artist_id.tolist(), genres, strict=True))


@cache
def _test_clips() -> set[tuple[int, int, str]]:
    found = (
        _clips(predictions.read(path))
        for name, path in find_evidence(EMBEDDED / "evidence")
        if (name.protocol, name.split) == _SPLIT
    )
    return next(found, set())
