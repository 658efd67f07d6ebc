"""The songs that own genres are learned from, and which names and numbers of them are taken."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from songnet.errors import NotLearnedError, OwnGenresError
from songnet.names import printable
from songnet.prediction import Prediction

FEWEST_GENRES, MOST_GENRES = 2, 200
FEWEST_SONGS, MOST_SONGS = 3, 10_000
LONGEST_NAME = 60
_LONGEST_TITLE = 100
_MOST_NAMED = 5  # copies
# Of a table's other columns: in a row, a genre of that name would take such a cell's place.
RESERVED = frozenset(
    (
        *("file", "genre", "confidence", "abstained", "duration_s"),
        *("artist", "title", "album", "year", "verdict", "warnings", "error", "path"),
    )
)
# Only two copies of one song are more similar than this.
_IDENTICAL = 0.9995
_LEVELS = 127
_AT_ONCE = 256


@dataclass(frozen=True)
class TaughtSong:
    """A song of a genre, as the network hears it.

    Attributes
    ----------
    genre : str
    embedding : np.ndarray [shape=(D,), float32, unit length]
        `songnet.Prediction.embedding`.
    title, artist : str or None
        None where it is not known.
    """

    genre: str
    embedding: np.ndarray = field(compare=False, repr=False)
    title: str | None = None
    artist: str | None = None

    @classmethod
    def of(cls, genre: str, prediction: Prediction) -> Self:
        """A song that was classified, whatever genre the network found.

        Raises
        ------
        OwnGenresError
            If it is silent.
        """
        title = prediction.tags.title or prediction.file
        if prediction.embedding is None:
            raise OwnGenresError(
                f"{title or 'A song'} is silent and teaches nothing: choose another."
            )
        return cls(genre, prediction.embedding, title, prediction.tags.artist)


def composed(name: str) -> str:
    """A genre's name with composed characters and no spaces around it."""
    return unicodedata.normalize("NFC", name).strip()


def clean_name(name: str) -> str:
    """The name of a genre as it is kept: composed characters, no spaces around it.

    Raises
    ------
    OwnGenresError
        If it is empty or too long, holds what cannot be shown or would be taken for HTML, or is the
        name of another column of a table.
    """
    name = composed(name)
    shown = printable(name)
    if not name or len(name) > LONGEST_NAME:
        raise OwnGenresError(
            f"A genre's name has 1 to {LONGEST_NAME} characters: shorten “{shown[:20]}…”."
            if name
            else "A genre has no name: give it one."
        )
    if shown != name or "<" in name or ">" in name:
        raise OwnGenresError(
            f"“{shown}” is no name for a genre: leave out control characters, < and >, and "
            "bytes that are not UTF-8."
        )
    if name.casefold() in RESERVED:
        raise OwnGenresError(f"“{name}” is a column of SongNet's tables: choose another name.")
    return name


def check_numbers(songs_of: dict[str, int]) -> None:
    """Checks the number of genres and of their songs.

    Parameters
    ----------
    songs_of : dict of str to int
        The number of songs by the genre's name.

    Raises
    ------
    NotLearnedError
        If there are too few, or too many genres.
    OwnGenresError
        If there are too many songs, or if two names differ by case alone.
    """
    if not FEWEST_GENRES <= len(songs_of) <= MOST_GENRES:
        some = f"SongNet learns {FEWEST_GENRES} to {MOST_GENRES} genres, of {FEWEST_SONGS} songs or"
        if len(songs_of) > MOST_GENRES:
            there = f"Here are {len(songs_of)}: leave some out."
        elif songs_of:
            there = f"Here is one, {', '.join(songs_of)}: add songs of another."
        else:
            there = "Here is none: add songs."
        raise NotLearnedError(f"{some} more each. {there}")
    spelt: defaultdict[str, list[str]] = defaultdict(list)
    for name in songs_of:
        spelt[name.casefold()].append(f"“{name}”")
    if alike := [" and ".join(names) for names in spelt.values() if len(names) > 1]:
        raise OwnGenresError(
            f"{', '.join(alike)} differ by case alone: write each genre in one way."
        )
    if few := {name: count for name, count in songs_of.items() if count < FEWEST_SONGS}:
        have = [f"{name} has {counted(count)}" for name, count in few.items()]
        raise NotLearnedError(
            f"{', '.join(have)}: a genre needs {FEWEST_SONGS} at least, and better 10."
        )
    if (total := sum(songs_of.values())) > MOST_SONGS:
        raise OwnGenresError(f"At most {MOST_SONGS} songs are learned from. Received: {total}")


def counted(songs: int) -> str:
    """A number of songs in words: ``1 song``, ``2 songs``."""
    return "1 song" if songs == 1 else f"{songs} songs"


