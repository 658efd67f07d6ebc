"""Many visitors at once: starts `app.py`, keeps it busy, and compares every answer.

    python -m tests.programs.load --visitors 50 --minutes 10 --report load-report.json

A visitor sends a short MP3, a long one, a recording of a microphone or a broken file, through the
API or as the page does, or leaves before the answer is there, and comes back at once. In between,
more come together than the queue has room for. Each answer must be the one that the same file gets
alone. Then 24 visitors come without and with a greedy one, and how long they wait is compared.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import platform
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np

from tests.programs.load_greedy import GreedyClient
from tests.programs.load_server import Server
from tests.programs.load_visitors import (
    PATIENCE_S,
    BusyError,
    Song,
    Visitor,
    WrongError,
    make_songs,
)

# Of the run, before memory is measured; the crowd comes at half of it.
WARM_UP = 0.3
_SAMPLE_S = 2.0
FAIRNESS_VISITORS = 24


@dataclass
class Tally:
    """What became of all requests.

    Attributes
    ----------
    outcomes : dict of str to Counter
        By kind: ``right``, ``left``, ``busy``, ``wrong``, ``lost``.
    seconds : dict of str to list of float
        From the first byte sent to the answer, by kind.
    complaints : list of str
        What was wrong.
    """

    outcomes: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    complaints: list[str] = field(default_factory=list)

    def total(self, outcome: str) -> int:
        return sum(counter[outcome] for counter in self.outcomes.values())


async def _timed(tally: Tally, kind: str, outcome: str, request) -> None:
    started = time.monotonic()
    try:
        await asyncio.wait_for(request, PATIENCE_S)
        tally.outcomes[kind][outcome] += 1
        if outcome == "right":
            tally.seconds[kind].append(time.monotonic() - started)
    except BusyError:
        tally.outcomes[kind]["busy"] += 1
        await asyncio.sleep(1)
    except WrongError as error:
        tally.outcomes[kind]["wrong"] += 1
        tally.complaints.append(str(error))
    except (TimeoutError, httpx.HTTPError, ValueError) as error:
        tally.outcomes[kind]["lost"] += 1
        tally.complaints.append(f"{kind}: {error!r}")


async def _visit(visitor: Visitor, kinds: dict[str, Song], until: float, tally: Tally) -> None:
    """One visitor's requests, one after the other."""
    while time.monotonic() < until:
        kind = visitor.random.choice(list(kinds))
        how = visitor.random.choices(("API", "page", "stop", "close"), (5, 3, 1, 1))[0]
        if how == "API":
            await _timed(tally, kind, "right", visitor.ask_api(kinds[kind]))
        elif how == "page":
            await _timed(tally, f"{kind}, page", "right", visitor.use_page(kinds[kind]))
        else:
            request = visitor.use_page(kinds["4 min MP3"], leave=how)
            await _timed(tally, f"4 min MP3, {how}", "left", request)


async def _crowd(visitors: list[Visitor], song: Song, after_s: float, tally: Tally) -> None:
    """Many come at the same moment."""
    await asyncio.sleep(after_s)
    sent = await visitors[0].upload(song)
    requests = (visitor.ask_api(song, sent=sent) for visitor in visitors)
    await asyncio.gather(*(_timed(tally, "crowd", "right", request) for request in requests))


async def _p95(server: Server, kinds: dict[str, Song], seconds: float) -> tuple[float, Tally]:
    """How long 24 visitors with a short song wait, at the 95th percentile [s]."""
    tally, until = Tally(), time.monotonic() + seconds
    people = [Visitor(server, 1_000 + number) for number in range(FAIRNESS_VISITORS)]
    song = kinds["30 s MP3"]

    async def visit(person: Visitor) -> None:
        while time.monotonic() < until:
            await _timed(tally, "with a greedy one", "right", person.ask_api(song))

    await asyncio.gather(*map(visit, people))
    await asyncio.gather(*(person.close() for person in people))
    return _percentiles(tally.seconds["with a greedy one"]).get("p95", math.nan), tally


async def _fairness(server: Server, kinds: dict[str, Song], folder: Path, seconds: float) -> dict:
    """How long others wait without and with a greedy client."""
    without, first = await _p95(server, kinds, seconds)
    greedy = GreedyClient(server, folder)
    task = asyncio.create_task(greedy.run())
    await asyncio.sleep(min(10.0, seconds / 4))
    try:
        with_it, second = await _p95(server, kinds, seconds)
        # What it asked for must not have ended of itself.
        ended = repr(task.exception()) if task.done() else None
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
    return {
        "visitors": FAIRNESS_VISITORS,
        "seconds_each": seconds,
        "p95_s_without": without,
        "p95_s_with": with_it,
        "times_as_long": round(with_it / without, 2),
        "answers_without": first.total("right"),
        "answers_with": second.total("right"),
        "busy": first.total("busy") + second.total("busy"),
        "wrong_or_lost": sum(t.total(o) for t in (first, second) for o in ("wrong", "lost")),
        "complaints": [*first.complaints, *second.complaints][:20],
        "requests_of_the_greedy_one": greedy.requests,
        "the_greedy_one_ended": ended,
    }


