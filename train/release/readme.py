"""Writes the marked parts of the README and of the pages in `docs/` from a release's figures."""

import json
import math
import os
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songnet.weights import ReleaseConfig, expectations
from songnet.weights.metrics import Metrics
from songnet.weights.release import MODEL_FILE
from train.cost import size_table
from train.errors import DataError
from train.evidence import own_genres_figures
from train.evidence.comparison import sentence
from train.evidence.tables import (
    figures_table,
    genres_table,
    harder_table,
    robustness_tables,
    shipped_sentence,
    starts_table,
)
from train.markdown import has_part, table, with_part

# Every page that may have marked parts, seen from the folder in which the release's folder is.
PAGES = (
    "README.md",
    *("docs/accuracy.md", "docs/api.md", "docs/command-line.md", "docs/edge.md"),
    *("docs/library.md", "docs/own-genres.md", "docs/page.md"),
)
BENCHMARK_FILE = "benchmark.json"
PAGE_FILE = "evidence/page.json"
BROWSER_FILE = "evidence/browser.json"
LIBRARY_FILE = "evidence/library.json"
_WIDTH = 100


def parts(artifacts: Path, metrics: Metrics, config: ReleaseConfig) -> dict[str, str]:
    """The contents of the pages' marked parts.

    Parameters
    ----------
    artifacts : path of the folder of a release
        Its `benchmark.json`, `evidence/page.json`, `evidence/browser.json` and
        `evidence/library.json` are read if they are there.
    metrics : Metrics
        Its figures.
    config : ReleaseConfig

    Returns
    -------
    dict of str to str
        Markdown by the name of its part, with links as they are in a page next to `artifacts`:
        ``figures``, ``answers``, ``lead``, ``genres``, ``harder`` (test against validation),
        ``sizes``, ``robustness`` and ``starts``; ``network`` and ``speed`` if the release has a
        benchmark, and ``hear`` if that has the times and the agreement of a few
        windows; ``page`` and ``browser`` if it has the waiting times of the pages; ``library``
        if it has the evidence of `python -m train library`, ``own-genres-in-short`` and
        ``own-genres`` if it has that of `python -m train own-genres`.

    Raises
    ------
    DataError
        If one of these files is not what its program writes.
    """
    result = {
        "figures": figures_table(metrics),
        "answers": _answers(metrics),
        "lead": _lead(metrics),
        "genres": genres_table(metrics),
        "harder": harder_table(metrics),
        "sizes": size_table.to_markdown(metrics.get("sizes", {})),
        "robustness": robustness_tables(metrics["robustness"]) if "robustness" in metrics else "",
        "starts": starts_table(metrics["robustness"]) if "robustness" in metrics else "",
    }
    try:
        if (benchmark := _read(artifacts / BENCHMARK_FILE)) is not None:
            size = config.files[MODEL_FILE].size
            if size is not None:
                result["network"] = network_sentence(size, benchmark)
            result["speed"] = speed_paragraph(benchmark)
            if {"hear", "few_windows"} <= benchmark.keys():
                result["hear"] = hearing_part(benchmark)
        if (page := _read(artifacts / PAGE_FILE)) is not None:
            result["page"] = page_paragraph(page)
        if (browser := _read(artifacts / BROWSER_FILE)) is not None:
            result["browser"] = browser_paragraph(browser)
        if (library := _read(artifacts / LIBRARY_FILE)) is not None:
            result["library"] = library_paragraph(library)
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{BENCHMARK_FILE}, {PAGE_FILE}, {BROWSER_FILE} or {LIBRARY_FILE} in {artifacts} lacks "
            f"{error}: measure again."
        ) from error
    if (artifacts / "evidence" / own_genres_figures.ANSWERS).is_file():
        found = own_genres_figures.figures(artifacts / "evidence")
        result["own-genres-in-short"] = _wrapped(own_genres_figures.in_short(found))
        result["own-genres"] = _wrapped(own_genres_figures.sentences(found))
    return result


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path} is no JSON: {error}.") from error


def _answers(metrics: Metrics) -> str:
    return _wrapped(" ".join(expectations.sentences(metrics["protocols"]["official"])))


def _lead(metrics: Metrics) -> str:
    told = [
        f"On the {protocol['split']} part of the official split {sentence(protocol['lead'])}."
        for name, protocol in metrics["protocols"].items()
        if name.startswith("official") and "lead" in protocol
    ]
    return _wrapped(" ".join([*told, shipped_sentence(metrics)]))


