"""Writes `metrics.json`, the plots and the marked parts of the docs, all from the evidence."""

import argparse
import json
from pathlib import Path

from songnet.classifier import Classifier
from songnet.weights.metrics import METRICS_FILE, Metrics
from train.errors import DataError
from train.evidence.comparison import NAMES
from train.evidence.names import EvidenceName
from train.network import history
from train.release import plots, readme
from train.release.attention_plot import attention
from train.release.figures import Measured, compute_metrics, read_measured


def report(
    artifacts: str | Path, page: str | Path | None = None, song: str | Path | None = None
) -> Metrics:
    """Computes every quoted figure from the evidence of a release, and writes and draws it.

    Parameters
    ----------
    artifacts : path of the folder of a release
        `metrics.json` and the folder ``plots`` are written there.
    page : path of the one page whose marked parts are written, or None
        None for all that `train.release.readme.PAGES` names next to the folder.
    song : path of an audio file, or None
        Song over which the network's attention is drawn; None leaves that plot as it is.

    Returns
    -------
    Metrics

    Raises
    ------
    DataError
        If evidence or `config.json` is missing, a file of measurements is none, or the named page
        has no marks.
    """
    artifacts = Path(artifacts)
    measured = read_measured(artifacts)
    metrics = compute_metrics(measured)
    official = metrics["protocols"].get("official")
    if official is None or "songnet" not in official["models"]:
        expected = EvidenceName(protocol="official", split="SPLIT", model="songnet", number=0)
        raise DataError(
            f"{artifacts / 'evidence'} has nothing of SongNet on the official split: write "
            f"{expected.file} there with python -m train evaluate --output."
        )
    # Before anything is written: a file of measurements may be none.
    content = readme.parts(artifacts, metrics, measured.config)
    text = json.dumps(metrics, indent=1, allow_nan=False) + "\n"
    (artifacts / METRICS_FILE).write_text(text, encoding="utf-8")
    draw(artifacts, measured, metrics, song)
    readme.update(page, artifacts, content)
    return metrics


def draw(
    artifacts: Path, measured: Measured, metrics: Metrics, song: str | Path | None = None
) -> None:
    """Draws the plots of a release to its folder ``plots``.

    Parameters
    ----------
    artifacts : path of the folder of a release
    measured : Measured
        It has predictions of SongNet on the official split.
    metrics : Metrics
        As `compute_metrics` computes them from `measured`.
    song : path of an audio file, or None
        Song over which the attention is drawn; None leaves that plot as it is.
    """
    folder = artifacts / "plots"
    folder.mkdir(exist_ok=True)
    official = metrics["protocols"]["official"]
    models = measured.runs["official", official["split"]]
    runs = models["songnet"]
    names = {model: name.strip("*") for model, name in NAMES.items()}
    best = [official["lead"]["over"]] if "lead" in official else []
    plots.confusion(runs, folder / "confusion.png")
    plots.reliability(runs, folder / "reliability.png")
    plots.risk_coverage(
        {names[model]: models[model] for model in ("songnet", *best)},
        measured.config.abstain_below,
        folder / "risk_coverage.png",
    )
    protocols = metrics["protocols"]
    compared = {name: figures for name, figures in protocols.items() if len(figures["models"]) > 1}
    plots.comparison(compared or protocols, names, folder / "comparison.png")
    if epochs := history.read(artifacts / "evidence"):
        history.draw(epochs, len(runs[0].genres), folder / "training_history.png")
    if song is not None:
        attention(Classifier.load(artifacts), song, folder / "attention.png")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train report``."""
    parser.add_argument("--artifacts", default="artifacts", metavar="DIR", help="%(default)s")
    parser.add_argument(
        "--readme", metavar="FILE", help="write its marked parts; README.md and docs next to DIR"
    )
    parser.add_argument("--audio", metavar="SONG", help="draw the network's attention over it, too")


def run(arguments: argparse.Namespace) -> Metrics:
    """``python -m train report``: writes the report, and returns what ``--json`` prints."""
    return report(arguments.artifacts, arguments.readme, arguments.audio)
