"""Computes the figures of `metrics.json` from the evidence of a release."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet.errors import WeightsError
from songnet.spec import VERSION
from songnet.weights import ReleaseConfig
from songnet.weights.metrics import (
    Answered,
    Figures,
    FileFigures,
    GenreClips,
    Metrics,
    ModelFigures,
    ProtocolFigures,
    Robustness,
    TrainingCost,
)
from songnet.weights.release import MODEL_FILE
from train.cost import size_table, training
from train.data import data_set, licences
from train.errors import DataError
from train.evidence import before_after, metrics, predictions
from train.evidence.comparison import lead
from train.evidence.confidence import cross_calibrated
from train.evidence.names import find_evidence
from train.evidence.predictions import Evidence

_PROTOCOLS = {
    "folds": "artist-grouped 5-fold cross-validation over training and validation",
    "random": "random 80/10/10 split of training and validation: artists are on both sides",
}

# What is added of a part of the official split.
_OFFICIAL = {
    "test": "nothing was chosen by its test part",
    "validation": "its validation part chose the epoch and most settings, and flatters",
}
# The figures that count come first.
_ORDER = (("official", "test"), ("folds", "test"), ("official", "validation"), ("random", "test"))

# Predictions by protocol and split, then by model: one for each seed, or one for all folds.
Runs = Mapping[tuple[str, str], Mapping[str, list[Evidence]]]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The measurements of a release, as read from its folder.

    Attributes
    ----------
    config : ReleaseConfig
    runs : dict
        Predictions by protocol and split, then by model: one for each seed, or one for all folds.
    robustness : Robustness or None
        None if the robustness of these weights was not measured.
    sizes : dict of str to FileFigures
        Figures by file; empty if these files were not measured.
    licences : dict of str to int
        Numbers of training clips by kind of licence; empty if they were not counted.
    training : TrainingCost or None
        None if the times of no training were noted.
    """

    config: ReleaseConfig
    runs: Runs
    robustness: Robustness | None
    sizes: Mapping[str, FileFigures]
    licences: Mapping[str, int]
    training: TrainingCost | None


def read_measured(artifacts: str | Path) -> Measured:
    """Reads the `config.json` and the evidence of a release, each file once.

    Parameters
    ----------
    artifacts : path of the folder of a release

    Returns
    -------
    Measured

    Raises
    ------
    DataError
        If there is no evidence, or no `config.json`.
    """
    artifacts = Path(artifacts)
    try:
        config = ReleaseConfig.read(artifacts)
    except WeightsError as error:
        raise DataError(f"{error} Run `python -m train export` first.") from error
    return Measured(
        config=config,
        runs=_read_runs(artifacts / "evidence"),
        robustness=_robustness(artifacts / "evidence", config),
        sizes=size_table.read(artifacts, config.files),
        licences=licences.read(artifacts / "evidence", data_set.of_release(config).data_set),
        training=training.read(artifacts / "evidence"),
    )