def network_sentence(size: int, benchmark: Mapping[str, Any]) -> str:
    """The size of the network's file and its time for a window; `size` is in bytes."""
    window_ms = benchmark["window"][MODEL_FILE]["median"]
    return _wrapped(
        f"The whole of it, from raw audio to genres, is one file of {size / 1000:.0f} kB that "
        f"needs {window_ms:.0f} ms for 30 s of music."
    )


def speed_paragraph(benchmark: Mapping[str, Any]) -> str:
    """The figures of `python -m train benchmark`, and those of excerpts if it had clips."""
    excerpts = ""
    if "excerpts" in benchmark:
        cut = benchmark["excerpts"]["5 s"]
        repeated, silence = (round(100 * cut[way]["same_genre"]) for way in ("repeated", "silence"))
        excerpts = (
            f"A short clip is repeated, not padded: of {cut['excerpts']} excerpts of 5 s from "
            f"{cut['clips']} real clips, {repeated} % got the genre of their whole clip, and "
            f"{silence} % where silence filled the window. "
        )
    files = benchmark["files"]
    (mp3, wav, flac), (long_mp3, long_wav, long_flac) = (
        [
            f"{files[f'{seconds} s {kind}']['ratio']['median']:.1f}"
            for kind in ("MP3", "WAV", "FLAC")
        ]
        for seconds in (30, 240)
    )
    return _wrapped(
        f"{excerpts}From opening a file to its genres SongNet takes, as a multiple of the "
        f"processor time of decoding alone, {mp3} for a 30 s MP3, {flac} for FLAC and {wav} for "
        f"WAV; for 4 minutes {long_mp3}, {long_flac} and {long_wav} (FFmpeg searches the beginning "
        "of a WAV for other formats, which SongNet cuts short)."
    )


def hearing_part(benchmark: Mapping[str, Any]) -> str:
    """How much faster a few windows are than all of a song, and how often they agree with it."""
    times, agreement = benchmark["hear"], benchmark["few_windows"]
    kinds = {song: song.removeprefix("240 s ") for song in times}
    rows = [
        [
            count,
            *(f"{times[song][count]['times']['median']:.1f}" for song in kinds),
            f"{100 * found['same_genre_answered']:.0f} % of {found['answered']}",
            f"{100 * found['same_genre']:.0f} % of {found['songs']}",
        ]
        for count, found in agreement.items()
    ]
    head = ["windows", *kinds.values(), "same genre, of those answered", "of all"]
    told = _wrapped(
        "For 4 minutes, how many times as much music is heard in the same processor time as when "
        "all of it is heard, by format; and how many songs get the genre of all their windows. The "
        "songs are synthesised for the times. For the genres 8 clips of one artist, strung "
        "together, stand for a song, as FMA-small has 30 s of each: they differ more than a song's "
        "own windows do. `python -m train benchmark` measured both."
    )
    return f"{table(head, rows)}\n\n{told}"


def page_paragraph(times: Mapping[str, Any]) -> str:
    """The page's waiting times, which `python -m tests.programs.page_times` measured."""
    machine, cold = times["machine"], times["cold"]
    where = "at real-time priority over" if machine["real_time_priority"] else "beside"
    clip, long = (times["dropped"][song]["drawn"] for song in ("30 s MP3", "4 min MP3"))
    return _wrapped(
        f"From dropping a 30 s MP3 to its verdict and waveform {clip['p50']:.2f} s pass in the "
        f"median and {clip['p95']:.2f} s at the 95th percentile, for 4 minutes {long['p50']:.2f} "
        f"and {long['p95']:.2f} s ({clip['runs']} times each, in Chromium on the same machine). "
        f"From starting `app.py` to a page that takes a song {cold['usable']['p50']:.1f} s pass, "
        f"to the first answer {cold['first_answer']['p50']:.1f} s (at most "
        f"{cold['first_answer']['largest']:.1f} s in {cold['usable']['runs']} starts). "
        f"`python -m tests.programs.page_times` measured it on {machine['processors']} processors, "
        f"browser and server together, {where} what else the machine had to do (a load of "
        f"{machine['load_average'][0]:.1f}; [all figures](artifacts/{PAGE_FILE}))."
    )


