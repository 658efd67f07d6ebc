"""What was tried, from what each trial's network said: the figures in `train/EXPERIMENTS.md`."""

import argparse
from pathlib import Path

from train.errors import DataError
from train.evidence import metrics, predictions


def trials(folder: str | Path) -> dict[str, dict]:
    """The figures of every trial whose predictions are in a folder.

    Parameters
    ----------
    folder : path of a folder of `.csv` files, as `evidence.write` writes them

    Returns
    -------
    dict of str to dict
        By the file's name without its suffix: those of `metrics.figures_with_intervals`.

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
        name: metrics.figures_with_intervals(said.label, said.probabilities, said.artist_id)
        for name, said in found.items()
    }


def cells(figures: dict) -> str:
    """A trial's accuracy, with its interval, and log loss, as two cells of a Markdown table."""
    mean, low, high = (100 * figures["accuracy"][part] for part in ("mean", "low", "high"))
    return f"{mean:.1f} ({low:.1f} to {high:.1f}) | {figures['log_loss']['mean']:.3f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train trials``."""
    default = "artifacts/evidence/trials"
    parser.add_argument("--evidence", default=default, metavar="DIR", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train trials``: computes, and returns what ``--json`` prints."""
    return trials(arguments.evidence)


def show(result: dict) -> None:
    """Prints what `run` returned, a line a trial."""
    for name, figures in result.items():
        print(f"| {name} | {cells(figures)} |")