def _read_runs(folder: Path) -> Runs:
    """The predictions, in the order of `_ORDER`."""
    found: dict[tuple[str, str], dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for name, path in find_evidence(folder):
        found[name.protocol, name.split][name.model].append(predictions.read(path))
    if not found:
        raise DataError(f"There is no evidence in {folder}.")
    if folds := found.get(("folds", "test"), {}).get("songnet"):
        found["folds", "test"]["songnet"] = [cross_calibrated(folds)]
    last = len(_ORDER)
    order = sorted(found, key=lambda key: _ORDER.index(key) if key in _ORDER else last)
    return {key: found[key] for key in order}


def _robustness(folder: Path, config: ReleaseConfig) -> Robustness | None:
    """The robustness of these weights; None if it was not measured, or only that of others."""
    found = before_after.robustness(folder, config.abstain_below)
    shipped = config.files.get(MODEL_FILE)
    if found is None or (shipped is not None and shipped.sha256.startswith(found["weights"])):
        return found
    print("The robustness of other weights was measured: run `python -m train robustness`.")
    return None


def compute_metrics(measured: Measured) -> Metrics:
    """Computes every figure of `metrics.json`.

    Parameters
    ----------
    measured : Measured

    Returns
    -------
    Metrics
        Where a protocol has evidence on two splits, the second is under ``PROTOCOL-SPLIT``. Test
        comes before validation: ``official`` is the test split where it was measured.
    """
    official = data_set.of_release(measured.config).split
    has_test = ("official", "test") in measured.runs
    protocols: dict[str, ProtocolFigures] = {}
    for (protocol, split), models in measured.runs.items():
        key = f"{protocol}-{split}" if protocol in protocols else protocol
        described = _PROTOCOLS.get(protocol, protocol)
        if protocol == "official":
            described = f"{official}; {_OFFICIAL.get(split, split)}" if has_test else official
        protocols[key] = _protocol_figures(split, described, models, measured.config.abstain_below)
    result: Metrics = {"version": VERSION, "protocols": protocols}
    if measured.robustness is not None:
        result["robustness"] = measured.robustness
    if measured.sizes:
        result["sizes"] = dict(measured.sizes)
    if measured.licences:
        result["licences"] = dict(measured.licences)
    if measured.training is not None:
        result["training"] = measured.training
    return result


def _protocol_figures(
    split: str, description: str, models: Mapping[str, list[Evidence]], abstain_below: float
) -> ProtocolFigures:
    clips = next(iter(models.values()))[0]
    result: ProtocolFigures = {
        "split": split,
        "description": description,
        "clips": len(clips.label),
        "artists": len(np.unique(clips.artist_id)),
        "models": {model: model_figures(runs, abstain_below) for model, runs in models.items()},
        "genres": _genre_clips(clips),
    }
    others = {model: runs for model, runs in models.items() if model != "songnet"}
    if found := lead(models.get("songnet", []), others):
        result["lead"] = found
    return result


def _genre_clips(clips: Evidence) -> dict[str, GenreClips]:
    of_genre = {genre: clips.label == label for label, genre in enumerate(clips.genres)}
    return {
        genre: {
            "clips": int(rows.sum()),
            "artists": len(by_artist := np.unique(clips.artist_id[rows], return_counts=True)[1]),
            "most_of_one": int(by_artist.max(initial=0)),
        }
        for genre, rows in of_genre.items()
    }


def model_figures(runs: Sequence[Evidence], abstain_below: float) -> ModelFigures:
    """Computes the figures of one model on one split.

    Parameters
    ----------
    runs : sequence of Evidence
        One for each seed, on the same clips, or each on its own clips.
    abstain_below : float, 0..1
        Confidence under which an answer is "not sure".

    Returns
    -------
    ModelFigures
        Their means are over the runs.
    """
    recall = np.mean([metrics.recall_by_genre(r.label, r.probabilities) for r in runs], axis=0)
    pooled = predictions.joined(runs)
    of_genre = np.eye(len(pooled.genres), dtype=bool)[pooled.label]
    found = of_genre & pooled.correct[:, None]
    intervals = metrics.ratio_intervals(found, of_genre, pooled.artist_id)
    return {
        **_mean_figures(runs),
        "recall": metrics.by_genre(runs[0].genres, recall),
        "recall_interval": {
            genre: interval.tolist()
            for genre, interval in zip(pooled.genres, intervals, strict=True)
            if not np.isnan(interval).any()
        },
        "answered": _answered(pooled, abstain_below),
    }


def _mean_figures(runs: Sequence[Evidence]) -> Figures:
    first = runs[0]
    if all(np.array_equal(run.track_id, first.track_id) for run in runs):
        probabilities = np.stack([run.probabilities for run in runs])
        return metrics.figures_with_intervals(first.label, probabilities, first.artist_id)
    pooled = predictions.joined(runs)
    result = metrics.figures_with_intervals(pooled.label, pooled.probabilities, pooled.artist_id)
    each = [metrics.figures(run.label, run.probabilities) for run in runs]
    for name in metrics.FIGURES:
        seeds = [float(figures[name][0]) for figures in each]
        result[name]["mean"], result[name]["seeds"] = float(np.mean(seeds)), seeds
    return result


def _answered(run: Evidence, abstain_below: float) -> Answered:
    sure = run.confidence >= abstain_below
    if not sure.any():
        return {"share": 0.0, "accuracy": None}
    hits = np.stack([sure, sure & run.correct], axis=1)
    counted = np.stack([np.ones_like(sure), sure], axis=1)
    share, accuracy = metrics.ratio_intervals(hits, counted, run.artist_id).tolist()
    return {
        "share": float(sure.mean()),
        "accuracy": float(run.correct[sure].mean()),
        "share_interval": share,
        "accuracy_interval": accuracy,
    }
