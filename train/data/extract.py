"""Computes the log-mel of many clips, on all cores or a cluster, and stores each at once."""

import sqlite3
import zipfile
from collections.abc import Generator, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import joblib
import numpy as np
from joblib.parallel import get_active_backend
from tqdm import tqdm

from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.sandbox import Sandbox
from songnet.spec import SPEC
from train.data.changed_copies import Copy
from train.data.clips import Clips, sha1
from train.data.levels import to_levels
from train.data.middle_window import decoder, middle
from train.errors import DataError

_KEPT_EVERY = 64


@dataclass(frozen=True)
class Feature:
    """The log-mel of a clip, or why there is none.

    Attributes
    ----------
    source, stamp : str
        Which clip, and its state, as from `train.data.clips.Clips` and
        `train.data.changed_copies.Copy`.
    levels : bytes or None
        The log-mel as uint8 [n_frames, n_mels]; None for a clip that is left out.
    reason : str
        Why it is left out, in one sentence; empty otherwise.
    """

    source: str
    stamp: str
    levels: bytes | None
    reason: str = ""


def feature(
    clips: Clips, source: str, stamp: str, expected_sha1: str | None, copy: Copy = Copy()
) -> Feature:
    """Decodes one clip in a child process and computes its log-mel.

    Of a clip longer than a window, the middle window is taken: the network sees no more at once,
    and FMA's clips are the middles of their tracks.

    Parameters
    ----------
    clips : Clips
    source, stamp : str
        Which clip, and its state.
    expected_sha1 : str or None
        SHA-1 of the clip, as hex; None where the collection has no checksums.
    copy : Copy
        Which copy of the clip the log-mel is of.

    Returns
    -------
    Feature
        If something is wrong with the clip, its `reason` says what; no error is raised.
    """
    name = copy.name(source)
    try:
        with clips.file(source) as path:
            if expected_sha1 is not None and sha1(path) != expected_sha1:
                reason = "It is not the clip that the collection's checksums name."
                return Feature(name, stamp, None, reason)
            waveform = middle(path, _decoder())
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        return Feature(name, stamp, None, f"It cannot be read: {error}.")
    except AudioError as error:
        return Feature(name, stamp, None, str(error))
    if np.abs(waveform).max() < SPEC.silence_peak:
        return Feature(name, stamp, None, "It holds nothing but silence.")
    levels = to_levels(log_mel(copy.apply(waveform, source)))
    return Feature(name, stamp, levels.tobytes())


@cache
def _decoder() -> Sandbox:
    # Once a process: it takes longer to start than a clip to decode.
    return decoder()


class Store:
    """Features in an SQLite file, safe against power cuts; at most one for each clip.

    Parameters
    ----------
    path : path of the SQLite file, made where it does not exist
    """

    def __init__(self, path: Path):
        self._database = sqlite3.connect(path)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS clips "
            "(source TEXT PRIMARY KEY, stamp TEXT, levels BLOB, reason TEXT)"
        )

    def close(self) -> None:
        """Writes what was added to the disk, and closes the file."""
        self._database.commit()
        self._database.close()

    def stamps(self) -> dict[str, str]:
        """The stamps of the clips when their features were computed, by source."""
        return dict(self._database.execute("SELECT source, stamp FROM clips"))

    def add(self, features: Iterable[Feature]) -> None:
        """Adds features as they come; an older one of the same clip is replaced."""
        for count, added in enumerate(features, start=1):
            row = (added.source, added.stamp, added.levels, added.reason)
            self._database.execute("REPLACE INTO clips VALUES (?, ?, ?, ?)", row)
            if count % _KEPT_EVERY == 0:
                self._database.commit()
        self._database.commit()

    def reasons(self) -> dict[str, str]:
        """The reasons why clips are left out, by source; empty for clips that are not."""
        return dict(self._database.execute("SELECT source, reason FROM clips"))

    def levels(self, source: str) -> np.ndarray:
        """The log-mel of a clip: np.ndarray [shape=(n_frames, n_mels), uint8]."""
        found = self._database.execute("SELECT levels FROM clips WHERE source = ?", (source,))
        shape = (SPEC.n_frames, SPEC.n_mels)
        return np.frombuffer(found.fetchone()[0], np.uint8).reshape(shape)


def extract(
    clips: Clips, sources: list[str], store: Store, workers: int = -1, copy: Copy = Copy()
) -> dict[str, str]:
    """Computes the features of clips that are new or have changed since they were stored.

    It runs on the active `train.data.cluster.backend`. Features are stored as they are finished,
    so that an interrupted run goes on where it was.

    Parameters
    ----------
    clips : Clips
    sources : list of str
    store : Store
    workers : int
        Processes; -1 for as many as the backend has.
    copy : Copy
        Which copy of each clip.

    Returns
    -------
    dict of str to str
        The reasons why clips are left out, by source; empty for clips that are not.
    """
    expected, known = clips.checksums(), store.stamps()
    stamps = {source: copy.stamp(clips.stamp(source)) for source in sources}
    missing = {source: "It is missing." for source, stamp in stamps.items() if stamp is None}
    tasks = [
        joblib.delayed(feature)(clips, source, stamp, expected.get(source), copy)
        for source, stamp in stamps.items()
        if stamp is not None and stamp != known.get(copy.name(source))
    ]
    store.add(_progress(_computed(tasks, workers), len(tasks), len(sources)))
    reasons = store.reasons()
    return {source: missing.get(source) or reasons[copy.name(source)] for source in sources}


def _computed(tasks: list, workers: int) -> Generator[Feature, None, None]:
    active: Any = get_active_backend()[0]
    one_by_one: dict[str, Any] = {"n_jobs": workers, "batch_size": 1}
    if active.supports_return_generator:
        parallel = joblib.Parallel(return_as="generator_unordered", **one_by_one)
        try:
            with closing(cast(Generator[Feature, None, None], parallel(tasks))) as features:
                yield from features
        except BrokenExecutor as error:
            raise DataError(
                "A process was killed, for want of memory perhaps: run it again to go on where it "
                "was, with fewer --workers if need be."
            ) from error
        return
    # Ray's backend returns all results at once: here, as many as are stored at once.
    with joblib.Parallel(**one_by_one) as parallel:
        for start in range(0, len(tasks), _KEPT_EVERY):
            yield from cast(list[Feature], parallel(tasks[start : start + _KEPT_EVERY]))


def _progress(
    features: Generator[Feature, None, None], waiting: int, total: int
) -> Generator[Feature, None, None]:
    """The features as they come, with a progress bar."""
    bar = tqdm(features, total=total, initial=total - waiting, unit=" clips", smoothing=0.05)
    with closing(features):
        yield from bar
