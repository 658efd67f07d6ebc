"""Measures how fast clips are prepared, read and trained on, to estimate it for FMA-full."""

import argparse
import dataclasses
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import keras
import numpy as np

from songnet.features import log_mel
from songnet.model import ModelConfig
from songnet.spec import SPEC
from train.cost import scale
from train.data import splits
from train.data.clips import sha1
from train.data.extract import Feature, Store
from train.data.levels import Spectra, to_levels
from train.data.middle_window import decoder, middle
from train.data.splits import Split
from train.errors import DataError
from train.evidence import changes
from train.network.batches import Batches
from train.network.fit import Recipe, fit
from train.teachers.known import TEACHERS, loaded, named

_CLIPS, _TRACKS, _HEARD, _STORED = 60, 12, 30, 512
# The first batches, during which the network is compiled, are not counted; from then on, the queue
# of batches is full.
_FIRST, _COUNTED = 8, 48


def prepare_seconds(files: list[Path], count: int) -> float:
    """Processor time of ``python -m train prepare`` for one file, with that of its decoder [s].

    Parameters
    ----------
    files : list of paths of audio files
    count : int
        How many files are timed, the same ones again where there are fewer.

    Returns
    -------
    float
        The mean, without the decoder's start.
    """

    def features(chosen: list[Path]) -> None:
        with decoder() as process:
            process.probe(files[0])
            for path in chosen:
                sha1(path)
                log_mel(middle(path, process))

    features(files[:1])  # fills caches
    timed = list(islice(cycle(files), count))
    start, total = (_processor_seconds(features, chosen) for chosen in ([], timed))
    return (total - start) / count


def teacher_seconds(name: str, files: list[Path], count: int) -> float:
    """Processor time in which a teacher hears a decoded clip, resampling included [s].

    Parameters
    ----------
    name : str
        One of `train.teachers.known.TEACHERS`.
    files : list of paths of audio files
    count : int
        How many clips are timed, the same ones again where there are fewer files.

    Returns
    -------
    float
        The mean, without the time to load the teacher.

    Raises
    ------
    DataError
        If the teacher cannot be loaded.
    """
    teacher = loaded(name)
    with decoder() as process:
        heard = [middle(path, process) for path in files[:count]]
    teacher.embed_clip(heard[0])  # fills caches

    def hear() -> None:
        for waveform in islice(cycle(heard), count):
            teacher.embed_clip(waveform)

    return _processor_seconds(hear) / count


def _processor_seconds(task: Callable[..., object], *arguments: object) -> float:
    """Processor time of a call: all threads, and the processes that end with it [s]."""
    before = os.times()
    task(*arguments)
    return sum(os.times()[:4]) - sum(before[:4])


def whole_track(clip: Path, folder: Path) -> Path:
    """Writes an MP3 with the average length and size of FMA-full's tracks: a clip repeated."""
    once = changes.read(clip)
    n = round(scale.SECONDS * once.rate)
    repeated = np.take(once.waveform, np.arange(n) % once.waveform.shape[1], axis=1)
    encode = changes.Change(
        "whole", lambda clip: clip.waveform, "libmp3lame", ".mp3", bit_rate=scale.BIT_RATE
    )
    return encode.write(changes.Clip(repeated, once.rate), folder / "track")


def store_bytes(folder: Path) -> float:
    """Bytes of ``features.sqlite`` for each clip."""
    path = folder / "features.sqlite"
    levels = bytes(SPEC.n_frames * SPEC.n_mels)
    with closing(Store(path)) as store:
        store.add(Feature(f"{i:06}.mp3", "0-0", levels) for i in range(_STORED))
    return path.stat().st_size / _STORED


class _Stopwatch(keras.callbacks.Callback):
    """Times the batches that count, and ends training with the last of them."""

    def __init__(self, counted: int):
        super().__init__()
        self.rates, self._counted = {}, counted

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if batch not in (_FIRST, _FIRST + self._counted):
            return
        assert logs is not None  # Keras always hands them over
        assert self.model is not None
        float(logs["loss"])  # waits for what JAX has still to compute
        now = _Clocks()
        if batch == _FIRST:
            self._began = now
        else:
            self.rates = now.rates(self._began, self._counted)
            self.model.stop_training = True


