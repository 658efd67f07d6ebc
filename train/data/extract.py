"""Computes what is learned of many clips, on all cores or a cluster, and stores each at once.

That is the log-mel, and the embeddings of teachers.
"""

import errno
from collections.abc import Generator
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import Any, cast

import joblib
import numpy as np
from joblib.parallel import get_active_backend
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.sandbox import Sandbox
from songnet.spec import SPEC
from train.data.changed_copies import Copy
from train.data.clips import Clips, sha1
from train.data.levels import to_levels
from train.data.middle_window import decoder, middle
from train.data.store import KEPT_EVERY, Embedding, Feature, Store
from train.errors import DataError
from train.teachers.known import TEACHERS, loaded


def feature(
    clips: Clips,
    source: str,
    stamp: str,
    expected_sha1: str | None,
    copy: Copy = Copy(),
    teachers: tuple[str, ...] = (),
) -> Feature:
    """Decodes one clip in a child process and computes its log-mel, and teachers' embeddings.

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
    teachers : tuple of str
        Names of the teachers that hear the clip, too.

    Returns
    -------
    Feature
        If something is wrong with the clip, its `reason` says what; no error is raised.

    Raises
    ------
    DataError
        If a teacher cannot be loaded here.
    """
    name = copy.name(source)
    try:
        with clips.file(source) as path:
            if expected_sha1 is not None and sha1(path) != expected_sha1:
                reason = "It is not the clip that the collection's checksums name."
                return Feature(name, stamp, None, reason)
            waveform = middle(path, _decoder())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # it would be kept as the clip's fault
        return Feature(name, stamp, None, f"It cannot be read: {error}.")
    except (AudioError, DataError) as error:
        return Feature(name, stamp, None, str(error))
    if np.abs(waveform).max() < SPEC.silence_peak:
        return Feature(name, stamp, None, "It holds nothing but silence.")
    changed = copy.apply(waveform, source)
    # Products of matrices sum in another order on more threads, and levels are rounded.
    with threadpool_limits(1):
        levels = to_levels(log_mel(changed))
    heard = tuple(_embedding(teacher, waveform, stamp) for teacher in teachers)
    return Feature(name, stamp, levels.tobytes(), embeddings=heard)


def _embedding(teacher: str, waveform: np.ndarray, stamp: str) -> Embedding:
    known, stamp = loaded(teacher), _heard_stamp(teacher, stamp)
    try:
        return Embedding(teacher, stamp, known.embed_clip(waveform).tobytes())
    except DataError as error:
        return Embedding(teacher, stamp, None, str(error))


def _heard_stamp(teacher: str, stamp: str) -> str:
    """A text that changes when the clip does, or the teacher that hears it."""
    return f"{stamp} {TEACHERS[teacher].version()}"


@cache
def _decoder() -> Sandbox:
    # Once a process: it takes longer to start than a clip to decode.
    return decoder()


def extract(
    clips: Clips,
    sources: list[str],
    store: Store,
    workers: int = -1,
    copy: Copy = Copy(),
    teachers: tuple[str, ...] = (),
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
    teachers : tuple of str
        Names of the teachers that hear the clips; copies are heard by none.

    Returns
    -------
    dict of str to str
        The reasons why clips are left out, by source; empty for clips that are not.

    Raises
    ------
    DataError
        If a process is killed, or the store or the collection's checksums are damaged.
    OSError
        If the disk is full.
    """
    # Processes that are reused, and those of a cluster, may be in another folder.
    clips = replace(clips, path=clips.path.absolute())
    expected, known = clips.checksums(), store.stamps()
    stamps = {source: copy.stamp(clips.stamp(source)) for source in sources}
    missing = {source: "It is missing." for source, stamp in stamps.items() if stamp is None}
    unheard = _unheard(store, teachers, stamps)
    tasks = [
        joblib.delayed(feature)(clips, source, stamp, expected.get(source), copy, unheard[source])
        for source, stamp in stamps.items()
        if stamp is not None and (stamp != known.get(copy.name(source)) or unheard[source])
    ]
    store.add(_progress(_computed(tasks, workers), len(tasks), len(sources)))
    reasons = store.reasons()
    for teacher in teachers:
        silent = store.embedding_reasons(teacher)
        reasons = {source: why or silent.get(source, "") for source, why in reasons.items()}
    return {source: missing.get(source) or reasons[copy.name(source)] for source in sources}


def _unheard(
    store: Store, teachers: tuple[str, ...], stamps: dict[str, str | None]
) -> dict[str, tuple[str, ...]]:
    """The teachers that have not heard each clip as it is; none for clips that cannot be used."""
    known, reasons = store.stamps(), store.reasons()
    heard = {teacher: store.embedding_stamps(teacher) for teacher in teachers}
    return {
        source: ()
        if stamp is None or (stamp == known.get(source) and reasons[source])
        else tuple(t for t in teachers if heard[t].get(source) != _heard_stamp(t, stamp))
        for source, stamp in stamps.items()
    }


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
        for start in range(0, len(tasks), KEPT_EVERY):
            yield from cast(list[Feature], parallel(tasks[start : start + KEPT_EVERY]))


def _progress(
    features: Generator[Feature, None, None], waiting: int, total: int
) -> Generator[Feature, None, None]:
    """The features as they come, with a progress bar."""
    bar = tqdm(features, total=total, initial=total - waiting, unit=" clips", smoothing=0.05)
    with closing(features):
        yield from bar
