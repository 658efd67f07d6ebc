"""Measures what hearing a few windows of a long song saves, against hearing all of it."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
from tqdm import tqdm

from train.cost.contenders import HEARING, SONGNET
from train.cost.timed_process import TimedProcess
from train.cost.timing import in_turns, spread


def measure(songs: dict[str, Path], repeats: int) -> dict[str, dict]:
    """Times SongNet for a few windows of songs and for all of them, each way in its own process.

    Parameters
    ----------
    songs : dict of str to path
        By what they are called in the result.
    repeats : int > 0
        Turns that count.

    Returns
    -------
    dict of str to dict
        By song: the `spread` of the ``whole`` song's time [ms], and by the number of windows
        that of their time, ``ms``, and how many ``times`` as much music is heard in the same time:
        the whole song's time divided by theirs, turn by turn.
    """
    result = {}
    with ExitStack() as stack:
        names = (SONGNET, *HEARING)
        ways = {name: stack.enter_context(TimedProcess(name)) for name in names}
        for song, path in tqdm(songs.items(), desc="windows"):
            tasks = {way: lambda p=p, path=path: p.seconds(path) for way, p in ways.items()}
            taken = in_turns(tasks, repeats)
            result[song] = {"whole": _spread_ms(taken[SONGNET])} | {
                str(count): {
                    "ms": _spread_ms(taken[way]),
                    "times": spread(np.divide(taken[SONGNET], taken[way]).tolist()),
                }
                for way, count in HEARING.items()
            }
    return result


def _spread_ms(seconds: list[float]) -> dict[str, float]:
    return spread(1000 * value for value in seconds)
