"""Hears what is new or changed in folders of music, and keeps a library of them up to date."""

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from songnet.audio import Limits
from songnet.audio.tags import Tags
from songnet.batch import PATIENT, Job, find_jobs, in_order
from songnet.errors import AudioError
from songnet.folders import PassedOver
from songnet.library.changes import Changes, Known
from songnet.library.files import FileState
from songnet.library.rows import path_of, stored_path
from songnet.library.store import Library
from songnet.names import shown_name
from songnet.prediction import PredictionJson
from songnet.sandbox import Resources, Sandbox
from songnet.sandbox.process import decoder_stopped
from songnet.weights import Weights

# How many windows of each song a scan hears unless another number is asked for.
WINDOWS = 3


@dataclass
class ScanReport:
    """What a scan did: numbers of files.

    Attributes
    ----------
    new, changed : int
        Heard for the first time, and heard again: changed, or with more windows than before.
    retagged : int
        Changed, but for their sound, which was not heard again.
    moved : int
        Known again at another place, or back at their own.
    copied : int
        Known again, while the file with the same content is still where it was.
    unchanged : int
    vanished : int
        Gone since the last scan.
    away : int
        On a disk that is not there now; they are not taken for vanished.
    failed : int
        Without an answer, also from earlier scans, and folders that cannot be searched.
    music_s : float [s]
        Length of the songs that were heard.
    seconds : float [s]
        Time that the scan took.
    """

    new: int = 0
    changed: int = 0
    retagged: int = 0
    moved: int = 0
    copied: int = 0
    unchanged: int = 0
    vanished: int = 0
    away: int = 0
    failed: int = 0
    music_s: float = 0.0
    seconds: float = 0.0

    def to_json(self) -> dict[str, float]:
        """The report as plain Python objects."""
        return {name: round(number, 3) for name, number in asdict(self).items()}


@dataclass(frozen=True)
class _Task:
    """A file to look into, and how it was when its turn came."""

    job: Job
    path: bytes
    state: FileState | None
    known: Known | None


@dataclass(frozen=True)
class _Outcome:
    """What looking into a file gave: an error, an answer, or a song of the library like it."""

    task: _Task
    tags: Tags = Tags()
    sound: bytes | None = None
    error: str | None = None
    twin: int | None = None
    answer: PredictionJson | None = None
    embedding: np.ndarray | None = None


def _nothing(*_: object) -> None:
    """Tells nobody."""


def scan(
    library: Library,
    paths: Iterable[str | Path],
    weights: Weights,
    *,
    hear: int | None = WINDOWS,
    retry: bool = False,
    limits: Limits = Limits(),
    resources: Resources = PATIENT,
    workers: int | None = None,
    explain: Callable[[AudioError], str] = str,
    passed_over: PassedOver | None = None,
    on_song: Callable[[dict[str, Any]], None] = _nothing,
    on_progress: Callable[[int, int], None] = _nothing,
) -> ScanReport:
    """Brings a library up to date with what is in some folders.

    Each song is stored as soon as it was heard: a scan that ends early, however that happens, is
    gone on with by the next one, and several may run at once.

    Parameters
    ----------
    library : Library
        Open to be written, with `Library.belong_to` these weights.
    paths : iterable of paths
        Folders, which are searched to their depths, and files.
    weights : Weights
    hear : int > 0 or None
        How many windows of a song are heard; None for all. What was heard with as many or more
        is not heard again.
    retry : bool
        Whether files that failed are tried again although they have not changed.
    limits, resources, workers, explain
        As for `songnet.batch.hear_jobs`.
    passed_over : PassedOver or None
        To which is added what the search leaves out.
    on_song : function of a dict
        Told of each file that is not as it was, when that is stored: ``path``, ``change`` (a name
        of a number in `ScanReport`), and the answer or its ``error`` if it was looked into.
    on_progress : function of int and int
        Told how many files are done, and of how many.

    Returns
    -------
    ScanReport

    Raises
    ------
    LibraryError
        If the library cannot be written.
    WeightsError
        If the weights do not run.
    """
    started = time.monotonic()
    report, jobs, searched = ScanReport(), {}, []
    for path in paths:
        try:
            for job in find_jobs(path, passed_over):
                jobs.setdefault(stored_path(job.path), job)
            if os.path.isdir(path):
                searched.append(os.fsencode(os.path.realpath(path)))
        except AudioError as error:
            # An empty folder may be where a disk belongs: nothing in it is taken for vanished.
            report.failed += 1
            told = {"file": shown_name(path), "error": str(error)}
            on_song(_told(os.fsencode(os.path.realpath(path)), "failed", **told))
    with closing(Changes(library)) as changes:
        scanned = _Scan(changes, report, hear, retry, on_song)

        def tasks() -> Iterator[_Task]:
            for number, (path, job) in enumerate(jobs.items()):
                on_progress(number, len(jobs))
                task = scanned.task(path, job)
                if task is not None:
                    yield task

        outcomes = in_order(
            tasks(),
            lambda task, sandbox: scanned.looked_into(task, sandbox, limits, explain),
            weights,
            resources=resources,
            workers=workers,
        )
        for outcome in outcomes:
            scanned.store(outcome)
        on_progress(len(jobs), len(jobs))
        for folder in searched:
            scanned.mark_vanished(folder, jobs.keys())
    report.seconds = time.monotonic() - started
    return report


