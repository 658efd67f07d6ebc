"""`OwnGenres`: what was learned from the user's own songs, and how it judges another one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from songnet.errors import OwnGenresError
from songnet.own_genres import file
from songnet.own_genres.held_out import ENOUGH, Calibration, HeldOut, measure
from songnet.own_genres.nearest import genre_means, probabilities
from songnet.own_genres.songs import FEWEST_GENRES, TaughtSong, checked, composed, repeated
from songnet.weights.release import Weights, sha256

_MOST_NAMED = 5  # songs of two genres


@dataclass(frozen=True)
class Judgement:
    """What own genres say of an embedding.

    Attributes
    ----------
    probabilities : np.ndarray [shape=(g,), float]
        They sum to 1.
    none_of_these : bool
        Whether it is unlike all that was taught.
    """

    probabilities: np.ndarray
    none_of_these: bool


@dataclass(frozen=True)
class OwnGenres:
    """The user's own genres, for a `songnet.Classifier` in place of the network's.

    `learn` and `load` make them, so that all that they hold has been checked.

    Attributes
    ----------
    names : tuple of str
        The genres, in the order of the probabilities.
    songs : tuple of TaughtSong
        What they were learned from.
    network : str
        SHA-256 of the network that heard the songs, `songnet.weights.Weights.network_sha256`.
    held_out : HeldOut
        How many songs were recognised that were left out while the others taught.
    calibration : Calibration

    Examples
    --------
    >>> from songnet.weights import load_weights
    >>> dub = [TaughtSong("Dub", np.array([1.0, 0.1 * n])) for n in range(3)]
    >>> folk = [TaughtSong("Folk", np.array([0.1 * n, 1.0])) for n in range(3)]
    >>> genres = OwnGenres.learn(dub + folk, load_weights())
    >>> genres.held_out.accuracy
    1.0
    >>> genres.judge(np.array([0.8, 0.6])).probabilities.round(2)
    array([0.77, 0.23])
    """

    names: tuple[str, ...]
    songs: tuple[TaughtSong, ...]
    network: str
    held_out: HeldOut
    calibration: Calibration

    @classmethod
    def learn(cls, songs: Iterable[TaughtSong], weights: Weights) -> Self:
        """Learns genres from songs, and measures how well on songs that are left out in turn.

        Parameters
        ----------
        songs : iterable of TaughtSong
            Three or more of each genre, 2 to 200 genres. A copy of a song in its genre is left out.
        weights : Weights
            Those of the classifier that heard the songs.

        Returns
        -------
        OwnGenres

        Raises
        ------
        OwnGenresError
            If there are too few or too many genres or songs, if a genre's name cannot be used or
            differs from another by case alone, or if an embedding is none.
        """
        return cls._learn(songs, weights.network_sha256)

    @classmethod
    def _learn(cls, songs: Iterable[TaughtSong], network: str) -> Self:
        kept = checked(songs)
        names = tuple(dict.fromkeys(song.genre for song in kept))
        return cls(names, tuple(kept), network, *measure(kept, names))

    def with_songs(self, songs: Iterable[TaughtSong], weights: Weights) -> Self:
        """These genres with more songs, of these genres or of new ones; learned anew.

        Raises
        ------
        OwnGenresError
            As for `learn` and `check_network`.
        """
        self.check_network(weights)
        return self._learn([*self.songs, *songs], self.network)

    def without(self, genre: str) -> Self:
        """These genres without one of them; learned anew.

        Raises
        ------
        OwnGenresError
            If it is not among them, or if fewer than two are left.
        """
        genre = composed(genre)
        if genre not in self.names:
            raise OwnGenresError(
                f"“{genre}” is not among the genres: they are {', '.join(self.names)}."
            )
        left = [name for name in self.names if name != genre]
        if len(left) < FEWEST_GENRES:
            raise OwnGenresError(
                f"Without “{genre}” only {', '.join(left)} would be left, and SongNet needs "
                f"{FEWEST_GENRES} genres to tell apart: add another before."
            )
        return self._learn([song for song in self.songs if song.genre in left], self.network)

    def without_titles(self) -> Self:
        """These genres without the songs' titles, and with numbers in place of the artists.

        The numbers still say which songs are by one artist.
        """
        artists = {song.artist: None for song in self.songs if song.artist}
        numbers = {artist: f"artist {number}" for number, artist in enumerate(artists, start=1)}
        songs = (
            replace(song, title=None, artist=song.artist and numbers[song.artist])
            for song in self.songs
        )
        return replace(self, songs=tuple(songs))

    @cached_property
    def means(self) -> np.ndarray:
        """The mean direction of each genre's songs: [shape=(g, D), float32, unit length]."""
        labels = np.array([self.names.index(song.genre) for song in self.songs])
        embeddings = np.stack([song.embedding for song in self.songs])
        return genre_means(embeddings, labels, len(self.names)).astype(np.float32)

    def judge(self, embedding: np.ndarray) -> Judgement:
        """Judges an embedding of a song, or of a window of it: [shape=(D,), unit length]."""
        similarity = self.similarity(embedding)
        return Judgement(
            probabilities(similarity, self.calibration.temperature),
            bool(similarity.max() < self.calibration.none_below),
        )

    def similarity(self, embeddings: np.ndarray) -> np.ndarray:
        """How similar songs are to the genres.

        Parameters
        ----------
        embeddings : np.ndarray [shape=(..., D), float32, unit length]

        Returns
        -------
        np.ndarray [shape=(..., g), float, -1..1]
            Cosines of the angles between the embeddings and the genres' mean directions.

        Raises
        ------
        OwnGenresError
            As for `check_length`: a file names its network, and may hold anything all the same.
        """
        self.check_length(embeddings.shape[-1])
        return (embeddings @ self.means.T).astype(float)

    @property
    def counts(self) -> dict[str, int]:
        """The number of songs of each genre."""
        return dict(Counter(song.genre for song in self.songs))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file that `save` writes, as hex."""
        return sha256(self.to_bytes())

    def remarks(self) -> list[str]:
        """What to know before trusting them, a sentence each."""
        shared = repeated(self.songs, in_genre=False)
        found = [
            f"{self.songs[first].title or 'A song'} is in {self.songs[first].genre} and in "
            f"{self.songs[second].genre}: it teaches both."
            for first, second in shared[:_MOST_NAMED]
        ]
        if (more := len(shared) - len(found)) > 0:
            found.append(f"Songs that teach two genres, besides these: {more}.")
        if self.held_out.rough:
            found.append(
                f"With fewer than {ENOUGH} songs the accuracy is rough, and so is how sure SongNet "
                "may be: teach it more."
            )
        if self.held_out.by == "song":
            found.append(
                "The accuracy is measured by leaving out a song at a time: where songs of one "
                "artist or album teach and test, it flatters. Tags with several artists a genre "
                "would mend that."
            )
        if self.calibration.abstain_below == 1.0:
            found.append(
                "SongNet cannot tell these genres apart, and will be “not sure” of every song: "
                "teach it more songs, or genres that sound different."
            )
        return found

    def check_network(self, weights: Weights) -> None:
        """Raises an `OwnGenresError` where these weights are not those that heard the songs."""
        if weights.network_sha256 != self.network:
            raise OwnGenresError(
                f"These genres were taught with other weights (network {self.network[:12]}..., in "
                f"use {weights.network_sha256[:12]}...): teach them again, or use those weights."
            )

    def check_length(self, length: int) -> None:
        """Raises an `OwnGenresError` where embeddings of this length cannot be judged."""
        if self.means.shape[1] != length:
            raise OwnGenresError(
                f"These genres were taught by {self.means.shape[1]} numbers a song, and the "
                f"network gives {length}: teach them again."
            )

    def to_json(self) -> dict[str, Any]:
        """The content of the file, as plain Python objects."""
        return file.to_json(self.network, self.songs, self.held_out, self.calibration)

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return file.to_bytes(self.to_json())

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """The inverse of `to_json`; raises an `OwnGenresError` for anything else."""
        network, songs, held_out, calibration = file.from_json(stored)
        names = tuple(dict.fromkeys(song.genre for song in songs))
        return cls(names, tuple(songs), network, held_out, calibration)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The inverse of `to_bytes`; raises an `OwnGenresError` for anything else."""
        return cls.from_json(file.parse(content))

    def save(self, path: str | Path) -> None:
        """Writes the file, in one step: one that is there stays as it is until then.

        Raises
        ------
        OwnGenresError
            If it cannot be written.
        """
        file.write(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads a file that `save` or ``songnet teach`` has written.

        Raises
        ------
        OwnGenresError
            If it is missing, too large, damaged or something else.
        """
        return cls.from_bytes(file.read(path))
