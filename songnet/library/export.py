"""The songs of a library as a file for other programs: Parquet, CSV or NumPy's npz.

The columns are the same in all three, but for what each cannot hold; ``tag_genres`` are those in
the files' own tags. Paths are spelled as in the tables of ``songnet --csv``
(`songnet.table.spelled`), as not all are text.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from songnet.errors import LibraryError
from songnet.library.rows import LibrarySong
from songnet.library.store import Library
from songnet.table import BYTE_ORDER_MARK, defused, spelled

# What is written of a `LibrarySong` as it is, in this order.
_TEXTS = ("path", "title", "artist", "album", "album_artist", "genre")
_PLAIN = (
    *("path", "size", "mtime_ns", "duration_s", "title", "artist", "album", "album_artist", "year"),
    *("genre", "confidence", "abstained", "hear"),
)
# Songs that are held at once.
_BATCH = 2000


def export(
    library: Library,
    file: BinaryIO,
    ending: str,
    on_song: Callable[[], object] = lambda: None,
) -> int:
    """Writes all songs of a library that are there and have an answer, in order of path.

    Parameters
    ----------
    library : Library
    file : binary file
        To be written at its beginning.
    ending : str
        What is written. ``.parquet``: lists of numbers for ``probabilities`` (in the order of
        ``genres`` in the file's metadata), ``embedding`` and ``windows``. ``.csv``: a column for
        each genre and for each number of the embedding. ``.npz``: an array for each column;
        ``embeddings`` [n, D] is NaN for silent songs, ``year`` and ``hear`` are 0 where there is
        none; ``window_song`` has the song's row for each of ``window_start_s``, ``window_end_s``
        and ``window_probabilities``.
    on_song : function
        Is called for each song.

    Returns
    -------
    int
        The number of songs.

    Raises
    ------
    LibraryError
        If the library cannot be read, the ending is another, or ``.parquet`` lacks pyarrow.
    """
    check_ending(ending)

    def songs() -> Iterator[LibrarySong]:
        for song in library.songs():
            on_song()
            yield song

    return _WRITERS[ending](library, songs(), file)


def check_ending(ending: str) -> None:
    """Raises the `LibraryError` that `export` would raise for an ending."""
    if ending not in _WRITERS:
        *some, last = _WRITERS
        raise LibraryError(
            f"A file's ending says what is written: name one that ends in {', '.join(some)} or "
            f"{last}."
        )
    if ending == ".parquet":
        _pyarrow()


def _batches(songs: Iterable[LibrarySong]) -> Iterator[list[LibrarySong]]:
    left = iter(songs)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _plain(song: LibrarySong) -> dict[str, Any]:
    return {name: getattr(song, name) for name in _PLAIN} | {"path": spelled(song.path)}


def _write_csv(library: Library, songs: Iterable[LibrarySong], file: BinaryIO) -> int:
    size = _embedding_size(library)
    numbers = [f"embedding_{number}" for number in range(size)]
    columns = [*_PLAIN, *library.genres, "tag_genres", "warnings", "windows", *numbers]
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(BYTE_ORDER_MARK.decode())
    rows = csv.writer(text)
    rows.writerow([defused(column) for column in columns])
    count = 0
    for count, song in enumerate(songs, 1):  # noqa: B007
        cells = [
            *_plain(song).values(),
            *song.probabilities.values(),
            "; ".join(song.genres),
            " ".join(song.warnings),
            json.dumps([[w.start_s, w.end_s, *w.probabilities.values()] for w in song.windows]),
            *([None] * size if song.embedding is None else map(str, song.embedding)),
        ]
        rows.writerow([defused(cell) if isinstance(cell, str) else cell for cell in cells])
    # The file stays open for whoever opened it.
    text.detach()
    return count


def _write_npz(library: Library, songs: Iterable[LibrarySong], file: BinaryIO) -> int:
    size, genres = _embedding_size(library), library.genres
    columns: dict[str, list[Any]] = {name: [] for name in (*_PLAIN, "tag_genres", "warnings")}
    embeddings: list[np.ndarray] = []
    probabilities: list[np.ndarray] = []
    windows: list[tuple[int, float, float]] = []
    of_windows: list[list[float]] = []
    for number, song in enumerate(songs):
        plain = _plain(song) | {"tag_genres": "; ".join(song.genres)}
        plain |= {"warnings": " ".join(song.warnings)}
        for name, values in columns.items():
            values.append(plain[name])
        silent = np.full(size, np.nan, np.float32)
        embeddings.append(silent if song.embedding is None else song.embedding)
        probabilities.append(np.array([*song.probabilities.values()], np.float32))
        windows += [(number, window.start_s, window.end_s) for window in song.windows]
        of_windows += [[*window.probabilities.values()] for window in song.windows]
    arrays: dict[str, Any] = {name: _array(name, values) for name, values in columns.items()}
    place = np.array(windows, float).reshape(-1, 3)
    np.savez_compressed(
        file,
        network=np.array(library.network),
        genres=np.array(genres),
        embeddings=np.array(embeddings, np.float32).reshape(len(embeddings), size),
        probabilities=np.array(probabilities, np.float32).reshape(-1, len(genres)),
        window_song=place[:, 0].astype(np.int64),
        window_start_s=place[:, 1],
        window_end_s=place[:, 2],
        window_probabilities=np.array(of_windows, np.float32).reshape(-1, len(genres)),
        **arrays,
    )
    return len(embeddings)


def _array(name: str, values: Sequence[Any]) -> np.ndarray:
    if name in ("year", "hear"):
        return np.array([value or 0 for value in values], np.int64)
    if name in (*_TEXTS, "tag_genres", "warnings"):
        # No objects: a file of these could run anything when it is opened.
        return np.array([value or "" for value in values], str)
    return np.array(values, {"size": np.int64, "mtime_ns": np.int64, "abstained": bool}.get(name))


def _write_parquet(library: Library, songs: Iterable[LibrarySong], file: BinaryIO) -> int:
    pa, parquet = _pyarrow()
    numbers = pa.list_(pa.float32())
    window = pa.struct({"start_s": pa.float64(), "end_s": pa.float64(), "probabilities": numbers})
    whole = dict.fromkeys(("size", "mtime_ns"), pa.int64())
    whole |= {"year": pa.int16(), "hear": pa.int32(), "abstained": pa.bool_()}
    real = dict.fromkeys(("duration_s", "confidence"), pa.float64())
    kinds = {name: (whole | real).get(name, pa.string()) for name in _PLAIN}
    kinds |= {"probabilities": numbers, "embedding": numbers, "windows": pa.list_(window)}
    kinds |= {"tag_genres": pa.list_(pa.string()), "warnings": pa.list_(pa.string())}
    about = {"network": library.network, "genres": json.dumps(library.genres)}
    schema = pa.schema(kinds, about)
    count = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as table:
        for batch in _batches(songs):
            rows = [
                {
                    **_plain(song),
                    "probabilities": [*song.probabilities.values()],
                    "embedding": song.embedding,
                    "windows": [
                        {**w._asdict(), "probabilities": [*w.probabilities.values()]}
                        for w in song.windows
                    ],
                    "tag_genres": song.genres,
                    "warnings": song.warnings,
                }
                for song in batch
            ]
            table.write_batch(pa.RecordBatch.from_pylist(rows, schema))
            count += len(rows)
    return count


def _pyarrow() -> tuple[Any, Any]:
    """pyarrow and its Parquet, which come with an extra."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise LibraryError(
            "Parquet needs pyarrow: install it with pip install pyarrow, or write .csv or .npz."
        ) from error


def _embedding_size(library: Library) -> int:
    """How many numbers an embedding has; 0 where there is none."""
    return next((len(s.embedding) for s in library.songs() if s.embedding is not None), 0)


_WRITERS = {".parquet": _write_parquet, ".csv": _write_csv, ".npz": _write_npz}
