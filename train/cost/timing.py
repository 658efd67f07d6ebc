"""Times tasks in turns, so that a busy moment of the machine affects all of them alike."""

import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles

Clock = Callable[[], float]


def processor_time(task: Callable[[], object]) -> float:
    """Processor time of one call, all threads of this process [s].

    For one thread on an idle machine it equals the time by the clock, and it does not grow while
    other programs use the processor.
    """
    start = time.process_time()
    task()
    return time.process_time() - start


def peak_mb() -> float:
    """The most memory that this process has had so far [MiB]."""
    status = Path("/proc/self/status")
    # On Linux, the maximum of getrusage includes the parent process before this program began.
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def in_turns(tasks: dict[str, Clock], repeats: int) -> dict[str, list[float]]:
    """Times each task once in every round.

    Parameters
    ----------
    tasks : dict of str to function
        Each does its work once and returns how long it took [s].
    repeats : int > 0
        Rounds that count. One more comes before them, to fill caches.

    Returns
    -------
    dict of str to list of float [length=repeats, s]
    """
    rounds = [{name: task() for name, task in tasks.items()} for _ in range(repeats + 1)][1:]
    return {name: [taken[name] for taken in rounds] for name in tasks}


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, quartiles and smallest of several measurements.

    Returns
    -------
    dict
        ``median``, ``low`` and ``high`` (first and third quartile) and ``min``, to 4 digits.
    """
    values = sorted(values)
    low, _, high = quantiles(values, method="inclusive") if len(values) > 1 else values * 3
    result = {"median": median(values), "low": low, "high": high, "min": values[0]}
    return {name: float(f"{value:.4g}") for name, value in result.items()}
