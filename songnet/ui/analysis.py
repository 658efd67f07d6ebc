"""Everything that the page shows of a song, from decoding it once."""

import math
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet import audio, sandbox
from songnet.audio import AudioInfo
from songnet.classifier import Classifier
from songnet.errors import AudioError
from songnet.features import log_mel
from songnet.names import printable
from songnet.prediction import Prediction
from songnet.settings import limit
from songnet.spec import SPEC

# One value of the envelope for this many samples (12 ms): finer than any screen shows.
_SAMPLES_PER_VALUE = 512

# One request may name a song as often as it likes, and others wait meanwhile.
MOST_SONGS = math.ceil(limit("SONGNET_MAX_SONGS", 100))
TOO_MANY = f"At most {MOST_SONGS} songs are taken at once: send the others afterwards."


@dataclass(frozen=True)
class Heard:
    """How far the network has come with a song.

    Attributes
    ----------
    seconds : float [s]
    of : float or None [s]
        The song's length, where its container says it.
    """

    seconds: float
    of: float | None


@dataclass(frozen=True)
class Analysis:
    """What there is to show of a song.

    Attributes
    ----------
    prediction : Prediction
    info : AudioInfo
        What the file's container says of its audio.
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


def analyse(
    classifier: Classifier, path: str | Path, limits: audio.Limits = audio.Limits()
) -> Iterator[Heard | Analysis]:
    """Classifies a song and draws it, a window at a time; closing the generator stops the work.

    Strangers' files are opened in a child process alone.

    Parameters
    ----------
    classifier : Classifier
    path : path of an audio file
    limits : audio.Limits

    Yields
    ------
    Heard
        After each window.
    Analysis
        Once, at the end.

    Raises
    ------
    AudioError
        As `Classifier.classify`.
    """
    path = Path(path)
    info = sandbox.probe(path, limits)
    picture = _Picture()
    heard = queue.SimpleQueue()
    stopped = threading.Event()

    def blocks() -> Iterator[np.ndarray]:
        with closing(sandbox.read_blocks(path, limits=limits)) as decoded:
            for block in decoded:
                if stopped.is_set():
                    raise _StoppedError
                picture.hear(block)
                yield block

    def judged(window: audio.Window) -> None:
        picture.see(window)
        heard.put(window.end_s)

    with ThreadPoolExecutor(max_workers=1) as worker:
        work = worker.submit(classifier.classify_blocks, blocks(), on_window=judged)
        work.add_done_callback(lambda _: heard.put(None))
        try:
            while (heard_s := heard.get()) is not None:
                yield Heard(heard_s, info.duration_s)
        finally:
            stopped.set()
    prediction = sandbox.signed(work.result(), path)
    cover = sandbox.read_cover(path)
    yield Analysis(prediction, info, picture.power(), picture.spectrogram(), cover)


def classify_file(classifier: Classifier, path: str | Path) -> dict:
    """One stranger's file as JSON; one that fails is ``{"file": ..., "error": ...}``."""
    try:
        return predict_file(classifier, path).to_json()
    except AudioError as error:
        return {"file": printable(Path(path).name), "error": str(error)}


def predict_file(classifier: Classifier, path: str | Path) -> Prediction:
    """One stranger's file, classified with its tags, and nothing drawn of it."""
    return sandbox.signed(classifier.classify_blocks(sandbox.read_blocks(path)), path)


class _StoppedError(Exception):
    """Nobody waits for the answer any more."""


class _Picture:
    """Collects the envelope of a song's blocks and the spectrogram of its windows as they pass."""

    def __init__(self):
        self._power: list[np.ndarray] = []
        self._rest = np.zeros(0, dtype=np.float32)
        self._columns: list[np.ndarray] = []
        self._seen_s = 0.0

    def hear(self, block: np.ndarray) -> None:
        joined = np.concatenate([self._rest, block])
        whole = len(joined) - len(joined) % _SAMPLES_PER_VALUE
        parts = joined[:whole].reshape(-1, _SAMPLES_PER_VALUE)
        self._power.append(np.square(parts).mean(axis=1))
        self._rest = joined[whole:]

    def see(self, window: audio.Window) -> None:
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
