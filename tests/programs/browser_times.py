"""How fast the page in the browser is, and how far its answers are from Python's.

    python -m tests.programs.browser_times --runs 10 --live-minutes 3 \\
        --report artifacts/evidence/browser.json

Builds the page, serves it compressed, and visits it with a real Chromium. `python -m train report`
writes the figures of the report into the README. On a machine that has other work, `chrt --rr 1`
before the command puts that off meanwhile. Real clips come from ``../shared/audio``, where
they are; for what has to do with time alone, the songs are made up.
"""

import argparse
import contextlib
import csv
import functools
import gzip
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from songnet import audio
from songnet.browser.build import build
from songnet.classifier import Classifier
from songnet.spec import SPEC
from tests.programs.page_times import Percentiles, machine, percentiles
from tests.support import songs
from tests.support.page_visits import BROWSER_OPTIONS, HOST
from tests.support.paths import ROOT
from train.release.paragraphs import browser_paragraph

_CLIPS = ROOT.parent / "shared" / "audio"
_FORMATS = ("flac", "ogg", "m4a")
_WARM_UP = 2
_TIMEOUT_MS = 240_000
_READY = "body[data-ready]"
_KEPT = "navigator.serviceWorker.ready.then(() => true)"
# How long each window takes between the page and the worker, and back.
_TIME_WINDOWS = """
    window.windowMs = [];
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, transfer) {
        if (message.waveform) {
            const sent = performance.now();
            const done = ({ data }) => {
                if (data.id !== message.id) return;
                windowMs.push(performance.now() - sent);
                this.removeEventListener("message", done);
            };
            this.addEventListener("message", done);
        }
        postMessage.call(this, message, transfer);
    };
"""
_COUNT_FRAMES = """() => {
    window.frames_ = 0;
    const count = () => { frames_++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
}"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Sends every file compressed, and counts what it sends."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = _compressed(path)
        tag = f'"{path.stat().st_mtime_ns}"'
        is_known = self.headers.get("If-None-Match") == tag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "no-cache")
        if not is_known:
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.server.sent += len(body)
        self.end_headers()
        if not is_known:
            self.wfile.write(body)


@functools.cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes())


@contextlib.contextmanager
def served(folder: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serves a folder for a ``with`` block; ``server.sent`` counts bytes."""
    handler = functools.partial(_Handler, directory=folder)
    server = http.server.ThreadingHTTPServer((HOST, 0), handler)
    server.sent = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def visits(browser: Browser, server: http.server.ThreadingHTTPServer, runs: int) -> dict[str, Any]:
    """First visits with an empty cache, and second ones."""
    address = f"http://{HOST}:{server.server_port}/"
    sent, first, second = [], [], []
    for _ in range(runs):
        with contextlib.closing(browser.new_context()) as context:
            before = server.sent
            tab = context.new_page()
            first.append(_opened(tab, address))
            tab.evaluate(_KEPT)
            sent.append(server.sent - before)
            tab.close()
            second.append(_opened(context.new_page(), address))
    return {
        "first_visit_bytes": max(sent),
        "first_visit_usable": percentiles(first),
        "second_visit_usable": percentiles(second),
    }


def _opened(tab: Page, address: str) -> float:
    """Seconds until the network is loaded."""
    started = time.perf_counter()
    tab.goto(address)
    tab.wait_for_selector(_READY, timeout=_TIMEOUT_MS)
    return time.perf_counter() - started


def drops(tab: Page, song: Path, runs: int) -> Percentiles:
    """Times from dropping a song until its verdict stands there [s]."""
    taken = []
    for _ in range(_WARM_UP + runs):
        tab.evaluate("document.getElementById('answer').replaceChildren()")
        started = time.perf_counter()
        tab.set_input_files("#files", song)
        tab.wait_for_selector(".verdict h2", timeout=_TIMEOUT_MS)
        taken.append(time.perf_counter() - started)
        tab.wait_for_timeout(300)
    return percentiles(taken[_WARM_UP:])


def windows(tab: Page, classifier: Classifier, runs: int) -> dict[str, Percentiles]:
    """A window in the worker, and in LiteRT in Python, in turns on the same machine [s]."""
    taken = [ms / 1000 for ms in tab.evaluate("windowMs")][-8 * runs :]
    window = songs.synthesise(SPEC.window_seconds)[:, 0]
    own = []
    for _ in range(_WARM_UP + 8 * runs):
        started = time.perf_counter()
        classifier.classify(window)
        own.append(time.perf_counter() - started)
    return {"worker": percentiles(taken), "python": percentiles(own[_WARM_UP:])}


