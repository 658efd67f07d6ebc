"""A seeded fuzzer: damaged songs and bombs, opened and classified as the page opens them.

    python -m tests.programs.fuzz --files 10000 --report fuzz-report.json

Each file is probed and decoded, its tags and its cover are read, and it is classified, in the
processes of `songnet.sandbox`. A file passes if it is classified, perhaps with warnings, or refused
in one sentence, in time. `--only N` repeats file N.
"""

import argparse
import json
import logging
import math
import platform
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import mutagen
import numpy as np
from tqdm import tqdm

from songnet.errors import AudioError, DecoderError
from songnet.sandbox import Resources, Sandbox
from songnet.weights import load_weights
from tests.support.bombs import BOMBS
from tests.support.mutations import FORMATS, mutate, whole_songs
from tests.support.tag_bombs import TAG_BOMBS

# What a clear sentence looks like.
SENTENCE = r"[^\n/]{15,300}\."
# A child has a minute of processor time for a file; who waits for longer than this, hangs.
HANG_S = 600.0


@dataclass(frozen=True)
class Case:
    """What became of a file: ``"classified"``, ``"refused"``, ``"stopped"`` or ``"failed"``."""

    number: int
    name: str
    outcome: str
    detail: str
    seconds: float


def cases(files: int, seed: int, folder: Path, only: int | None = None) -> Iterator[tuple]:
    """Writes the files one after the other: (number, what it is, path)."""
    wholes = whole_songs(folder)
    bombs = list((BOMBS | TAG_BOMBS).items())
    for number in range(files):
        if only is not None and number != only:
            continue
        random = np.random.default_rng([seed, number])
        if number < len(bombs):
            name, make = bombs[number]
            path = folder / f"{number} {name}"
            make(path)
            yield number, f"bomb: {name}", path
            continue
        ending, other, shown_as = (str(random.choice(FORMATS)) for _ in range(3))
        kinds, content = mutate(wholes[ending], wholes[other], random)
        # Most keep their ending; some lie.
        path = folder / f"{number}.{ending if random.integers(5) else shown_as}"
        path.write_bytes(content)
        yield number, f"{ending}: {kinds}", path


class BugCounter(logging.Handler):
    """Collects what `songnet` logs of exceptions that nobody foresaw."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def examine(box: Sandbox, number: int, name: str, path: Path) -> Case:
    """Does with a file what the page does with it."""
    started = time.monotonic()
    try:
        outcome, detail = _classified(box, path)
    except DecoderError as error:
        outcome, detail = "stopped", str(error)
    except AudioError as error:
        outcome, detail = "refused", str(error)
    except Exception as error:
        outcome, detail = "failed", repr(error)
    seconds = time.monotonic() - started
    if outcome in ("refused", "stopped") and not re.fullmatch(SENTENCE, detail):
        outcome, detail = "failed", f"no clear sentence: {detail}"
    if seconds > HANG_S:
        outcome, detail = "failed", f"hung for {seconds:.0f} s: {detail}"
    path.unlink()
    return Case(number, name, outcome, detail.replace(path.name, "FILE"), round(seconds, 3))


def _classified(box: Sandbox, path: Path) -> tuple[str, str]:
    with box.open(path, cover=True) as song:
        for block in song.blocks():
            if not np.isfinite(block).all():
                return "failed", "samples that are no numbers"
        tags = song.tags
        warnings = song.warnings
    if any(text is not None and len(text) > 300 for text in (tags.title, tags.artist)):
        return "failed", f"endless tags: {tags}"
    answer = box.classify(path)
    warnings = [*warnings, *answer["warnings"]]
    if not all(re.fullmatch(SENTENCE, warning) for warning in warnings):
        return "failed", f"no clear sentences: {warnings}"
    total = math.fsum(answer["probabilities"].values())
    if abs(total - 1) > 1e-4:
        return "failed", f"probabilities sum to {total}"
    return "classified", " ".join(answer["warnings"])


def run(
    files: int, seed: int, workers: int = 2, *, only: int | None = None, quiet: bool = True
) -> dict:
    """Fuzzes, and reports.

    Parameters
    ----------
    files : int
        The first are the bombs, the others damaged songs.
    seed : int
    workers : int
    only : int or None
        Only the file with this number.
    quiet : bool
        Without a progress bar.

    Returns
    -------
    dict
        ``outcomes``; ``failures`` and ``unforeseen_exceptions``, which must be mended;
        ``stopped``, the files that ended their process; ``slowest``; peak memory of this process
        and of its largest child [MB]; ...
    """
    started = time.monotonic()
    bugs = BugCounter()
    logging.getLogger("songnet").addHandler(bugs)
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(workers) as threads,
        Sandbox(workers, Resources(wall_seconds=HANG_S), load_weights()) as box,
    ):
        done: list[Case] = []
        waiting = []
        made = cases(files, seed, Path(folder), only)
        for case in tqdm(made, total=files, disable=quiet, unit=" files"):
            waiting.append(threads.submit(examine, box, *case))
            if len(waiting) >= 4 * workers:
                done.append(waiting.pop(0).result())
        done += [future.result() for future in waiting]
    logging.getLogger("songnet").removeHandler(bugs)
    megabyte = 1024
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "files": len(done),
        "seed": seed,
        "versions": {
            "python": platform.python_version(),
            "av": av.__version__,
            "libavcodec": ".".join(map(str, av.library_versions["libavcodec"])),
            "mutagen": mutagen.version_string,
        },
        "seconds": round(time.monotonic() - started),
        "outcomes": dict(Counter(case.outcome for case in done)),
        "classified_by_format": dict(
            Counter(c.name.partition(":")[0] for c in done if c.outcome == "classified")
        ),
        "failures": [vars(case) for case in done if case.outcome == "failed"],
        "unforeseen_exceptions": bugs.messages,
        "stopped": [vars(case) for case in done if case.outcome == "stopped"],
        "sentences": dict(
            Counter(re.sub(r"\d+", "N", c.detail) for c in done if c.outcome == "refused")
        ),
        "warnings": dict(
            Counter(
                re.sub(r"\d+", "N", c.detail)
                for c in done
                if c.outcome == "classified" and c.detail
            )
        ),
        "slowest": _slowest(done),
        "slowest_refusals": _slowest([case for case in done if case.outcome == "refused"]),
        "peak_mb": _peak_kb() // megabyte,
        "peak_child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // megabyte,
    }


def _slowest(cases: list[Case]) -> list[dict]:
    return [vars(case) for case in sorted(cases, key=lambda case: -case.seconds)[:5]]


def _peak_kb() -> int:
    """This program's own peak: `getrusage` starts with that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, metavar="N", help="repeat this file alone")
    parser.add_argument("--report", type=Path, help="write the report here, too")
    arguments = parser.parse_args()
    report = run(
        arguments.files, arguments.seed, arguments.workers, only=arguments.only, quiet=False
    )
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    if arguments.report:
        arguments.report.write_text(f"{text}\n", encoding="utf-8")
    return int(bool(report["failures"] or report["unforeseen_exceptions"]))


if __name__ == "__main__":
    sys.exit(main())
