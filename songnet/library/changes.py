"""What a scan looks up and changes in a library: each change is one step, and nothing is half done.

Another scan may change the same library at any time.
"""

import os
import threading
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from songnet.audio.tags import Tags
from songnet.library.connection import explained, open_to_read
from songnet.library.files import FileState, has_gone, mount_of
from songnet.library.rows import covers, stored_numbers, stored_texts, stored_windows
from songnet.library.schema import transaction
from songnet.library.store import Library
from songnet.prediction import PredictionJson

# More windows than any song has.
_ALL = 2**31
_TAGS = ("title", "artist", "album", "album_artist", "year", "genres")
_FILE = ("path", "size", "mtime_ns", "mount", "sound")
_ANSWER = ("hear", "genre", "confidence", "abstained", "duration_s", *_TAGS, "warnings")
_COLUMNS = (*_FILE, "error", *_ANSWER, "probabilities", "windows")


@dataclass(frozen=True)
class Known:
    """What a library knows of a path.

    Attributes
    ----------
    id : int
    state : FileState
        Of the file that was heard, or could not be.
    vanished : bool
    error : str or None
        Why there is no answer.
    hear : int or None
        How many windows were to be heard; None for the whole song.
    sound : bytes or None
        `songnet.audio.sound.sound_digest` of the file.
    """

    id: int
    state: FileState
    vanished: bool
    error: str | None
    hear: int | None
    sound: bytes | None

    def answers(self, hear: int | None) -> bool:
        """Whether it has an answer from at least so many windows."""
        enough = self.hear is None or (hear is not None and hear <= self.hear)
        return self.error is None and enough


