"""Plots of an evaluation, as PNG files."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from songnet.colours import BLUE, GREY, INK, ORANGE, PALE, WHITE, genre_colours
from songnet.weights.metrics import ProtocolFigures
from train.evidence import metrics
from train.evidence.predictions import Evidence
from train.plotting import save

_RESAMPLES = 2000
_BINS = 10
_FEWEST = 10  # a bin with fewer clips is not drawn
_SHORTEST_AXIS = 88  # per cent, of the comparison
_NOTES_AT = 38  # per cent: below the risk-coverage curves


def confusion(runs: list[Evidence], path: Path) -> None:
    """Draws the confusion matrix: predictions for each genre's clips, in per cent of these.

    Parameters
    ----------
    runs : list of Evidence
        One for each seed.
    path : path of the PNG file to write
    """
    genres = runs[0].genres
    matrices = [metrics.confusion_matrix(run.label, run.probabilities) for run in runs]
    counts = np.sum(matrices, axis=0)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(9, 7.6))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for true, predicted in np.ndindex(shares.shape):
        axes.text(
            predicted,
            true,
            f"{shares[true, predicted]:.0f}",
            ha="center",
            va="center",
            color=WHITE if shares[true, predicted] > 55 else INK,
            weight="bold" if true == predicted else "normal",
        )
    axes.set_xticks(range(len(genres)), genres, rotation=40, ha="right")
    axes.set_yticks(range(len(genres)), genres)
    axes.tick_params(length=0)
    # The page's colours next to the names of their genres.
    for place, colour in enumerate(genre_colours(genres).values()):
        square = {"color": colour.light, "marker": "s", "markersize": 9, "clip_on": False}
        axes.plot(-0.64, place, **square)
        axes.plot(place, len(genres) - 0.36, **square)
    axes.set(xlim=(-0.5, len(genres) - 0.5), ylim=(len(genres) - 0.5, -0.5))
    axes.tick_params(pad=14)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="SongNet says", ylabel="The label says", title="Of 100 clips of each genre")
    save(figure, path)


def reliability(runs: list[Evidence], path: Path) -> None:
    """Draws the accuracy at each confidence, with 95 % intervals.

    Parameters
    ----------
    runs : list of Evidence
        One for each seed, on the same artists.
    path : path of the PNG file to write
    """
    confidence = np.concatenate([run.confidence for run in runs])
    correct = np.concatenate([run.correct for run in runs])
    weights = metrics.artist_weights(
        np.concatenate([run.artist_id for run in runs]), _RESAMPLES, seed=0
    )
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(8, 8), sharex=True, height_ratios=[3.5, 1])
    upper.plot([0, 100], [0, 100], color=GREY, linestyle=":", label="as sure as right")
    rows = [bins == b for b in range(_BINS) if (bins == b).sum() >= _FEWEST]
    sure = [100 * confidence[row].mean() for row in rows]
    share = [100 * correct[row].mean() for row in rows]
    drawn = [
        100 * (weights[:, row] @ correct[row]) / np.maximum(weights[:, row].sum(axis=1), 1)
        for row in rows
    ]
    interval = [np.percentile(of_bin, [2.5, 97.5]) for of_bin in drawn]
    spread = [
        [max(mean - low, 0), max(high - mean, 0)]
        for mean, (low, high) in zip(share, interval, strict=True)
    ]
    spread = np.reshape(spread, (-1, 2)).T  # a small split may fill no bin
    upper.errorbar(
        sure, share, spread, fmt="o-", color=BLUE, capsize=4, elinewidth=1.3, label="SongNet"
    )
    errors = [metrics.figures(run.label, run.probabilities)["ece"][0] for run in runs]
    upper.set(ylabel="Right, % of clips", xlim=(0, 100), ylim=(0, 100))
    upper.set_title(f"Reliability: calibration error {np.mean(errors):.3f}")
    upper.legend(loc="upper left")
    lower.hist(100 * confidence, bins=np.linspace(0, 100, _BINS + 1), color=BLUE, rwidth=0.9)
    lower.set(xlabel="Confidence, % (95 % intervals over artists)", ylabel="Clips")
    save(figure, path)


def risk_coverage(models: Mapping[str, list[Evidence]], abstain_below: float, path: Path) -> None:
    """Draws the accuracy on the clips of highest confidence against their share.

    Parameters
    ----------
    models : dict of str to list of Evidence
        Predictions by model, SongNet first; one for each seed, all for the same clips. SongNet's
        95 % interval is drawn.
    abstain_below : float, 0..1
        Confidence under which SongNet's answer is "not sure", which is marked.
    path : path of the PNG file to write
    """
    figure, axes = plt.subplots(figsize=(9, 6))
    coverage = np.linspace(0.05, 1.0, 96)
    (songnet, runs), *others = models.items()
    for name, other in others:
        curve = _accuracy_at(other, coverage, np.ones((1, len(other[0].label))))[0]
        axes.plot(100 * coverage, 100 * curve, color=GREY, linestyle="--", label=name)
    curve = _accuracy_at(runs, coverage, np.ones((1, len(runs[0].label))))[0]
    weights = metrics.artist_weights(runs[0].artist_id, _RESAMPLES, seed=0)
    low, high = np.percentile(_accuracy_at(runs, coverage, weights), [2.5, 97.5], axis=0)
    axes.fill_between(100 * coverage, 100 * low, 100 * high, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(100 * coverage, 100 * curve, color=BLUE, label=f"{songnet} (95 % over artists)")
    sure = np.mean([(run.confidence >= abstain_below).mean() for run in runs])
    threshold = f"“not sure” under {100 * abstain_below:.0f} %"
    for share, why in ((0.5, "surest half"), (sure, threshold)):
        value = 100 * np.interp(share, coverage, curve)
        axes.plot(100 * share, value, "o", color=ORANGE, markersize=9)
        axes.annotate(
            f"{why}:\n{value:.0f} % right",
            (100 * share, value),
            xytext=(100 * share, _NOTES_AT),
            va="top",
            ha="center" if share < 0.85 else "right",
            arrowprops={"arrowstyle": "-", "color": GREY},
        )
    axes.set(xlabel="Clips answered, %, the surest first", ylabel="Right, % of the answered")
    axes.set(xlim=(0, 100), ylim=(0, 100), title="Accuracy on the clips it is surest of")
    axes.legend(loc="lower left")
    save(figure, path)


def _accuracy_at(runs: list[Evidence], coverage: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Accuracy on the clips of highest confidence, mean of runs: [shape=(b, len(coverage))]."""
    curves = []
    for run in runs:
        order = np.argsort(-run.confidence, kind="stable")
        correct = run.correct[order]
        answered = np.cumsum(weights[:, order], axis=1)
        hits = np.cumsum(weights[:, order] * correct, axis=1)
        share = answered / answered[:, -1:]
        accuracy = hits / np.maximum(answered, 1)
        curves.append([np.interp(coverage, *pair) for pair in zip(share, accuracy, strict=True)])
    return np.mean(curves, axis=0)


