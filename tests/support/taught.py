"""Songs of genres that are easy to tell apart, for tests of own genres."""

import base64
import json
from pathlib import Path

import numpy as np

from songnet.own_genres import TaughtSong
from tests.support import songs


def embeddings(n_genres: int, n_songs: int, spread: float, seed: int = 0) -> np.ndarray:
    """Directions around one for each genre: [shape=(n_genres, n_songs, 24), unit length]."""
    random = np.random.default_rng(seed)
    middles = random.random((n_genres, 1, 24)) * (random.random((n_genres, 1, 24)) < 0.4)
    each = np.maximum(middles + random.normal(0, spread, (n_genres, n_songs, 24)), 0)
    return (each / np.linalg.norm(each, axis=-1, keepdims=True)).astype(np.float32)


def taught(
    n_genres: int = 3, n_songs: int = 5, spread: float = 0.1, *, artists: bool = False
) -> list[TaughtSong]:
    """Songs of the genres Genre 0, Genre 1 and so on, two to an artist if they have artists."""
    directions = embeddings(n_genres, n_songs, spread)
    return [
        TaughtSong(
            f"Genre {genre}",
            directions[genre, song],
            f"Title {genre}.{song}",
            f"Artist {genre}.{song // 2}" if artists else None,
        )
        for genre in range(n_genres)
        for song in range(n_songs)
    ]


def shortened(content: bytes) -> bytes:
    """What is in a file of own genres after it was edited: its embeddings have two numbers each."""
    stored = json.loads(content)
    for genre in stored["genres"]:
        for song in genre["songs"]:
            song["embedding"] = base64.b64encode(bytes([127, 0])).decode()
    return json.dumps(stored).encode()


def write_music(folder: Path, per_genre: int = 4) -> Path:
    """Writes songs of two genres that sound different, as GENRE/FILE: tones and bursts of noise."""
    for genre in ("Noise", "Tones"):
        (folder / genre).mkdir(parents=True)
        for seed in range(per_genre):
            songs.write(folder / genre / f"{seed}.wav", song_of(genre, seed))
    return folder


def song_of(genre: str, seed: int) -> np.ndarray:
    """A song of 2 s: [shape=(n, 1), float32]."""
    if genre == "Tones":
        return songs.synthesise(2, seed=seed)
    random = np.random.default_rng(seed)
    noise = random.normal(0, 0.1, (88_200, 1))
    bursts = np.sin(np.arange(88_200)[:, None] / (3000 + 800 * seed)) > 0
    return (noise * bursts).astype(np.float32)
