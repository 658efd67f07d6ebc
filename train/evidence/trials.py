"""Computes the figures in `train/EXPERIMENTS.md` from the predictions of each trial."""

import argparse
from pathlib import Path

from songnet.weights.metrics import Figures
from train import markdown
from train.errors import DataError
from train.evidence import metrics, predictions


def trials(folder: str | Path) -> dict[str, Figures]:
    """Computes the figures of every trial whose predictions are in a folder.

    Parameters
    ----------
    folder : path of a folder of `.csv` files, as `predictions.write` writes them

    Returns
    -------
    dict of str to Figures
        Figures by the name of the trial's file, without its suffix.

    Raises
    ------
    DataError
        If the folder holds no such file, or one that cannot be read.
    """
    found = {path.stem: predictions.read(path) for path in sorted(Path(folder).glob("*.csv"))}
    if not found:
        raise DataError(
            f"There are no trials in {folder}: --evidence names a folder of .csv files."
        )
    return {
        name: metrics.figures_with_intervals(run.label, run.probabilities, run.artist_id)
        for name, run in found.items()
    }


def cells(figures: Figures) -> tuple[str, str]:
    """A trial's accuracy with its interval, and its log loss, as cells of a Markdown table."""
    accuracy = figures["accuracy"]
    mean, low, high = (
        f"{100 * share:.1f}" for share in (accuracy["mean"], accuracy["low"], accuracy["high"])
    )
    return f"{mean} ({low} to {high})", f"{figures['log_loss']['mean']:.3f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train trials``."""
    default = "artifacts/evidence/trials"
    parser.add_argument("--evidence", default=default, metavar="DIR", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, Figures]:
    """``python -m train trials``: computes, and returns what ``--json`` prints."""
    return trials(arguments.evidence)


def show(result: dict[str, Figures]) -> None:
    """Prints the figures of each trial as a row of a Markdown table."""
    for name, figures in result.items():
        print(markdown.row([name, *cells(figures)]))
