"""The predictions for a song and its windows, and their form as JSON."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NotRequired, TypedDict, final

import numpy as np

from songnet.audio.tags import MetadataJson, Tags
from songnet.moments import moments_of
from songnet.sections import Section, sections_of
from songnet.verdict import Verdict, VerdictJson, verdict_of
from songnet.window_prediction import WindowPrediction


@final
class WindowJson(TypedDict):
    """`WindowPrediction` as JSON: seconds with 3 decimals, all else with 6."""

    start_s: float
    end_s: float
    probabilities: dict[str, float]
    attention: list[float]
    silent: bool


@final
class SectionJson(TypedDict):
    """`Section` as JSON: seconds with 3 decimals, the confidence with 6; silence has no genre."""

    start_s: float
    end_s: float
    genre: str | None
    confidence: float
    sure: bool


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
    verdict: VerdictJson
    sections: list[SectionJson]
    moments: list[float]
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
    sure_from : float, 0..1
        The least confidence of an answer, by which sections are sure or not.
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
    sure_from: float = field(default=0.0, compare=False, repr=False)

    @cached_property
    def sections(self) -> list[Section]:
        """The stretches of one genre each, as `songnet.sections` forms them."""
        return sections_of(self.windows, self.sure_from)

    @cached_property
    def verdict(self) -> Verdict:
        """What is said of the song: also that it changes, or that there is nothing to hear."""
        return verdict_of(
            self.probabilities,
            self.sections,
            abstained=self.abstained,
            none_of_these=bool(self.none_of_these),
        )

    @cached_property
    def moments(self) -> list[float]:
        """Where the three moments or fewer begin that told the verdict [s]."""
        return moments_of(self.windows, self.verdict.genres)

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
                    "silent": window.silent,
                }
                for window in self.windows
            ],
            "metadata": self.tags.to_json(),
            "warnings": self.warnings,
            "model": self.model,
            "verdict": self.verdict.to_json(),
            "sections": [
                {
                    "start_s": round(section.start_s, 3),
                    "end_s": round(section.end_s, 3),
                    "genre": section.genre,
                    "confidence": round(section.confidence, 6),
                    "sure": section.sure,
                }
                for section in self.sections
            ],
            "moments": [round(moment, 3) for moment in self.moments],
        }
        if self.none_of_these is not None:
            answer["none_of_these"] = self.none_of_these
        if self.heard_s is not None:
            answer["heard_s"] = round(self.heard_s, 3)
        return answer


def _rounded(probabilities: dict[str, float]) -> dict[str, float]:
    return {genre: round(probability, 6) for genre, probability in probabilities.items()}
