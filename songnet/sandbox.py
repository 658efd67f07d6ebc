"""Opens strangers' files in child processes that may die.

A decoder works on whatever bytes a visitor sends. It therefore runs in a process of its own, with
limits of memory, CPU time and wall time, without the server's environment, and unable to write
files. `probe`, `read_blocks` and `read_tags` stand in for those of `songnet.audio` and
`songnet.tags`: they do the same in a child process that is kept warm.

A child's answers are raw samples and JSON, never pickles: a child that was taken over cannot make
its parent run anything.
"""

import atexit
import json
import logging
import math
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import numpy as np

from songnet.artifacts import Weights
from songnet.audio import AudioInfo, Limits
from songnet.errors import AudioError, DecoderError
from songnet.files import printable, shown_name
from songnet.prediction import Prediction
from songnet.sandbox_child import BLOCK, BUG, DONE, ERROR
from songnet.settings import limit
from songnet.spec import SPEC, AudioSpec
from songnet.tags import Tags

_LOG = logging.getLogger(__name__)
_PROJECT = Path(__file__).resolve().parent.parent
# Of the environment, a child needs what finds its libraries, and none of the server's secrets.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_START_SECONDS = 60.0
_LARGEST_ANSWER = 64 * 2**20
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Resources:
    """What a child process may use for one file.

    Attributes
    ----------
    memory_bytes : int
        Address space of the process, libraries included.
    cpu_seconds : int [s]
        Processor time for one file.
    wall_seconds : float [s]
        Time spent waiting for the child's answers about one file.
    """

    memory_bytes: int = round(limit("SONGNET_DECODER_MB", 640) * 2**20)
    cpu_seconds: int = math.ceil(limit("SONGNET_DECODER_CPU_SECONDS", 60))
    wall_seconds: float = limit("SONGNET_DECODER_SECONDS", 120)


