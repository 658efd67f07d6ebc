"""Measures whether excerpts, as from a microphone, get the genre of their whole clip."""

from pathlib import Path

import numpy as np

from songnet import audio
from songnet.classifier import Classifier
from songnet.prediction import Prediction
from songnet.spec import SPEC

SECONDS = (3, 5, 10)


def agreement(classifier: Classifier, paths: list[Path]) -> dict[str, dict]:
    """Cuts clips into excerpts without overlap and compares predictions with the whole clip's.

    SongNet repeats a short clip until it fills a window (`songnet.audio.windows.windows`). The
    other treatment, for comparison, is to fill the window with silence.

    Parameters
    ----------
    classifier : Classifier
    paths : list of path
        Audio files, of which the first 30 s are taken.

    Returns
    -------
    dict of str to dict
        By the excerpts' length, such as ``"5 s"``: the numbers of ``excerpts`` and ``clips``; for
        each treatment, ``repeated`` and ``silence``, the ``same_genre``, which is the share of the
        excerpts with the whole clip's most probable genre, and the ``distance``, which is the mean
        total variation distance between the probabilities, 0..1.
    """
    clips = [audio.read(path)[: SPEC.window_samples] for path in paths]
    whole = [classifier.classify(clip) for clip in clips]
    result = {}
    for seconds in SECONDS:
        size = seconds * SPEC.sample_rate
        excerpts = [
            (clip[start : start + size], prediction)
            for clip, prediction in zip(clips, whole, strict=True)
            for start in range(0, len(clip) - size + 1, size)
        ]
        result[f"{seconds} s"] = {
            "clips": len(clips),
            "excerpts": len(excerpts),
            "repeated": _compare([(classifier.classify(cut), clip) for cut, clip in excerpts]),
            "silence": _compare(
                [(classifier.classify(_padded(cut)), clip) for cut, clip in excerpts]
            ),
        }
    return result


def _padded(excerpt: np.ndarray) -> np.ndarray:
    return np.pad(excerpt, (0, SPEC.window_samples - len(excerpt)))


def _compare(pairs: list[tuple[Prediction, Prediction]]) -> dict[str, float]:
    distances = [
        sum(abs(a.probabilities[genre] - b.probabilities[genre]) for genre in a.probabilities) / 2
        for a, b in pairs
    ]
    return {
        "same_genre": round(float(np.mean([a.genre == b.genre for a, b in pairs])), 4),
        "distance": round(float(np.mean(distances)), 4),
    }