async def _watch(server: Server, samples: list[tuple]) -> None:
    while True:
        samples.append((time.monotonic(), *server.use()))
        await asyncio.sleep(_SAMPLE_S)


async def _run(server: Server, kinds: dict[str, Song], visitors: int, seconds: float) -> dict:
    tally, samples = Tally(), []
    started = time.monotonic()
    people = [Visitor(server, number) for number in range(visitors)]
    crowd = [Visitor(server, 2_000 + n) for n in range(server.queue_size + visitors)]
    watch = asyncio.create_task(_watch(server, samples))
    visits = [_visit(person, kinds, started + seconds, tally) for person in people]
    visits.append(_crowd(crowd, kinds["30 s MP3"], seconds * WARM_UP / 2, tally))
    await asyncio.gather(*visits)
    took = time.monotonic() - started
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch
    await asyncio.gather(*(person.close() for person in (*people, *crowd)))
    return _figures(tally, samples, started, took, seconds)


def _figures(tally: Tally, samples: list, started: float, took: float, seconds: float) -> dict:
    every = [second for seconds in tally.seconds.values() for second in seconds]
    counted = [s for s in samples if started + WARM_UP * seconds <= s[0] <= started + seconds]
    minutes, app_mb = [(s[0] - started) / 60 for s in counted], [s[1] for s in counted]
    slope = float(np.polyfit(minutes, app_mb, 1)[0]) if len(counted) > 2 else None
    return {
        "seconds": round(took, 1),
        "answers": tally.total("right"),
        "answers_a_minute": round(tally.total("right") / took * 60, 1),
        "left_early": tally.total("left"),
        "told_to_come_back": tally.total("busy"),
        "wrong": tally.total("wrong"),
        "lost": tally.total("lost"),
        "complaints": tally.complaints[:20],
        "seconds_to_answer": _percentiles(every),
        "by_kind": {
            kind: {**counter, **_percentiles(tally.seconds[kind])}
            for kind, counter in sorted(tally.outcomes.items())
        },
        "memory": {
            "app_mb_at_start": samples[0][1],
            "app_mb_peak": max(s[1] for s in samples),
            "app_mb_a_minute_after_warm_up": slope if slope is None else round(slope, 2),
            "app_mb_each_30_s": [s[1] for s in samples[:: round(30 / _SAMPLE_S)]],
            "children_mb_peak": max(s[2] for s in samples),
        },
        "temporary_files": {
            "most": max(s[3] for s in samples),
            "most_mb": round(max(s[4] for s in samples), 1),
        },
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {f"p{p}": round(float(np.percentile(seconds, p)), 2) for p in (50, 95, 99)}


def run(
    visitors: int,
    minutes: float,
    *,
    queue_size: int = 100,
    long_s: float = 240.0,
    fairness_minutes: float = 2.0,
) -> dict:
    """Keeps a server busy, and reports.

    Parameters
    ----------
    visitors : int
    minutes : float [min]
    queue_size : int
        Of the server; at one moment this many and as many as there are visitors come at once.
    long_s : float [s]
        Length of the long song.
    fairness_minutes : float [min]
        How long visitors are timed without a greedy one, and with; 0 for not at all.

    Returns
    -------
    dict
        ``wrong`` and ``lost`` must be 0; ``temporary_files`` says what was left.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = make_songs(folder, long_s)
        load_before = os.getloadavg()[0]
        with Server(folder, queue_size) as server:
            figures = asyncio.run(_run(server, kinds, visitors, 60 * minutes)) if minutes else {}
            if fairness_minutes:
                seconds = 60 * fairness_minutes
                figures["fairness"] = asyncio.run(_fairness(server, kinds, folder, seconds))
        figures.setdefault("temporary_files", {})["left_after_the_end"] = server.leftovers()
        figures["log_mentions_errors"] = "Traceback" in server.log()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "visitors": visitors,
        "minutes": minutes,
        "queue_size": queue_size,
        "machine": {
            "processors": os.cpu_count(),
            "load_average_before": round(load_before, 1),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        **figures,
    }


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--queue-size", type=int, default=100)
    parser.add_argument("--long-seconds", type=float, default=240.0, help="of the long song")
    parser.add_argument(
        "--fairness-minutes", type=float, default=2.0, help="without a greedy visitor, and with"
    )
    parser.add_argument("--report", type=Path, help="write the report here, too")
    arguments = parser.parse_args()
    report = run(
        arguments.visitors,
        arguments.minutes,
        queue_size=arguments.queue_size,
        long_s=arguments.long_seconds,
        fairness_minutes=arguments.fairness_minutes,
    )
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    if arguments.report:
        arguments.report.write_text(f"{text}\n", encoding="utf-8")
    unfair = report.get("fairness", {}).get("wrong_or_lost", 0)
    return int(bool(report.get("wrong") or report.get("lost") or unfair))


if __name__ == "__main__":
    sys.exit(main())
