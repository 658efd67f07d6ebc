"""Opens strangers' files in child processes that may die.

A decoder works on whatever bytes a visitor sends. It therefore runs in a process of its own, with
limits of memory, CPU time and wall time, without the server's environment, and unable to write
files. `probe`, `read_blocks` and `read_tags` stand in for those of `songnet.audio` and
`songnet.audio.tags`: they do the same in a child process that is kept warm.

A child's answers are raw samples and JSON, never pickles: a child that was taken over cannot make
its parent run anything.
"""

import json
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import numpy as np

from songnet.audio import AudioInfo, Limits
from songnet.audio.cover import is_small_jpeg
from songnet.audio.tags import Tags
from songnet.errors import AudioError, DecoderError
from songnet.names import shown_name
from songnet.sandbox.messages import BLOCK
from songnet.sandbox.process import Child, Resources, decoder_stopped
from songnet.spec import SPEC, AudioSpec
from songnet.weights import Weights

_Answer = TypeVar("_Answer")


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
        self._all: set[Child] = set()
        # The process that was used last is the warmest.
        self._idle: queue.LifoQueue[Child] = queue.LifoQueue()
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
        """As `songnet.audio.tags.read_tags`; no tags if the child dies or takes too long."""
        try:
            return self._object("read_tags", path, Limits(), Tags)
        except AudioError:
            return Tags()

    def read_cover(self, path: str | Path) -> bytes | None:
        """As `songnet.audio.cover.read_cover`; None if the child dies or takes too long."""
        try:
            blocks = [block for _, block in self._ask("read_cover", path, Limits())]
        except AudioError:
            return None
        return blocks[0] if blocks and is_small_jpeg(blocks[0]) else None

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
            raise decoder_stopped(shown_name(path)) from error

    def _ask(
        self, task: str, path: str | Path, limits: Limits, **more
    ) -> Iterator[tuple[bytes, bytes]]:
        request = {"task": task, "path": os.path.abspath(path), "limits": asdict(limits), **more}
        with self._child() as child:
            yield from child.ask(request, shown_name(path), self._resources.wall_seconds)

    @contextmanager
    def _child(self) -> Iterator["Child"]:
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

    def _start(self) -> "Child":
        with self._lock:
            child = Child(self._resources, self._weights)
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _replace(self, child: "Child") -> "Child":
        """A fresh child for a dead one; the dead one where none can be started now."""
        child.kill()
        with self._lock:
            self._all.discard(child)
        try:
            return self._start()
        except OSError:
            return child