class Sandbox:
    """A pool of child processes. Threads may share one; each file has a process to itself.

    Parameters
    ----------
    workers : int > 0
        Processes kept warm, and most files that are worked on at once.
    resources : Resources
    weights : Weights or None
        With these, the children classify, too.

    Examples
    --------
    >>> with Sandbox(workers=1) as sandbox:  # doctest: +SKIP
    ...     sandbox.probe("song.mp3").duration_s
    30.0
    """

    def __init__(
        self,
        workers: int = 2,
        resources: Resources = Resources(),
        weights: Weights | None = None,
    ):
        self._resources = resources
        self._weights = weights
        self._closed = False
        self._lock = threading.Lock()
        self._all: set[_Child] = set()
        # The process that was used last is the warmest.
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(self._start())

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Ends all child processes; requests under way fail."""
        with self._lock:
            self._closed = True
            children, self._all = self._all, set()
        for child in children:
            child.kill()

    def probe(self, path: str | Path, limits: Limits = Limits()) -> AudioInfo:
        """As `songnet.audio.probe`; a `DecoderError` if the child dies or takes too long."""
        return self._object("probe", path, limits, AudioInfo)

    def read_tags(self, path: str | Path) -> Tags:
        """As `songnet.tags.read_tags`; no tags if the child dies or takes too long."""
        try:
            return self._object("read_tags", path, Limits(), Tags)
        except AudioError:
            return Tags()

    def classify(self, path: str | Path, limits: Limits = Limits()) -> dict:
        """A file's prediction as JSON, as `songnet.prediction.Prediction.to_json` has it.

        Raises
        ------
        AudioError
            As `songnet.classifier.Classifier.classify`.
        DecoderError
            If the child dies or takes too long.
        """
        return self._object("classify", path, limits, dict)

    def read_blocks(
        self, path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
    ) -> Iterator[np.ndarray]:
        """As `songnet.audio.read_blocks`; a `DecoderError` if the child dies or takes too long.

        The child is at most a few blocks ahead: a slow reader costs no memory. Whoever stops
        early ends the child; another takes its place.
        """
        for kind, payload in self._ask("read_blocks", path, limits, spec=asdict(spec)):
            if kind == BLOCK:
                yield np.frombuffer(payload, dtype=np.float32)

    def _object(self, task: str, path: str | Path, limits: Limits, kind: type[_Answer]) -> _Answer:
        payloads = [payload for _, payload in self._ask(task, path, limits)]
        try:
            return kind(**json.loads(payloads[0]))
        # A child that was taken over may answer anything.
        except (IndexError, TypeError, ValueError) as error:
            raise _stopped(shown_name(path)) from error

    def _ask(
        self, task: str, path: str | Path, limits: Limits, **more
    ) -> Iterator[tuple[bytes, bytes]]:
        request = {"task": task, "path": os.path.abspath(path), "limits": asdict(limits), **more}
        with self._child() as child:
            yield from child.ask(request, shown_name(path), self._resources.wall_seconds)

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        try:
            child = self._idle.get(timeout=self._resources.wall_seconds)
        except queue.Empty as error:
            raise DecoderError("All decoders are busy: try again in a minute.") from error
        try:
            if self._closed:
                raise DecoderError("The decoders were shut down: start the program again.")
            if not child.is_ready():
                child = self._replace(child)
            yield child
        finally:
            # A request that was not read to its end has left the child in the middle of it.
            if not child.is_ready():
                child = self._replace(child)
            self._idle.put(child)

    def _start(self) -> "_Child":
        with self._lock:
            child = _Child(self._resources, self._weights)
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _replace(self, child: "_Child") -> "_Child":
        """A fresh child for a dead one; the dead one where none can be started now."""
        child.kill()
        with self._lock:
            self._all.discard(child)
        try:
            return self._start()
        except OSError:
            return child


class _Child:
    """One process with the socket to it."""

    def __init__(self, resources: Resources, weights: Weights | None):
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "songnet.sandbox_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        self._ready = True
        setup = asdict(resources) | {"weights": None}
        tflite = []
        if weights is not None:
            setup["weights"] = asdict(weights)
            tflite = [setup["weights"].pop("tflite")]
        # Sent with the first request: weights fill the socket before the child is there to read.
        self._unsent = [json.dumps(setup).encode(), *tflite]

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def is_ready(self) -> bool:
        return self._ready and self.is_alive()

    def kill(self) -> None:
        self._ready = False
        self._process.kill()
        self._process.wait()

    def _set_up(self) -> None:
        """Waits for a new child; its start is not the file's fault."""
        for message in self._unsent:
            self._connection.send_bytes(message)
        if self._unsent:
            if not self._connection.poll(_START_SECONDS):
                raise EOFError
            self._connection.recv_bytes(_LARGEST_ANSWER)
            self._unsent = []

    def ask(self, request: dict, name: str, wall_seconds: float) -> Iterator[tuple[bytes, bytes]]:
        """Sends one request and gives the answers, as (kind, payload), as they come."""
        self._ready = False
        try:
            self._set_up()
            self._connection.send_bytes(json.dumps(request).encode())
            while True:
                started = time.monotonic()
                if not self._connection.poll(max(0.0, wall_seconds)):
                    raise _too_slow(name)
                message = self._connection.recv_bytes(_LARGEST_ANSWER)
                wall_seconds -= time.monotonic() - started
                kind, payload = message[:1], message[1:]
                if kind == BUG:
                    _LOG.warning("decoding %s: %s", name, payload.decode("utf-8", "replace"))
                    raise _stopped(name)
                if kind in (DONE, ERROR):
                    self._ready = True
                if kind == DONE:
                    return
                if kind == ERROR:
                    raise AudioError(payload.decode())
                yield kind, payload
        except (EOFError, OSError) as error:
            self.kill()
            _LOG.info("decoding %s: the process ended with %s", name, self._process.returncode)
            if self._process.returncode == -signal.SIGXCPU:
                raise _too_slow(name) from error
            raise _stopped(name) from error


def _environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
    # One thread each: the processes are as many as the processors, and threads reserve memory.
    return kept | {"PYTHONPATH": str(_PROJECT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _stopped(name: str) -> DecoderError:
    return DecoderError(
        f"{name} cannot be decoded, its decoder stopped: export it again as MP3 or WAV."
    )


def _too_slow(name: str) -> DecoderError:
    return DecoderError(f"{name} takes too long to decode: cut out a part or export it as MP3.")


@cache
def _shared() -> Sandbox:
    sandbox = Sandbox(workers=max(2, os.cpu_count() or 1))
    atexit.register(sandbox.close)
    return sandbox


def warm_up() -> None:
    """Starts the shared processes, so that the first request does not wait for them."""
    _shared()


def probe(path: str | Path, limits: Limits = Limits()) -> AudioInfo:
    """`Sandbox.probe` in the shared processes."""
    return _shared().probe(path, limits)


def read_blocks(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[np.ndarray]:
    """`Sandbox.read_blocks` in the shared processes."""
    return _shared().read_blocks(path, spec, limits)


def read_tags(path: str | Path) -> Tags:
    """`Sandbox.read_tags` in the shared processes."""
    return _shared().read_tags(path)


def signed(prediction: Prediction, path: str | Path) -> Prediction:
    """A prediction from `read_blocks` with the file's name and tags, read in the shared processes.

    Examples
    --------
    >>> blocks = read_blocks("song.mp3")  # doctest: +SKIP
    >>> signed(classifier.classify_blocks(blocks), "song.mp3").tags.artist  # doctest: +SKIP
    'AWOL'
    """
    return replace(prediction, file=printable(Path(path).name), tags=read_tags(path))
