"""The predictions for a song and its windows, and their form as JSON."""

from dataclasses import dataclass, field
from typing import NotRequired, TypedDict, final

import numpy as np

from songnet.audio.tags import MetadataJson, Tags


@final
class WindowJson(TypedDict):
    """`WindowPrediction` as JSON: seconds with 3 decimals, all else with 6."""

    start_s: float
    end_s: float
    probabilities: dict[str, float]
    attention: list[float]


@final
class PredictionJson(TypedDict):
    """`Prediction` as JSON: seconds with 3 decimals, probabilities with 6.

    `none_of_these` is there with own genres alone, `heard_s` where not all of a song was heard.
    """

    file: str | None
    genre: str
    confidence: float
    abstained: bool
    duration_s: float
    probabilities: dict[str, float]
    windows: list[WindowJson]
    metadata: MetadataJson
    warnings: list[str]
    model: dict[str, str]
    none_of_these: NotRequired[bool]
    heard_s: NotRequired[float]


@final
class FailureJson(TypedDict):
    """A file that cannot be classified, and why, in one sentence."""

    file: str
    error: str


# The answer for a file.
AnswerJson = PredictionJson | FailureJson


@dataclass(frozen=True)
class WindowPrediction:
    """The prediction for one window of a song.

    Attributes
    ----------
    start_s, end_s : float [s]
        Where the window lies in the song.
    probabilities : dict of str to float, 0..1
        Of all genres; they sum to 1.
    attention : list of float, 0..1
        The network's weights for T equal parts of a 30 s window; they sum to 1. A song shorter than
        a window is repeated to fill it, and the attention runs over the repetitions.
    """

    start_s: float
    end_s: float
    probabilities: dict[str, float] = field(hash=False)
    attention: list[float] = field(hash=False)


@dataclass(frozen=True)
class Prediction:
    """The prediction for a song.

    Attributes
    ----------
    genre : str
        The most probable genre.
    confidence : float, 0..1
        Its probability.
    abstained : bool
        Whether the answer is "not sure": the confidence is below the release's threshold, or the
        own genres', the song is silent, or it is none of these.
    duration_s : float [s]
    probabilities : dict of str to float, 0..1
        Of all genres; they sum to 1.
    windows : list of WindowPrediction
        In the order of the song.
    model : dict of str to str
        ``version`` and ``sha256`` of the weights, and their ``license`` where it is stated; with
        own genres ``own_genres``, too, the SHA-256 of their file.
    file : str or None
        The file's name without its folder; None for a waveform.
    tags : Tags
    embedding : np.ndarray [shape=(D,), float32, unit length] or None
        Mean of the audible windows' embeddings; None for a silent song. Not part of the JSON.
    warnings : list of str
        What the file's owner should know, a sentence each: that a part of it is missing, say.
    none_of_these : bool or None
        Whether the song is unlike all that own genres were taught; None without own genres.
    heard_s : float or None [s]
        How much of the song was heard, in single windows; None where all of it was.
    """

    genre: str
    confidence: float
    abstained: bool
    duration_s: float
    probabilities: dict[str, float] = field(hash=False)
    windows: list[WindowPrediction] = field(hash=False)
    model: dict[str, str] = field(hash=False)
    file: str | None = None
    tags: Tags = field(default_factory=Tags)
    embedding: np.ndarray | None = field(default=None, compare=False, repr=False)
    warnings: list[str] = field(default_factory=list, hash=False)
    none_of_these: bool | None = None
    heard_s: float | None = None

    @property
    def ranking(self) -> list[tuple[str, float]]:
        """All genres with their probabilities, the most probable first."""
        return sorted(self.probabilities.items(), key=lambda item: -item[1])

    def to_json(self) -> PredictionJson:
        """The prediction as plain Python objects, ready for `json.dumps`."""
        answer: PredictionJson = {
            "file": self.file,
            "genre": self.genre,
            "confidence": round(self.confidence, 6),
            "abstained": self.abstained,
            "duration_s": round(self.duration_s, 3),
            "probabilities": _rounded(self.probabilities),
            "windows": [
                {
                    "start_s": round(window.start_s, 3),
                    "end_s": round(window.end_s, 3),
                    "probabilities": _rounded(window.probabilities),
                    "attention": [round(weight, 6) for weight in window.attention],
                }
                for window in self.windows
            ],
            "metadata": self.tags.to_json(),
            "warnings": self.warnings,
            "model": self.model,
        }
        if self.none_of_these is not None:
            answer["none_of_these"] = self.none_of_these
        if self.heard_s is not None:
            answer["heard_s"] = round(self.heard_s, 3)
        return answer


def _rounded(probabilities: dict[str, float]) -> dict[str, float]:
    return {genre: round(probability, 6) for genre, probability in probabilities.items()}
