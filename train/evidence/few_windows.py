"""Measures whether a few windows of a song get the genre of all of it, from per-clip predictions.

FMA-small has 30 s of each song. Clips of one artist, strung together, stand for one song here: they
differ more than the windows of a song do, so that songs agree with their windows more often.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from train.errors import DataError
from train.evidence import predictions

# How many windows are heard, and how many a song of four minutes has.
COUNTS = (1, 2, 3, 5)
CLIPS = 8


def agreement(files: Sequence[str | Path], abstain_below: float) -> dict[str, dict]:
    """Compares the mean of a few clips with that of all clips of a strung song.

    Parameters
    ----------
    files : sequence of path
        Tables of per-clip predictions, as `train.evidence.predictions.write` writes them, of
        networks that were not trained with these clips' artists.
    abstain_below : float, 0..1
        Below this confidence a song is not answered.

    Returns
    -------
    dict of str to dict
        By the number of clips that are heard: how many ``songs`` there are, the share of them with
        the ``same_genre`` as the whole song's most probable one, how many are ``answered``, and the
        share of these with ``same_genre_answered``.

    Raises
    ------
    DataError
        If a file is no such table, or no artist has clips enough.
    """
    evidence = predictions.joined([predictions.read(path) for path in files])
    songs = [
        evidence.probabilities[clips[start : start + CLIPS]]
        for artist in np.unique(evidence.artist_id)
        for clips in [np.flatnonzero(evidence.artist_id == artist)]
        for start in range(0, len(clips) - CLIPS + 1, CLIPS)
    ]
    if not songs:
        raise DataError(f"No artist has {CLIPS} clips in the predictions: name more of them.")
    strung = np.stack(songs)
    whole = strung.mean(axis=1).argmax(axis=1)
    return {str(count): _figures(strung, whole, count, abstain_below) for count in COUNTS}


def _figures(
    strung: np.ndarray, whole: np.ndarray, count: int, abstain_below: float
) -> dict[str, float]:
    """The figures for so many clips of each song [shape=(songs, clips, genres)]."""
    # As in `songnet.audio.seeking`: the middles of equal parts.
    heard = ((np.arange(count) + 0.5) * strung.shape[1] / count).astype(int)
    mean = strung[:, heard].mean(axis=1)
    same, answered = mean.argmax(axis=1) == whole, mean.max(axis=1) >= abstain_below
    return {
        "songs": len(strung),
        "same_genre": round(float(same.mean()), 4),
        "answered": int(answered.sum()),
        "same_genre_answered": round(float(same[answered].mean()), 4) if answered.any() else 0.0,
    }
