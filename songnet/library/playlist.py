"""Playlists: which songs are in one, in which order, and the M3U8 file that players read."""

import heapq
import os
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from songnet.known_tracks import plain_names
from songnet.library.rows import LibrarySong
from songnet.library.search import artist_of
from songnet.names import is_control
from songnet.words import whole_seconds

# What makes a file an extended playlist.
FIRST_LINE = "#EXTM3U"


def surest_first(songs: Iterable[tuple[LibrarySong, float]]) -> list[tuple[LibrarySong, float]]:
    """Orders the songs of a genre: the surest first, but no artist twice in a row.

    A song that comes next although its artist has just been heard waits until another artist's
    song has been; only when no other artist is left do one's songs follow each other. Of a song
    that is there several times, by artist and title, the surest stays.

    Parameters
    ----------
    songs : iterable of (LibrarySong, float, 0..1)
        Each with how sure its genre is.

    Returns
    -------
    list of (LibrarySong, float)
    """
    queues: defaultdict[object, deque[int]] = defaultdict(deque)
    ranked: list[tuple[LibrarySong, float]] = []
    names: set[tuple[str, str]] = set()
    for song, sure in sorted(songs, key=lambda pair: (-pair[1], os.fsencode(pair[0].path))):
        name = plain_names(song.artist, song.title)
        if all(name) and name in names:
            continue
        names.add(name)
        queues[artist_of(song)].append(len(ranked))
        ranked.append((song, sure))
    order = _spread([list(queue) for queue in queues.values()])
    return [ranked[place] for place in order]


def _spread(queues: list[list[int]]) -> list[int]:
    """Merges ascending lists, the lowest first, without two in a row of one list if possible."""
    waiting = [(queue[0], i, 0) for i, queue in enumerate(queues)]
    heapq.heapify(waiting)
    held: tuple[int, int, int] | None = None
    order: list[int] = []
    while waiting or held:
        if not waiting:
            # No other artist is left.
            waiting, held = [held] if held else [], None
        place, i, position = heapq.heappop(waiting)
        order.append(place)
        if held:
            heapq.heappush(waiting, held)
        more = position + 1 < len(queues[i])
        held = (queues[i][position + 1], i, position + 1) if more else None
    return order


def m3u8(songs: Sequence[LibrarySong], folder: Path | None = None) -> tuple[bytes, int]:
    """Writes songs as an extended M3U playlist in UTF-8.

    Parameters
    ----------
    songs : sequence of LibrarySong
    folder : Path or None
        The playlist's own, from which the paths are written; None for absolute paths.

    Returns
    -------
    content : bytes
    addresses : int
        How many songs have a name that a line of text cannot hold: a line break in it, or bytes
        that are not UTF-8. They are written as ``file://`` addresses, which most players open.
    """
    lines = [FIRST_LINE]
    addresses = 0
    for song in songs:
        lines.append(title_line(song.duration_s, shown_title(song)))
        place = _place(song.path, folder)
        addresses += place is None
        lines.append(place or f"file://{quote(os.fsencode(song.path))}")
    return "".join(f"{line}\n" for line in lines).encode(), addresses


def title_line(duration_s: float, title: str) -> str:
    """The line of a playlist before a song's place, which players show.

    Parameters
    ----------
    duration_s : float [s]
    title : str
        In any number of lines.

    Examples
    --------
    >>> title_line(61.4, "AWOL - Food")
    '#EXTINF:61,AWOL - Food'
    """
    return f"#EXTINF:{whole_seconds(duration_s)},{one_line(title)}"


def _place(path: Path, folder: Path | None) -> str | None:
    """A song's path as a line of a playlist; None where no line can hold it."""
    text = str(path)
    if folder is not None:
        text = os.path.relpath(path, os.path.realpath(folder))
        # A line that begins with # is a remark, and players cut spaces off.
        text = text if text[0] == "." else f"./{text}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return None if text != text.strip() or any(is_control(c) for c in text) else text


def shown_title(song: LibrarySong) -> str:
    """Artist and title of a song, or its file's name, as players show it."""
    return title_of(song.artist, song.title, song.path)


def title_of(artist: str | None, title: str | None, path: Path) -> str:
    """Artist and title of a song, or its file's name without a title."""
    return " - ".join(filter(None, (artist, title))) if title else path.stem


def one_line(text: str) -> str:
    """A text without line breaks, other control characters and what is not Unicode."""
    spaced = "".join(" " if is_control(c) else c for c in text)
    return " ".join(spaced.split())
