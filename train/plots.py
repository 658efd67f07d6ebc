"""Figures of training and evaluation, as PNG files for a slide."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from train import metrics
from train.evidence import Evidence

_BLUE, _ORANGE, _GREY = "#3b5bdb", "#e8590c", "#868e96"


def training_history(history: list[dict], n_genres: int, path: Path) -> None:
    """Draws loss and validation accuracy over the epochs.

    Parameters
    ----------
    history : list of dict
        As `train.fit.fit` returns it.
    n_genres : int
        For the line of a guess.
    path : path of the PNG file to write
    """
    epochs = [entry["epoch"] for entry in history]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(epochs, [entry["loss"] for entry in history], color=_BLUE, label="training loss")
    left.plot(
        epochs,
        [entry["val_log_loss"] for entry in history],
        color=_ORANGE,
        label="validation log loss",
    )
    left.set(xlabel="Epoch", title="Loss")
    left.legend(frameon=False)
    accuracy = [100 * entry["val_accuracy"] for entry in history]
    best = min(range(len(history)), key=lambda i: history[i]["val_log_loss"])
    right.plot(epochs, accuracy, color=_ORANGE)
    right.plot(epochs[best], accuracy[best], "o", color=_ORANGE)
    right.annotate(
        f"kept: epoch {epochs[best]}, {accuracy[best]:.1f} %",
        (epochs[best], accuracy[best]),
        xytext=(0, -18),
        textcoords="offset points",
        ha="right",
    )
    right.axhline(100 / n_genres, color=_GREY, linestyle=":", linewidth=1)
    right.set(xlabel="Epoch", title="Validation accuracy, %", ylim=(0, max(60, max(accuracy) + 5)))
    _save(figure, path)


def confusion(runs: list[Evidence], path: Path) -> None:
    """Draws how clips of each genre were called, in per cent of the genre's clips.

    Parameters
    ----------
    runs : list of Evidence
        One a seed.
    path : path of the PNG file to write
    """
    counts = sum(metrics.confusion_matrix(run.label, run.probabilities) for run in runs)
    shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    figure, axes = plt.subplots(figsize=(7.5, 6.5), layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for true, told in np.ndindex(shares.shape):
        shade = "white" if shares[true, told] > 55 else "black"
        axes.text(told, true, f"{shares[true, told]:.0f}", ha="center", va="center", color=shade)
    genres = runs[0].genres
    axes.set_xticks(range(len(genres)), genres, rotation=40, ha="right")
    axes.set_yticks(range(len(genres)), genres)
    axes.set(
        xlabel="SongNet says", ylabel="The archive says", title="Per cent of each genre's clips"
    )
    _save(figure, path)


def reliability(runs: list[Evidence], path: Path) -> None:
    """Draws how often the network is right against how sure it is.

    Parameters
    ----------
    runs : list of Evidence
        One a seed.
    path : path of the PNG file to write
    """
    confidence = np.concatenate([run.probabilities.max(axis=1) for run in runs])
    right = np.concatenate([run.probabilities.argmax(axis=1) == run.label for run in runs])
    bins = np.minimum((confidence * 10).astype(int), 9)
    used = [b for b in range(10) if (bins == b).sum() >= 10]
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(6, 6.5), layout="constrained", sharex=True, height_ratios=[3, 1]
    )
    upper.plot([0, 100], [0, 100], color=_GREY, linestyle=":", label="as sure as right")
    upper.plot(
        [100 * confidence[bins == b].mean() for b in used],
        [100 * right[bins == b].mean() for b in used],
        "o-",
        color=_BLUE,
        label="SongNet",
    )
    upper.set(ylabel="Right, % of clips", xlim=(0, 100), ylim=(0, 100), title="Reliability")
    upper.legend(frameon=False)
    lower.hist(100 * confidence, bins=np.arange(0, 101, 10), color=_BLUE, rwidth=0.9)
    lower.set(xlabel="Confidence, %", ylabel="Clips")
    _save(figure, path)


def risk_coverage(runs: list[Evidence], abstain_below: float, path: Path) -> None:
    """Draws the accuracy on the clips that the network is surest of against their share.

    Parameters
    ----------
    runs : list of Evidence
        One a seed.
    abstain_below : float, 0..1
        The confidence under which the answer is "not sure": marked.
    path : path of the PNG file to write
    """
    figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
    for run in runs:
        confidence = run.probabilities.max(axis=1)
        order = np.argsort(-confidence)
        right = (run.probabilities.argmax(axis=1) == run.label)[order]
        answered = np.arange(1, len(right) + 1)
        accuracy = 100 * np.cumsum(right) / answered
        axes.plot(100 * answered[20:] / len(right), accuracy[20:], color=_BLUE, linewidth=1)
        sure = (confidence >= abstain_below).sum()
        axes.plot(100 * sure / len(right), accuracy[sure - 1], "o", color=_ORANGE)
    axes.set(
        xlabel="Clips that are answered, %, the surest first",
        ylabel="Right, % of the answered",
        xlim=(0, 100),
        ylim=(0, 100),
        title=f"A line a seed; dots: where “not sure” begins ({abstain_below:.0%})",
    )
    _save(figure, path)


def comparison(protocols: dict[str, dict], names: dict[str, str], path: Path) -> None:
    """Draws every model's accuracy with its interval, a panel a protocol.

    Parameters
    ----------
    protocols : dict
        As in `metrics.json`.
    names : dict of str to str
        What to call each model.
    path : path of the PNG file to write
    """
    figure, panels = plt.subplots(
        1,
        len(protocols),
        figsize=(5.5 * len(protocols), 3.6),
        layout="constrained",
        sharex=True,
        squeeze=False,
    )
    for axes, (protocol, figures) in zip(panels[0], protocols.items(), strict=True):
        models = sorted(figures["models"].items(), key=lambda item: item[1]["accuracy"]["mean"])
        for row, (model, figure_of) in enumerate(models):
            accuracy = {key: 100 * figure_of["accuracy"][key] for key in ("mean", "low", "high")}
            colour = _ORANGE if model == "songnet" else _GREY
            axes.barh(row, accuracy["mean"], color=colour, height=0.65)
            axes.plot([accuracy["low"], accuracy["high"]], [row, row], color="black", linewidth=1)
            axes.text(
                accuracy["high"] + 1.5, row, f"{accuracy['mean']:.1f} %", va="center", fontsize=9
            )
        axes.set_yticks(range(len(models)), [names.get(model, model) for model, _ in models])
        axes.set(
            xlabel="Accuracy, % (95 % interval over artists)",
            xlim=(0, 85),
            title=f"{protocol.capitalize()} split, {figures['split']}",
        )
    _save(figure, path)


def _save(figure, path: Path) -> None:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
