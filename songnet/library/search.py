"""Finds songs of a library by their sound: the nearest to one, and a way from one to another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from songnet.closeness import IDENTICAL, ITSELF, SAME_CLIP
from songnet.errors import SearchError
from songnet.known_tracks import plain_names
from songnet.library.rows import LibrarySong
from songnet.library.store import Library
from songnet.names import printable

# The nearest songs are looked at in parts of this size, until there are enough.
_PART = 500
# Between two songs lie so many places, and a way may take so many songs near each of them.
_PLACES, _NEAR = 16, 100
# Most songs of a way: each costs as much time as the first.
MOST_STEPS = 200


@dataclass(frozen=True)
class Found:
    """A song of a library, and how similar it sounds to the song before it, or that was named.

    Attributes
    ----------
    song : LibrarySong
    similarity : float, -1..1
        Cosine of the angle between the two embeddings.
    """

    song: LibrarySong
    similarity: float


def nearest(
    library: Library, song: LibrarySong, count: int, *, same_artist: bool = False
) -> list[Found]:
    """Finds the songs of a library that sound most like a song.

    Never among them are the song itself and its copies: what has its path, its artist and title,
    its sound, or nearly its sound and the same file name. Of a song that is there several times,
    one is found.

    Parameters
    ----------
    library : Library
    song : LibrarySong
        Of the library or not.
    count : int > 0
    same_artist : bool
        Whether several songs of one artist may be found, the song's own artist among them. Where
        tags name no artist, each song counts as by another one.

    Returns
    -------
    list of Found
        The nearest first.

    Raises
    ------
    SearchError
        If the song is silent.
    LibraryError
        If the library cannot be read.
    """
    sought = _embedding(song)
    ids, rows = library.embeddings()
    if not len(ids):
        return []
    similarity = rows @ sought
    order = np.argsort(-similarity, kind="stable")
    taken = _Taken(song, same_artist)
    found: list[Found] = []
    for start in range(0, len(order), _PART):
        part = order[start : start + _PART]
        by_id = {int(ids[row]): row for row in part}
        for candidate in library.by_id(by_id):
            if taken.adds(candidate):
                found.append(Found(candidate, float(similarity[by_id[candidate.id]])))
            if len(found) == count:
                return found
    return found


class _Taken:
    """The songs that were found so far, and which others these rule out."""

    def __init__(self, song: LibrarySong, same_artist: bool):
        self._embeddings = [_embedding(song)]
        self._song = song
        self._names = {plain_names(song.artist, song.title)}
        self._artists: set[object] = set() if same_artist else {artist_of(song)}
        self._same_artist = same_artist

    def adds(self, song: LibrarySong) -> bool:
        """Adds a song, unless it is a copy of one, or by an artist, that is there."""
        if artist_of(song) in self._artists:
            return False
        names = plain_names(song.artist, song.title)
        if all(names) and names in self._names:
            return False
        embedding = _embedding(song)
        same_name = song.path.name == self._song.path.name
        near = embedding @ self._embeddings[0]
        if song.path == self._song.path or near > (SAME_CLIP if same_name else ITSELF):
            return False
        if max(float(embedding @ other) for other in self._embeddings) > IDENTICAL:
            return False
        self._embeddings.append(embedding)
        self._names.add(names)
        if not self._same_artist:
            self._artists.add(artist_of(song))
        return True


def artist_of(song: LibrarySong) -> object:
    """By what two songs are of one artist: the name without regard to case, or the song itself."""
    name = plain_names(song.artist, None)[0].strip()
    return name or song.path


def way(library: Library, first: LibrarySong, last: LibrarySong, count: int) -> list[Found]:
    """Finds songs that lead from one song to another in small steps of sound.

    Of all sequences of this length through the songs nearest to the great circle between the two,
    each song of which lies further towards the last one, it is the one whose squared steps have
    the smallest sum, so that none of them is large. No artist comes twice in a row, and no
    song twice.

    Parameters
    ----------
    library : Library
    first, last : LibrarySong
        Of the library or not.
    count : int, 2..MOST_STEPS
        Number of songs, these two included.

    Returns
    -------
    list of Found
        From the first song, whose similarity is 1, to the last. Fewer where not so many songs lie
        between the two.

    Raises
    ------
    SearchError
        If one is silent, if both are one song, or if nothing leads from one to the other.
    """
    start, end = _embedding(first), _embedding(last)
    names = plain_names(first.artist, first.title)
    same_name = all(names) and names == plain_names(last.artist, last.title)
    if first.path == last.path or same_name or float(start @ end) > IDENTICAL:
        raise SearchError("Both are one song, or copies of it: name two that differ in sound.")
    ids, rows = library.embeddings()
    between = _between(rows, start, end) if len(ids) else np.zeros(0, int)
    songs = [first, *library.by_id(ids[between]), last]
    points = np.stack([_embedding(song) for song in songs])
    kept = _without_copies(songs, points)
    songs, points = [songs[i] for i in kept], points[kept]
    cost = np.maximum(2 - 2 * points @ points.T, 0)
    cost[_one_artist(songs)] = np.inf
    # Only forwards: the songs are in the order in which they lie between the two.
    cost[np.tril_indices(len(cost))] = np.inf
    chosen = cheapest_way(cost, count)
    if chosen is None:
        raise SearchError(
            "Nothing in the library leads from one song to the other without an artist twice in a "
            "row: scan more songs, or name two by different artists."
        )
    steps = pairwise([chosen[0], *chosen])
    return [Found(songs[to], float(points[before] @ points[to])) for before, to in steps]


def cheapest_way(cost: np.ndarray, count: int) -> list[int] | None:
    """The cheapest way from the first to the last of n places, which visits `count` of them.

    Parameters
    ----------
    cost : np.ndarray [shape=(n, n)]
        Of each step; infinite where there is none. No step leads backwards.
    count : int >= 2

    Returns
    -------
    list of int or None
        The places. Where no way has so many, one with as many as there are; None without any.

    Examples
    --------
    >>> far = np.inf
    >>> cheapest_way(np.array([[far, 1, 9], [far, far, 1], [far, far, far]]), 3)
    [0, 1, 2]
    """
    into = np.ascontiguousarray(cost.T)
    spent = np.full(len(cost), np.inf, cost.dtype)
    spent[0] = 0.0
    came_from: list[np.ndarray] = []
    reached = 0
    for steps in range(1, min(count, len(cost))):
        total = into + spent
        came_from.append(total.argmin(axis=1))
        spent = np.take_along_axis(total, came_from[-1][:, None], axis=1)[:, 0]
        if math.isfinite(spent[-1]):
            reached = steps
    if not reached:
        return None
    places = [len(cost) - 1]
    for before in reversed(came_from[:reached]):
        places.append(int(before[places[-1]]))
    return places[::-1]


def _between(rows: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The rows near the great circle from one embedding to another, in their order along it."""
    angle = math.acos(max(-1.0, min(1.0, float(start @ end))))
    shares = np.arange(1, _PLACES + 1) / (_PLACES + 1)
    places = np.outer(np.sin((1 - shares) * angle), start) + np.outer(np.sin(shares * angle), end)
    along = rows @ (end - start)
    inside = np.flatnonzero((along > start @ (end - start)) & (along < end @ (end - start)))
    near: set[int] = set()
    for similarity in (places.astype(np.float32) @ rows.T)[:, inside]:
        far = len(inside) > _NEAR
        near.update(inside[np.argpartition(-similarity, _NEAR)[:_NEAR]] if far else inside)
    chosen = np.array(sorted(near), int)
    return chosen[np.argsort(along[chosen], kind="stable")]


def _without_copies(songs: Sequence[LibrarySong], points: np.ndarray) -> list[int]:
    """The places of the first and last song, and of those between that are copies of none kept."""
    kept = [0, len(songs) - 1]
    similarity = points @ points.T
    paths = {songs[i].path for i in kept}
    names = {plain_names(songs[i].artist, songs[i].title) for i in kept}
    for i in range(1, len(songs) - 1):
        name = plain_names(songs[i].artist, songs[i].title)
        named_alike = all(name) and name in names
        if songs[i].path in paths or named_alike or similarity[i, kept].max() > IDENTICAL:
            continue
        kept.append(i)
        names.add(name)
    return sorted(kept)


def _one_artist(songs: Sequence[LibrarySong]) -> np.ndarray:
    """Which pairs of songs are by one artist: bool [n, n]."""
    numbers: dict[object, int] = {}
    artist = np.array([numbers.setdefault(artist_of(song), len(numbers)) for song in songs])
    return artist[:, None] == artist


def _embedding(song: LibrarySong) -> np.ndarray:
    if song.embedding is None:
        raise SearchError(
            f"{printable(song.path.name)} is silent, and nothing sounds like silence: name a song "
            "that can be heard."
        )
    return song.embedding
