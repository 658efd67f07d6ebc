"""The history of a training, epoch by epoch: its file, its best epoch, and its plot."""

import json
import shutil
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binomtest

from songnet.colours import BLUE, GREY, INK, ORANGE
from train.errors import DataError
from train.plotting import save

HISTORY_FILE = "history.json"
# In a training on 32 clips of four genres, 48, 55 and 62 % of other songs were recognised after
# 300, 500 and 700 steps, and as many as by a guess after 100.
_ENOUGH_STEPS = 500


class Epoch(TypedDict):
    """Figures of one epoch.

    ``epoch`` counts from 1; ``steps`` is the number of its batches, and ``passes`` how often these
    went through all clips, which earlier versions did not write; ``loss`` is the mean training
    loss, weighted over all targets; ``val_log_loss`` and ``val_accuracy`` (0..1) are those of the
    genre on the validation split.
    """

    epoch: int
    steps: NotRequired[int]
    passes: NotRequired[int]
    loss: float
    val_log_loss: float
    val_accuracy: float


def write(folder: Path, history: list[Epoch]) -> None:
    """Writes ``history.json`` to a network's folder."""
    (folder / HISTORY_FILE).write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> list[Epoch]:
    """Reads the ``history.json`` of a folder.

    Returns
    -------
    list of Epoch
        Empty where there is no such file.

    Raises
    ------
    DataError
        If the file cannot be read or is no history.
    """
    path = folder / HISTORY_FILE
    if not path.is_file():
        return []
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        history = [
            Epoch(
                epoch=entry["epoch"],
                **{key: int(entry[key]) for key in ("steps", "passes") if key in entry},
                loss=float(entry["loss"]),
                val_log_loss=float(entry["val_log_loss"]),
                val_accuracy=float(entry["val_accuracy"]),
            )
            for entry in stored
        ]
        if [entry["epoch"] for entry in history] != list(range(1, len(history) + 1)):
            raise ValueError("its epochs are not 1, 2 and so on")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"{path} is not the history of a training ({error!r}): train anew, without --resume."
        ) from error
    return history


def best_epoch(history: list[Epoch]) -> Epoch:
    """The epoch whose network is kept: the one with the lowest validation log loss.

    Of so few clips that an epoch goes through them several times, it is the last one. A network
    knows them by heart soon, and is too sure of all others, while it still learns to tell genres
    apart: the lowest log loss would be that of one that has not begun.
    """
    if history[-1].get("passes", 1) > 1:
        return history[-1]
    return min(history, key=lambda entry: entry["val_log_loss"])


def warnings(history: list[Epoch], genre: np.ndarray) -> list[str]:
    """What should be known of a training that has learned little, a sentence each.

    Parameters
    ----------
    history : list of Epoch
    genre : np.ndarray [shape=(n,), int]
        Those of the validation split's clips.

    Returns
    -------
    list of str
    """
    found = []
    steps = sum(entry.get("steps", _ENOUGH_STEPS) for entry in history)
    if steps < _ENOUGH_STEPS:
        found.append(
            f"{steps} steps are too few to learn from, which takes {_ENOUGH_STEPS} and more: train "
            "for more --epochs."
        )
    share = best_epoch(history)["val_accuracy"]
    return found + guess_warnings(share, genre, "validation clips")


def guess_warnings(share: float, genre: np.ndarray, clips: str) -> list[str]:
    """A sentence where answers are not shown to be better than one answer for all.

    Parameters
    ----------
    share : float, 0..1
        Of the clips whose genre is recognised.
    genre : np.ndarray [shape=(n,), int]
    clips : str
        What they are called.

    Returns
    -------
    list of str
        Empty, or one.
    """
    # A network that says the same of every clip is right as often as this.
    guess = np.bincount(genre).max() / len(genre)
    right = interval(share, len(genre))
    if right.low > guess:
        return []
    return [
        f"It may be no better than a guess: of {len(genre)} {clips} it recognises "
        f"{share:.0%} (95 % interval: {right.low:.0%} to {right.high:.0%}), and one answer for "
        f"all {guess:.0%}. Bring more songs, or use songnet teach, to which a few are enough."
    ]


def interval(share: float, clips: int) -> Any:
    """The 95 % interval of a share of clips: `low` and `high`, 0..1 (Wilson 1927)."""
    return binomtest(round(share * clips), clips).proportion_ci(method="wilson")


def pass_history_on(path: str | Path, folder: Path) -> None:
    """Copies the history of a network's training, where there is one, to another folder.

    Parameters
    ----------
    path : path of the network's `.keras` file
    folder : path of the folder, made where it does not exist
    """
    history, copy = Path(path).parent / HISTORY_FILE, folder / HISTORY_FILE
    if history.is_file() and history.resolve() != copy.resolve():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(history, copy)


def draw(history: list[Epoch], n_genres: int, path: Path) -> None:
    """Draws loss and validation accuracy over the epochs.

    Parameters
    ----------
    history : list of Epoch
    n_genres : int
        Number of genres, for the line of a random guess.
    path : path of the PNG file to write
    """
    epochs = [entry["epoch"] for entry in history]
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    for key, colour, name in (
        ("loss", BLUE, "training, all targets"),
        ("val_log_loss", ORANGE, "validation, genre"),
    ):
        left.plot(epochs, [entry[key] for entry in history], color=colour, label=name)
    left.set(xlabel="Epoch", ylabel="Loss", ylim=(0, None), title="Loss")
    left.legend(loc="lower left")
    accuracy = [100 * entry["val_accuracy"] for entry in history]
    best = best_epoch(history)
    kept = (best["epoch"], 100 * best["val_accuracy"])
    right.plot(epochs, accuracy, color=ORANGE)
    right.plot(*kept, "o", color=ORANGE, markersize=9)
    right.annotate(
        f"kept: epoch {kept[0]}, {kept[1]:.1f} %",
        kept,
        xytext=(0, -60),
        textcoords="offset points",
        ha="center" if history.index(best) < 0.8 * len(history) else "right",
        arrowprops={"arrowstyle": "-", "color": GREY},
    )
    guess = 100 / n_genres
    right.axhline(guess, color=GREY, linestyle=":")
    right.text(epochs[0], guess + 1.5, "a guess", color=INK)
    right.set(xlabel="Epoch", ylabel="Right, % of clips", title="Validation accuracy")
    right.set_ylim(0, max(60, max(accuracy) + 5))
    save(figure, path)
