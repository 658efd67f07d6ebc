"""Songs of a library as the command line names and shows them."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from songnet.batch import PATIENT, find_jobs, hear_jobs
from songnet.commands.console import say
from songnet.commands.outputs import write_output
from songnet.errors import AudioError
from songnet.library import Library, LibrarySong
from songnet.library.playlist import m3u8, one_line, shown_title
from songnet.library.search import Found
from songnet.names import printable, shown_name
from songnet.prediction import PredictionJson
from songnet.settings import Settings, explain
from songnet.weights.options import chosen_weights


def positive(text: str) -> int:
    """A number of songs, for `argparse`."""
    if not (text.isdecimal() and text.isascii() and 0 < int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError("give a whole number from 1 to 1000000")
    return int(text)


def share(text: str) -> float:
    """A confidence, for `argparse`."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("give a number from 0 to 1")
    return value


def named_song(name: str, library: Library, arguments: argparse.Namespace) -> LibrarySong:
    """A song that is named, as the library knows it, or else as it is heard now.

    A song that is not in the library, or has changed since, is heard and not stored.

    Parameters
    ----------
    name : path of a file
    library : Library
    arguments : argparse.Namespace
        With the options of `add_weights`: the weights that hear it, if need be.

    Returns
    -------
    LibrarySong
        With 0 as its `id` if it was heard now.

    Raises
    ------
    AudioError
        If it cannot be heard.
    LibraryError
        If another network than this one heard the library's songs.
    """
    known = library.song(name)
    if known is not None and _is_as_heard(known):
        return known
    if os.path.isdir(name):
        raise AudioError(f"{shown_name(name)} is a folder: name a song.")
    (job,) = find_jobs(name)
    settings = Settings.from_environment()
    weights = chosen_weights(arguments, settings)
    library.check_network(weights.network_sha256)
    resources = replace(PATIENT, memory_bytes=settings.resources.memory_bytes)
    heard = hear_jobs(
        [job],
        weights,
        limits=settings.limits,
        resources=resources,
        explain=explain,
        hear=_hear(library),
    )
    answer, embedding = next(iter(heard))
    if "error" in answer:
        raise AudioError(answer["error"])
    for warning in answer["warnings"]:
        say(f"{answer['file']}: {warning}")
    return _as_song(job.path, answer, embedding)


def _hear(library: Library) -> int | None:
    """In how many windows the library's songs were heard, so that copies sound the same."""
    return next((song.hear for song in library.songs()), None)


def _is_as_heard(song: LibrarySong) -> bool:
    """Whether a song's file has not changed since; also where its disk is not there."""
    try:
        now = song.path.stat()
    except OSError:
        return True
    return (now.st_size, now.st_mtime_ns) == (song.size, song.mtime_ns)


def _as_song(path: Path, answer: PredictionJson, embedding: np.ndarray | None) -> LibrarySong:
    now, tags = path.stat(), answer["metadata"]
    return LibrarySong(
        id=0,
        path=Path(os.path.abspath(path)),
        size=now.st_size,
        mtime_ns=now.st_mtime_ns,
        duration_s=answer["duration_s"],
        title=tags["title"],
        artist=tags["artist"],
        album=tags["album"],
        album_artist=None,
        year=tags["year"],
        genres=(),
        genre=answer["genre"],
        confidence=answer["confidence"],
        abstained=answer["abstained"],
        probabilities=answer["probabilities"],
        windows=(),
        embedding=embedding,
        warnings=tuple(answer["warnings"]),
        hear=None,
    )


def song_json(song: LibrarySong, genre: str, confidence: float, **more: float) -> dict[str, object]:
    """A song as `--json` prints it: bytes of its path that are not UTF-8 are lone surrogates."""
    return {
        "file": str(song.path),
        "artist": song.artist,
        "title": song.title,
        "album": song.album,
        "duration_s": round(song.duration_s, 3),
        "genre": genre,
        "confidence": round(confidence, 6),
        **{name: round(value, 4) for name, value in more.items()},
    }


def found_lines(found: Sequence[Found]) -> list[str]:
    """A table of songs with how similar each sounds, below its headings."""
    rows = [
        (
            f"{one.similarity:.3f}",
            one.song.genre,
            one_line(shown_title(one.song)),
            printable(str(one.song.path)),
        )
        for one in found
    ]
    table = [("Similarity", "Genre", "Song", "File"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(2)]
    return [
        f"{similarity:<{widths[0]}}  {genre:<{widths[1]}}  {song}  {path}"
        for similarity, genre, song, path in table
    ]


def write_playlist(
    path: Path, songs: Sequence[LibrarySong], *, relative: bool, force: bool
) -> None:
    """Writes a playlist, and tells of songs whose names no playlist can hold.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    folder = Path(os.path.dirname(os.path.realpath(path))) if relative else None
    content, addresses = m3u8(songs, folder)
    write_output(path, content, force=force)
    if addresses:
        say(
            f"Songs with a line break, or bytes that are not UTF-8, in their names: {addresses}. "
            "They are in the playlist as file:// addresses, which not every player opens."
        )
