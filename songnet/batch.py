"""Many files at once: finds them, classifies them on all cores, keeps their order."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from songnet.audio import SUFFIXES, Limits
from songnet.classifier import Classifier
from songnet.errors import AudioError
from songnet.names import printable, shown_name
from songnet.prediction import AnswerJson
from songnet.sandbox import Resources, Sandbox
from songnet.weights import Weights

# Answers that wait for a slower file before them, for each process.
_AHEAD = 4
# Half an hour of music is a matter of seconds, but not on every machine, and nobody else waits.
PATIENT = Resources(cpu_seconds=600, wall_seconds=1200.0)


@dataclass(frozen=True)
class Job:
    """A file to classify.

    Attributes
    ----------
    path : Path
    name : str
        What it is called in the results: its path below the folder that was named.
    """

    path: Path
    name: str


def find_jobs(path: str | Path) -> list[Job]:
    """The files that an argument of the command line stands for.

    Parameters
    ----------
    path : path of a file, or of a folder
        Folders are searched to their depths for the endings of `songnet.audio.SUFFIXES`; hidden
        files are left out.

    Returns
    -------
    list of Job
        By name. A file is a job whatever its ending, a missing one, too.

    Raises
    ------
    AudioError
        If a folder holds no audio files.
    """
    path = Path(path)
    if not os.path.isdir(path):
        return [Job(path, printable(path.name or str(path)))]
    songs = sorted(
        found
        for found in path.rglob("*")
        if found.suffix.lower() in SUFFIXES and found.name[0] != "." and not os.path.isdir(found)
    )
    if not songs:
        raise AudioError(f"{shown_name(path)} holds no audio files: name a folder with songs.")
    return [Job(song, printable(song.relative_to(path).as_posix())) for song in songs]


def classify_jobs(
    jobs: list[Job],
    weights: Weights,
    *,
    limits: Limits = Limits(),
    resources: Resources = PATIENT,
    workers: int | None = None,
) -> Iterator[AnswerJson]:
    """Classifies files, several at once, and answers in their order.

    Each file has a process to itself, which is limited as `songnet.sandbox` has it: a file that
    kills its process costs one answer.

    Parameters
    ----------
    jobs : list of Job
    weights : Weights
        Are found once, by the caller, and handed on to each process.
    limits : Limits
        Which files are refused.
    resources : Resources
        What a process may use for one file.
    workers : int or None
        Processes; None for as many as there are processors.

    Yields
    ------
    AnswerJson

    Raises
    ------
    WeightsError
        If the weights do not run.
    """
    if not jobs:
        return
    workers = min(len(jobs), workers or _processors())
    waiting: deque[Future[AnswerJson]] = deque()
    # On the way out the processes end first; the threads that wait for them then do, too.
    with ThreadPoolExecutor(workers) as threads, Sandbox(workers, resources, weights) as sandbox:
        # Weights that do not run are one error here, and would be as many as there are files.
        Classifier(weights)
        for job in jobs:
            waiting.append(threads.submit(_answer, job, sandbox, limits))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _answer(job: Job, sandbox: Sandbox, limits: Limits) -> AnswerJson:
    try:
        answer = sandbox.classify(job.path, limits)
    except AudioError as error:
        return {"file": job.name, "error": str(error)}
    answer["file"] = job.name
    return answer


def _processors() -> int:
    # Those that this process may use, where the system tells.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
