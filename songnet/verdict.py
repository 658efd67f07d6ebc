"""What is said of a song, in a word or a line: a genre, a change, "Not sure", "Nothing to hear"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, final

from songnet.sections import PAIR, Section, course_of, is_followed, time_of

# Between more genres than these, none is named.
_MOST_BETWEEN = 3

Kind = Literal["genre", "changes", "between", "not_sure", "none_of_these", "silence"]


@final
class VerdictJson(TypedDict):
    """`Verdict` as JSON."""

    kind: Kind
    text: str
    genres: list[str]


@dataclass(frozen=True)
class Verdict:
    """What is said of a song.

    Attributes
    ----------
    kind : {"genre", "changes", "between", "not_sure", "none_of_these", "silence"}
    genres : tuple of str
        The genres that are named, in the song's order where it changes; none where it is not said
        which.
    """

    kind: Kind
    genres: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The verdict in words, such as ``"Changes: Hip-Hop → Folk → Rock"``."""
        match self.kind:
            case "genre":
                return self.genres[0]
            case "changes":
                return "Changes: " + " → ".join(self.genres)
            case "between":
                *others, last = self.genres
                return f"Between {', '.join(others)} and {last}"
        return {
            "not_sure": "Not sure",
            "none_of_these": "None of these",
            "silence": "Nothing to hear",
        }[self.kind]

    def to_json(self) -> VerdictJson:
        """The verdict as plain Python objects."""
        return {"kind": self.kind, "text": self.text, "genres": list(self.genres)}


def _most_of(sections: Sequence[Section], course: Sequence[str]) -> list[str]:
    """The genres of a course that have most of the time, in its order."""
    times = time_of(sections)
    kept = sorted(times, key=lambda genre: -times[genre])[:_MOST_BETWEEN]
    return [genre for genre in dict.fromkeys(course) if genre in kept]


def verdict_of(
    probabilities: dict[str, float],
    sections: Sequence[Section],
    *,
    abstained: bool,
    none_of_these: bool,
) -> Verdict:
    """Says what a song is.

    Parameters
    ----------
    probabilities : dict of str to float, 0..1
        The song's.
    sections : sequence of Section
    abstained : bool
        Whether no single genre is probable enough for the whole song.
    none_of_these : bool
        Whether it is unlike all that own genres were taught.

    Returns
    -------
    Verdict
        A song that goes to and fro, or through too many genres to follow, lies between those that
        it has most of; so does an unsure one whose two best genres have `PAIR` of the probability
        together.
    """
    if sections and all(section.genre is None for section in sections):
        return Verdict("silence")
    if none_of_these:
        return Verdict("none_of_these")
    course = course_of(sections)
    if course and is_followed(course):
        return Verdict("changes", tuple(course))
    if course:
        return Verdict("between", tuple(_most_of(sections, course)))
    best = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[:2]
    if not abstained:
        return Verdict("genre", (best[0],))
    if sum(probabilities[genre] for genre in best) >= PAIR:
        return Verdict("between", tuple(best))
    return Verdict("not_sure")
