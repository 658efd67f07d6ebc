"""How long a visitor waits: starts `app.py`, and drops songs into a real Chromium.

    python -m tests.programs.page_times --runs 30 --starts 5 --report artifacts/evidence/page.json

A run is over when the verdict stands there and the waveform is drawn. The songs are made up: how
long one takes does not depend on what one hears. `python -m train report` writes the figures of
that file into the README. On a machine that has other work, `chrt --rr 1` before the command puts
that off meanwhile.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.programs.load_server import Server
from tests.support import songs
from tests.support.page_visits import BROWSER_OPTIONS
from train.release.paragraphs import page_paragraph

# Runs of each song before those that count.
_WARM_UP = 3
_TARGETS_S = {"30 s MP3": 1.0, "4 min MP3": 2.0}
_INPUT = "#song input[type=file]"
_VERDICT = "document.querySelector('.sn-bars')?.offsetParent"
_DRAWN = "document.querySelector('#timeline .main-svg')?.getClientRects().length"
_TIMEOUT_MS = 120_000


class Percentiles(TypedDict):
    """Percentiles, the largest, and the number of some times [s]."""

    p50: float
    p95: float
    largest: float
    runs: int


class DropTimes(TypedDict):
    """Times from dropping a song until its verdict is shown, and until its waveform is, too."""

    verdict: Percentiles
    drawn: Percentiles


class ColdTimes(TypedDict):
    """Times from the start of the app until a song can be dropped, and until the first answer."""

    usable: Percentiles
    first_answer: Percentiles


class Machine(TypedDict):
    """A description of the machine."""

    processors: int | None
    load_average: list[float]
    real_time_priority: bool
    python: str
    system: str
    chromium: str


class PageTimes(TypedDict):
    """What a visitor waits for; `dropped` is by song."""

    date: str
    machine: Machine
    unit: str
    cold: ColdTimes
    dropped: dict[str, DropTimes]


def drop(tab: Page, song: Path) -> tuple[float, float]:
    """Drops a song into an empty page.

    Parameters
    ----------
    tab : playwright.sync_api.Page
    song : Path

    Returns
    -------
    tuple of float [s]
        Until the verdict is shown, and until the waveform is drawn, too.
    """
    started = time.perf_counter()
    tab.set_input_files(_INPUT, song)
    tab.wait_for_function(_VERDICT, timeout=_TIMEOUT_MS)
    verdict = time.perf_counter() - started
    tab.wait_for_function(_DRAWN, timeout=_TIMEOUT_MS)
    return verdict, time.perf_counter() - started


def clear(tab: Page) -> None:
    """Takes the song away again."""
    tab.locator("#song button[aria-label=Clear]").click()
    tab.wait_for_selector(".sn-empty")
    tab.wait_for_selector(_INPUT, state="attached")


def warm(tab: Page, song: Path, runs: int, warm_up: int = _WARM_UP) -> DropTimes:
    """Drops a song again and again.

    Parameters
    ----------
    tab : playwright.sync_api.Page
        Opened, and empty.
    song : Path
    runs : int > 0
        Those that count.
    warm_up : int >= 0
        Those before them.

    Returns
    -------
    DropTimes
    """
    taken = []
    for _ in range(warm_up + runs):
        taken.append(drop(tab, song))
        clear(tab)
    verdict, drawn = zip(*taken[warm_up:], strict=True)
    return {"verdict": percentiles(verdict), "drawn": percentiles(drawn)}


def percentiles(seconds: Sequence[float]) -> Percentiles:
    """The median, the 95th percentile and the largest of some times [s]."""
    return {
        "p50": round(float(np.percentile(seconds, 50)), 3),
        "p95": round(float(np.percentile(seconds, 95)), 3),
        "largest": round(max(seconds), 3),
        "runs": len(seconds),
    }


def cold(browser: Browser, song: Path) -> tuple[float, float]:
    """Starts the app, opens its page as soon as there is one, and drops a song.

    Returns
    -------
    tuple of float [s]
        From the start of the process: until a song can be dropped, and until the first answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with Server(Path(folder)) as server:
            tab = browser.new_page()
            tab.goto(server.address)
            tab.wait_for_selector(_INPUT, state="attached")
            usable = time.perf_counter() - started
            drop(tab, song)
            first = time.perf_counter() - started
            tab.close()
    return usable, first


def report(runs: int, starts: int) -> PageTimes:
    """Measures cold starts of the app, and songs dropped into a page that is open."""
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        clip = songs.write(folder / "clip.mp3", songs.synthesise(30, channels=2))
        # An answer is drawn no faster for a song that repeats itself.
        long = np.tile(songs.synthesise(30, channels=2, seed=1), (8, 1))
        paths = {"30 s MP3": clip, "4 min MP3": songs.write(folder / "long.mp3", long)}
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=BROWSER_OPTIONS,
        )
        usable, first = zip(*(cold(browser, clip) for _ in range(starts)), strict=True)
        (folder / "server").mkdir()
        with Server(folder / "server") as server:
            tab = browser.new_page()
            tab.goto(server.address)
            tab.wait_for_selector(_INPUT, state="attached")
            dropped = {song: warm(tab, path, runs) for song, path in paths.items()}
        version = browser.version
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(load_before, version),
        "unit": "s",
        "cold": {"usable": percentiles(usable), "first_answer": percentiles(first)},
        "dropped": dropped,
    }


def machine(load_before: float, chromium: str) -> Machine:
    """Describes this machine, with its load before the measurement and now."""
    return {
        "processors": os.cpu_count(),
        "load_average": [round(load_before, 2), round(os.getloadavg()[0], 2)],
        "real_time_priority": os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO),
        "python": platform.python_version(),
        "system": platform.system(),
        "chromium": chromium,
    }


def main() -> int:
    """Measures, writes the report and prints what `python -m train report` makes of it."""
    parser = argparse.ArgumentParser(description="How long a visitor waits.")
    parser.add_argument("--runs", type=int, default=30, help="of each song; %(default)s")
    parser.add_argument("--starts", type=int, default=5, help="of the app; %(default)s")
    parser.add_argument("--report", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    measured = report(arguments.runs, arguments.starts)
    if arguments.report:
        arguments.report.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(page_paragraph(measured))
    for song, most in _TARGETS_S.items():
        p95 = measured["dropped"][song]["drawn"]["p95"]
        print(f"{song}: p95 {p95} s, target {most} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