def differences(tab: Page, classifier: Classifier, folder: Path) -> dict[str, Any]:
    """How far the page's probabilities of the real clips are from Python's, by format."""
    clips = sorted(_CLIPS.glob("*.mp3"))
    found = {}
    for kind in ("mp3", *_FORMATS) if clips else ():
        paths = clips
        if kind != "mp3":
            paths = [folder / f"{clip.stem}.{kind}" for clip in clips]
            for clip, path in zip(clips, paths, strict=True):
                songs.write(path, audio.read(clip)[:, None])
        answers = _answers(tab, paths)
        predictions = [classifier.classify(path) for path in paths]
        pairs = list(zip(answers, predictions, strict=True))
        found[kind] = {
            "clips": len(paths),
            "same_genre": sum(a["genre"] == p.genre for a, p in pairs),
            "largest_difference": max(
                abs(a["probabilities"][genre] - probability)
                for a, p in pairs
                for genre, probability in p.probabilities.items()
            ),
        }
    return found


def _answers(tab: Page, paths: list[Path]) -> list[dict[str, Any]]:
    before = tab.locator("#list tbody tr").count()
    tab.set_input_files("#files", paths)
    rows = tab.locator("#list tbody tr")
    rows.nth(before + len(paths) - 1).wait_for(state="attached")
    tab.wait_for_selector("#list tbody:not(:has(.waiting))", state="attached", timeout=_TIMEOUT_MS)
    with tab.expect_download() as download:
        tab.click("#save-json")
    return json.loads(download.value.path().read_text(encoding="utf-8"))[before:]


def live(tab: Page, minutes: float) -> dict[str, Any]:
    """Frames a second, answers, and memory of all of Chromium, while the page listens."""
    session = tab.context.new_cdp_session(tab)
    tab.evaluate(_COUNT_FRAMES)
    tab.click("#listen")
    tab.wait_for_selector("#save-ribbon:visible", timeout=_TIMEOUT_MS)
    tab.wait_for_timeout(35_000)  # until the ring of samples is full
    frames, started, memory = tab.evaluate("frames_"), time.perf_counter(), []
    for _ in range(max(2, round(minutes * 4))):
        tab.wait_for_timeout(15_000)
        # What is garbage by then is no growth.
        session.send("HeapProfiler.collectGarbage")
        memory.append(_memory_mb())
    rate = (tab.evaluate("frames_") - frames) / (time.perf_counter() - started)
    tab.click("#listen")
    with tab.expect_download() as download:
        tab.click("#save-ribbon")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        times = [float(row["time_s"]) for row in csv.DictReader(file)]
    growth = np.polyfit(np.arange(len(memory)) / 4, memory, 1)[0]
    return {
        "minutes": minutes,
        "frames_per_second": round(rate, 1),
        "longest_between_answers_s": round(float(np.max(np.diff(times))), 1),
        "memory_mb": memory,
        "growth_mb_per_minute": round(float(growth), 1),
    }


def _memory_mb() -> int:
    """What the processes that this one started have in memory for themselves, together."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().uss
    return round(total / 2**20)


def report(runs: int, live_minutes: float) -> dict[str, Any]:
    """Measures everything."""
    load_before = os.getloadavg()[0]
    classifier = Classifier.load()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        clip = songs.write(folder / "clip.mp3", songs.synthesise(30, channels=2))
        long = np.tile(songs.synthesise(30, channels=2, seed=1), (8, 1))
        paths = {"30 s MP3": clip, "4 min MP3": songs.write(folder / "long.mp3", long)}
        build(folder / "page", classifier.weights)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=[*BROWSER_OPTIONS, f"--use-file-for-fake-audio-capture={_played(folder)}"],
        )
        with served(folder / "page") as server:
            visited = visits(browser, server, max(2, runs // 2))
            tab = browser.new_context().new_page()
            tab.add_init_script(_TIME_WINDOWS)
            address = f"http://{HOST}:{server.server_port}/"
            _opened(tab, address)
            dropped = {song: drops(tab, path, runs) for song, path in paths.items()}
            measured = {
                **visited,
                "dropped": dropped,
                "window": windows(tab, classifier, runs),
                "differences": differences(tab, classifier, folder),
            }
            tab.context.close()
            tab = browser.new_context(permissions=["microphone"]).new_page()
            _opened(tab, address)
            measured["live"] = live(tab, live_minutes)
        version = browser.version
        browser.close()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(load_before, version),
        "unit": "s",
        **measured,
    }


def _played(folder: Path) -> Path:
    """What Chromium's fake microphone hears."""
    return songs.write(folder / "played.wav", songs.synthesise(60))


def main() -> int:
    """Measures, writes the report and prints what `python -m train report` makes of it."""
    parser = argparse.ArgumentParser(description="How fast the page in the browser is.")
    parser.add_argument("--runs", type=int, default=10, help="of each song; %(default)s")
    parser.add_argument("--live-minutes", type=float, default=3, help="%(default)s")
    parser.add_argument("--report", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    measured = report(arguments.runs, arguments.live_minutes)
    if arguments.report:
        arguments.report.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(browser_paragraph(measured))
    print(json.dumps(measured), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
