"""Measures what a large library takes: to open it, to search it, and to scan many files.

The 100,000 songs are made up: random embeddings, tags and answers, stored as a scan stores them.
The files that are scanned are of a second each, and are really heard.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np
from tqdm import tqdm

from songnet.audio.tags import Tags
from songnet.classifier import Classifier
from songnet.library import Library
from songnet.library.changes import Changes
from songnet.library.files import FileState
from songnet.library.scan import scan
from songnet.prediction import PredictionJson
from songnet.spec import SPEC, VERSION
from songnet.weights import Weights, load_weights
from train.cost.library_uses import USES
from train.cost.timed_process import PROJECT
from train.cost.timing import in_turns, spread

_RATE = 8000
_MB = 2**20
# How often memory is noted in a scan.
_NOTED = 10


def fill(path: Path, songs: int, weights: Weights) -> None:
    """Makes a library of made-up songs: ten each by an artist, of 4 minutes, heard in 3 windows.

    Parameters
    ----------
    path : path of the file to make
    songs : int
    weights : Weights
        Whose genres and network they have.
    """
    random, genres = np.random.default_rng(0), weights.config.genres
    noise = random.normal(0, 0.1, SPEC.min_samples).astype(np.float32)
    heard = Classifier(weights).classify(noise).embedding
    assert heard is not None
    with Library.open(path, create=True) as library:
        library.belong_to(weights.network_sha256, genres)
        # What a scan does for each song alone is much faster at once.
        library.connection.execute("PRAGMA synchronous = OFF")
        changes = Changes(library)
        for number in tqdm(range(songs), desc="songs"):
            shares = random.dirichlet(np.full(len(genres), 0.4), 4).tolist()
            of_song, *of_windows = [dict(zip(genres, row, strict=True)) for row in shares]
            genre = max(of_song, key=of_song.__getitem__)
            answer: PredictionJson = {
                "file": None,
                "genre": genre,
                "confidence": of_song[genre],
                "abstained": of_song[genre] < weights.config.abstain_below,
                "duration_s": 240.0,
                "probabilities": of_song,
                "windows": [
                    {
                        "start_s": start,
                        "end_s": start + 30,
                        "probabilities": row,
                        "attention": [],
                        "silent": False,
                    }
                    for start, row in zip((25.0, 105.0, 185.0), of_windows, strict=True)
                ],
                "metadata": Tags().to_json(),
                "warnings": [],
                "model": {},
                "verdict": {"kind": "genre", "text": genre, "genres": [genre]},
                "sections": [],
                "moments": [],
            }
            vector = np.maximum(random.normal(size=heard.size), 0).astype(np.float32)
            artist = f"Artist {number // 10}"
            tags = Tags(f"Song {number}", artist, f"Album {number // 10}", 2000, genre, (genre,))
            changes.answer(
                f"/music/{artist}/{number}.mp3".encode(),
                FileState(9_600_000, number),
                answer,
                vector / np.linalg.norm(vector),
                tags,
                sound=number.to_bytes(16, "big"),
                hear=3,
            )
        changes.close()


def measure_uses(path: Path, repeats: int) -> dict[str, dict]:
    """Processor time and memory of each of `train.cost.library_uses.USES`, in new processes.

    Returns
    -------
    dict of str to dict
        By use: the `timing.spread` [ms] and ``peak_mb``, the most that a process had.
    """
    peaks: dict[str, float] = dict.fromkeys(USES, 0.0)

    def task(use: str) -> float:
        command = [sys.executable, "-m", "train.cost.library_uses", use, str(path)]
        done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
        answer = json.loads(done.stdout)
        peaks[use] = max(peaks[use], answer["peak_mb"])
        return answer["seconds"]

    taken = in_turns({use: lambda use=use: task(use) for use in USES}, repeats)
    return {
        use: spread(1000 * seconds for seconds in taken[use]) | {"peak_mb": round(peaks[use], 1)}
        for use in USES
    }


def write_files(folder: Path, count: int) -> None:
    """Writes so many songs of noise, of a second each and all different, 100 a folder."""
    random = np.random.default_rng(0)
    for number in tqdm(range(count), desc="files"):
        path = folder / f"{number // 100}" / f"{number}.wav"
        path.parent.mkdir(exist_ok=True, parents=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, _RATE, 0, "NONE", ""))
            file.writeframes(random.normal(0, 3000, 11 * _RATE // 10).astype(np.int16).tobytes())


def measure_scan(folder: Path, path: Path, count: int, weights: Weights) -> dict[str, float]:
    """Scans the files that `write_files` writes, twice.

    Returns
    -------
    dict
        ``files``; ``seconds`` of the first scan and ``seconds_again`` of the second, which hears
        nothing, by the clock; ``growth_mb``, by how much this process's most memory grew from the
        first tenth of the files to the end of the first scan, and ``peak_mb``, what it was then.
    """
    noted: list[float] = []

    def scanned(name: str) -> float:
        started = time.monotonic()
        with (
            Library.open(path, create=True) as library,
            tqdm(total=count, desc=name) as bar,
        ):
            library.belong_to(weights.network_sha256, weights.config.genres)

            def note(done: int, total: int) -> None:
                bar.update(done - bar.n)
                if done >= len(noted) * total / _NOTED:
                    noted.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

            report = scan(library, [folder], weights, on_progress=note)
        assert report.new + report.unchanged == count, report
        return time.monotonic() - started

    first, second = scanned("scan"), scanned("again")
    return {
        "files": count,
        "seconds": round(first, 1),
        "seconds_again": round(second, 2),
        "growth_mb": round(noted[_NOTED] - noted[1], 1),
        "peak_mb": round(noted[_NOTED], 1),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train library``."""
    parser.add_argument("--songs", type=int, default=100_000, help="made-up songs; %(default)s")
    parser.add_argument("--files", type=int, default=10_000, help="files to scan; %(default)s")
    parser.add_argument("--repeats", type=int, default=7, help="turns that count; %(default)s")
    parser.add_argument("--output", metavar="JSON", help="write the result to this file, too")


def run(arguments: argparse.Namespace) -> dict:
    """``python -m train library``: measures, and returns what ``--json`` prints."""
    weights = load_weights()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = folder / "made.db"
        fill(made, arguments.songs, weights)
        write_files(folder / "files", arguments.files)
        result = {
            "version": VERSION,
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "songs": arguments.songs,
            "library_mb": round(made.stat().st_size / _MB, 1),
            "unit": "ms of processor time",
            "uses": measure_uses(made, arguments.repeats),
            "scan": measure_scan(folder / "files", folder / "scan.db", arguments.files, weights),
        }
    if arguments.output:
        Path(arguments.output).write_text(json.dumps(result, indent=2) + "\n")
    return result
