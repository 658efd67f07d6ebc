"""Learns what can be learned of songs that were heard, and says what is left out, and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from songnet.errors import NotLearnedError
from songnet.own_genres.genres import OwnGenres
from songnet.own_genres.songs import FEWEST_SONGS, TaughtSong, counted, only_once
from songnet.weights.release import Weights


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Attributes
    ----------
    genres : OwnGenres
    left_out : tuple of str
        A sentence for the copies, and one for each genre that has too few songs.
    """

    genres: OwnGenres
    left_out: tuple[str, ...]


def learn(
    heard: Sequence[TaughtSong],
    named: Iterable[str],
    weights: Weights,
    known: Sequence[TaughtSong] = (),
) -> Learned:
    """Learns from the songs of genres that have enough, each song once.

    Parameters
    ----------
    heard : sequence of TaughtSong
    named : iterable of str
        The genres that were to be taught: of some, no song could be heard.
    weights : Weights
        Those of the classifier that heard the songs.
    known : sequence of TaughtSong
        What was learned from before.

    Returns
    -------
    Learned

    Raises
    ------
    NotLearnedError
        If fewer than two genres have enough songs; it says what was left out, too.
    OwnGenresError
        As for `OwnGenres.learn`.
    """
    songs, left_out = only_once([*known, *heard])
    counts = Counter(song.genre for song in songs)
    few = [genre for genre in dict.fromkeys(named) if counts[genre] < FEWEST_SONGS]
    left_out += [
        f"{genre} has {counted(counts[genre])} that can be learned from and needs {FEWEST_SONGS}: "
        "the genre is left out."
        for genre in few
    ]
    try:
        genres = OwnGenres.learn((song for song in songs if song.genre not in few), weights)
    except NotLearnedError as error:
        raise NotLearnedError(error.reason, [*left_out, *error.left_out]) from error
    return Learned(genres, tuple(left_out))
