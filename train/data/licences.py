"""Counts the licences of the clips that a network learned from, by kind, in FMA's tables."""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from train.data import fma
from train.data.clips import Clips
from train.data.tracks import Track
from train.errors import DataError
from train.outputs import output_file

FILE = "licences.json"
_NOT_STATED, _OTHER = "not stated", "other"
# What a Creative Commons licence may ask for, in the order of its short name, with what its title
# in FMA's tables has then, without spaces and hyphens.
_TERMS = {"NC": "noncommercial", "ND": "noderiv", "SA": "sharealike"}


def kind(title: str) -> str:
    """The short name of a licence, without version and country.

    Parameters
    ----------
    title : str
        As in FMA's tables.

    Returns
    -------
    str

    Examples
    --------
    >>> kind("Attribution-Noncommercial-Share Alike 3.0 United States")
    'CC BY-NC-SA'
    >>> kind("FMA-Limited: Download Only")
    'other'
    """
    plain = title.lower().replace(" ", "").replace("-", "")
    if not plain:
        return _NOT_STATED
    if "cc0" in plain:
        return "CC0"
    if "publicdomain" in plain:
        return "public domain"
    if "attribution" not in plain or "sampling" in plain:
        return _OTHER
    return "-".join(["CC BY", *(term for term, words in _TERMS.items() if words in plain)])


def count(tracks: list[Track], split: str = "training") -> dict[str, int]:
    """The numbers of a split's clips by the kind of their licence, the most frequent first.

    Parameters
    ----------
    tracks : list of Track
        Those of `fma.BROKEN` do not count: nothing learned from them.
    split : str

    Returns
    -------
    dict of str to int
    """
    used = [t for t in tracks if t.split == split and t.track_id not in fma.BROKEN]
    counted = Counter(kind(track.license) for track in used)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def read(evidence: Path, data_set: str) -> dict[str, int]:
    """The numbers that `run` wrote to a folder of evidence.

    Parameters
    ----------
    evidence : path
    data_set : str
        Its name.

    Returns
    -------
    dict of str to int
        Empty where they were not counted, or those of another data set were.

    Raises
    ------
    DataError
        If the file is not what it writes.
    """
    path = evidence / FILE
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        counted = {str(name): int(clips) for name, clips in stored["licences"].items()}
        return counted if stored["data_set"] == data_set else {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no count of licences: run python -m train licences.") from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train licences``."""
    parser.add_argument(
        "--fma", required=True, type=Path, metavar="DIR", help="folder with fma_metadata(.zip)"
    )
    parser.add_argument("--subset", choices=fma.SUBSETS, default="small", help="%(default)s")
    default = f"artifacts/evidence/{FILE}"
    parser.add_argument("--output", default=default, metavar="JSON", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train licences``: counts, writes, and returns what ``--json`` prints."""
    output = output_file(arguments.output)
    tracks = fma.tracks(Clips.find(arguments.fma, "fma_metadata"), arguments.subset)
    result = {"data_set": f"FMA-{arguments.subset}", "licences": count(tracks)}
    output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result
