"""The features that were computed so far, in an SQLite file: an interrupted run goes on there."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from songnet.spec import SPEC
from train.errors import DataError

KEPT_EVERY = 64  # features that are written to the disk at once
_NOT_UTF8 = re.compile(r"\\u(dc[89a-f][0-9a-f])")
_IN_USE = "another run is writing it; wait for its end, or use another --output"
# By SQLite's primary result codes; with any other, the file is damaged.
_ADVICE = {
    sqlite3.SQLITE_FULL: "make room on the disk and run it again, to go on where it was",
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_READONLY: "make it writable, or use another --output",
    sqlite3.SQLITE_CANTOPEN: "make it readable, or use another --output",
    sqlite3.SQLITE_IOERR: "see to the disk, and run it again",
}


@dataclass(frozen=True)
class Embedding:
    """What a teacher says of a clip, or why there is nothing.

    Attributes
    ----------
    teacher : str
        Its name.
    stamp : str
        State of the clip and version of the teacher.
    values : bytes or None
        The embedding as float16; None for a clip that is left out.
    reason : str
        Why it is left out, in one sentence; empty otherwise.
    """

    teacher: str
    stamp: str
    values: bytes | None
    reason: str = ""


@dataclass(frozen=True)
class Feature:
    """The log-mel of a clip, or why there is none, and what teachers say of it.

    Attributes
    ----------
    source, stamp : str
        Which clip, and its state, as from `train.data.clips.Clips` and
        `train.data.changed_copies.Copy`.
    levels : bytes or None
        The log-mel as uint8 [n_frames, n_mels]; None for a clip that is left out.
    reason : str
        Why it is left out, in one sentence; empty otherwise.
    embeddings : tuple of Embedding
        Those that were asked for; none for a clip that is left out.
    """

    source: str
    stamp: str
    levels: bytes | None
    reason: str = ""
    embeddings: tuple[Embedding, ...] = ()


class Store:
    """Features in an SQLite file, safe against power cuts; at most one for each clip.

    Parameters
    ----------
    path : path of the SQLite file, made where it does not exist

    Raises
    ------
    DataError
        If the file is damaged, in use, or cannot be written; every method raises it, too.
    """

    def __init__(self, path: Path):
        self._path = path
        with self._told():
            self._database = sqlite3.connect(path)
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS clips "
                "(source TEXT PRIMARY KEY, stamp TEXT, levels BLOB, reason TEXT)"
            )
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS embeddings (source TEXT, teacher TEXT, stamp TEXT, "
                "embedding BLOB, reason TEXT, PRIMARY KEY (source, teacher))"
            )

    def close(self) -> None:
        """Writes what was added to the disk, and closes the file."""
        with self._told():
            self._database.commit()
            self._database.close()

    def stamps(self) -> dict[str, str]:
        """The stamps of the clips when their features were computed, by source."""
        with self._told():
            rows = self._database.execute("SELECT source, stamp FROM clips").fetchall()
        return {_name(source): stamp for source, stamp in rows}

    def add(self, features: Iterable[Feature]) -> None:
        """Adds features as they come; an older one of the same clip is replaced."""
        with self._told():
            for count, added in enumerate(features, start=1):
                row = (_key(added.source), added.stamp, added.levels, added.reason)
                self._database.execute("REPLACE INTO clips VALUES (?, ?, ?, ?)", row)
                self._database.executemany(
                    "REPLACE INTO embeddings VALUES (?, ?, ?, ?, ?)",
                    [(row[0], e.teacher, e.stamp, e.values, e.reason) for e in added.embeddings],
                )
                if count % KEPT_EVERY == 0:
                    self._database.commit()
            self._database.commit()

    def reasons(self) -> dict[str, str]:
        """The reasons why clips are left out, by source; empty for clips that are not."""
        with self._told():
            rows = self._database.execute("SELECT source, reason FROM clips").fetchall()
        return {_name(source): reason for source, reason in rows}

    def levels(self, source: str) -> np.ndarray:
        """The log-mel of a clip: np.ndarray [shape=(n_frames, n_mels), uint8]."""
        with self._told():
            query = "SELECT levels FROM clips WHERE source = ?"
            found = self._database.execute(query, (_key(source),)).fetchone()
            shape = (SPEC.n_frames, SPEC.n_mels)
            if not found or not isinstance(found[0], bytes) or len(found[0]) != np.prod(shape):
                raise sqlite3.DatabaseError(f"it has no spectrogram of {source}")
        return np.frombuffer(found[0], np.uint8).reshape(shape)

    def embedding_stamps(self, teacher: str) -> dict[str, str]:
        """The stamps of a teacher's embeddings when they were computed, by source."""
        return self._of_embeddings("stamp", teacher)

    def embedding_reasons(self, teacher: str) -> dict[str, str]:
        """Why a teacher says nothing of clips, by source; empty for clips of which it does."""
        return self._of_embeddings("reason", teacher)

    def embedding(self, source: str, teacher: str, dimension: int) -> np.ndarray:
        """What a teacher says of a clip: np.ndarray [shape=(dimension,), float16]."""
        with self._told():
            query = "SELECT embedding FROM embeddings WHERE source = ? AND teacher = ?"
            found = self._database.execute(query, (_key(source), teacher)).fetchone()
            size = dimension * np.dtype(np.float16).itemsize
            if not found or not isinstance(found[0], bytes) or len(found[0]) != size:
                raise sqlite3.DatabaseError(f"it has no embedding of {source} by {teacher}")
        return np.frombuffer(found[0], np.float16)

    def _of_embeddings(self, column: str, teacher: str) -> dict[str, str]:
        with self._told():
            query = f"SELECT source, {column} FROM embeddings WHERE teacher = ?"
            rows = self._database.execute(query, (teacher,)).fetchall()
        return {_name(source): text for source, text in rows}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells of SQLite's errors within a ``with`` block in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            advice = _ADVICE.get(
                getattr(error, "sqlite_errorcode", 0) & 0xFF,
                "delete it, and the next run decodes its clips again",
            )
            raise DataError(f"{self._path} cannot be used ({error}): {advice}.") from error


def _key(source: str) -> str:
    """A source as SQLite takes it: bytes of a name that are not UTF-8 are ``\\udcHH``."""
    return source.encode("utf-8", "backslashreplace").decode()


def _name(key: str) -> str:
    """The source that `_key` was given, where it had such bytes; any other is its own key."""
    return _NOT_UTF8.sub(lambda found: chr(int(found[1], 16)), key)
