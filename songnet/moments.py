"""Which moments of a song told its genre, from the attention and from how sure each window is."""

from collections.abc import Sequence

import numpy as np

from songnet.spec import SPEC
from songnet.window_prediction import WindowPrediction

# A moment is as long as a listener needs to hear what is meant.
MOMENT_S = 3.0
_MOST = 3
# Between two moments there is at least this much, and at least this share of the song.
_APART_S, _APART = 6.0, 1 / 12
# A moment counts at least this share of what the first one does.
_LEAST = 0.5


def attention_over(windows: Sequence[WindowPrediction], times: np.ndarray) -> np.ndarray:
    """The network's attention to each moment of a song.

    Windows that overlap are averaged. A song shorter than a window is repeated to fill it: the
    repetitions are averaged. Where nothing was heard, or nothing but silence, it is 0.

    Parameters
    ----------
    windows : sequence of WindowPrediction
    times : np.ndarray [shape=(n,), s]

    Returns
    -------
    np.ndarray [shape=(n,), >= 0]
        1 is what each moment of a window would have if all counted alike.
    """
    total, covering = np.zeros(len(times)), np.zeros(len(times))
    for window in windows:
        if window.silent:
            continue
        weights = np.asarray(window.attention) * len(window.attention)
        centres = (np.arange(len(weights)) + 0.5) * SPEC.window_seconds / len(weights)
        length = window.end_s - window.start_s
        inside = (times >= window.start_s) & (times <= window.end_s)
        for repetition in range(max(1, int(SPEC.window_seconds / length))):
            at = times[inside] - window.start_s + repetition * length
            total[inside] += np.interp(at, centres, weights)
            covering[inside] += 1
    return total / np.maximum(covering, 1)


def moments_of(windows: Sequence[WindowPrediction], genres: Sequence[str]) -> list[float]:
    """The moments that told most that a song is of some genres.

    Each 3 s of the song count as much as the network attends to them, times the probability of
    these genres in the window. Where that has its peaks are the moments: first, for each of the
    genres, where it is highest for this genre alone, so that each has told something; then those
    that are highest for all, and at least half as high as the highest. Each is far enough from
    those before it, and there are three at most.

    Parameters
    ----------
    windows : sequence of WindowPrediction
        In the order of the song.
    genres : sequence of str
        Those of the answer; of none there are no moments.

    Returns
    -------
    list of float [s]
        Where they begin, in order; at most three, and none in silence.
    """
    heard = [window for window in windows if not window.silent and window.attention]
    if not genres or not heard:
        return []
    end = windows[-1].end_s
    starts = np.arange(0.0, max(end - MOMENT_S, 0.0) + 1e-9, 0.5)
    within = np.arange(0.0, MOMENT_S, 0.25) + 0.125
    times = np.minimum(starts[:, None] + within, end)
    attended = attention_over(heard, times.ravel()).reshape(times.shape).mean(axis=1)
    of_genre = [
        attended * _probability(heard, starts + MOMENT_S / 2, genre)
        for genre in dict.fromkeys(genres)
    ]
    worth = np.sum(of_genre, axis=0)
    least = _LEAST * worth.max()
    first = [int(np.argmax(values)) for values in of_genre]
    then = [i for i in sorted(_peaks(worth), key=lambda i: -worth[i]) if worth[i] >= least]
    apart = max(_APART_S, _APART * end)
    found: list[float] = []
    for start in starts[first + then].tolist():
        if all(abs(start - other) >= apart for other in found):
            found.append(start)
    return sorted(found[:_MOST])


def _peaks(values: np.ndarray) -> list[int]:
    """Where values are greater than those around them."""
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    is_peak = (values > padded[:-2]) & (values >= padded[2:])
    return np.flatnonzero(is_peak).tolist()


def _probability(windows: Sequence[WindowPrediction], times: np.ndarray, genre: str) -> np.ndarray:
    """The probability of a genre at each time, mean over the windows there: [shape=(n,)]."""
    total, covering = np.zeros(len(times)), np.zeros(len(times))
    for window in windows:
        inside = (times >= window.start_s) & (times <= window.end_s)
        total[inside] += window.probabilities[genre]
        covering[inside] += 1
    return total / np.maximum(covering, 1)
