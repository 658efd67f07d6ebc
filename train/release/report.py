"""Computes `metrics.json` and the plots from the evidence, and from them the README's table."""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from songnet.classifier import Classifier
from songnet.errors import WeightsError
from songnet.spec import VERSION
from songnet.weights.release import MODEL_FILE, ReleaseConfig
from train.cost import size_table
from train.data import data_set
from train.errors import DataError
from train.evidence import before_after, metrics, predictions
from train.evidence.comparison import NAMES, lead, sentence
from train.evidence.confidence import cross_calibrated
from train.evidence.names import EvidenceName, find_evidence
from train.markdown import has_part, with_part
from train.release import plots
from train.release.attention_plot import attention

_PROTOCOLS = {
    "folds": "artist-grouped 5-fold cross-validation over training and validation",
    "random": "random 80/10/10 split of training and validation: artists are on both sides",
}


def report(artifacts: str | Path) -> dict:
    """Computes every quoted figure from the per-clip predictions in ``artifacts/evidence``.

    Parameters
    ----------
    artifacts : path of the folder of a release

    Returns
    -------
    dict
        ``version`` and ``protocols``: for each (where a protocol has evidence on two splits, the
        second is under ``PROTOCOL-SPLIT``), ``split``, ``description``, ``clips``,
        ``artists`` and ``models``: for each, the figures of `metrics.figures_with_intervals` and
        ``recall`` by genre (None for one without clips) and ``answered``, the share of clips that
        are not abstained from and the accuracy on these (None without any), means over the seeds;
        and ``lead``, SongNet's paired difference in accuracy from the best other model, if both
        heard the same clips. What `metrics.json` holds. And ``sizes``, where the files of this
        release were measured: what `size_table.read` returns.

    Raises
    ------
    DataError
        If there is no evidence, or no `config.json`.
    """
    config = _config(artifacts)
    abstain_below = config.abstain_below
    described = _PROTOCOLS | {"official": data_set.read(Path(artifacts) / "config.json").split}
    protocols = {}
    for (protocol, split), models in _read_evidence(Path(artifacts) / "evidence").items():
        key = f"{protocol}-{split}" if protocol in protocols else protocol
        protocols[key] = {
            "split": split,
            "description": described.get(protocol, protocol),
            "clips": len(next(iter(models.values()))[0].label),
            "artists": len(np.unique(next(iter(models.values()))[0].artist_id)),
            "models": {model: _figures(runs, abstain_below) for model, runs in models.items()},
        }
        others = {model: runs for model, runs in models.items() if model != "songnet"}
        if found := lead(models.get("songnet", []), others):
            protocols[key]["lead"] = found
    result = {"version": VERSION, "protocols": protocols, **_robustness(Path(artifacts))}
    sizes = size_table.read(artifacts, config.files)
    return result | ({"sizes": sizes} if sizes else {})


def _robustness(artifacts: Path) -> dict:
    """How steady the shipped weights are; nothing where others were measured."""
    found = before_after.robustness(artifacts / "evidence")
    if found is None:
        return {}
    shipped = _config(artifacts).files.get(MODEL_FILE)
    if shipped is None or not shipped.sha256.startswith(found["weights"]):
        print("The robustness of other weights was measured: run `python -m train robustness`.")
        return {}
    return {"robustness": found}


def _read_evidence(folder: Path) -> dict[tuple[str, str], dict[str, list[predictions.Evidence]]]:
    """By protocol and split, then by model: the runs, one a seed; all folds are one run."""
    found = defaultdict(lambda: defaultdict(list))
    for name, path in find_evidence(folder):
        found[name.protocol, name.split][name.model].append(predictions.read(path))
    if not found:
        raise DataError(f"There is no evidence in {folder}.")
    if folds := found.get(("folds", "test"), {}).get("songnet"):
        found["folds", "test"]["songnet"] = [cross_calibrated(folds)]
    return found


def _config(artifacts: str | Path) -> ReleaseConfig:
    try:
        return ReleaseConfig.read(artifacts)
    except WeightsError as error:
        raise DataError(f"{error} Run `python -m train export` first.") from error


def _figures(runs: list[predictions.Evidence], abstain_below: float) -> dict:
    """The mean of several seeds' figures, on the same clips or each on its own."""
    first = runs[0]
    recall = np.mean([metrics.recall_by_genre(r.label, r.probabilities) for r in runs], axis=0)
    if all(np.array_equal(run.track_id, first.track_id) for run in runs):
        probabilities = np.stack([run.probabilities for run in runs])
        result = metrics.figures_with_intervals(first.label, probabilities, first.artist_id)
    else:
        result = metrics.figures_with_intervals(
            *(
                np.concatenate([getattr(run, name) for run in runs])
                for name in ("label", "probabilities", "artist_id")
            )
        )
        for name, figure in result.items():
            each = [metrics.figures(run.label, run.probabilities)[name][0] for run in runs]
            figure |= {"mean": float(np.mean(each)), "seeds": [float(value) for value in each]}
    sure = np.concatenate([run.probabilities.max(axis=1) >= abstain_below for run in runs])
    right = np.concatenate([run.probabilities.argmax(axis=1) == run.label for run in runs])
    answered = {
        "share": float(sure.mean()),
        "accuracy": float(right[sure].mean()) if sure.any() else None,
    }
    recall = metrics.by_genre(first.genres, recall)
    return {**result, "recall": recall, "answered": answered}


