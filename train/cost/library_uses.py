"""What people do with a large library, each in a process of its own: times itself.

``python -m train.cost.library_uses USE LIBRARY`` prints the processor time [s] and the most memory
[MiB] that the process has had, as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

from songnet.library import Library
from songnet.library.answers import of_genres
from songnet.library.playlist import surest_first
from songnet.library.search import nearest

_SURE = 0.7


def _opened(path: Path) -> float:
    started = time.process_time()
    Library.open(path).close()
    return time.process_time() - started


def _nearest(path: Path) -> float:
    with Library.open(path) as library:
        song = next(library.songs())
        started = time.process_time()
        nearest(library, song, 20)
        return time.process_time() - started


def _playlist(path: Path) -> float:
    with Library.open(path) as library:
        started = time.process_time()
        surest_first((song, a.confidence) for song, a in of_genres(library, ["Rock"], _SURE))
        return time.process_time() - started


USES = {"open": _opened, "nearest": _nearest, "playlist": _playlist}


def main(use: str, path: str) -> None:
    """Times a use of a library and prints it."""
    seconds = USES[use](Path(path))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
