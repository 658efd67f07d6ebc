"""Hears songs that teach a visitor's own genres, learns from them, and reads visitors' files."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, final

from anyio.to_thread import run_sync

from songnet.classifier import Classifier
from songnet.errors import AudioError, NotLearnedError, OwnGenresError
from songnet.names import printable, shown_name
from songnet.own_genres import OwnGenres, TaughtSong, file, learning
from songnet.own_genres.songs import check_numbers, clean_name
from songnet.prediction import FailureJson
from songnet.ui.analysis import Analyser, request_end
from songnet.ui.server.turns import next_turn
from songnet.weights import Weights
from songnet.words import shortened

# A file of own genres in a request: some of them are read at once.
MOST_BYTES = 4 * 2**20
# Lists and objects in it, by their brackets, some of which may be in titles: while Python makes a
# million of them, no visitor is answered.
_MOST_BRACKETS = 50_000
GENRES_FOR_SONGS = (
    "There are {genres} genres for {songs} songs: send one for each song, in the same order."
)
_LEFT = "The songs were not all heard, their visitor has left: send them again."


@dataclass(frozen=True)
class Lesson:
    """What was heard so far of the songs that are to teach.

    Attributes
    ----------
    named : tuple of str
        The genre of each song of the request, as it is kept.
    songs : tuple of TaughtSong
        Those that teach.
    left_out : tuple of FailureJson
        Those that cannot be heard or are silent, and why.
    warnings : tuple of str
        What their owner should know of the songs that teach: that a part is missing, say.
    """

    named: tuple[str, ...]
    songs: tuple[TaughtSong, ...] = ()
    left_out: tuple[FailureJson, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def heard(self) -> int:
        """How many songs were heard, or could not be; at the end, as many as were sent."""
        return len(self.songs) + len(self.left_out)


@dataclass(frozen=True)
class Taught:
    """What was learned.

    Attributes
    ----------
    genres : OwnGenres
    left_out : tuple of FailureJson
        The songs that could not teach, and why.
    remarks : list of str
        What else the visitor should know, a sentence each: copies and genres that were left out,
        damaged songs, and `OwnGenres.remarks`.
    """

    genres: OwnGenres
    left_out: tuple[FailureJson, ...]
    remarks: list[str]

    def to_json(self) -> "TaughtJson":
        """What was learned, as plain Python objects."""
        return {
            "genres": self.genres.counts,
            "held_out": self.genres.to_json()["held_out"],
            "left_out": list(self.left_out),
            "remarks": self.remarks,
            "own_genres": self.genres.digest,
        }


@final
class HeldOutJson(TypedDict):
    """How many songs were recognised that were left out in turn: as in the file of own genres."""

    by: str
    groups: int
    songs: int
    accuracy: float
    interval: list[float]
    taken_for: dict[str, dict[str, int]]


@final
class TaughtJson(TypedDict):
    """`Taught` as JSON, without the embeddings.

    `genres` is the number of songs of each genre, and `own_genres` the SHA-256 of the file, which
    answers in these genres repeat.
    """

    genres: dict[str, int]
    held_out: HeldOutJson
    left_out: list[FailureJson]
    remarks: list[str]
    own_genres: str


def named_genres(
    genres: Sequence[str], songs: int, known: OwnGenres | None = None
) -> tuple[str, ...]:
    """Checks the genres of songs, before any song is heard.

    Parameters
    ----------
    genres : sequence of str
        One for each song.
    songs : int
        The number of songs.
    known : OwnGenres or None
        Genres to which the songs are added.

    Returns
    -------
    tuple of str
        The genres as they are kept.

    Raises
    ------
    OwnGenresError
        If there is not one for each song, if a name cannot be used, or if there are too few genres
        or songs of one, those that are known included.
    """
    if len(genres) != songs:
        raise OwnGenresError(GENRES_FOR_SONGS.format(genres=len(genres), songs=songs))
    named = tuple(map(clean_name, genres))
    counts = Counter({} if known is None else known.counts)
    counts.update(named)
    check_numbers(counts)
    return named


async def hear(
    analyser: Analyser, songs: Sequence[tuple[str, str | Path]], known: OwnGenres | None = None
) -> AsyncIterator[Lesson]:
    """Hears songs in order; between two of them, others go first whose turn it is.

    Parameters
    ----------
    analyser : Analyser
    songs : sequence of (str, path)
        The genre of each song, and its file.
    known : OwnGenres or None
        Genres to which they are added.

    Yields
    ------
    Lesson
        After each song. `learn` takes the last one.

    Raises
    ------
    OwnGenresError
        Before any song is heard, as for `named_genres` and `OwnGenres.check_network`.
    AudioError
        If the visitor has left: nobody reads it, and nothing is learned.
    """
    if known is not None:
        known.check_network(analyser.classifier.weights)
    named = named_genres([genre for genre, _ in songs], len(songs), known)
    lesson, until = Lesson(named), request_end()
    for genre, (_, path) in zip(named, songs, strict=True):
        if lesson.heard and not await next_turn():
            raise AudioError(_LEFT)
        lesson = await run_sync(_after, lesson, analyser, genre, path, until)
        yield lesson


def _after(
    lesson: Lesson, analyser: Analyser, genre: str, path: str | Path, until: float
) -> Lesson:
    """The lesson after one more song."""
    name = printable(Path(path).name)
    try:
        prediction = analyser.predict(path, until)
        song = TaughtSong.of(genre, prediction)
    except (AudioError, OwnGenresError) as error:
        failure: FailureJson = {"file": name, "error": str(error)}
        return replace(lesson, left_out=(*lesson.left_out, failure))
    warnings = (f"{name}: {warning}" for warning in prediction.warnings)
    return replace(lesson, songs=(*lesson.songs, song), warnings=(*lesson.warnings, *warnings))


def learn(lesson: Lesson, weights: Weights, known: OwnGenres | None = None) -> Taught:
    """Learns from songs that were heard; of 10,000 songs it takes some seconds.

    Parameters
    ----------
    lesson : Lesson
        The last one of `hear`.
    weights : Weights
        Those of the analyser's classifier.
    known : OwnGenres or None
        Genres to which they are added.

    Returns
    -------
    Taught

    Raises
    ------
    NotLearnedError
        If fewer than two genres have enough songs that could be heard; it says which could not, and
        what else was left out.
    OwnGenresError
        As for `OwnGenres.learn`.
    """
    before = () if known is None else known.songs
    try:
        learned = learning.learn(lesson.songs, lesson.named, weights, before)
    except NotLearnedError as error:
        unheard = shortened([*map(_sentence, lesson.left_out)])
        raise NotLearnedError(error.reason, [*unheard, *shortened(error.left_out)]) from error
    remarks = [*learned.left_out, *lesson.warnings, *learned.genres.remarks()]
    return Taught(learned.genres, lesson.left_out, remarks)


def _sentence(failure: FailureJson) -> str:
    name, error = failure["file"], failure["error"]
    return error if error.startswith(name) else f"{name}: {error}"


def load(path: str | Path, classifier: Classifier) -> OwnGenres:
    """Reads a visitor's file of own genres.

    Parameters
    ----------
    path : path of a file
    classifier : Classifier
        Which is to answer in them.

    Returns
    -------
    OwnGenres

    Raises
    ------
    OwnGenresError
        If it is no such file, damaged, larger than `MOST_BYTES`, of other weights, or holds what
        these never gave.
    """
    if os.path.isfile(path) and os.path.getsize(path) > MOST_BYTES:
        raise OwnGenresError(
            f"{shown_name(path)} is larger than {MOST_BYTES // 2**20} MB, too large for a file of "
            "own genres here: take songs out of it, or another file."
        )
    content = file.read(path)
    if content.count(b"[") + content.count(b"{") > _MOST_BRACKETS:
        raise OwnGenresError(
            f"{shown_name(path)} holds more than a file of own genres does: take one that SongNet "
            "has written."
        )
    genres = OwnGenres.from_bytes(content)
    classifier.with_genres(genres)
    return genres
