"""What would be written into the tags of songs, and why not into others; no file is touched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from songnet.library import LibrarySong
from songnet.own_genres import OwnGenres
from songnet.tagging.names_map import NamesMap
from songnet.words import percent


@dataclass(frozen=True)
class Candidate:
    """A song, what its tags say, and what it was heard as.

    Attributes
    ----------
    path : Path
    now : tuple of str
        The values that the field has.
    probabilities : dict of str to float, 0..1
    abstained : bool
        Whether the answer is "not sure".
    none_of_these : bool
        Whether it is unlike all own genres.
    audible : bool
        Whether there is anything to be heard in it.
    album : tuple of str or None
        What songs of one album have in common; None where a song is of none.
    """

    path: Path
    now: tuple[str, ...]
    probabilities: dict[str, float] = field(hash=False)
    abstained: bool = False
    none_of_these: bool = False
    audible: bool = True
    album: tuple[str, ...] | None = None

    @classmethod
    def of(cls, song: LibrarySong, now: tuple[str, ...], own: OwnGenres | None) -> "Candidate":
        """The candidate for a song of a library, judged by own genres if there are any."""
        audible = song.embedding is not None
        probabilities, abstained, none_of_these = song.probabilities, song.abstained, False
        if own is not None and song.embedding is not None:
            judged = own.judge(song.embedding)
            probabilities = dict(zip(own.names, judged.probabilities.tolist(), strict=True))
            none_of_these = judged.none_of_these
            abstained = max(probabilities.values()) < own.calibration.abstain_below
        elif own is not None:
            probabilities = dict.fromkeys(own.names, 1 / len(own.names))
        album = None
        if song.album:
            # An album is in one folder: others may be called as it is.
            names = (song.album, song.album_artist or "")
            album = (str(song.path.parent), *(name.casefold().strip() for name in names))
        return cls(song.path, now, probabilities, abstained, none_of_these, audible, album)


@dataclass(frozen=True)
class Rules:
    """Which answers are written, and as what.

    Attributes
    ----------
    sure : float, 0..1
        The least probability.
    replace : bool
        Whether a genre that is there gives way.
    by_album : bool
        Whether the songs of an album get one genre, that of the mean of their probabilities.
    names : NamesMap
    abstain_below : float, 0..1
        The least probability of a mean that is no "not sure".
    """

    sure: float = 0.7
    replace: bool = False
    by_album: bool = False
    names: NamesMap = NamesMap()
    abstain_below: float = 0.0


@dataclass(frozen=True)
class Proposal:
    """What is to be written into a song's tags.

    Attributes
    ----------
    path : Path
    now : tuple of str
        The values that the field has.
    genre : str
        What the song, or its album, was heard as.
    confidence : float, 0..1
    values : tuple of str
        What is to be written.
    why_not : str or None
        Why nothing is to be written; None if it is.
    audible : bool
        Whether there was anything to be heard.
    """

    path: Path
    now: tuple[str, ...]
    genre: str
    confidence: float
    values: tuple[str, ...]
    why_not: str | None
    audible: bool = True


HAS_ONE = "has a genre"
NOT_SURE = "not sure"
NONE_OF_THESE = "none of these"
SILENT = "silent"
LEFT_OUT = "left out by the map"
ALREADY = "has this genre"


def propose(candidates: Sequence[Candidate], rules: Rules) -> list[Proposal]:
    """What is to be written into the tags of songs, in their order.

    Parameters
    ----------
    candidates : sequence of Candidate
    rules : Rules

    Returns
    -------
    list of Proposal
    """
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    if rules.by_album:
        for candidate in candidates:
            if candidate.album is not None:
                groups.setdefault(candidate.album, []).append(candidate)
    heard = {album: _together(songs, rules) for album, songs in groups.items()}
    return [_proposal(c, heard.get(c.album or (), c), rules) for c in candidates]


def _together(songs: Sequence[Candidate], rules: Rules) -> Candidate:
    """An album as one song: the mean of those of its songs that can be heard."""
    audible = [song for song in songs if song.audible]
    if not audible:
        return songs[0]
    genres = list(audible[0].probabilities)
    numbers = np.mean([[song.probabilities[g] for g in genres] for song in audible], axis=0)
    return Candidate(
        path=songs[0].path,
        now=(),
        probabilities=dict(zip(genres, numbers.tolist(), strict=True)),
        abstained=bool(numbers.max() < rules.abstain_below),
        none_of_these=2 * sum(song.none_of_these for song in audible) > len(audible),
    )


def _proposal(song: Candidate, heard: Candidate, rules: Rules) -> Proposal:
    genre, confidence = max(heard.probabilities.items(), key=lambda item: item[1])
    values = rules.names.values(genre)
    why_not = None
    if song.now and not rules.replace:
        why_not = HAS_ONE
    elif not heard.audible:
        why_not = SILENT
    elif heard.none_of_these:
        why_not = NONE_OF_THESE
    elif heard.abstained:
        why_not = NOT_SURE
    elif confidence < rules.sure:
        why_not = f"less sure than {percent(rules.sure)} %"
    elif not values:
        why_not = LEFT_OUT
    elif song.now in (values, ("/".join(values),)):
        why_not = ALREADY
    return Proposal(song.path, song.now, genre, confidence, values, why_not, heard.audible)


def counted(proposals: Iterable[Proposal]) -> dict[str, int]:
    """How many songs are left for each reason, the most frequent first."""
    counts: dict[str, int] = {}
    for proposal in proposals:
        if proposal.why_not is not None:
            counts[proposal.why_not] = counts.get(proposal.why_not, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
