"""The guard of the official test split: it is looked at to report, and nothing is chosen by it."""

import sys
from pathlib import Path

from train.errors import DataError
from train.evidence.names import EvidenceName

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


def refuse(evidence: str | Path) -> None:
    """Refuses predictions for the official test split, where something is chosen by predictions.

    Parameters
    ----------
    evidence : path of a file, by whose name it is known

    Raises
    ------
    DataError
        If it is named as predictions for that split.
    """
    name = EvidenceName.parse(Path(evidence).name)
    if name is not None and (name.protocol, name.split) == _SPLIT:
        raise DataError(
            f"{evidence} is of the official test split, by which nothing is chosen: give "
            "predictions for folds or for the validation split."
        )
