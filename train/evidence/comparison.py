"""SongNet beside the other models that were measured on the same clips: a paired comparison."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from train.evidence import metrics, predictions
from train.evidence.names import find_evidence
from train.evidence.predictions import Evidence

# What to call the models.
NAMES = {
    "songnet": "**SongNet**",
    "svm": "RBF SVM",
    "logistic": "Logistic regression",
    "knn": "k-NN",
    "random": "Random guess",
}


def measured(folder: str | Path, protocol: str, split: str, like: Evidence) -> dict:
    """What other models said of the same clips, as `train.baselines` wrote it.

    Parameters
    ----------
    folder : path of the evidence
    protocol, split : str
    like : Evidence
        Of those clips.

    Returns
    -------
    dict of str to list of Evidence
        By model: its runs on just these clips. Runs on others are left out, and so is SongNet.
    """
    found = defaultdict(list)
    for name, path in find_evidence(folder):
        if (name.protocol, name.split) != (protocol, split) or name.model == "songnet":
            continue
        run = predictions.read(path)
        if run.genres == like.genres and all(
            np.array_equal(getattr(run, key), getattr(like, key))
            for key in ("track_id", "label", "artist_id")
        ):
            found[name.model].append(run)
    return dict(found)


def lead(songnet: list[Evidence], others: dict[str, list[Evidence]]) -> dict | None:
    """SongNet's difference in accuracy from the best other model, clip by clip.

    Parameters
    ----------
    songnet : list of Evidence, one a seed
    others : dict of str to list of Evidence
        By model.

    Returns
    -------
    dict or None
        ``over``: the best other model, and ``mean``, ``low``, ``high`` and ``p`` as
        `metrics.accuracy_difference` has them. None without another model, or where it was
        measured on other clips.
    """
    best, runs = max(
        others.items(),
        key=lambda item: np.mean([(r.probabilities.argmax(1) == r.label).mean() for r in item[1]]),
        default=(None, []),
    )
    clips = {tuple(run.track_id) for run in [*songnet, *runs]}
    if not songnet or not runs or len(clips) > 1:
        return None
    difference = metrics.accuracy_difference(
        runs[0].label,
        np.stack([run.probabilities for run in songnet]),
        np.stack([run.probabilities for run in runs]),
        runs[0].artist_id,
    )
    return {"over": best, **difference}


def sentence(found: dict) -> str:
    """What `lead` found, for people.

    Parameters
    ----------
    found : dict

    Returns
    -------
    str
        Without a full stop.
    """
    sign, where = (-1, "behind") if found["mean"] < 0 else (1, "ahead of")
    mean, *ends = (f"{100 * sign * found[key]:.1f}" for key in ("mean", "low", "high"))
    low, high = ends[::sign]
    p = "p < 0.01" if found["p"] < 0.01 else f"p = {found['p']:.2f}"
    return (
        f"SongNet is {mean} points ({low} to {high}, {p}) {where} the best other model "
        f"({NAMES.get(found['over'], found['over'])}), clip by clip"
    )
