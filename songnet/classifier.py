"""Runs the exported network with LiteRT: audio in, `Prediction` out."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from songnet import audio
from songnet.audio.mono import LOUDEST
from songnet.audio.tags import read_tags
from songnet.audio.windows import windows
from songnet.errors import AudioError, WeightsError
from songnet.names import printable
from songnet.prediction import Prediction, WindowPrediction
from songnet.spec import SPEC
from songnet.weights import Weights, load_weights


class Classifier:
    """A loaded network. Threads may share one; they take turns.

    Parameters
    ----------
    weights : Weights
    threads : int
        That LiteRT uses for one window.

    Raises
    ------
    WeightsError
        If the file is no TensorFlow Lite model with SongNet's signature, or of other genres.

    Examples
    --------
    >>> classifier = Classifier.load()
    >>> prediction = classifier.classify("song.mp3")  # doctest: +SKIP
    >>> prediction.genre  # doctest: +SKIP
    'Hip-Hop'
    """

    def __init__(self, weights: Weights, *, threads: int = 1):
        self.weights = weights
        self.genres = weights.config.genres
        self._abstain_below = weights.config.abstain_below
        self._lock = threading.Lock()
        try:
            interpreter = Interpreter(model_content=weights.tflite, num_threads=threads)
            self._run = interpreter.get_signature_runner("classify")
        except (ValueError, RuntimeError) as error:
            raise WeightsError(
                f"The weights ({weights.source}) do not run: {error}. Install SongNet again."
            ) from error
        outputs = self._run.get_output_details()["probabilities"]["shape"][-1]
        if outputs != len(self.genres):
            raise WeightsError(
                f"The weights ({weights.source}) tell {outputs} genres apart, and their "
                f"config.json names {len(self.genres)}: export them again."
            )

    @classmethod
    def load(
        cls, folder: str | Path | None = None, *, hub: str | None = None, threads: int = 1
    ) -> "Classifier":
        """Finds the weights as `songnet.weights.load_weights` does and gets them ready."""
        return cls(load_weights(folder, hub), threads=threads)

    @classmethod
    def from_hub(cls, repository: str, *, revision: str = "main", threads: int = 1) -> "Classifier":
        """Takes the weights from a Hub repository.

        Parameters
        ----------
        repository : str
            ``"OWNER/NAME"``
        revision : str
            A full commit hash always means the same weights; a tag or branch works, too.
        threads : int
            As `Classifier`.

        Returns
        -------
        Classifier
        """
        return cls.load(hub=f"{repository}@{revision}", threads=threads)

    def classify(
        self, source: str | Path | np.ndarray, limits: audio.Limits = audio.Limits()
    ) -> Prediction:
        """Says which genre a song is.

        Parameters
        ----------
        source : path of an audio file, or np.ndarray [shape=(n,), mono at SPEC.sample_rate]
        limits : audio.Limits
            What is refused of a file.

        Returns
        -------
        Prediction

        Raises
        ------
        AudioError
            If the file cannot be classified, with one sentence that says why; if the waveform is
            not one-dimensional, holds what is no number or louder than sound, or is shorter than
            `SPEC.min_seconds`.
        """
        if isinstance(source, np.ndarray):
            if not _is_waveform(source):
                raise AudioError(
                    "A waveform is one-dimensional (mono) and holds finite numbers of at most "
                    f"{LOUDEST}. Received: shape {source.shape}, {source.dtype}."
                )
            return self.classify_blocks([source.astype(np.float32)])
        path = Path(source)
        blocks = audio.read_blocks(path, limits=limits)
        return self.classify_blocks(blocks, path)

    def classify_blocks(
        self,
        blocks: Iterable[np.ndarray],
        path: Path | None = None,
        on_window: Callable[[audio.Window], None] | None = None,
    ) -> Prediction:
        """Classifies a song that arrives in blocks, in the memory of one window.

        The song's probabilities are the mean over its windows, silent ones left out.

        Parameters
        ----------
        blocks : iterable of np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate]
        path : path of the file they come from, or None
            For its name and tags.
        on_window : function of audio.Window, or None
            Called with each window once it is judged.

        Returns
        -------
        Prediction

        Raises
        ------
        AudioError
            As `classify`.
        """
        judged, heard, embeddings = [], [], []
        for window in windows(blocks):
            said, embedding = self._judge(window)
            judged.append(said)
            embeddings.append(embedding)
            heard.append(_audible(window.waveform))
            if on_window is not None:
                on_window(window)
        counted = [w for w, audible in zip(judged, heard, strict=True) if audible] or judged
        probabilities = {
            genre: float(np.mean([window.probabilities[genre] for window in counted]))
            for genre in self.genres
        }
        genre = max(probabilities, key=probabilities.get)
        confidence = probabilities[genre]
        return Prediction(
            genre=genre,
            confidence=confidence,
            abstained=not any(heard) or confidence < self._abstain_below,
            duration_s=judged[-1].end_s,
            probabilities=probabilities,
            windows=judged,
            model={"version": self.weights.config.version, "sha256": self.weights.sha256},
            embedding=_mean_direction(embeddings, heard),
            **({} if path is None else {"file": printable(path.name), "tags": read_tags(path)}),
        )

    def _judge(self, window: audio.Window) -> tuple[WindowPrediction, np.ndarray]:
        with self._lock:
            said = self._run(waveform=window.waveform[None])
        probabilities = said["probabilities"][0].astype(float)
        probabilities /= probabilities.sum()
        judged = WindowPrediction(
            start_s=window.start_s,
            end_s=window.end_s,
            probabilities=dict(zip(self.genres, probabilities.tolist(), strict=True)),
            attention=said["attention"][0].tolist(),
        )
        return judged, said["embedding"][0]


def _audible(waveform: np.ndarray) -> bool:
    # A second at a time: in music the first one tells, and the other 5 MB need no look.
    starts = range(0, len(waveform), SPEC.sample_rate)
    seconds = (waveform[start : start + SPEC.sample_rate] for start in starts)
    return any(max(part.max(), -part.min()) >= SPEC.silence_peak for part in seconds)


def _is_waveform(source: np.ndarray) -> bool:
    # NaN fails the comparison, too.
    real = source.dtype.kind in "iuf"
    return source.ndim == 1 and real and bool((np.abs(source) <= LOUDEST).all())


def _mean_direction(embeddings: list[np.ndarray], heard: list[bool]) -> np.ndarray | None:
    """The mean of what was heard, at unit length; None where nothing was."""
    audible = [embedding for embedding, sound in zip(embeddings, heard, strict=True) if sound]
    if not audible:
        return None
    mean = np.mean(audible, axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)