def comparison(
    protocols: Mapping[str, ProtocolFigures], names: Mapping[str, str], path: Path
) -> None:
    """Draws the accuracy of all models with intervals, one panel for each protocol.

    Parameters
    ----------
    protocols : dict of str to ProtocolFigures
        Figures by protocol.
    names : dict of str to str
        Names of the models for readers.
    path : path of the PNG file to write
    """
    figure, panels = plt.subplots(
        1, len(protocols), figsize=(6.2 * len(protocols), 4.6), sharex=True, squeeze=False
    )
    ends = [m["accuracy"]["high"] for p in protocols.values() for m in p["models"].values()]
    # Beside the longest interval there is room for its figure.
    limits = (0, max(_SHORTEST_AXIS, 100 * max(ends) + 12))
    for axes, (protocol, figures) in zip(panels[0], protocols.items(), strict=True):
        models = sorted(figures["models"].items(), key=lambda item: item[1]["accuracy"]["mean"])
        for row, (model, of_model) in enumerate(models):
            accuracy = of_model["accuracy"]
            mean, low, high = 100 * accuracy["mean"], 100 * accuracy["low"], 100 * accuracy["high"]
            colour = BLUE if model == "songnet" else PALE
            axes.barh(row, mean, color=colour, height=0.65)
            axes.plot([low, high], [row, row], color=INK, linewidth=1.8)
            axes.text(high + 1.5, row, f"{mean:.1f} %", va="center")
        axes.set_yticks(range(len(models)), [names.get(model, model) for model, _ in models])
        axes.tick_params(axis="y", length=0)
        axes.set(xlabel="Right, % (95 % interval over artists)", xlim=limits)
        axes.set_title(
            f"{protocol.partition('-')[0].capitalize()} split, {figures['split']}: "
            f"{figures['clips']} clips"
        )
    save(figure, path)
