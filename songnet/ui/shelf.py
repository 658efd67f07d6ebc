"""A visitor's own genres while they are put together: songs that wait, are heard, have taught."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from songnet.errors import AudioError, OwnGenresError
from songnet.names import printable
from songnet.own_genres import OwnGenres, TaughtSong
from songnet.own_genres.learning import learn
from songnet.own_genres.songs import (
    FEWEST_GENRES,
    FEWEST_SONGS,
    MOST_GENRES,
    clean_name,
    without_copies,
)
from songnet.ui.analysis import Analyser
from songnet.weights import Weights

# So many songs keep a visitor's state at a megabyte, and are learned from in less than a second.
MOST_SONGS = 1_000
_FULL = f"At most {MOST_SONGS} songs are kept on this page: `songnet teach` takes more."


@dataclass(frozen=True)
class Shelf:
    """What a visitor has brought; each change makes a new one.

    Attributes
    ----------
    waiting : tuple of (str, str)
        Genre and path of each song that is not heard yet.
    heard : tuple of TaughtSong
        All songs that were heard, by this page or before they were in a file.
    taught : OwnGenres or None
        What was learned last, of those.
    """

    waiting: tuple[tuple[str, str], ...] = ()
    heard: tuple[TaughtSong, ...] = ()
    taught: OwnGenres | None = None

    @classmethod
    def of(cls, genres: OwnGenres) -> Self:
        """The shelf that a file of own genres makes; an `OwnGenresError` if it holds too much."""
        if len(genres.songs) > MOST_SONGS:
            raise OwnGenresError(_FULL)
        return cls(heard=genres.songs, taught=genres)

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """The number of songs of each genre, by name, and how many of them have not taught."""
        known = Counter(() if self.taught is None else (song.genre for song in self.taught.songs))
        total = Counter(song.genre for song in self.heard) + Counter(g for g, _ in self.waiting)
        names = sorted(total, key=lambda name: (name.casefold(), name))
        return {name: (total[name], total[name] - known[name]) for name in names}

    def with_songs(self, genre: str, paths: Iterable[str], most: int, too_many: str) -> Self:
        """The shelf with more songs, of a genre that is there or of a new one.

        Parameters
        ----------
        genre : str
            As it was typed: a name that differs by case alone from one that is there is that one.
        paths : iterable of str
        most : int
            How many songs may wait.
        too_many : str
            The sentence for more.

        Raises
        ------
        OwnGenresError
            If the name cannot be used, or there are too many songs or genres.
        """
        genre, counts = clean_name(genre), self.counts
        genre = next((name for name in counts if name.casefold() == genre.casefold()), genre)
        if genre not in counts and len(counts) >= MOST_GENRES:
            raise OwnGenresError(f"SongNet learns at most {MOST_GENRES} genres: remove one first.")
        waiting = (*self.waiting, *((genre, path) for path in paths))
        if len(waiting) > most:
            raise OwnGenresError(too_many)
        if len(waiting) + len(self.heard) > MOST_SONGS:
            raise OwnGenresError(_FULL)
        return replace(self, waiting=waiting)

    def without(self, genre: str) -> Self:
        """The shelf without a genre; what is left of the taught ones is learned anew."""
        taught = self.taught
        if taught is not None and genre in taught.names:
            left = len(taught.names) > FEWEST_GENRES
            taught = taught.without(genre) if left else None
        return replace(
            self,
            waiting=tuple(song for song in self.waiting if song[0] != genre),
            heard=tuple(song for song in self.heard if song.genre != genre),
            taught=taught,
        )

    @property
    def ready(self) -> bool:
        """Whether there is something to learn: new songs, and genres that have enough of them."""
        enough = [name for name, (total, _) in self.counts.items() if total >= FEWEST_SONGS]
        new = sum(self.counts[name][1] for name in enough)
        return len(enough) >= FEWEST_GENRES and (self.taught is None or new > 0)

    def hint(self) -> str:
        """What to do next, in a sentence or two."""
        counts = self.counts
        few = {n: FEWEST_SONGS - total for n, (total, _) in counts.items() if total < FEWEST_SONGS}
        if not counts:
            return ""
        if few:
            (name, lacks), more = next(iter(few.items())), len(few) - 1
            others = f" So do {more} others." if more > 1 else " So does another." if more else ""
            return f"{name} needs {_songs(lacks)} more.{others}"
        if len(counts) < FEWEST_GENRES:
            return "Add another genre: SongNet tells two or more apart."
        if self.waiting:
            return f"{_songs(len(self.waiting))} to hear."
        return "" if not self.ready else "All songs are heard."

    def after_hearing(self, analyser: Analyser) -> tuple[Self, list[str]]:
        """Hears the song that waits longest.

        Parameters
        ----------
        analyser : Analyser

        Returns
        -------
        Shelf
            On which that song waits no longer.
        list of str
            What its owner should know, a sentence each: that it cannot be heard, say.
        """
        (genre, path), *waiting = self.waiting
        shelf, name = replace(self, waiting=tuple(waiting)), printable(Path(path).name)
        if not os.path.exists(path):
            return shelf, [f"{name} is no longer here, as songs are deleted in time: add it again."]
        try:
            prediction = analyser.predict(path)
            song = TaughtSong.of(genre, prediction)
        except (AudioError, OwnGenresError) as error:
            return shelf, [str(error)]
        warnings = [f"{name}: {warning}" for warning in prediction.warnings]
        return replace(shelf, heard=(*self.heard, song)), warnings

    def learned(self, weights: Weights, named: Iterable[str] = ()) -> tuple[Self, list[str]]:
        """Learns from the songs that were heard.

        Parameters
        ----------
        weights : Weights
            Those that heard them.
        named : iterable of str
            Genres that were to be taught, besides those that are here: of some, no song could be
            heard.

        Returns
        -------
        Shelf
            Without copies.
        list of str
            A sentence for the copies, and for each genre that is left out for lack of songs.

        Raises
        ------
        OwnGenresError
            As for `songnet.own_genres.learning.learn`.
        """
        found = learn(self.heard, [*self.counts, *named], weights)
        taught, heard = found.genres, self.without_copies().heard
        others = (song for song in heard if song.genre not in taught.names)
        return replace(self, heard=(*taught.songs, *others), taught=taught), [*found.left_out]

    def without_copies(self) -> Self:
        """The shelf with each song once in its genre."""
        return replace(self, heard=tuple(without_copies(self.heard)))


def _songs(count: int) -> str:
    return f"{count} song{'' if count == 1 else 's'}"
