"""Classifies a song and collects what the page draws of it, while it is decoded once."""

import math
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from songnet.audio import AudioInfo, Limits, Window
from songnet.classifier import Classifier
from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.names import printable, shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson, Prediction
from songnet.sandbox import Sandbox, Song
from songnet.spec import SPEC
from songnet.ui.visitor import has_left

# One value of the envelope for this many samples (12 ms): finer than any screen shows.
_SAMPLES_PER_VALUE = 512
# Of a request with many songs, those that are begun later are not heard: others wait. A hundred
# ordinary songs take some minutes.
_REQUEST_S = 1800.0


@dataclass(frozen=True)
class Progress:
    """How far the network has come with a song.

    Attributes
    ----------
    seconds : float [s]
        How much of the song has been classified.
    duration_s : float or None [s]
        The song's length; None where its container does not state it.
    """

    seconds: float
    duration_s: float | None


@dataclass(frozen=True)
class Analysis:
    """All that the page shows of a song.

    Attributes
    ----------
    prediction : Prediction
    info : AudioInfo
        The file's format and duration, as its container states them.
    power : np.ndarray [shape=(n,), float32, >= 0]
        Mean square of the waveform in each of n equal parts of the song.
    spectrogram : np.ndarray [shape=(frames, n_mels), float32, 0..1]
        The log-mel spectrogram as the network sees it, evenly spaced over the song.
    cover : bytes or None
        The file's cover art, a small JPEG.
    """

    prediction: Prediction
    info: AudioInfo
    power: np.ndarray
    spectrogram: np.ndarray
    cover: bytes | None = None


@dataclass(frozen=True)
class Analyser:
    """Classifies untrusted files, which are opened in child processes only.

    Threads may share an analyser.

    Attributes
    ----------
    classifier : Classifier
    sandbox : Sandbox
    limits : Limits
        Which files are refused.
    """

    classifier: Classifier
    sandbox: Sandbox
    limits: Limits = Limits()

    def with_genres(self, own_genres: OwnGenres | None) -> Self:
        """This analyser with answers in other genres; None means the network's.

        It takes a moment: both share the network and the sandbox, and nothing of this one changes.

        Raises
        ------
        OwnGenresError
            If the own genres were taught with other weights.
        """
        return replace(self, classifier=self.classifier.with_genres(own_genres))

    def predict(self, path: str | Path, until: float = math.inf) -> Prediction:
        """Classifies a file; the prediction has its name and tags.

        Parameters
        ----------
        path : path of a file
        until : float [s]
            The end of its request (`request_end`): no song is begun after it.

        Raises
        ------
        AudioError
            As for `Classifier.classify`, if it comes too late, and if the visitor has left: then
            the child ends.
        DecoderError
            If the child process dies or takes too long.
        """
        _check_visitor(path)
        if time.monotonic() >= until:
            raise AudioError(_too_late(shown_name(path)))
        with self.sandbox.open(path, self.limits) as song:
            prediction = self.classifier.classify_blocks(_wanted(song.blocks(), path))
            return _with_file(prediction, path, song)

    def classify(self, path: str | Path, until: float = math.inf) -> AnswerJson:
        """Classifies a file; the answer is its prediction or what is wrong with it, as JSON.

        The parameters are those of `predict`.
        """
        try:
            return self.predict(path, until).to_json()
        except AudioError as error:
            return {"file": printable(Path(path).name), "error": str(error)}

    def analyse(self, path: str | Path) -> Iterator[Progress | Analysis]:
        """Classifies a song and draws it, a window at a time.

        Closing the generator stops the work.

        Yields
        ------
        Progress
            After each window.
        Analysis
            Once, at the end.

        Raises
        ------
        AudioError, DecoderError
            As for `predict`.
        """
        picture = _Picture()
        ends: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        stopped = threading.Event()

        def collected(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
            for block in blocks:
                if stopped.is_set():
                    raise _StoppedError
                picture.add_block(block)
                yield block

        def on_window(window: Window) -> None:
            picture.add_window(window)
            ends.put(window.end_s)

        with (
            self.sandbox.open(path, self.limits, cover=True) as song,
            ThreadPoolExecutor(max_workers=1) as worker,
        ):
            blocks = collected(song.blocks())
            work = worker.submit(self.classifier.classify_blocks, blocks, on_window=on_window)
            work.add_done_callback(lambda _: ends.put(None))
            try:
                while (end_s := ends.get()) is not None:
                    yield Progress(end_s, song.info.duration_s)
            finally:
                stopped.set()
            prediction = _with_file(work.result(), path, song)
            cover = song.cover
        yield Analysis(prediction, song.info, picture.power(), picture.spectrogram(), cover)


def _with_file(prediction: Prediction, path: str | Path, song: Song) -> Prediction:
    """A prediction with the name, the tags and the warnings of its file."""
    # The warnings are complete once the tags are read.
    tags = song.tags
    warnings = [*song.warnings, *prediction.warnings]
    return replace(prediction, file=printable(Path(path).name), tags=tags, warnings=warnings)


def _check_visitor(path: str | Path) -> None:
    """Raises an `AudioError`, which nobody reads, if the visitor has left."""
    if has_left():
        raise AudioError(f"{shown_name(path)} was not heard, its visitor has left: send it again.")


def _wanted(blocks: Iterator[np.ndarray], path: str | Path) -> Iterator[np.ndarray]:
    """The same blocks while the visitor is there."""
    for block in blocks:
        _check_visitor(path)
        yield block


def _too_late(name: str) -> str:
    return (
        f"{name} was not heard, the songs before it took {_REQUEST_S / 60:.0f} min: send it again."
    )


def request_end() -> float:
    """When a request that begins now has used up its time, on the monotonic clock [s]."""
    return time.monotonic() + _REQUEST_S


def too_many(max_songs: int) -> str:
    """The sentence for a request with more songs than are taken at once."""
    return f"At most {max_songs} songs are taken at once: send the others afterwards."


class _StoppedError(Exception):
    """The generator was closed: its caller no longer wants the answer."""


class _Picture:
    """Collects a song's envelope from its blocks, and its spectrogram from its windows."""

    def __init__(self):
        self._power: list[np.ndarray] = []
        self._rest = np.zeros(0, dtype=np.float32)
        self._columns: list[np.ndarray] = []
        self._seen_s = 0.0

    def add_block(self, block: np.ndarray) -> None:
        joined = np.concatenate([self._rest, block])
        whole = len(joined) - len(joined) % _SAMPLES_PER_VALUE
        parts = joined[:whole].reshape(-1, _SAMPLES_PER_VALUE)
        self._power.append(np.square(parts).mean(axis=1))
        self._rest = joined[whole:]

    def add_window(self, window: Window) -> None:
        columns = log_mel(window.waveform)
        length_s = window.end_s - self._seen_s
        new = max(1, round(length_s / SPEC.window_seconds * SPEC.n_frames))
        # A song's last window overlaps the one before; a short song is repeated after its end.
        self._columns.append(columns[-new:] if self._seen_s else columns[:new])
        self._seen_s = window.end_s

    def power(self) -> np.ndarray:
        rest = [np.square(self._rest).mean(keepdims=True)] if self._rest.size else []
        return np.concatenate([*self._power, *rest])

    def spectrogram(self) -> np.ndarray:
        return np.concatenate(self._columns)
