"""Kills the writing of a file at every line of the code that does it, and looks at what is left.

A program, as it forks: ``python -m tests.support.killed_tagging FOLDER {write,undo,in-place}``
prints as JSON what was found after each kill, and after the next run has cleared up.
"""

import json
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

from songnet.tagging import Choices, rewrite
from songnet.tagging.leftovers import settle
from tests.support.tagged import plain_song, sha256, undo, write

# Where tags are parsed and differences are found, nothing is written but a copy.
_STEPS = tuple(
    f"{os.sep}{name}.py" for name in ("rewrite", "write", "journal", "leftovers", "shutil")
)

_VISITS = 3


def killed_at(line: int, work) -> bool:
    """Does work in a child that is killed before one of its lines; whether it came to that."""
    child = os.fork()
    if not child:
        left, visits = line, Counter()

        def trace(frame, event, _):
            nonlocal left
            if not frame.f_code.co_filename.endswith(_STEPS):
                return None
            place = frame.f_code.co_filename, frame.f_lineno
            visits[place] += event == "line"
            # What is done many times alike is killed in the first few of them.
            if event == "line" and visits[place] <= _VISITS:
                left -= 1
                if left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path, what: str) -> None:
    # Whoever is killed leaves to the kernel what was not synced yet. Small blocks are more steps.
    os.fsync = lambda _: None
    rewrite._BLOCK = 4096
    journals, music = folder / "journals", folder / "music"
    music.mkdir()
    song, kept = music / "song.mp3", plain_song(folder / "kept.mp3")
    choices = Choices(hard_links=what == "in-place")
    shutil.copy(kept, song)
    if choices.hard_links:
        os.link(song, music / "other name.mp3")
    old, about = sha256(song), song.stat()
    journal = write(song, "Hip-Hop", journals=folder / "first", choices=choices)
    new, changed = sha256(song), song.read_bytes()
    found = []
    for line in range(1, 10_000):
        shutil.rmtree(journals, ignore_errors=True)
        if what == "undo":
            song.write_bytes(changed)
            place = journal.parent
            was_killed = killed_at(line, lambda: undo(journal, choices=choices))
        else:
            song.write_bytes(kept.read_bytes())
            place = journals
            was_killed = killed_at(
                line, lambda: write(song, "Hip-Hop", journals=journals, choices=choices)
            )
        states = {old: "old", new: "new"}
        at_once = states.get(sha256(song), "torn")
        settle([music], place)
        afterwards = states.get(sha256(song), "torn")
        left = sorted(path.name for path in music.iterdir())
        for path in sorted(place.glob("*")):
            if path.stat().st_size:
                undo(path, choices=choices)
        found.append(
            {
                "line": line,
                "at once": at_once,
                "afterwards": afterwards,
                "left": left,
                "undone": states.get(sha256(song), "torn"),
                "mode": song.stat().st_mode == about.st_mode,
            }
        )
        if not was_killed:
            break
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
