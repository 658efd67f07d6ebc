"""Classifies songs by the exported network: audio in, `Prediction` out."""

import copy
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from songnet import audio
from songnet.audio.mono import LOUDEST
from songnet.audio.tags import read_tags
from songnet.audio.windows import windows
from songnet.errors import AudioError, SeekError
from songnet.names import printable
from songnet.own_genres import OwnGenres
from songnet.prediction import Prediction
from songnet.runtime import started
from songnet.spec import SPEC
from songnet.weights import Weights, load_weights
from songnet.window_prediction import WindowPrediction

# What the owner of a song should know in which no window is audible.
SILENT = "No sound is heard in it."


class Classifier:
    """A loaded network. Threads may share one; they take turns.

    Parameters
    ----------
    weights : Weights
    own_genres : OwnGenres or None
        Genres that were taught by songs, in which every answer then is. The probabilities of a song
        are those of its embedding, by which own genres are measured and calibrated, and not the
        mean of its windows'.

    Attributes
    ----------
    genres : tuple of str
        The genres of the answers.

    Raises
    ------
    WeightsError
        If the weights are no TensorFlow Lite model with SongNet's signature, do not run or answer
        anything but probabilities, or have another number of them than `config.json` has genres.
    OwnGenresError
        If the own genres were taught with other weights.

    Examples
    --------
    >>> classifier = Classifier.load()
    >>> prediction = classifier.classify("high-frequency.mp3")  # of `songnet.examples`
    >>> prediction.genre
    'Electronic'
    """

    def __init__(self, weights: Weights, own_genres: OwnGenres | None = None):
        self.weights = weights
        self._lock = threading.Lock()
        self._run, self._length = started(weights)
        self._answer_in(own_genres)

    def _answer_in(self, own_genres: OwnGenres | None) -> None:
        config = self.weights.config
        self.own_genres = own_genres
        self.genres = config.genres
        self._abstain_below = config.abstain_below
        self._model = {"version": config.version, "sha256": self.weights.sha256}
        if config.license:
            self._model["license"] = config.license
        if own_genres is not None:
            own_genres.check_network(self.weights)
            own_genres.check_length(self._length)
            self.genres = own_genres.names
            self._abstain_below = own_genres.calibration.abstain_below
            self._model["own_genres"] = own_genres.digest

    def with_genres(self, own_genres: OwnGenres | None) -> Self:
        """This classifier with other genres in its answers; None means the network's.

        Both share the network, so that this takes a moment alone: each visitor may have genres.

        Raises
        ------
        OwnGenresError
            If the own genres were taught with other weights.
        """
        other = copy.copy(self)
        other._answer_in(own_genres)
        return other

    @classmethod
    def load(cls, folder: str | Path | None = None, *, hub: str | None = None) -> Self:
        """Loads the weights that `songnet.weights.load_weights` finds for these arguments."""
        return cls(load_weights(folder, hub))

    @classmethod
    def from_hub(cls, repository: str, *, revision: str = "main") -> Self:
        """Loads the weights from a Hugging Face Hub repository.

        Parameters
        ----------
        repository : str
            ``"OWNER/NAME"``
        revision : str
            A full commit hash always means the same weights; a tag or branch works, too.

        Returns
        -------
        Classifier
        """
        return cls.load(hub=f"{repository}@{revision}")

    def classify(
        self,
        source: str | Path | np.ndarray,
        limits: audio.Limits = audio.Limits(),
        *,
        hear: int | None = None,
    ) -> Prediction:
        """Predicts the genre of a song.

        Parameters
        ----------
        source : path of an audio file, or np.ndarray [shape=(n,), mono at SPEC.sample_rate]
        limits : audio.Limits
            Which files are refused.
        hear : int > 0 or None
            Number of windows of a file that are heard, as `classify_song` does; None hears all.

        Returns
        -------
        Prediction

        Raises
        ------
        AudioError
            If the file cannot be classified, with one sentence that says why; if `source` is
            neither a path nor an array; if `hear` is less than 1; if the waveform is
            not one-dimensional, holds values that are not finite or above
            `songnet.audio.mono.LOUDEST`, or is shorter than `SPEC.min_seconds`.

        Notes
        -----
        The file is opened in this process, which a hostile one may crash, or keep busy for minutes:
        strangers' files are for `songnet.sandbox.Sandbox.classify`.
        """
        if isinstance(source, np.ndarray):
            if not _is_waveform(source):
                raise AudioError(
                    "A waveform is one-dimensional (mono) and holds finite numbers of at most "
                    f"{LOUDEST}. Received: shape {source.shape}, {source.dtype}."
                )
            return self.classify_blocks([source.astype(np.float32)])
        if not isinstance(source, str | os.PathLike):
            raise AudioError(
                "A song is the path of a file, or a waveform as a NumPy array. Received: "
                f"{type(source).__name__}."
            )
        path = Path(source)
        with audio.open_song(path, limits=limits) as song:
            prediction = self.classify_song(song, hear)
        return _of_file(prediction, path)

    def classify_song(self, song: audio.OpenSong, hear: int | None = None) -> Prediction:
        """Classifies an open song, whose tags are not read.

        Parameters
        ----------
        song : audio.OpenSong
        hear : int > 0 or None
            Number of windows that are heard, around the middles of equal parts of the song, and
            reached by seeking. The song is heard whole if this is None, if it is no longer than so
            many windows, if they cannot be reached with certainty, if any of them is damaged, or if
            all of them are silent.

        Returns
        -------
        Prediction
            With the song's warnings.

        Raises
        ------
        AudioError
            As for `classify`.
        """
        if hear is not None:
            if hear < 1:
                raise AudioError(f"A song is heard in at least one window. Received: {hear}.")
            with suppress(SeekError), song.seeker() as seeker:
                prediction = self._classify(seeker.windows(hear))
                if prediction.embedding is not None:
                    return replace(
                        prediction,
                        duration_s=seeker.duration_s,
                        heard_s=sum(w.end_s - w.start_s for w in prediction.windows),
                    )
        prediction = self.classify_blocks(song.blocks())
        return replace(prediction, warnings=[*song.warnings, *prediction.warnings])

    def classify_blocks(
        self,
        blocks: Iterable[np.ndarray],
        path: Path | None = None,
        on_window: Callable[[audio.Window], None] | None = None,
    ) -> Prediction:
        """Classifies a song that arrives in blocks, in the memory of one window.

        The song's probabilities are the mean over its windows, silent ones left out; with own
        genres, those of the windows' mean embedding.

        Parameters
        ----------
        blocks : iterable of np.ndarray [shape=(n,), float32, mono at SPEC.sample_rate]
        path : path of the file they come from, or None
            Its name and tags become part of the prediction.
        on_window : function of audio.Window, or None
            Called with each window once it is classified.

        Returns
        -------
        Prediction

        Raises
        ------
        AudioError
            As for `classify`.
        """
        prediction = self._classify(windows(blocks), on_window)
        return prediction if path is None else _of_file(prediction, path)

    def _classify(
        self,
        heard: Iterable[audio.Window],
        on_window: Callable[[audio.Window], None] | None = None,
    ) -> Prediction:
        predictions: list[WindowPrediction] = []
        of_windows: list[np.ndarray] = []
        embeddings: list[np.ndarray] = []
        audible: list[int] = []
        for number, window in enumerate(heard):
            prediction, probabilities, embedding = self._classify_window(window)
            silent = not _is_audible(window.waveform)
            predictions.append(replace(prediction, silent=silent))
            of_windows.append(probabilities)
            embeddings.append(embedding)
            if not silent:
                audible.append(number)
            if on_window is not None:
                on_window(window)
        counted = audible or range(len(predictions))
        of_song = np.mean([of_windows[number] for number in counted], axis=0)
        embedding = _mean_direction([embeddings[number] for number in counted])
        none_of_these = None
        if self.own_genres is not None:
            judgement = self.own_genres.judge(embedding)
            of_song = judgement.probabilities
            none_of_these = judgement.none_of_these and bool(audible)
        best = int(of_song.argmax())
        confidence = float(of_song[best])
        return Prediction(
            genre=self.genres[best],
            confidence=confidence,
            abstained=not audible or bool(none_of_these) or confidence < self._abstain_below,
            duration_s=predictions[-1].end_s,
            probabilities=self._by_genre(of_song),
            windows=predictions,
            model=dict(self._model),
            embedding=embedding if audible else None,
            warnings=[] if audible else [SILENT],
            none_of_these=none_of_these,
            sure_from=self._abstain_below,
        )

    def _classify_window(
        self, window: audio.Window
    ) -> tuple[WindowPrediction, np.ndarray, np.ndarray]:
        """A window's prediction, probabilities [shape=(g,)] and embedding [shape=(D,)]."""
        with self._lock:
            outputs = self._run(waveform=window.waveform[None])
        embedding = outputs["embedding"][0]
        if self.own_genres is None:
            probabilities = outputs["probabilities"][0].astype(float)
            probabilities /= probabilities.sum()
        else:
            probabilities = self.own_genres.judge(embedding).probabilities
        prediction = WindowPrediction(
            start_s=window.start_s,
            end_s=window.end_s,
            probabilities=self._by_genre(probabilities),
            attention=outputs["attention"][0].tolist(),
        )
        return prediction, probabilities, embedding

    def _by_genre(self, probabilities: np.ndarray) -> dict[str, float]:
        return dict(zip(self.genres, probabilities.tolist(), strict=True))


def _of_file(prediction: Prediction, path: Path) -> Prediction:
    """The prediction with the name and the tags of the file that it is for."""
    return replace(prediction, file=printable(path.name), tags=read_tags(path))


def _is_audible(waveform: np.ndarray) -> bool:
    """Whether the peak of a waveform reaches `SPEC.silence_peak`."""
    # One second at a time: in music the first one is enough, and the other 5 MB are not read.
    starts = range(0, len(waveform), SPEC.sample_rate)
    seconds = (waveform[start : start + SPEC.sample_rate] for start in starts)
    return any(max(part.max(), -part.min()) >= SPEC.silence_peak for part in seconds)


def _is_waveform(source: np.ndarray) -> bool:
    """Whether an array has one dimension and holds finite numbers of at most `LOUDEST`."""
    # NaN fails the comparison, too.
    real = source.dtype.kind in "iuf"
    return source.ndim == 1 and real and bool((np.abs(source) <= LOUDEST).all())


def _mean_direction(embeddings: list[np.ndarray]) -> np.ndarray:
    """The mean of embeddings, at unit length: [shape=(D,), float32]."""
    mean = np.asarray(np.mean(embeddings, axis=0), np.float32)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)
