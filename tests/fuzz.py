"""A seeded fuzzer: damaged songs and bombs, opened and classified as the page opens them.

    python tests/fuzz.py --files 10000 --report fuzz-report.json

Each file is probed, its tags read, decoded and classified in the processes of `songnet.sandbox`. A
file passes if it is classified or refused in one sentence, in time. `--only N` repeats file N.
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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import mutagen
import numpy as np
import songs
from bombs import BOMBS
from tqdm import tqdm

from songnet.artifacts import load_weights
from songnet.errors import AudioError, DecoderError
from songnet.sandbox import Resources, Sandbox

FORMATS = ("wav", "flac", "ogg", "opus", "mp3", "m4a", "webm", "aiff", "aac", "wma")
# A child has a minute of processor time for a file; who waits for longer than this, hangs.
HANG_S = 600.0
_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True)
class Case:
    """What became of a file: ``"classified"``, ``"refused"``, ``"stopped"`` or ``"failed"``."""

    number: int
    name: str
    outcome: str
    detail: str
    seconds: float


def whole_songs(folder: Path) -> dict[str, bytes]:
    """A short song with tags in each format, by the format's ending."""
    contents = {}
    for ending in FORMATS:
        rate, channels = (48_000, 2) if ending in ("opus", "webm", "wma") else (22_050, 1)
        path = songs.write(folder / f"seed.{ending}", songs.synthesise(2, rate, channels), rate)
        file = mutagen.File(path)
        if file is not None and ending in ("flac", "ogg", "opus"):
            file["title"], file["artist"], file["date"] = "This World", ["A", "B"], "2008-05-01"
            file.save()
        elif ending == "m4a":
            file["\xa9nam"], file["\xa9ART"] = "This World", ["A", "B"]
            file.save()
        elif ending in ("mp3", "wav", "aiff"):
            if file.tags is None:
                file.add_tags()
            file.tags.add(mutagen.id3.TIT2(encoding=1, text="This World"))
            file.tags.add(mutagen.id3.APIC(mime="image/png", data=b"\x89PNG" * 50))
            file.save()
        contents[ending] = path.read_bytes()
    return contents


def mutate(content: bytes, other: bytes, random: np.random.Generator) -> tuple[str, bytes]:
    """Damages a file in one to three ways, and says how."""
    kinds, data = [], bytearray(content)
    for _ in range(random.integers(1, 4)):
        kind = random.choice(list(_MUTATIONS))
        data = _MUTATIONS[kind](data, other, random)
        kinds.append(str(kind))
    return "+".join(kinds), bytes(data)


def _places(data, random, most=40, within=None):
    end = max(1, min(len(data), within or len(data)))
    return random.integers(0, end, random.integers(1, most)) if data else []


def _flip_bits(data, _other, random, within=None):
    for place in _places(data, random, within=within):
        data[place] ^= 1 << random.integers(8)
    return data


def _flip_header(data, other, random):
    return _flip_bits(data, other, random, within=400)


def _numbers(data, _other, random):
    """Puts a number that is likely to overflow something where a header keeps its numbers."""
    for place in _places(data, random, most=6, within=600):
        width = int(random.choice([1, 2, 4, 8]))
        number = int(random.choice(_INTERESTING)) & (256**width - 1)
        order = "little" if random.integers(2) else "big"
        data[place : place + width] = number.to_bytes(width, order)
    return data


def _cut(data, _other, random):
    return data[: random.integers(0, len(data) + 1)]


def _cut_out(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + data[end:]


def _repeat(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return (data[:end] + data[start:end] * int(random.integers(1, 4)) + data[end:])[: 4 * 2**20]


def _insert(data, _other, random):
    place = random.integers(0, len(data) + 1)
    return data[:place] + random.bytes(int(random.integers(1, 3_000))) + data[place:]


def _blank(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + bytes([random.choice([0, 255])]) * (end - start) + data[end:]


def _splice(data, other, random):
    """Begins as one format and goes on as another."""
    return data[: random.integers(0, len(data) + 1)] + other[random.integers(0, len(other)) :]


_MUTATIONS = {
    "bits": _flip_bits,
    "header": _flip_header,
    "numbers": _numbers,
    "cut": _cut,
    "cut out": _cut_out,
    "repeat": _repeat,
    "insert": _insert,
    "blank": _blank,
    "splice": _splice,
}


def cases(files: int, seed: int, folder: Path, only: int | None = None) -> Iterator[tuple]:
    """Writes the files one after the other: (number, what it is, path)."""
    wholes = whole_songs(folder)
    bombs = list(BOMBS.items())
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
    if outcome in ("refused", "stopped") and not re.fullmatch(r"[^\n/]{15,300}\.", detail):
        outcome, detail = "failed", f"no clear sentence: {detail}"
    if seconds > HANG_S:
        outcome, detail = "failed", f"hung for {seconds:.0f} s: {detail}"
    path.unlink()
    return Case(number, name, outcome, detail.replace(path.name, "FILE"), round(seconds, 3))


def _classified(box: Sandbox, path: Path) -> tuple[str, str]:
    tags = box.read_tags(path)
    if any(text is not None and len(text) > 300 for text in (tags.title, tags.artist)):
        return "failed", f"endless tags: {tags}"
    box.probe(path)
    for block in box.read_blocks(path):
        if not np.isfinite(block).all():
            return "failed", "samples that are no numbers"
    answer = box.classify(path)
    total = math.fsum(answer["probabilities"].values())
    return ("classified" if abs(total - 1) < 1e-4 else "failed"), f"probabilities sum to {total}"


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
        "slowest": [vars(case) for case in sorted(done, key=lambda case: -case.seconds)[:5]],
        "peak_mb": _peak_kb() // megabyte,
        "peak_child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // megabyte,
    }


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