def table(report: dict) -> str:
    """The README's table, in Markdown.

    Parameters
    ----------
    report : dict
        As `report` computes it.

    Returns
    -------
    str
        One line a model and protocol, the most accurate first.
    """
    lines = [
        "| Split | Model | Accuracy (95 % interval) | Macro-F1 | Log loss | ECE | Seeds |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, protocol in report["protocols"].items():
        where = f"{name}, {protocol['split']}: {protocol['clips']} clips"
        where += f" of {protocol['artists']} artists"
        models = sorted(protocol["models"].items(), key=lambda item: -item[1]["accuracy"]["mean"])
        for model, figures in models:
            accuracy = figures["accuracy"]
            lines.append(
                f"| {where} | {NAMES.get(model, model)} "
                f"| {_percent(accuracy['mean'])} % "
                f"({_percent(accuracy['low'])} to {_percent(accuracy['high'])}) "
                f"| {_percent(figures['macro_f1']['mean'])} % "
                f"| {figures['log_loss']['mean']:.3f} | {figures['ece']['mean']:.3f} "
                f"| {len(accuracy['seeds'])} |"
            )
    return "\n".join(lines)


def draw(artifacts: str | Path, report: dict, song: str | Path | None = None) -> None:
    """Draws the plots of a release from its evidence to ``artifacts/plots``.

    Parameters
    ----------
    artifacts : path of the folder of a release
    report : dict
        As `report` computes it.
    song : path of an audio file, or None
        What to draw the attention over; None leaves that plot as it is.
    """
    folder = Path(artifacts) / "plots"
    folder.mkdir(exist_ok=True)
    official = report["protocols"]["official"]
    evidence_folder = Path(artifacts) / "evidence"
    models = _read_evidence(evidence_folder)["official", official["split"]]
    runs = models["songnet"]
    names = {model: name.strip("*") for model, name in NAMES.items()}
    best = [official["lead"]["over"]] if "lead" in official else []
    plots.confusion(runs, folder / "confusion.png")
    plots.reliability(runs, folder / "reliability.png")
    plots.risk_coverage(
        {names[model]: models[model] for model in ("songnet", *best)},
        _config(artifacts).abstain_below,
        folder / "risk_coverage.png",
    )
    compared = {key: said for key, said in report["protocols"].items() if len(said["models"]) > 1}
    plots.comparison(compared or report["protocols"], names, folder / "comparison.png")
    history = evidence_folder / data_set.HISTORY_FILE
    if history.is_file():
        epochs = json.loads(history.read_text(encoding="utf-8"))
        plots.training_history(epochs, len(runs[0].genres), folder / "training_history.png")
    if song is not None:
        attention(Classifier.load(artifacts), song, folder / "attention.png")


def _said_of(answered: dict) -> str:
    if answered["accuracy"] is None:
        return "SongNet says “not sure” of all its clips."
    return (
        f"Of its clips SongNet answers {_percent(answered['share'])} %, and "
        f"{_percent(answered['accuracy'])} % of these answers are right; of the others it says "
        "“not sure”."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def with_table(readme: str, report: dict) -> str:
    """The README's text with the tables of `report`, and what they leave out, between marks."""
    official = report["protocols"]["official"]
    ahead = f"On the official split {sentence(official['lead'])}. " if "lead" in official else ""
    said = ahead + _said_of(official["models"]["songnet"]["answered"])
    figures = [table(report), said, size_table.markdown(report.get("sizes", {}))]
    readme = with_part(readme, "figures", "\n\n".join(filter(None, figures)))
    steady = before_after.tables(report["robustness"]) if "robustness" in report else ""
    return with_part(readme, "robustness", steady)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train report``."""
    parser.add_argument("--artifacts", default="artifacts", metavar="DIR", help="%(default)s")
    parser.add_argument("--readme", metavar="FILE", help="with tables; README.md beside DIR")
    parser.add_argument("--audio", metavar="SONG", help="draw the network's attention over it, too")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train report``: writes them all, and returns what ``--json`` prints."""
    artifacts = Path(arguments.artifacts)
    result = report(artifacts)
    if "songnet" not in result["protocols"].get("official", {}).get("models", {}):
        expected = EvidenceName(protocol="official", split="SPLIT", model="songnet", number=0)
        raise DataError(
            f"{artifacts / 'evidence'} has nothing of SongNet on the official split: write "
            f"{expected.file} there with python -m train evaluate --output."
        )
    text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    (artifacts / "metrics.json").write_text(text, encoding="utf-8")
    draw(artifacts, result, arguments.audio)
    _update(artifacts, arguments.readme, result)
    return result


def _update(artifacts: Path, named: str | None, result: dict) -> None:
    """Writes the tables into a README: the named one, or one beside the release that has some."""
    readme = Path(named or artifacts.resolve().parent / "README.md")
    text = readme.read_text(encoding="utf-8") if named or readme.is_file() else ""
    if named or has_part(text, "figures"):
        readme.write_text(with_table(text, result), encoding="utf-8")
