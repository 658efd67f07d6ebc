"""Measures time and memory of SongNet, of decoding alone, and of other ways to classify.

Each way runs in a process of its own, on one processor, in turns with the others. What is measured
is processor time (`train.cost.timing`); the first turn does not count. The
songs are synthesised: how long they take to decode and to classify does not depend on the music.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import av
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from tqdm import tqdm

from songnet.audio import SUFFIXES
from songnet.classifier import Classifier
from songnet.own_genres import OwnGenres, TaughtSong
from songnet.own_genres.nearest import unit
from songnet.spec import SPEC, VERSION
from songnet.weights import EMBEDDED, Weights, load_weights
from songnet.weights.release import MODEL_FILE
from train.cost import hearing, runtimes
from train.cost.contenders import CONTENDERS, DECODING, MONO, SONGNET
from train.cost.timed_process import PROJECT, TimedProcess
from train.cost.timing import in_turns, processor_time, spread
from train.errors import DataError
from train.evidence import excerpts, few_windows

# Opus has no 44.1 kHz.
_CODECS = {
    ".mp3": ("libmp3lame", 44_100),
    ".wav": ("pcm_s16le", 44_100),
    ".flac": ("flac", 44_100),
    ".m4a": ("aac", 44_100),
    ".opus": ("libopus", 48_000),
    ".ogg": ("vorbis", 44_100),
    ".aiff": ("pcm_s16be", 44_100),
}
_KINDS = ("MP3", "WAV", "FLAC")
_MORE_KINDS = ("M4A", "Opus", "Ogg", "AIFF")
_SONGS_S = (30, 240)
_GROWTH_S = (10, 60, 600, 3600)
_WINDOW_REPEATS = 30
_OWN_GENRES = (8, 200)
_JUDGEMENTS = 100  # at a time: one is too short to be measured
_STARTS = {
    "import songnet": "import songnet",
    "import songnet.classifier": "import songnet.classifier",
    "load the weights": "from songnet.classifier import Classifier; START; Classifier.load()",
}


def write_song(path: Path, seconds: int) -> Path:
    """Writes a synthesised song in stereo at 44.1 kHz: a chord and noise, 10 s over and over.

    Parameters
    ----------
    path : path of the file to write
        Its ending, such as ``.mp3`` or ``.opus``, says its format.
    seconds : int
        A multiple of 10.

    Returns
    -------
    Path
        The same path.
    """
    t = np.arange(10 * SPEC.sample_rate) / SPEC.sample_rate
    chord = np.sum([np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6, 1318.5)], axis=0)
    noise = np.random.default_rng(0).normal(size=(len(t), 2))
    pcm = (32767 * np.clip(0.08 * chord[:, None] + 0.03 * noise, -1, 1)).astype(np.int16)
    with av.open(str(path), "w") as output:
        codec, rate = _CODECS[path.suffix]
        # FFmpeg calls its own encoder of Vorbis experimental.
        options = {"strict": "experimental"}
        stream = output.add_stream(codec, rate=rate, layout="stereo", options=options)
        stream = cast(av.AudioStream, stream)
        if path.suffix == ".mp3":
            stream.bit_rate = 256_000
        for part in range(seconds // 10):
            frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = SPEC.sample_rate, part * len(t)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def measure_windows(folder: Path) -> dict[str, dict]:
    """Processor time of each TensorFlow Lite file in a folder for a window, in one thread [ms]."""
    waveform = np.random.default_rng(0).normal(0, 0.1, (1, SPEC.window_samples))
    waveform = waveform.astype(np.float32)
    tasks = {}
    for path in sorted(folder.glob("*.tflite")):
        run = Interpreter(str(path), num_threads=1).get_signature_runner("classify")
        tasks[path.name] = lambda run=run: processor_time(lambda: run(waveform=waveform))
    return _milliseconds(in_turns(tasks, _WINDOW_REPEATS))


def measure_own_genres(weights: Weights) -> dict[str, dict]:
    """Processor time of judging a song's embedding with own genres of 10 songs each [ms].

    By number of genres: so much longer the answer takes.
    """
    random = np.random.default_rng(0)
    tasks = {}
    for count in _OWN_GENRES:
        embeddings = unit(random.random((count, 10, 96))).astype(np.float32)
        genres = OwnGenres.learn(
            (TaughtSong(str(genre), song) for genre, of in enumerate(embeddings) for song in of),
            weights,
        )

        def judge(genres: OwnGenres = genres, song: np.ndarray = embeddings[0, 0]) -> None:
            for _ in range(_JUDGEMENTS):
                genres.judge(song)

        tasks[f"{count} genres"] = lambda judge=judge: processor_time(judge) / _JUDGEMENTS
    return _milliseconds(in_turns(tasks, _WINDOW_REPEATS))


def measure_files(songs: dict[str, Path], repeats: int) -> dict[str, dict]:
    """Times SongNet end to end, and decoding alone.

    Returns
    -------
    dict of str to dict
        By song: the `timing.spread` of each way [ms], and ``ratio``, the spread of SongNet's time
        divided by that of decoding alone in the same turn.
    """
    result = {}
    with ExitStack() as stack:
        names = (DECODING, MONO, SONGNET)
        ways = {name: stack.enter_context(TimedProcess(name)) for name in names}
        for name, song in tqdm(songs.items(), desc="files"):
            tasks = {way: lambda c=c, song=song: c.seconds(song) for way, c in ways.items()}
            taken = in_turns(tasks, repeats)
            ratios = np.divide(taken[SONGNET], taken[DECODING]).tolist()
            result[name] = _milliseconds(taken) | {"ratio": spread(ratios)}
    return result


def measure_others(song: Path, repeats: int) -> dict[str, dict]:
    """Times all ways that are installed, for the same song.

    Returns
    -------
    dict of str to dict
        By way: its `timing.spread` in ms and ``peak_mb``; ``missing`` where it is not installed.
    """
    with ExitStack() as stack:
        ways = {name: stack.enter_context(TimedProcess(name)) for name in CONTENDERS}
        tasks = {
            name: lambda way=way: way.seconds(song) for name, way in ways.items() if not way.missing
        }
        taken = _milliseconds(in_turns(tasks, repeats))
        return {
            name: {"missing": way.missing}
            if way.missing
            else taken[name] | {"peak_mb": round(way.peak_mb, 1)}
            for name, way in ways.items()
        }


def measure_growth(folder: Path) -> dict[str, dict]:
    """Measures SongNet's time and memory for MP3s of 10 s to 60 min, each in a new process.

    The longer ones are copies of one MP3 joined together, as radio recorders write them.
    """
    piece = {10: write_song(folder / "piece10.mp3", 10), 60: write_song(folder / "piece60.mp3", 60)}
    result = {}
    for seconds in tqdm(_GROWTH_S, desc="growth"):
        unit = 60 if seconds >= 60 else 10
        song = folder / f"joined{seconds}.mp3"
        with song.open("wb") as file:
            for _ in range(seconds // unit):
                file.write(piece[unit].read_bytes())
        with TimedProcess(SONGNET) as songnet:
            taken = songnet.seconds(song)
            result[f"{seconds} s"] = {
                "ms": round(1000 * taken, 1),
                "ms_per_minute": round(60_000 * taken / seconds, 1),
                "peak_mb": round(songnet.peak_mb, 1),
            }
        song.unlink()
    return result


def measure_starts(repeats: int) -> dict[str, dict]:
    """Processor time of importing the package and loading the weights, in new processes [ms]."""

    def task(code: str) -> float:
        before, _, after = code.rpartition("START; ")
        script = f"import time; {before}s = time.process_time(); {after}; "
        script += "print(time.process_time() - s)"
        command = [sys.executable, "-c", script]
        return float(
            subprocess.run(
                command, cwd=PROJECT, check=True, capture_output=True, text=True
            ).stdout.split()[-1]
        )

    tasks = {name: lambda code=code: task(code) for name, code in _STARTS.items()}
    return _milliseconds(in_turns(tasks, repeats))


def _milliseconds(taken: dict[str, list[float]]) -> dict[str, dict]:
    return {name: spread(1000 * value for value in values) for name, values in taken.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train benchmark``."""
    parser.add_argument("--repeats", type=int, default=7, help="turns that count; %(default)s")
    parser.add_argument("--clips", metavar="DIR", help="real clips, to cut excerpts from")
    parser.add_argument(
        "--predictions",
        metavar="CSV",
        nargs="+",
        help="per-clip predictions, to compare a few clips of an artist with all of them",
    )
    parser.add_argument("--output", metavar="JSON", help="write the result to this file, too")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train benchmark``: measures, and returns what ``--json`` prints."""
    folder = Path(tempfile.mkdtemp())
    try:
        songs = {
            f"{seconds} s {kind}": write_song(folder / f"{seconds}.{kind.lower()}", seconds)
            for seconds in _SONGS_S
            for kind in _KINDS
        }
        # A few windows are reached in another way in each format.
        long_s = _SONGS_S[-1]
        more = {
            f"{long_s} s {kind}": write_song(folder / f"more.{kind.lower()}", long_s)
            for kind in _MORE_KINDS
        }
        long = {name: song for name, song in songs.items() if name.startswith(f"{long_s} s")}
        result = {
            "version": VERSION,
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "unit": "ms of processor time",
            "window": measure_windows(EMBEDDED),
            "runtimes": runtimes.measure(EMBEDDED / MODEL_FILE, arguments.repeats),
            "own genres": measure_own_genres(load_weights()),
            "start": measure_starts(arguments.repeats),
            "files": measure_files(songs, arguments.repeats),
            "others": measure_others(songs["30 s MP3"], arguments.repeats),
            "growth": measure_growth(folder),
            "hear": hearing.measure(long | more, arguments.repeats),
        }
    finally:
        shutil.rmtree(folder)
    if arguments.clips:
        clips = sorted(p for p in Path(arguments.clips).glob("*") if p.suffix.lower() in SUFFIXES)
        if not clips:
            raise DataError(f"{arguments.clips} holds no audio files: name a folder with clips.")
        result["excerpts"] = excerpts.agreement(Classifier.load(), clips)
    if arguments.predictions:
        threshold = load_weights().config.abstain_below
        result["few_windows"] = few_windows.agreement(arguments.predictions, threshold)
    if arguments.output:
        Path(arguments.output).write_text(json.dumps(result, indent=2) + "\n")
    return result


def show(result: dict) -> None:
    """Prints the tables: medians, quartiles and minima."""
    for part in ("window", "own genres", "start", "others"):
        print(f"\n{part} [ms]")
        for name, figures in result[part].items():
            print(_row(name, figures))
    for name, figures in result["runtimes"].items():
        print(f"\n{name}, of LiteRT [ms]")
        for part in ("start", "window"):
            print(_row(part, figures[part]))
        print(f"  {figures['memory_mb']} MB; differs by {figures['difference']:.1g}")
    for song, ways in result["files"].items():
        print(f"\n{song} [ms]")
        for name, figures in ways.items():
            print(_row(name, figures))
    for song, ways in result["hear"].items():
        print(f"\n{song}, whole and in a few windows [ms]")
        print(_row("whole", ways["whole"]))
        for count in few_windows.COUNTS:
            print(
                _row(f"{count}, x{ways[str(count)]['times']['median']:.2f}", ways[str(count)]["ms"])
            )
    for part in ("growth", "excerpts", "few_windows"):
        print(f"\n{part}")
        for name, figures in result.get(part, {}).items():
            print(f"  {name:30}", *(f"{key}={value}" for key, value in figures.items()))


def _row(name: str, figures: dict) -> str:
    if "missing" in figures:
        return f"  {name:30}  not installed ({figures['missing']})"
    row = f"  {name:30}{figures['median']:10.4g}  ({figures['low']:.4g}..{figures['high']:.4g}"
    row += f", min {figures['min']:.4g})"
    return row + (f"  peak {figures['peak_mb']:.0f} MB" if "peak_mb" in figures else "")