class _Scan:
    """Decides what is to be done for a file, does it, and stores what came of it."""

    def __init__(
        self,
        changes: Changes,
        report: ScanReport,
        hear: int | None,
        retry: bool,
        on_song: Callable[[dict[str, Any]], None],
    ):
        self._changes = changes
        self._report = report
        self._hear = hear
        self._retry = retry
        self._on_song = on_song

    def task(self, path: bytes, job: Job) -> _Task | None:
        """A file's task; None where nothing of it must be read."""
        state, known = FileState.of(path), self._changes.known(path)
        if known is None or known.state != state:
            return _Task(job, path, state, known)
        if known.vanished:
            self._changes.came_back(known)
        if known.error is not None and not self._retry:
            self._report.failed += 1
            return None
        if not known.answers(self._hear):
            return _Task(job, path, state, known)
        self._count(path, "moved" if known.vanished else "unchanged")
        return None

    def looked_into(
        self,
        task: _Task,
        sandbox: Sandbox,
        limits: Limits,
        explain: Callable[[AudioError], str],
    ) -> _Outcome:
        """Hears a file, unless a song with its sound is known; threads do this at once."""
        path, tags, sound = task.job.path, Tags(), None
        # Where this fails, hearing says why.
        with suppress(AudioError):
            tags, sound = sandbox.describe(path, limits)
        if sound is not None:
            known = task.known
            if known is not None and known.sound == sound and known.answers(self._hear):
                twin = known.id
            else:
                twin = self._changes.twin(sound, self._hear)
            if twin is not None:
                return _Outcome(task, tags, sound, twin=twin)
        try:
            answer, embedding = sandbox.hear(path, limits, self._hear)
        except AudioError as error:
            return _Outcome(task, error=explain(error))
        answer["file"] = task.job.name
        return _Outcome(task, tags, sound, answer=answer, embedding=embedding)

    def store(self, outcome: _Outcome) -> None:
        """Stores what looking into a file gave."""
        task, error = outcome.task, outcome.error
        if outcome.twin is not None and task.state is not None:
            self._take_over(outcome, task.state, outcome.twin)
            return
        if outcome.answer is not None and task.state is not None:
            try:
                self._store_answer(outcome, task.state, outcome.answer)
                return
            except (LookupError, TypeError, ValueError, AttributeError):
                # A child that was taken over may answer anything.
                error = str(decoder_stopped(task.job.name))
        # What is not there is no song that failed.
        if task.state is not None:
            self._changes.failure(task.path, task.state, error or "")
        self._count(task.path, "failed", file=task.job.name, error=error)

    def mark_vanished(self, folder: bytes, found: Container[bytes]) -> None:
        """Marks what is gone below a folder."""
        vanished, away = self._changes.mark_vanished(folder, found)
        self._report.away += away
        for path in vanished:
            self._count(path, "vanished")

    def _take_over(self, outcome: _Outcome, state: FileState, twin: int) -> None:
        task = outcome.task
        if task.known is not None and task.known.id == twin:
            self._changes.retag(task.known, state, outcome.tags)
            self._count(task.path, "retagged")
        elif change := self._changes.take_over(task.path, state, outcome.tags, twin):
            self._count(task.path, change)

    def _store_answer(self, outcome: _Outcome, state: FileState, answer: PredictionJson) -> None:
        task = outcome.task
        self._changes.answer(
            task.path,
            state,
            answer,
            outcome.embedding,
            outcome.tags,
            sound=outcome.sound,
            hear=self._hear,
        )
        self._report.music_s += answer["duration_s"]
        self._count(task.path, "new" if task.known is None else "changed", **answer)

    def _count(self, path: bytes, change: str, **what: Any) -> None:
        setattr(self._report, change, getattr(self._report, change) + 1)
        if change != "unchanged":
            self._on_song(_told(path, change, **what))


def _told(path: bytes, change: str, **what: Any) -> dict[str, Any]:
    return {"path": str(path_of(path)), "change": change, **what}