def checked(songs: Iterable[TaughtSong]) -> list[TaughtSong]:
    """Songs as they are kept: names and titles cleaned, embeddings rounded, copies left out.

    Parameters
    ----------
    songs : iterable of TaughtSong

    Returns
    -------
    list of TaughtSong
        By genre, in the order of their names. Of a song that a genre has twice, the first.

    Raises
    ------
    OwnGenresError
        As for `clean_name` and `check_numbers`, or if an embedding has another length than the
        others, holds values that are not finite, or zeros alone.
    """
    songs = list(songs)
    _check_lengths(songs)
    if not all(np.isfinite(song.embedding).all() and song.embedding.any() for song in songs):
        raise OwnGenresError(
            "An embedding holds values that are not finite, or zeros alone: leave the song out."
        )
    kept = [
        replace(
            song,
            genre=clean_name(song.genre),
            embedding=rounded(song.embedding),
            title=_clean_text(song.title),
            artist=_clean_text(song.artist),
        )
        for song in songs
    ]
    kept, left_out = only_once(sorted(kept, key=lambda song: (song.genre.casefold(), song.genre)))
    try:
        check_numbers(Counter(song.genre for song in kept))
    except NotLearnedError as error:
        raise NotLearnedError(error.reason, left_out) from error
    return kept


def _check_lengths(songs: Iterable[TaughtSong]) -> None:
    lengths = {np.shape(song.embedding) for song in songs}
    if len(lengths) > 1 or any(len(shape) != 1 or shape[0] < 2 for shape in lengths):
        raise OwnGenresError("All embeddings must have one length: bring songs of one network.")


def only_once(songs: Sequence[TaughtSong]) -> tuple[list[TaughtSong], list[str]]:
    """Songs without copies, and what to say of these.

    Parameters
    ----------
    songs : sequence of TaughtSong

    Returns
    -------
    songs : list of TaughtSong
    left_out : list of str
        A sentence that names the copies, if there are any.

    Raises
    ------
    OwnGenresError
        If an embedding has another length than the others.
    """
    _check_lengths(songs)
    copies = {second for _, second in repeated(songs, in_genre=True)}
    kept = [song for number, song in enumerate(songs) if number not in copies]
    if not copies:
        return kept, []
    titles = [_clean_text(songs[number].title) or "a song" for number in sorted(copies)]
    names = list(dict.fromkeys(titles))
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return kept, [
        f"Copies of songs in the same genre, which are left out: {len(copies)} "
        f"({', '.join(names[:_MOST_NAMED])}{more})."
    ]


def without_copies(songs: Sequence[TaughtSong]) -> list[TaughtSong]:
    """Songs without those that their genre has twice: the first of them stays."""
    return only_once(songs)[0]


def rounded(embedding: np.ndarray) -> np.ndarray:
    """An embedding as a file keeps it: `levels`, scaled to unit length again."""
    return from_levels(levels(embedding))


def levels(embedding: np.ndarray) -> np.ndarray:
    """An embedding as whole numbers up to 127 either way: [shape=(D,), int8].

    The largest is 127. The scale need not be kept, as embeddings have unit length.
    """
    largest = max(float(np.abs(embedding).max()), 1e-9)
    return np.rint(embedding / largest * _LEVELS).astype(np.int8)


def from_levels(numbers: np.ndarray) -> np.ndarray:
    """The inverse of `levels`: [shape=(D,), float32, unit length]."""
    embedding = numbers.astype(np.float32)
    return embedding / max(float(np.linalg.norm(embedding)), 1e-9)


def repeated(songs: Sequence[TaughtSong], *, in_genre: bool) -> list[tuple[int, int]]:
    """Songs that sound the same as an earlier one.

    Parameters
    ----------
    songs : sequence of TaughtSong
    in_genre : bool
        Whether the earlier one is of the same genre, or of another.

    Returns
    -------
    list of (int, int)
        The numbers of the first such song and of the one that repeats it, in the latter's order.
    """
    if not songs:
        return []
    embeddings = np.stack([song.embedding for song in songs])
    genres = np.unique([song.genre for song in songs], return_inverse=True)[1]
    found: list[tuple[int, int]] = []
    # Some rows at a time: all pairs of many songs would not fit into the memory.
    for start in range(0, len(songs), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        alike = embeddings[rows] @ embeddings.T > _IDENTICAL
        alike &= (genres[rows, None] == genres) == in_genre
        alike = np.tril(alike, start - 1)
        later = np.flatnonzero(alike.any(axis=1))
        found += zip(alike[later].argmax(axis=1).tolist(), (start + later).tolist(), strict=True)
    return found


def _clean_text(text: str | None) -> str | None:
    """A title or an artist's name without control characters, at most 100 characters long."""
    return (printable(text).strip()[:_LONGEST_TITLE] or None) if text else None
