"""A pool of child processes that open untrusted files.

A decoder works on whatever bytes a visitor sends. It therefore runs in a process of its own, with
limits of memory, CPU time and wall time, without the server's environment, and unable to write
files. The processes are kept running, so that a request need not wait for one to start.

A child's answers are raw samples and JSON, never pickles: a child that was taken over cannot make
its parent run anything.
"""

import os
import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from songnet.audio import AudioInfo, Limits
from songnet.audio.sound import DIGEST_BYTES
from songnet.audio.tags import Tags
from songnet.errors import DecoderError
from songnet.names import shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import PredictionJson
from songnet.sandbox.messages import BLOCK
from songnet.sandbox.process import Child, Resources, decoder_stopped
from songnet.sandbox.song import (
    TAGS_LEFT_OUT,
    Song,
    audio_info,
    embedding,
    record,
    samples,
    tags_in,
)
from songnet.spec import SPEC, AudioSpec
from songnet.weights import Weights


class Sandbox:
    """A pool of child processes. Threads may share one; each file has a process to itself.

    Parameters
    ----------
    workers : int > 0
        Number of processes, and of files that are worked on at once.
    resources : Resources
    weights : Weights or None
        With these, the children classify, too.
    own_genres : OwnGenres or None
        Their answers' genres, in place of the network's.

    Examples
    --------
    >>> with Sandbox(workers=1) as sandbox:
    ...     with sandbox.open("high-frequency.mp3") as song:  # of `songnet.examples`
    ...         print(song.info.duration_s, song.tags.artist)
    30.0 Speedsound
    """

    def __init__(
        self,
        workers: int = 2,
        resources: Resources = Resources(),
        weights: Weights | None = None,
        own_genres: OwnGenres | None = None,
    ):
        self._resources = resources
        self._weights = weights
        self._own_genres = own_genres
        self._closed = False
        self._lock = threading.Lock()
        self._all: set[Child] = set()
        # The process that was used last is the warmest.
        self._idle: queue.LifoQueue[Child] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(self._start())

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all child processes; requests under way fail."""
        with self._lock:
            self._closed = True
            children, self._all = self._all, set()
        for child in children:
            child.kill()

    @contextmanager
    def open(
        self,
        path: str | Path,
        limits: Limits = Limits(),
        spec: AudioSpec = SPEC,
        *,
        cover: bool = False,
    ) -> Iterator[Song]:
        """Opens a file for a ``with`` block: info, blocks, tags and cover from one request.

        To leave the block before the tags were read ends the child; another takes its place.

        Parameters
        ----------
        path : path of an audio file
        limits : Limits
        spec : AudioSpec
            Its sample rate is that of the blocks.
        cover : bool
            Whether the cover art is wanted, too.

        Yields
        ------
        Song

        Raises
        ------
        AudioError
            As for `songnet.audio.probe`.
        DecoderError
            If the child dies or takes too long.
        """
        parts = ["info", "blocks", "tags", *(["cover"] if cover else [])]
        with closing(self._ask(parts, path, limits, spec)) as answers:
            yield Song(answers, shown_name(path))

    def probe(self, path: str | Path, limits: Limits = Limits()) -> AudioInfo:
        """Does what `songnet.audio.probe` does, in a child process.

        Raises a `DecoderError` if the child dies or takes too long.
        """
        answers = [*self._ask(["info"], path, limits), (b"", b"")]
        return audio_info(answers[0], shown_name(path))

    def read_blocks(
        self, path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
    ) -> Iterator[np.ndarray]:
        """Does what `songnet.audio.read_blocks` does, in a child process.

        Raises a `DecoderError` if the child dies or takes too long. To stop before the last block
        ends the child; another takes its place.
        """
        name = shown_name(path)
        for kind, payload in self._ask(["blocks"], path, limits, spec):
            if kind == BLOCK:
                yield samples(payload, name)

    def tags(self, path: str | Path) -> Tags:
        """Does what `songnet.audio.tags.read_tags` does, in a child process, and decodes nothing.

        Raises a `DecoderError` if the child dies or takes too long.
        """
        answers = [*self._ask(["tags"], path, Limits()), (b"", b"")]
        return tags_in(answers[0][1], shown_name(path))

    def describe(self, path: str | Path, limits: Limits = Limits()) -> tuple[Tags, bytes | None]:
        """Reads a file's tags and what its sound is known by, in a child process; decodes nothing.

        Raises an `AudioError` if the file cannot be opened or is too large, and a `DecoderError` if
        the child dies or takes too long.

        Returns
        -------
        Tags
            Empty if reading them ends the child.
        sound : bytes or None
            As `songnet.audio.sound.sound_digest` gives it.
        """
        name, tags = shown_name(path), Tags()
        with closing(self._ask(["sound", "tags"], path, limits)) as answers:
            _, sound = next(answers, (b"", b""))
            if len(sound) not in (0, DIGEST_BYTES):
                raise decoder_stopped(name)
            # After the tags there is nothing, which is read so that the child is ready again.
            with suppress(DecoderError):
                for _, payload in answers:
                    tags = tags_in(payload, name)
        return tags, sound or None

    def classify(self, path: str | Path, limits: Limits = Limits()) -> PredictionJson:
        """Classifies a file in a child process, which needs weights.

        Raises
        ------
        AudioError
            As for `songnet.classifier.Classifier.classify`.
        DecoderError
            If the child dies or takes too long.
        """
        return self.hear(path, limits)[0]

    def hear(
        self, path: str | Path, limits: Limits = Limits(), hear: int | None = None
    ) -> tuple[PredictionJson, np.ndarray | None]:
        """Does what `classify` does, and gives the song's embedding, too.

        With `hear` only so many windows are heard, as
        `songnet.classifier.Classifier.classify_song` does.

        Returns
        -------
        PredictionJson
            Without tags, but with a warning, if reading these ends the child.
        embedding : np.ndarray [shape=(D,), float32, unit length], or None for a silent song
        """
        name = shown_name(path)
        with closing(self._ask(["prediction", "tags"], path, limits, hear=hear)) as answers:
            prediction = record(PredictionJson, next(answers, (b"", b""))[1], name)
            direction = embedding(next(answers, (b"", b""))[1], name)
            try:
                tags = tags_in(next(answers, (b"", b""))[1], name)
                prediction["metadata"] = tags.to_json()
                # So that the child is ready for the next file.
                next(answers, None)
            except DecoderError:
                prediction["warnings"] = [*prediction["warnings"], TAGS_LEFT_OUT]
        return prediction, direction

    def _ask(
        self,
        parts: list[str],
        path: str | Path,
        limits: Limits,
        spec: AudioSpec = SPEC,
        hear: int | None = None,
    ) -> Generator[tuple[bytes, bytes]]:
        """Sends a request to an idle child; yields kind and payload of each of its messages."""
        request = {
            "parts": parts,
            "path": os.path.abspath(path),
            "limits": asdict(limits),
            "spec": asdict(spec),
            "hear": hear,
        }
        with self._child() as child:
            yield from child.ask(request, shown_name(path), self._resources.wall_seconds)

    @contextmanager
    def _child(self) -> Iterator[Child]:
        """An idle child for a ``with`` block, waited for while all are busy."""
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
            # After a request whose answers were not all read, the child cannot take another.
            if not child.is_ready():
                child = self._replace(child)
            self._idle.put(child)

    def _start(self) -> Child:
        with self._lock:
            child = Child(self._resources, self._weights, self._own_genres)
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _replace(self, child: Child) -> Child:
        """A fresh child for a dead one; the dead one where none can be started now."""
        child.kill()
        with self._lock:
            self._all.discard(child)
        try:
            return self._start()
        except OSError:
            return child
