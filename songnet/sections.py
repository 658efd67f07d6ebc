"""The sections of a song, each a stretch of one genre, from what its windows say.

The rule: the song is cut where windows start and end. Of all ways to give each part a genre, the
one is taken whose parts are most probable together, where each change of the genre costs as much
as `CHANGE` windows that are sure of something else: the sum over the parts, in windows, of the
logarithm of the genre's probability, less `CHANGE` for each change, is greatest (Viterbi's
algorithm). So a window counts the more, the surer it is, and one that is a guess goes with its
neighbours. Silence belongs to no genre.

`CHANGE`, `SHARE` and `PAIR` were chosen by ``python -m train sections`` on songs that were joined
of clips that the network had not learned from: `train/EXPERIMENTS.md` has the figures.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from songnet.spec import SPEC
from songnet.window_prediction import WindowPrediction

# What a change of the genre costs, in nats.
CHANGE = 1.0
# No genre is less probable than this, so that no window decides alone.
LEAST = 0.02
# Where one genre has this share of the sound or more, the song does not change.
SHARE = 0.8
# Where the two best genres have this probability together, an unsure song lies between them.
PAIR = 0.6
# More sections than these are no course that a reader follows.
MOST_STEPS = 4


@dataclass(frozen=True)
class Section:
    """A stretch of a song that is of one genre, or silent.

    Attributes
    ----------
    start_s, end_s : float [s]
    genre : str or None
        None for silence.
    confidence : float, 0..1
        The genre's mean probability over the section; 0 for silence.
    sure : bool
        Whether that is enough for an answer, as it would have to be for a whole song.
    """

    start_s: float
    end_s: float
    genre: str | None
    confidence: float
    sure: bool


@dataclass(frozen=True)
class Part:
    """A piece of a song that is covered by the same windows.

    Attributes
    ----------
    start_s, end_s : float [s]
    probabilities : dict of str to float, 0..1, which sum to 1
        Mean over the windows that cover it, silent ones left out.
    silent : bool
        Whether all windows that cover it are silent.
    """

    start_s: float
    end_s: float
    probabilities: dict[str, float]
    silent: bool = False

    @property
    def genre(self) -> str:
        """The most probable genre."""
        return max(self.probabilities, key=self.probabilities.__getitem__)


def parts_of(windows: Sequence[WindowPrediction]) -> list[Part]:
    """Cuts a song where windows start and end, and averages the windows that cover each part.

    Parameters
    ----------
    windows : sequence of WindowPrediction
        In the order of the song.

    Returns
    -------
    list of Part
        In order; with gaps where nothing was heard.
    """
    cuts = sorted({round(s, 3) for w in windows for s in (w.start_s, w.end_s)})
    parts = []
    for start, end in itertools.pairwise(cuts):
        middle = (start + end) / 2
        covering = [w for w in windows if w.start_s <= middle < w.end_s]
        if covering:
            audible = [w for w in covering if not w.silent]
            mean = mean_of([(1.0, w.probabilities) for w in audible or covering])
            parts.append(Part(start, end, mean, silent=not audible))
    return parts


def mean_of(weighted: Sequence[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """The weighted mean of probabilities, given as pairs of weight and probabilities."""
    total = sum(weight for weight, _ in weighted)
    return {
        genre: sum(weight * probabilities[genre] for weight, probabilities in weighted) / total
        for genre in weighted[0][1]
    }


def sections_of(
    windows: Sequence[WindowPrediction], sure_from: float, change: float = CHANGE
) -> list[Section]:
    """Forms the sections of a song.

    Parameters
    ----------
    windows : sequence of WindowPrediction
        In the order of the song.
    sure_from : float, 0..1
        The least confidence of an answer.
    change : float > 0
        What a change of the genre costs.

    Returns
    -------
    list of Section
        In order. Two neighbours never have the same genre. Where not all of a song was heard, what
        lies between two windows of a section belongs to it.
    """
    parts = parts_of(windows)
    named = iter(_best_course([part for part in parts if not part.silent], change))
    genres = [None if part.silent else next(named) for part in parts]
    sections = []
    for genre, run in itertools.groupby(zip(genres, parts, strict=True), key=lambda pair: pair[0]):
        members = [part for _, part in run]
        confidence = 0.0
        if genre is not None:
            confidence = mean_of([(_length(p), p.probabilities) for p in members])[genre]
        sure = genre is not None and confidence >= sure_from
        start, end = members[0].start_s, members[-1].end_s
        sections.append(Section(start, end, genre, confidence, sure))
    return sections


def _best_course(parts: Sequence[Part], change: float) -> list[str]:
    """The genre of each part, by Viterbi's algorithm."""
    if not parts:
        return []
    genres = list(parts[0].probabilities)
    score = dict.fromkeys(genres, 0.0)
    came_from: list[dict[str, str]] = []
    for part in parts:
        best = max(genres, key=score.__getitem__)
        before = {g: g if score[g] >= score[best] - change else best for g in genres}
        score = {
            g: score[before[g]]
            - (change if before[g] != g else 0.0)
            + _length(part) / SPEC.window_seconds * log(max(part.probabilities[g], LEAST))
            for g in genres
        }
        came_from.append(before)
    course = [max(genres, key=score.__getitem__)]
    for before in reversed(came_from[1:]):
        course.append(before[course[-1]])
    return course[::-1]


def _length(part: Part) -> float:
    return part.end_s - part.start_s


def course_of(sections: Iterable[Section], share: float = SHARE) -> list[str]:
    """The genres that a song changes through, in order; empty where it does not change.

    Only sections that are sure count. A song does not change if one genre has `share` of their
    time or more.

    Parameters
    ----------
    sections : iterable of Section
    share : float, 0..1

    Returns
    -------
    list of str
        Two genres or more; no two neighbours are the same.
    """
    sections = list(sections)
    times = time_of(sections)
    if len(times) < 2 or max(times.values()) >= share * sum(times.values()):
        return []
    named = (section.genre for section in sections if section.sure and section.genre)
    return [genre for genre, _ in itertools.groupby(named)]


def time_of(sections: Iterable[Section]) -> dict[str, float]:
    """How long each genre is heard in the sections that are sure of it [s]."""
    times: dict[str, float] = {}
    for section in sections:
        if section.sure and section.genre is not None:
            length = section.end_s - section.start_s
            times[section.genre] = times.get(section.genre, 0.0) + length
    return times


def is_followed(course: Sequence[str]) -> bool:
    """Whether a course is short enough to be told step by step, and goes somewhere."""
    return len(course) <= MOST_STEPS and len(set(course)) * 2 > len(course)
