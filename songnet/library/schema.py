"""The tables of a library's file, its version, and how an earlier version becomes this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

# What SQLite keeps in the file's header for the program that it belongs to: "SngN".
APPLICATION_ID = int.from_bytes(b"SngN", "big")

# The statements that lead from each version to the next: the first from an empty file to version 1.
# What is here is never changed, as files of that version exist; a new version is a new entry.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # `path`: absolute, as bytes. `mount`: the mount point that it is below. `sound`: a digest
        # of its packets of audio, whatever its tags. `error`: why there is no answer. `hear`: most
        # windows that were heard, NULL for the whole song. `genres`, `warnings`: JSON.
        # `probabilities`: float32 [G]. `windows`: float32 [n, 2 + G], the first two are where the
        # window begins and ends, in seconds.
        """CREATE TABLE songs (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            mount BLOB NOT NULL,
            vanished INTEGER NOT NULL DEFAULT 0,
            sound BLOB,
            error TEXT,
            hear INTEGER,
            genre TEXT,
            confidence REAL,
            abstained INTEGER,
            duration_s REAL,
            title TEXT,
            artist TEXT,
            album TEXT,
            album_artist TEXT,
            year INTEGER,
            genres TEXT,
            warnings TEXT,
            probabilities BLOB,
            windows BLOB
        )""",
        # Moved files are looked for by their sound, songs for a playlist by what they are.
        "CREATE INDEX songs_sound ON songs (sound)",
        "CREATE INDEX songs_genre ON songs (genre, confidence)",
        "CREATE INDEX songs_vanished ON songs (vanished) WHERE vanished",
        # Apart from the songs, so that a search for what sounds alike reads nothing else: float32
        # [D] of unit length. A song without a sound has none.
        """CREATE TABLE embeddings (
            id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
            vector BLOB NOT NULL
        )""",
    ),
)


def version(connection: sqlite3.Connection) -> int:
    """The version of a file's tables: 0 for an empty file."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that a ``with`` block writes is written in one step, or nothing where it fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # After some errors, such as a full disk's, SQLite has done so itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def migrate(connection: sqlite3.Connection) -> None:
    """Makes a file of this version out of an earlier one, or of an empty one, in one step.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode. Nothing is changed where a statement fails.
    """
    with transaction(connection):
        # Another program may have done it in the meantime.
        for statements in MIGRATIONS[version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
