"""The user's own labelled files: a tree of folders named by genre, or a table."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from songnet.audio import SUFFIXES
from songnet.audio.tags import read_tags
from train.data.csv_rows import rows_of
from train.data.data_set import DataSet
from train.data.tracks import SPLITS, Track, artist_groups
from train.errors import DataError

# The clips are split into ten parts: one for validation, one for test, eight for training.
_PARTS = 10


def from_tree(folder: Path, seed: int) -> list[Track]:
    """Lists every file ``GENRE/.../FILE`` below a folder, with artist, title and album from tags.

    Parameters
    ----------
    folder : path
    seed : int
        Random seed of the split.

    Returns
    -------
    list of Track
        Sorted by path.

    Raises
    ------
    DataError
        If there are fewer than two genres, or a genre has fewer than three files.
    """
    files = sorted(
        path
        for path in folder.glob("*/**/*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    found = [
        Track(
            track_id=number,
            source=path.relative_to(folder).as_posix(),
            genre=path.relative_to(folder).parts[0],
            split="",
            **_tagged(path),
        )
        for number, path in enumerate(files)
    ]
    return _with_split(found, seed, f"{folder} needs files as GENRE/FILE, in two or more genres.")


def _tagged(path: Path) -> dict[str, Any]:
    """The attributes of a `Track` that are in a file's tags."""
    tags = read_tags(path)
    text = {name: getattr(tags, name) or "" for name in ("artist", "title", "album")}
    return text | {"year": tags.year}


def from_table(path: Path, seed: int) -> list[Track]:
    """Lists the files of a CSV table with the columns ``path``, ``label`` and perhaps ``artist``.

    Parameters
    ----------
    path : path of the table
        The paths in it are relative to its own folder.
    seed : int
        Random seed of the split.

    Returns
    -------
    list of Track
        In the order of the table.

    Raises
    ------
    DataError
        If it is no such table, has fewer than two labels or three files of one, or names a file
        twice or without a label.
    """
    with rows_of(path, "with the columns path and label, and artist if known") as rows:
        found = [
            Track(
                track_id=number,
                source=os.path.normpath(row["path"]),
                genre=row["label"].strip(),
                split="",
                artist=(row.get("artist") or "").strip(),
            )
            for number, row in enumerate(rows)
        ]
    for source, times in Counter(track.source for track in found).items():
        if times > 1:
            raise DataError(f"{path} names {source} {times} times: a file has one label here.")
    if unlabelled := [track.source for track in found if not track.genre]:
        raise DataError(f"{path} has no label for {unlabelled[0]}: fill it in or drop the line.")
    return _with_split(found, seed, f"{path} needs files of two or more labels.")


def _with_split(tracks: list[Track], seed: int, complaint: str) -> list[Track]:
    """Numbers the tracks' artists and assigns the splits, no artist to two of them.

    `complaint` is the error for fewer than two genres.
    """
    counts = Counter(track.genre for track in tracks)
    if len(counts) < 2:
        raise DataError(complaint)
    if min(counts.values()) < len(SPLITS):
        rare = min(counts, key=counts.__getitem__)
        raise DataError(f"{rare} has {counts[rare]} files: a genre needs three at least.")
    numbers = {name: i for i, name in enumerate(sorted({t.artist for t in tracks} - {""}))}
    artist_id = np.array([numbers.get(track.artist, -1) for track in tracks])
    genres = np.array([track.genre for track in tracks])
    names = _split_names(genres, artist_groups(artist_id), seed)
    return [
        replace(track, artist_id=int(artist), split=str(split))
        for track, artist, split in zip(tracks, artist_id, names, strict=True)
    ]


def _split_names(genres: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """The split of each track [shape=(n,), str]; no group is in two of them."""
    names = np.full(len(genres), "training", dtype=object)
    parts = min(_PARTS, *Counter(genres).values())
    splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
    folds = [held_out for _, held_out in splitter.split(genres, genres, groups)]
    names[folds[0]], names[folds[1]] = "validation", "test"
    lacking = sorted(set(genres) - set(genres[names == "training"]))
    if lacking:
        raise DataError(
            f"No split leaves {', '.join(lacking)} in training with its artists kept apart: "
            "bring clips of more artists."
        )
    return names


def data_set(name: str, tracks: list[Track], license_: str) -> DataSet:
    """The description of these tracks as a data set; `license_` is that of networks from it."""
    artists = len({track.artist for track in tracks} - {""})
    apart = "no artist is in two of its parts"
    if artists == 0:
        apart = "artists are not known, so that some may be in two of its parts, which flatters"
    return DataSet(
        genres=tuple(sorted({track.genre for track in tracks})),
        data_set=name,
        training_data=f"{name}: {len(tracks)} clips by {artists or 'unknown'} artists",
        license=license_,
        teacher="",
        split=f"its own split: {apart}",
    )


def warning(tracks: list[Track]) -> str | None:
    """A warning about the split where artists are missing; None where all are known."""
    unknown = sum(track.artist_id < 0 for track in tracks)
    if not unknown:
        return None
    return (
        f"{unknown} of {len(tracks)} clips ({unknown / len(tracks):.0%}) have no artist: clips of "
        "one artist may be in training and in test, which flatters. Write artists into the files' "
        "tags, or name them with --table in the column artist."
    )
