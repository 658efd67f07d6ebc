"""Libraries of songs that nobody has heard, for what searches in them."""

from pathlib import Path

import numpy as np

from songnet.library import Library
from songnet.library.rows import stored_numbers, stored_path
from songnet.library.schema import transaction
from songnet.weights import load_weights

GENRES = load_weights().config.genres
NETWORK = load_weights().network_sha256
_SECONDS = 200.0


def unit(rows):
    """Rows scaled to unit length."""
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def make_library(path, songs):
    """Writes a library; ``songs`` are dicts of ``path`` and what differs from the defaults.

    Keys: ``path``, ``embedding`` (None for silence), ``artist``, ``title``, ``genre``,
    ``confidence``, ``abstained``, ``size``, ``mtime_ns``, ``duration_s``.
    """
    rows, vectors = [], []
    for number, song in enumerate(songs, start=1):
        genre, sure = song.get("genre", "Rock"), song.get("confidence", 0.8)
        rest = (1 - sure) / (len(GENRES) - 1)
        rows.append(
            (
                number,
                stored_path(song["path"]),
                song.get("size", 1),
                song.get("mtime_ns", 1),
                b"/",
                genre,
                sure,
                int(song.get("abstained", False)),
                song.get("duration_s", _SECONDS),
                song.get("title"),
                song.get("artist"),
                stored_numbers([sure if name == genre else rest for name in GENRES]),
                b"",
            )
        )
        if song.get("embedding") is not None:
            vectors.append((number, stored_numbers(song["embedding"])))
    with Library.open(path, create=True) as library:
        library.belong_to(NETWORK, GENRES)
        with transaction(library.connection):
            library.connection.executemany(
                "INSERT INTO songs (id, path, size, mtime_ns, mount, genre, confidence, abstained, "
                "duration_s, title, artist, probabilities, windows) "
                f"VALUES ({', '.join('?' * 13)})",
                rows,
            )
            library.connection.executemany("INSERT INTO embeddings VALUES (?, ?)", vectors)
    return Path(path)


def random_songs(count, folder="/music", seed=0, length=96):
    """As many songs with random embeddings, each artist with five of them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(GENRES), length))
    genres = rng.integers(len(GENRES), size=count)
    embeddings = unit(centres[genres] + rng.normal(size=(count, length)))
    return [
        {
            "path": f"{folder}/artist {i // 5}/song {i}.mp3",
            "embedding": embeddings[i],
            "artist": f"Artist {i // 5}",
            "title": f"Song {i}",
            "genre": GENRES[genres[i]],
            "confidence": float(rng.uniform(0.3, 1.0)),
        }
        for i in range(count)
    ]