def browser_paragraph(measured: Mapping[str, Any]) -> str:
    """What `python -m tests.programs.browser_times` measured of the page in the browser."""
    machine, live, window = measured["machine"], measured["live"], measured["window"]
    where = "at real-time priority over" if machine["real_time_priority"] else "beside"
    clip, long = (measured["dropped"][song] for song in ("30 s MP3", "4 min MP3"))
    first, second = measured["first_visit_usable"], measured["second_visit_usable"]
    megabytes = measured["first_visit_bytes"] / 1e6
    in_worker, in_python = (1000 * window[where]["p50"] for where in ("worker", "python"))
    return _wrapped(
        f"The first visit transfers {megabytes:.1f} MB, compressed; it is usable after "
        f"{first['p50']:.1f} s, later ones after {second['p50']:.1f} s. From dropping a 30 s MP3 "
        f"to its verdict {clip['p50']:.2f} s pass in the median, for 4 minutes {long['p50']:.2f} s "
        f"({clip['runs']} times each). A window takes {in_worker:.0f} ms there and {in_python:.0f} "
        f"ms in Python. {_differences(measured['differences'])}While it listens, the page draws "
        f"{live['frames_per_second']:.0f} frames a second, and in {live['minutes']:g} minutes "
        f"Chromium's memory changed by {live['growth_mb_per_minute']:+.1f} MB a minute. "
        f"`python -m tests.programs.browser_times` measured it on {machine['processors']} "
        f"processors, {where} what else the machine had to do (a load of "
        f"{machine['load_average'][0]:.1f}; [all figures](artifacts/{BROWSER_FILE}))."
    )


def _differences(by_format: Mapping[str, Any]) -> str:
    """How far browsers' decoders lead from FFmpeg's; empty where no real clips were there."""
    if not by_format:
        return ""
    clips, same = (sum(f[key] for f in by_format.values()) for key in ("clips", "same_genre"))
    kinds = ", ".join(
        # Rounded up, as it is a bound.
        f"{kind.upper()} {math.ceil(1e4 * found['largest_difference']) / 1e4:.4f}"
        for kind, found in by_format.items()
    )
    return (
        f"Of {clips} real clips in four formats {same} get the same genre as on the command line; "
        f"no probability differs by more than this: {kinds}. "
    )


def library_paragraph(measured: Mapping[str, Any]) -> str:
    """What a large library takes, which `python -m train library` measured."""
    uses, scan = measured["uses"], measured["scan"]
    opened, nearest, playlist = (
        f"{uses[use]['median']:.0f}" for use in ("open", "nearest", "playlist")
    )
    memory = max(use["peak_mb"] for use in uses.values())
    return _wrapped(
        f"A library of {measured['songs']:,} made-up songs is a file of "
        f"{measured['library_mb']:.0f} MB; to open it takes {opened} ms of processor time, to find "
        f"the songs nearest to one {nearest} ms, to put together a playlist of a genre {playlist} "
        f"ms, with at most {memory:.0f} MB of memory. {scan['files']:,} files of a second each "
        f"were heard in {scan['seconds']:.0f} s and looked through again in "
        f"{scan['seconds_again']:.1f} s; from the first tenth of them to the last the memory grew "
        f"by {scan['growth_mb']:.0f} MB. "
        f"`python -m train library` measured it ([all figures](artifacts/{LIBRARY_FILE}); "
        f"{measured['machine']})."
    )


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)


def filled(text: str, content: Mapping[str, str]) -> str:
    """A text with new content in those of the marked parts that it has.

    Parameters
    ----------
    text : str
    content : dict of str to str
        As `parts` returns it.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If a part does not have both its marks, once each.
    """
    for name, part in content.items():
        if has_part(text, name):
            text = with_part(text, name, part)
    return text


def update(named: str | Path | None, artifacts: Path, content: Mapping[str, str]) -> None:
    """Writes the marked parts of the pages.

    Parameters
    ----------
    named : path of the one page to write, or None for those of `PAGES` that are there
    artifacts : path of the folder of a release
    content : dict of str to str
        As `parts` returns it.

    Raises
    ------
    DataError
        If the named page is missing, or has no such parts.
    """
    root = artifacts.resolve().parent
    if named:
        path = Path(named)
        if not path.is_file():
            raise DataError(f"{path} is missing: --readme names a text with marked parts.")
        if not any(has_part(path.read_text(encoding="utf-8"), name) for name in content):
            marks = ", ".join(content)
            raise DataError(f"{path} has none of the marked parts that are written: {marks}.")
    for path in [Path(named)] if named else map(root.joinpath, PAGES):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(filled(text, seen_from(path, root, content)), encoding="utf-8")


def seen_from(page: Path, root: Path, content: Mapping[str, str]) -> dict[str, str]:
    """The contents of parts as they are in a page, whose folder relative links start from.

    Parameters
    ----------
    page : path of the page
    root : path of the folder from which the links of `content` start
    content : dict of str to str
        As `parts` returns it.

    Returns
    -------
    dict of str to str
    """
    way = Path(os.path.relpath(root.resolve(), page.resolve().parent)).as_posix()
    start = "](" if way == "." else f"]({way}/"
    return {name: re.sub(r"\]\((?![\w+.-]+:|#)", start, part) for name, part in content.items()}
