"""What the pages tell of measurements, a paragraph each: of speed, the pages and the library."""

import math
import textwrap
from collections.abc import Mapping
from typing import Any

from songnet.weights.release import MODEL_FILE
from train.markdown import table

PAGE_FILE = "evidence/page.json"
BROWSER_FILE = "evidence/browser.json"
LIBRARY_FILE = "evidence/library.json"
_WIDTH = 100


def network_sentence(size: int, benchmark: Mapping[str, Any]) -> str:
    """The size of the network's file and its time for a window; `size` is in bytes."""
    window_ms = benchmark["window"][MODEL_FILE]["median"]
    return wrapped(
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
    return wrapped(
        f"{excerpts}From opening a file to its genres SongNet takes, as a multiple of the "
        f"processor time of decoding alone, {mp3} for a 30 s MP3, {flac} for FLAC and {wav} for "
        f"WAV; for 4 minutes {long_mp3}, {long_flac} and {long_wav} (FFmpeg searches the beginning "
        f"of a WAV for other formats, which SongNet cuts short). {_against_musicnn(benchmark)}"
    )


def _against_musicnn(benchmark: Mapping[str, Any]) -> str:
    """What another network costs for the same file, where it was measured, too."""
    others = benchmark.get("others", {})
    if "musicnn" not in others:
        return ""
    musicnn, songnet = others["musicnn"], others["SongNet"]
    return (
        f"For a 30 s MP3, musicnn takes {musicnn['median'] / songnet['median']:.1f} times as much "
        f"processor time and {musicnn['peak_mb'] / songnet['peak_mb']:.1f} times as much memory."
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
    told = wrapped(
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
    return wrapped(
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
    return wrapped(
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
    return wrapped(
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


def wrapped(paragraph: str) -> str:
    """A paragraph in lines as the pages have them."""
    return textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)
