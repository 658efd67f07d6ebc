"""What a library says of a song, and how that is stored."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np

from songnet.prediction import WindowJson

# The columns of `LibrarySong`, in the order in which `song_of` takes them.
COLUMNS = (
    "songs.id, path, size, mtime_ns, duration_s, title, artist, album, album_artist, year, "
    "songs.genres, genre, confidence, abstained, probabilities, windows, vector, warnings, hear"
)
# Less than this between two windows is nothing [s].
_GAP_S = 0.1


class LibraryWindow(NamedTuple):
    """What was heard in a window of a song: its place in seconds, and all genres' probabilities."""

    start_s: float
    end_s: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class LibrarySong:
    """A song of a library that is where it was and has an answer.

    Attributes
    ----------
    id : int
        The same as long as the song stays in the library, also where its file is moved.
    path : Path
        Absolute.
    size : int [bytes]
    mtime_ns : int [ns]
        Time of the file's last change when it was heard.
    duration_s : float [s]
    title, artist, album, album_artist : str or None
    year : int or None
    genres : tuple of str
        Those in the file's own tags.
    genre : str
        SongNet's answer.
    confidence : float, 0..1
    abstained : bool
        Whether the answer is "not sure".
    probabilities : dict of str to float, 0..1
    windows : sequence of LibraryWindow
    embedding : np.ndarray [shape=(D,), float32, unit length] or None
        None for a silent song.
    warnings : tuple of str
    hear : int or None
        How many windows were to be heard; None for the whole song.
    """

    id: int
    path: Path
    size: int
    mtime_ns: int
    duration_s: float
    title: str | None
    artist: str | None
    album: str | None
    album_artist: str | None
    year: int | None
    genres: tuple[str, ...]
    genre: str
    confidence: float
    abstained: bool
    probabilities: dict[str, float] = field(hash=False)
    windows: Sequence[LibraryWindow] = field(hash=False, repr=False)
    embedding: np.ndarray | None = field(compare=False, repr=False)
    warnings: tuple[str, ...]
    hear: int | None


class StoredWindows(Sequence[LibraryWindow]):
    """A song's windows as they are stored, each of which is read when it is asked for."""

    def __init__(self, stored: bytes, genres: tuple[str, ...]):
        self._genres = genres
        self._rows = np.frombuffer(stored, np.float32).reshape(-1, 2 + len(genres))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> LibraryWindow: ...
    @overload
    def __getitem__(self, index: slice) -> list[LibraryWindow]: ...
    def __getitem__(self, index: int | slice) -> LibraryWindow | list[LibraryWindow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        start, end, *numbers = self._rows[index].tolist()
        return LibraryWindow(round(start, 3), round(end, 3), _by_genre(numbers, self._genres))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __iter__(self) -> Iterator[LibraryWindow]:
        return (self[i] for i in range(len(self)))


def song_of(row: tuple, genres: tuple[str, ...]) -> LibrarySong:
    """The song in a row of `COLUMNS`.

    Raises
    ------
    ValueError
        If the row is none that SongNet writes.
    """
    return LibrarySong(
        id=row[0],
        path=path_of(row[1]),
        size=row[2],
        mtime_ns=row[3],
        duration_s=row[4],
        title=row[5],
        artist=row[6],
        album=row[7],
        album_artist=row[8],
        year=row[9],
        genres=tuple(json.loads(row[10])) if row[10] else (),
        genre=row[11],
        confidence=row[12],
        abstained=bool(row[13]),
        probabilities=_by_genre(np.frombuffer(row[14], np.float32).tolist(), genres),
        windows=StoredWindows(row[15], genres),
        embedding=None if row[16] is None else np.frombuffer(row[16], np.float32),
        warnings=tuple(json.loads(row[17])) if row[17] else (),
        hear=row[18],
    )


def stored_windows(windows: Sequence[WindowJson], genres: tuple[str, ...]) -> bytes:
    """Windows as `StoredWindows` reads them: float32 [n, 2 + G]."""
    rows = [
        [window["start_s"], window["end_s"], *(window["probabilities"][g] for g in genres)]
        for window in windows
    ]
    return np.array(rows, np.float32).tobytes()


def covers(windows: Sequence[WindowJson], duration_s: float) -> bool:
    """Whether windows leave nothing out of a song of this length [s]."""
    heard_s = 0.0
    for window in windows:
        if window["start_s"] > heard_s + _GAP_S:
            return False
        heard_s = window["end_s"]
    return heard_s > duration_s - _GAP_S


def stored_numbers(numbers: Sequence[float] | np.ndarray) -> bytes:
    """Probabilities or an embedding as float32."""
    return np.asarray(numbers, np.float32).tobytes()


def stored_texts(texts: Sequence[str]) -> str | None:
    """Several texts as one; None for none."""
    return json.dumps(list(texts), ensure_ascii=False) if texts else None


def stored_path(path: str | Path) -> bytes:
    """The absolute path of a file, without symbolic links in its folder, as bytes.

    A link to a song is a song of its own, but a folder has one name alone.
    """
    folder, name = os.path.split(os.path.abspath(path))
    return os.fsencode(os.path.join(os.path.realpath(folder), name))


def path_of(stored: bytes) -> Path:
    """The inverse of `stored_path`."""
    return Path(os.fsdecode(stored))


def _by_genre(numbers: Sequence[float], genres: tuple[str, ...]) -> dict[str, float]:
    # float32 holds the 6 decimals of an answer: rounding gives these back.
    return {genre: round(p, 6) for genre, p in zip(genres, numbers, strict=True)}
