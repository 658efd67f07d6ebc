"""The library: one SQLite file with a row for each song."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
import platformdirs

from songnet.errors import LibraryError
from songnet.library.connection import explained, open_to_read, open_to_write
from songnet.library.rows import COLUMNS, LibrarySong, song_of, stored_path
from songnet.library.schema import transaction
from songnet.names import printable

# Most values that SQLite takes in one statement, in its oldest versions.
_MOST_VALUES = 900
# Songs that are read at once.
_AT_ONCE = 200
_SONGS = f"SELECT {COLUMNS} FROM songs LEFT JOIN embeddings USING (id)"
# Those that are where they were, and have an answer.
_PRESENT = "vanished = 0 AND genre IS NOT NULL"


def default_path() -> Path:
    """Where the library is unless another is named: in the user's folder for programs' data."""
    return Path(platformdirs.user_data_dir("songnet", appauthor=False)) / "library.db"


class Library:
    """A library of music that is open; `open` gives one.

    Attributes
    ----------
    path : Path
    network : str
        SHA-256 of the network that heard the songs, as hex.
    genres : tuple of str
        The network's, in the order of its probabilities.
    connection : sqlite3.Connection
        For `songnet.library.scan`, which writes.

    Examples
    --------
    >>> from songnet.library.scan import scan
    >>> from songnet.weights import load_weights
    >>> with Library.open("library.db", create=True) as library:
    ...     report = scan(library, ["."], load_weights())  # of `songnet.examples`
    ...     print(", ".join(song.title for song in library.songs(genre="Electronic", sure=0.6)))
    Sky Vibe - High Frequency
    """

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self.connection = connection
        with explained(path):
            about = dict(connection.execute("SELECT name, value FROM about"))
            self.network = str(about["network"]) if "network" in about else ""
            self.genres = tuple(json.loads(about.get("genres", "[]")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    @classmethod
    def open(
        cls, path: str | Path | None = None, network: str | None = None, *, create: bool = False
    ) -> Self:
        """Opens a library.

        Parameters
        ----------
        path : path of the file, or None for `default_path`
        network : str or None
            SHA-256 of the network whose embeddings are to be compared with the library's
            (`songnet.weights.Weights.network_sha256`); None for whichever it is.
        create : bool
            Whether it is opened to be written, too, and made where it is missing. Otherwise it is
            only read, and need not be writable.

        Returns
        -------
        Library

        Raises
        ------
        LibraryError
            If there is none, it is damaged, foreign, written by a newer SongNet, or heard by
            another network.
        """
        path = default_path() if path is None else Path(path)
        library = cls(path, open_to_write(path, create=True) if create else open_to_read(path))
        try:
            if not library.network and not create:
                name = printable(str(path))
                raise LibraryError(
                    f"The library {name} is empty: fill it with songnet scan FOLDER."
                )
            if network is not None and library.network:
                library.check_network(network)
        except BaseException:
            library.close()
            raise
        return library

    def belong_to(self, network: str, genres: tuple[str, ...], *, anew: bool = False) -> None:
        """Says which network hears the songs of this library, which is open to be written.

        Parameters
        ----------
        network : str
        genres : tuple of str
            The network's.
        anew : bool
            Whether the answers of another network are thrown away.

        Raises
        ------
        LibraryError
            If another network heard songs, and is not to give way.
        """
        if self.network and not anew:
            self.check_network(network)
        if (self.network, self.genres) == (network, genres):
            return
        with explained(self.path), transaction(self.connection):
            self.connection.execute("DELETE FROM songs")
            self.connection.executemany(
                "INSERT OR REPLACE INTO about VALUES (?, ?)",
                [("network", network), ("genres", json.dumps(genres))],
            )
        self.network, self.genres = network, genres

    def songs(self, genre: str | None = None, sure: float = 0.0) -> Iterator[LibrarySong]:
        """The songs that are there and have an answer, in order of path.

        Parameters
        ----------
        genre : str or None
            Only songs of this genre that the answer is sure of; None for all.
        sure : float, 0..1
            Only songs whose confidence is at least this.

        Yields
        ------
        LibrarySong
        """
        where, values = f"{_PRESENT} AND confidence >= ?", [sure]
        if genre is not None:
            where, values = f"{where} AND genre = ? AND abstained = 0", [sure, genre]
        yield from self._query(f"{_SONGS} WHERE {where} ORDER BY path", values)

    def song(self, path: str | Path) -> LibrarySong | None:
        """The song of a file; None where it is not in the library or has no answer."""
        query = f"{_SONGS} WHERE {_PRESENT} AND path = ?"
        return next(self._query(query, [stored_path(path)]), None)

    def by_id(self, ids: Iterable[int]) -> list[LibrarySong]:
        """The songs with these ids, in their order; left out are those that are not there."""
        wanted = [int(i) for i in ids]
        found: dict[int, LibrarySong] = {}
        for start in range(0, len(wanted), _MOST_VALUES):
            some = wanted[start : start + _MOST_VALUES]
            marks = ", ".join("?" * len(some))
            query = f"{_SONGS} WHERE {_PRESENT} AND songs.id IN ({marks})"
            found |= {song.id: song for song in self._query(query, some)}
        return [found[i] for i in wanted if i in found]

    def embeddings(self) -> tuple[np.ndarray, np.ndarray]:
        """The embeddings of the songs that are there and audible.

        Returns
        -------
        ids : np.ndarray [shape=(n,), int64]
        vectors : np.ndarray [shape=(n, D), float32, unit length]
        """
        query = (
            "SELECT id, vector FROM embeddings "
            "WHERE id NOT IN (SELECT id FROM songs WHERE vanished) ORDER BY id"
        )
        with explained(self.path):
            ids, vectors = [], bytearray()
            for i, vector in self.connection.execute(query):
                ids.append(i)
                vectors += vector
            rows = np.frombuffer(vectors, np.float32).reshape(len(ids), -1 if ids else 0)
        return np.array(ids, np.int64), rows

    def _query(self, query: str, values: Iterable[object]) -> Iterator[LibrarySong]:
        with explained(self.path):
            rows = self.connection.execute(query, tuple(values))
        while True:
            # Not around the `yield`: an error of whoever takes the songs is not the library's.
            with explained(self.path):
                songs = [song_of(row, self.genres) for row in rows.fetchmany(_AT_ONCE)]
            if not songs:
                return
            yield from songs

    def check_network(self, network: str) -> None:
        """Raises a `LibraryError` where another network than this one heard the songs."""
        if network != self.network:
            raise LibraryError(
                f"The library {printable(str(self.path))} was heard by another network "
                f"({self.network[:12]}..., in use {network[:12]}...): use its weights, name "
                "another file with --library, or hear it anew with songnet scan --anew."
            )
