"""A library as the page asks it what sounds like a song."""

import os
from pathlib import Path

import numpy as np

from songnet import closeness
from songnet.known_tracks import Neighbour, Track
from songnet.library.playlist import one_line
from songnet.library.rows import LibrarySong
from songnet.library.search import nearest
from songnet.library.store import Library
from songnet.prediction import Prediction
from songnet.similar import TrackIndex
from songnet.weights import Weights


class LibraryIndex(TrackIndex):
    """Finds songs of a library by their embeddings. Threads may share one index.

    The library is read anew for each song, so that what was scanned meanwhile is found. Of its
    songs title, artist and genre are told, and no path.

    Parameters
    ----------
    path : path of the library's file
    weights : Weights
        Those with which the page hears.

    Raises
    ------
    LibraryError
        If it cannot be read, or was heard by another network.
    """

    whose = "songs of your library"

    def __init__(self, path: str | Path, weights: Weights):
        super().__init__([], np.zeros((0, 0), np.float32), weights.network_sha256)
        self.path = Path(path)
        self.open().close()

    def open(self) -> Library:
        """The library, open for reading.

        Raises
        ------
        LibraryError
            As for the class.
        """
        return Library.open(self.path, self.weights_sha256)

    def nearest(self, prediction: Prediction, count: int = 5) -> list[Neighbour]:
        """Finds the songs that sound most like a song, as `songnet.library.search.nearest`."""
        if prediction.embedding is None:
            return []
        with self.open() as library:
            found = nearest(library, _as_song(prediction, prediction.embedding), count)
        return [
            Neighbour(_as_track(one.song), one.similarity, closeness.word(one.similarity))
            for one in found
        ]

    def recognise(self, prediction: Prediction) -> None:
        """None: what a song is called stands in its own tags."""


def _as_song(prediction: Prediction, embedding: np.ndarray) -> LibrarySong:
    """A song as the library would have it, but for its place."""
    tags = prediction.tags
    return LibrarySong(
        id=0,
        path=Path(os.sep, prediction.file or "song"),
        size=0,
        mtime_ns=0,
        duration_s=prediction.duration_s,
        title=tags.title,
        artist=tags.artist,
        album=tags.album,
        album_artist=None,
        year=tags.year,
        genres=(),
        genre=prediction.genre,
        confidence=prediction.confidence,
        abstained=prediction.abstained,
        probabilities=prediction.probabilities,
        windows=(),
        embedding=embedding,
        warnings=(),
        hear=None,
    )


def _as_track(song: LibrarySong) -> Track:
    """A song as the page shows it, without an address."""
    title = one_line(song.title or song.path.stem)
    return Track(song.id, one_line(song.artist or ""), title, song.genre, page="")