class Changes:
    """A library that is being changed.

    Parameters
    ----------
    library : Library
        Open to be written.
    """

    def __init__(self, library: Library):
        self._library = library
        self._connection = library.connection
        self._lock = threading.Lock()
        # A connection to write with belongs to one thread.
        self._reader = open_to_read(library.path, shared=True)

    def close(self) -> None:
        """Ends the changes; the library stays open."""
        self._reader.close()

    def known(self, path: bytes) -> Known | None:
        """What is known of a path; None if nothing is."""
        with explained(self._library.path):
            row = self._connection.execute(
                "SELECT id, size, mtime_ns, vanished, error, hear, sound FROM songs WHERE path = ?",
                [path],
            ).fetchone()
        if row is None:
            return None
        identity, size, mtime_ns, vanished, *rest = row
        return Known(identity, FileState(size, mtime_ns), bool(vanished), *rest)

    def came_back(self, known: Known) -> None:
        """A song that had vanished is where it was."""
        with explained(self._library.path), transaction(self._connection):
            self._update(known.id, {"vanished": 0})

    def twin(self, sound: bytes, hear: int | None) -> int | None:
        """The id of a song with this sound that was heard in as many windows; None without one.

        Threads may ask.
        """
        with self._lock, explained(self._library.path):
            row = self._reader.execute(
                "SELECT id FROM songs WHERE sound = ? AND error IS NULL "
                "AND (hear IS NULL OR hear >= ?) ORDER BY vanished DESC, id",
                # No song has so many windows.
                [sound, _ALL if hear is None else hear],
            ).fetchone()
        return None if row is None else row[0]

    def take_over(
        self, path: bytes, state: FileState, tags: Tags, twin: int
    ) -> Literal["moved", "copied", None]:
        """Gives a path the answer of a song with the same sound, in place of what was known of it.

        Parameters
        ----------
        path : bytes
        state : FileState
        tags : Tags
        twin : int
            That song's id.

        Returns
        -------
        str or None
            ``"moved"`` where its file is gone from its place, ``"copied"`` where it is there, or
            may be; None where the library knows it no longer, and nothing is done.
        """
        values = {"path": path, "mount": mount_of(path)} | _state_values(state, tags)
        with explained(self._library.path), transaction(self._connection):
            found = self._connection.execute(
                "SELECT path, mount FROM songs WHERE id = ? AND path <> ? AND error IS NULL",
                [twin, path],
            ).fetchone()
            if found is None:
                return None
            self._connection.execute("DELETE FROM songs WHERE path = ?", [path])
            if has_gone(*found):
                self._update(twin, values)
                return "moved"
            kept = ", ".join(_ANSWER)
            copy = self._connection.execute(
                "INSERT INTO songs (path, size, mtime_ns, mount, sound, probabilities, windows, "
                f"{kept}) SELECT ?, 0, 0, mount, sound, probabilities, windows, {kept} FROM songs "
                "WHERE id = ?",
                [path, twin],
            ).lastrowid
            self._update(copy, values)
            self._connection.execute(
                "INSERT INTO embeddings SELECT ?, vector FROM embeddings WHERE id = ?",
                [copy, twin],
            )
        return "copied"

    def _update(self, identity: int | None, values: dict[str, Any]) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(
            f"UPDATE songs SET {names} WHERE id = ?", [*values.values(), identity]
        )

    def retag(self, known: Known, state: FileState, tags: Tags) -> None:
        """A file has other tags, and the sound that was heard."""
        with explained(self._library.path), transaction(self._connection):
            self._update(known.id, _state_values(state, tags))

    def answer(
        self,
        path: bytes,
        state: FileState,
        answer: PredictionJson,
        embedding: np.ndarray | None,
        tags: Tags,
        *,
        sound: bytes | None,
        hear: int | None,
    ) -> None:
        """Stores what a song was heard as, in place of what was known of its path.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the answer is none of this network's. Nothing is changed then.
        """
        genres = self._library.genres
        probabilities = answer["probabilities"]
        values = {
            "path": path,
            "size": state.size,
            "mtime_ns": state.mtime_ns,
            "mount": mount_of(path),
            "sound": sound,
            "hear": None if covers(answer["windows"], answer["duration_s"]) else hear,
            "genre": str(answer["genre"]),
            "confidence": float(answer["confidence"]),
            "abstained": bool(answer["abstained"]),
            "duration_s": float(answer["duration_s"]),
            **_tag_values(tags),
            "warnings": stored_texts([str(warning) for warning in answer["warnings"]]),
            "probabilities": stored_numbers([probabilities[genre] for genre in genres]),
            "windows": stored_windows(answer["windows"], genres),
        }
        vector = None if embedding is None else stored_numbers(embedding)
        self._replace(values, vector)

    def failure(self, path: bytes, state: FileState, error: str) -> None:
        """Remembers why a file has no answer, in place of what was known of its path."""
        values = {"path": path, "size": state.size, "mtime_ns": state.mtime_ns, "error": error}
        self._replace(values | {"mount": mount_of(path)}, None)

    def mark_vanished(self, folder: bytes, found: Container[bytes]) -> tuple[list[bytes], int]:
        """Marks the songs of a folder that were not found and are certainly gone.

        Parameters
        ----------
        folder : bytes
            Its real path.
        found : container of bytes
            What is there.

        Returns
        -------
        vanished : list of bytes
            Those that were not marked before.
        away : int
            How many are on a disk that is not there.
        """
        vanished: list[tuple[int, bytes]] = []
        away = 0
        for identity, path, mount in self._below(folder):
            if path in found:
                continue
            if has_gone(path, mount):
                vanished.append((identity, path))
            elif not os.path.ismount(mount):
                away += 1
        with explained(self._library.path), transaction(self._connection):
            self._connection.executemany(
                # Another scan may have found it elsewhere.
                "UPDATE songs SET vanished = 1 WHERE id = ? AND path = ?",
                vanished,
            )
        return [path for _, path in vanished], away

    def _below(self, folder: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        start = folder.rstrip(b"/") + b"/"
        with explained(self._library.path):
            yield from self._connection.execute(
                "SELECT id, path, mount FROM songs WHERE path > ? AND path < ? AND vanished = 0",
                # The sign after the slash.
                [start, start[:-1] + b"0"],
            )

    def _replace(self, values: dict[str, Any], vector: bytes | None) -> None:
        """Writes a path's row; columns without a value become empty. Its `id` stays."""
        names = ", ".join(_COLUMNS)
        marks = ", ".join("?" * len(_COLUMNS))
        changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
        path = values["path"]
        with explained(self._library.path), transaction(self._connection):
            self._connection.execute(
                f"INSERT INTO songs ({names}) VALUES ({marks}) "
                f"ON CONFLICT (path) DO UPDATE SET vanished = 0, {changed}",
                [values.get(name) for name in _COLUMNS],
            )
            self._connection.execute(
                "DELETE FROM embeddings WHERE id = (SELECT id FROM songs WHERE path = ?)", [path]
            )
            if vector is not None:
                self._connection.execute(
                    "INSERT INTO embeddings SELECT id, ? FROM songs WHERE path = ?", [vector, path]
                )


def _state_values(state: FileState, tags: Tags) -> dict[str, Any]:
    values = {"size": state.size, "mtime_ns": state.mtime_ns, "vanished": 0}
    return values | _tag_values(tags)


def _tag_values(tags: Tags) -> dict[str, Any]:
    values = {name: getattr(tags, name) for name in _TAGS}
    return values | {"genres": stored_texts(tags.genres)}
