"""What the songs of a library are taken for, by the network or by own genres.

Own genres need no new hearing: they judge the embeddings that are in the library.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from songnet.errors import LibraryError, OwnGenresError
from songnet.library.rows import LibrarySong
from songnet.library.store import Library
from songnet.own_genres import OwnGenres
from songnet.own_genres.nearest import probabilities


@dataclass(frozen=True)
class Answer:
    """What a song is taken for.

    Attributes
    ----------
    genre : str
    confidence : float, 0..1
    abstained : bool
        Whether the answer is "not sure".
    """

    genre: str
    confidence: float
    abstained: bool


def load_own_genres(path: str, library: Library) -> OwnGenres:
    """Reads own genres for the songs of a library.

    Raises
    ------
    OwnGenresError
        If the file holds none, or they were taught with another network.
    """
    own_genres = OwnGenres.load(path)
    if own_genres.network != library.network:
        raise OwnGenresError(
            "These own genres were taught with another network than the library was heard by: "
            "teach them again, or scan the library anew."
        )
    return own_genres


def judged(embeddings: np.ndarray, own_genres: OwnGenres) -> list[Answer]:
    """What own genres say of songs.

    Parameters
    ----------
    embeddings : np.ndarray [shape=(n, D), float32, unit length]
    own_genres : OwnGenres

    Returns
    -------
    list of Answer
        n answers.

    Raises
    ------
    OwnGenresError
        If the own genres hold embeddings of another length.
    """
    similarity = own_genres.similarity(embeddings)
    calibration = own_genres.calibration
    of_genres = probabilities(similarity, calibration.temperature)
    best, confidence = of_genres.argmax(axis=1), of_genres.max(axis=1)
    none_of_these = similarity.max(axis=1) < calibration.none_below
    abstained = none_of_these | (confidence < calibration.abstain_below)
    rows = zip(best.tolist(), confidence.tolist(), abstained.tolist(), strict=True)
    return [Answer(own_genres.names[genre], sure, unsure) for genre, sure, unsure in rows]


def of_genres(
    library: Library, genres: Sequence[str], sure: float, own_genres: OwnGenres | None = None
) -> list[tuple[LibrarySong, Answer]]:
    """The songs of a library that are of one of these genres, and surely enough.

    Parameters
    ----------
    library : Library
    genres : sequence of str
        As `known_genres` gives them.
    sure : float, 0..1
        The least confidence. An answer that is "not sure" is left out, whatever it is.
    own_genres : OwnGenres or None
        The genres' own, in place of the network's.

    Returns
    -------
    list of (LibrarySong, Answer)
    """
    if own_genres is None:
        songs = (song for genre in genres for song in library.songs(genre, sure))
        return [(song, Answer(song.genre, song.confidence, song.abstained)) for song in songs]
    ids, rows = library.embeddings()
    chosen = {
        int(i): answer
        for i, answer in zip(ids, judged(rows, own_genres) if len(ids) else [], strict=True)
        if answer.genre in genres and answer.confidence >= sure and not answer.abstained
    }
    return [(song, chosen[song.id]) for song in library.by_id(chosen)]


def known_genres(named: Iterable[str], known: Sequence[str]) -> list[str]:
    """The genres that are named, as they are spelled, each once.

    Raises
    ------
    LibraryError
        If one is not among those that are known.
    """
    spelled = {genre.casefold(): genre for genre in known}
    found: dict[str, None] = {}
    for name in named:
        if name.casefold() not in spelled:
            raise LibraryError(f"“{name}” is not among the genres: they are {', '.join(known)}.")
        found[spelled[name.casefold()]] = None
    return list(found)
