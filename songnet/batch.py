"""Many files at once: finds them, classifies them on all cores, keeps their order."""

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

import numpy as np

from songnet.audio import Limits
from songnet.classifier import Classifier
from songnet.errors import AudioError
from songnet.folders import PassedOver, find_songs
from songnet.names import printable, shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson
from songnet.sandbox import Resources, Sandbox
from songnet.weights import Weights

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
# Finished answers, for each process, that may wait for a slower file before them.
_AHEAD = 4
# Longer than on the page: half an hour of music may take minutes on a slow machine, and here no
# other visitor waits.
PATIENT = Resources(cpu_seconds=600, wall_seconds=1200.0)

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

# The answer for a file, and the song's embedding where it has one.
Heard = tuple[AnswerJson, np.ndarray | None]


@dataclass(frozen=True)
class Job:
    """A file to classify.

    Attributes
    ----------
    path : Path
    name : str
        Its name in the results: its path below the folder that was named, or its file name.
    """

    path: Path
    name: str


def find_jobs(path: str | Path, passed_over: PassedOver | None = None) -> list[Job]:
    """The files that an argument of the command line stands for.

    Parameters
    ----------
    path : path of a file, or of a folder
        Folders are searched to their depths, as `songnet.folders.find_songs` does.
    passed_over : PassedOver or None
        To which is added what that search leaves out.

    Returns
    -------
    list of Job
        Sorted by path. A file that is named itself is a job whatever its ending, even if it is
        missing.

    Raises
    ------
    AudioError
        If a folder holds no audio files or cannot be read, or if it is an address or a pipe.
    """
    address = str(path)
    path = Path(path)
    if not os.path.isdir(path):
        if _ADDRESS.match(address) and not os.path.exists(path):
            raise AudioError(
                f"{printable(address)} is an address, and nothing is fetched: download the song, "
                "and name its file."
            )
        # A child process has none of the shell's own pipes, such as /dev/fd/63.
        if os.path.exists(path) and not path.is_file():
            raise AudioError(
                f"{printable(address)} is not a file but a device or a pipe: name an audio file."
            )
        return [Job(path, printable(path.name or str(path)))]
    songs = find_songs(path, PassedOver() if passed_over is None else passed_over)
    if not songs:
        raise AudioError(f"{shown_name(path)} holds no audio files: name a folder with songs.")
    return [Job(song, printable(song.relative_to(path).as_posix())) for song in songs]


class Hearing(TypedDict, total=False):
    """How files are heard: what `hear_jobs` takes besides the files and the weights.

    Attributes
    ----------
    own_genres : OwnGenres or None
        The answers' genres, in place of the network's.
    limits : Limits
        Which files are refused.
    resources : Resources
        What a process may use for one file; `PATIENT` by default.
    workers : int or None
        Number of processes; None for as many as there are processors.
    explain : function of AudioError
        Gives the sentence for a file that fails.
    hear : int > 0 or None
        Number of windows of each song that are heard, as
        `songnet.classifier.Classifier.classify_song` does; None hears all of it.
    """

    own_genres: OwnGenres | None
    limits: Limits
    resources: Resources
    workers: int | None
    explain: Callable[[AudioError], str]
    hear: int | None


def classify_jobs(
    jobs: list[Job], weights: Weights, **options: Unpack[Hearing]
) -> Iterator[AnswerJson]:
    """Does what `hear_jobs` does, and yields the answers alone."""
    for answer, _ in hear_jobs(jobs, weights, **options):
        yield answer


def hear_jobs(
    jobs: list[Job],
    weights: Weights,
    *,
    own_genres: OwnGenres | None = None,
    limits: Limits = Limits(),
    resources: Resources = PATIENT,
    workers: int | None = None,
    explain: Callable[[AudioError], str] = str,
    hear: int | None = None,
) -> Iterator[Heard]:
    """Classifies files, several at once, and answers in their order.

    Each file is classified in a child process with limited resources (`songnet.sandbox`): a file
    that crashes its process costs its own answer and no other.

    Parameters
    ----------
    jobs : list of Job
    weights : Weights
        Loaded once by the caller, and passed on to each process.
    own_genres, limits, resources, workers, explain, hear
        As in `Hearing`.

    Yields
    ------
    AnswerJson
    embedding : np.ndarray [shape=(D,), float32, unit length] or None
        None for a silent song, and for a file that failed.

    Raises
    ------
    WeightsError
        If the weights do not run.
    OwnGenresError
        If the own genres were taught with other weights.
    """
    yield from in_order(
        jobs,
        lambda job, sandbox: _answer(job, sandbox, limits, explain, hear),
        weights,
        own_genres=own_genres,
        resources=resources,
        workers=workers,
    )


def in_order(
    jobs: Iterable[_Task],
    work: Callable[[_Task, Sandbox], _Result],
    weights: Weights,
    *,
    own_genres: OwnGenres | None = None,
    resources: Resources = PATIENT,
    workers: int | None = None,
) -> Iterator[_Result]:
    """Does work on files in child processes, several at once, and gives the results in order.

    Parameters
    ----------
    jobs : iterable
        Taken from in the caller's thread, a few more than there are results.
    work : function of a job and a Sandbox
        Called in several threads at once.
    weights, own_genres, resources, workers
        As for `hear_jobs`. No more processes are started than there are jobs.

    Yields
    ------
    result of `work`

    Raises
    ------
    WeightsError
        If the weights do not run.
    OwnGenresError
        If the own genres were taught with other weights.
    """
    left = iter(jobs)
    first = list(islice(left, workers or processors()))
    if not first:
        return
    workers = len(first)
    waiting: deque[Future[_Result]] = deque()
    # When this block is left, the processes end first, and then the threads that wait for them.
    with (
        ThreadPoolExecutor(workers) as threads,
        Sandbox(workers, resources, weights, own_genres) as sandbox,
    ):
        # Raises one error for weights that do not run, instead of one for each file.
        Classifier(weights, own_genres)
        for job in chain(first, left):
            waiting.append(threads.submit(work, job, sandbox))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _answer(
    job: Job,
    sandbox: Sandbox,
    limits: Limits,
    explain: Callable[[AudioError], str],
    hear: int | None,
) -> Heard:
    """The prediction for a job's file, or why there is none, and the embedding."""
    try:
        answer, embedding = sandbox.hear(job.path, limits, hear)
    except AudioError as error:
        return {"file": job.name, "error": explain(error)}, None
    answer["file"] = job.name
    return answer, embedding


def processors() -> int:
    """Number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
