"""Figures of training and evaluation, as PNG files."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_BLUE, _ORANGE, _GREY = "#3b5bdb", "#e8590c", "#868e96"


def training_history(history: list[dict], path: Path) -> None:
    """Draws loss and validation accuracy over the epochs.

    Parameters
    ----------
    history : list of dict
        As `train.fit.fit` returns it.
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
    right.axhline(12.5, color=_GREY, linestyle=":", linewidth=1)
    right.set(xlabel="Epoch", title="Validation accuracy, %", ylim=(0, max(60, max(accuracy) + 5)))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