class _Clocks:
    """The wall clock and the processor time at the moment when an instance is made [s]."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def rates(self, began: "_Clocks", batches: int) -> dict[str, float]:
        """Clips a second since `began`, as `loader_rates` returns them."""
        clips = batches * Recipe.batch_size
        return {
            "clips_per_second": round(clips / (self.wall - began.wall), 1),
            "clips_per_processor_second": round(clips / (self.processor - began.processor), 1),
        }


def loader_rates(training: Split) -> dict[str, float]:
    """Measures how many clips a second the loader alone prepares, over one epoch.

    Returns
    -------
    dict
        ``clips_per_second``, and ``clips_per_processor_second``, which does not fall while other
        programs have the processors.
    """
    recipe, targets = Recipe(), {"probabilities": training.one_hot}
    batches = Batches(training.log_mel, targets, recipe.batch_size, recipe.augmentation, seed=0)
    began = _Clocks()
    for _ in batches.ahead(epochs=1):
        pass
    return _Clocks().rates(began, len(batches))


def training_rates(
    training: Split, counted: int = _COUNTED, config: ModelConfig = ModelConfig()
) -> dict[str, float]:
    """Measures how many clips a second are trained on, with the loader.

    Parameters
    ----------
    training : Split
    counted : int
        Number of batches that are timed.
    config : ModelConfig

    Returns
    -------
    dict
        With the same keys as from `loader_rates`.

    Raises
    ------
    DataError
        If there are too few clips.
    """
    needed = (_FIRST + counted + 1) * Recipe.batch_size
    if len(training) < needed:
        raise DataError(f"To time training takes {needed} clips. Received: {len(training)}")
    stopwatch = _Stopwatch(counted)
    training = dataclasses.replace(training, teachers={})
    few = training.take(np.arange(Recipe.batch_size), "validation")
    with tempfile.TemporaryDirectory() as folder:
        fit(training, few, folder, recipe=Recipe(epochs=1), config=config, callbacks=[stopwatch])
    return stopwatch.rates


def on_disk(split: Split, folder: Path) -> Split:
    """The same clips, with their spectra in a file that the system does not hold in its cache."""
    path = folder / f"{split.name}.npy"
    np.save(path, to_levels(np.asarray(split.log_mel)))
    with path.open("rb") as file:
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return dataclasses.replace(split, log_mel=Spectra(np.load(path, mmap_mode="r")))


def measure(training: Split, clips: list[Path]) -> dict[str, Any]:
    """Measures everything that `train.cost.scale` needs.

    Parameters
    ----------
    training : Split
    clips : list of paths of clips of 30 s

    Returns
    -------
    dict
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        track = whole_track(clips[0], folder)
        measured = {
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "prepare": {
                "clips": _CLIPS,
                "processor_s_per_clip": round(prepare_seconds(clips, _CLIPS), 3),
                "processor_s_per_track": round(prepare_seconds([track], _TRACKS), 3),
                "track_s": round(scale.SECONDS, 1),
            },
            "store_bytes_per_clip": round(store_bytes(folder)),
        }
        where = {"memory": lambda: training, "disk": lambda: on_disk(training, folder)}
        for task, rates in {"loader": loader_rates, "training": training_rates}.items():
            measured[task] = {place: rates(split()) for place, split in where.items()}
    return measured | {"busy": round(os.getloadavg()[0], 1)}


def measure_teachers(names: tuple[str, ...], clips: list[Path]) -> dict[str, dict[str, float]]:
    """Measures what each of some teachers takes for a clip of 30 s, by its name."""
    return {
        name: {
            "processor_s_per_clip": round(teacher_seconds(name, clips, _HEARD), 4),
            "busy": round(os.getloadavg()[0], 1),
        }
        for name in names
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train speed``."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the splits; without it, only the teachers are measured anew",
    )
    parser.add_argument(
        "--teacher", metavar="NAME[,NAME]", help=f"measure these, too: {', '.join(TEACHERS)}"
    )
    parser.add_argument(
        "--audio", required=True, type=Path, metavar="DIR", help="folder of some clips of 30 s"
    )
    parser.add_argument(
        "--output", default="artifacts/speed.json", metavar="FILE", help="%(default)s"
    )
    parser.add_argument("--page", default="train/SCALE.md", metavar="FILE", help="%(default)s")


def _before(path: Path) -> dict[str, Any]:
    """What was measured before."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} holds no earlier measurements ({error}): name --data, too, to make them."
        ) from error


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train speed``: measures, and writes the figures and the page."""
    clips = sorted(arguments.audio.glob("*.mp3"))
    if not clips:
        raise DataError(f"{arguments.audio} holds no .mp3: --audio names a folder of clips.")
    if arguments.data is None and not arguments.teacher:
        raise DataError("There is nothing to measure: name --data, --teacher or both.")
    if arguments.data is None:
        measured = _before(Path(arguments.output))
    else:
        measured = measure(splits.load_split(arguments.data, "training"), clips)
    if arguments.teacher:
        found = measure_teachers(named(arguments.teacher), clips)
        measured["teachers"] = measured.get("teachers", {}) | found
    Path(arguments.output).write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    page = Path(arguments.page)
    page.write_text(scale.with_tables(page.read_text(encoding="utf-8"), measured), encoding="utf-8")
    return measured
