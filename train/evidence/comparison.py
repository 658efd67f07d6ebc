"""Paired comparison of SongNet with the other models that were measured on the same clips."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from songnet.weights.metrics import Lead
from train.evidence import metrics, predictions
from train.evidence.names import find_evidence
from train.evidence.predictions import Evidence

# The models' names for readers.
NAMES = {
    "songnet": "**SongNet**",
    "svm": "RBF SVM",
    "logistic": "Logistic regression",
    "knn": "k-NN",
    "random": "Random guess",
    "vggish": "SVM on VGGish (reference)",
}
# What hears more than the others, or learned from more: it is shown, and nothing is ahead of it or
# behind it.
REFERENCES = ("vggish",)


def read_others(
    folder: str | Path, protocol: str, split: str, like: Evidence
) -> dict[str, list[Evidence]]:
    """Reads the predictions of other models for the same clips, by `train.evidence.baselines`.

    Parameters
    ----------
    folder : path of the evidence
    protocol, split : str
    like : Evidence
        Predictions for those clips.

    Returns
    -------
    dict of str to list of Evidence
        By model: its runs on exactly these clips. SongNet and runs on other clips are left out.
    """
    found = defaultdict(list)
    for name, path in find_evidence(folder):
        if (name.protocol, name.split) != (protocol, split) or name.model == "songnet":
            continue
        run = predictions.read(path)
        if _same_clips(run, like):
            found[name.model].append(run)
    return dict(found)


def _same_clips(run: Evidence, like: Evidence) -> bool:
    return run.genres == like.genres and all(
        np.array_equal(ours, theirs)
        for ours, theirs in (
            (run.track_id, like.track_id),
            (run.label, like.label),
            (run.artist_id, like.artist_id),
        )
    )


def lead(songnet: Sequence[Evidence], others: Mapping[str, Sequence[Evidence]]) -> Lead | None:
    """SongNet's paired difference in accuracy from the best other model.

    Parameters
    ----------
    songnet : sequence of Evidence, one for each seed
    others : dict of str to sequence of Evidence
        By model; those of `REFERENCES` do not count.

    Returns
    -------
    Lead or None
        None without another model, or where it was measured on other clips.
    """
    others = {model: runs for model, runs in others.items() if model not in REFERENCES}
    if not songnet or not others:
        return None
    best = max(others, key=lambda model: np.mean([run.accuracy for run in others[model]]))
    runs = others[best]
    if len({tuple(run.track_id) for run in [*songnet, *runs]}) > 1:
        return None
    difference = metrics.accuracy_difference(
        runs[0].label,
        np.stack([run.probabilities for run in songnet]),
        np.stack([run.probabilities for run in runs]),
        runs[0].artist_id,
    )
    return {"over": best, **difference}


def sentence(found: Lead) -> str:
    """A `Lead` in words, without a full stop."""
    sign, where = (-1, "behind") if found["mean"] < 0 else (1, "ahead of")
    mean, *ends = (
        # Adding 0 makes 0.0 of -0.0.
        f"{round(100 * sign * value, 1) + 0.0:.1f}"
        for value in (found["mean"], found["low"], found["high"])
    )
    low, high = ends[::sign]
    p = "p < 0.01" if found["p"] < 0.01 else f"p = {found['p']:.2f}"
    return (
        f"SongNet is {mean} points ({low} to {high}, {p}) {where} the best other model that "
        f"hears the same spectrograms ({NAMES.get(found['over'], found['over'])}), clip by clip"
    )
