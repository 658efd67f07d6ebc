"""The user's own files: a tree of folders named by genre, any folder without, or a table."""

import os
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from tqdm import tqdm

from songnet.errors import AudioError
from songnet.folders import PassedOver, find_songs
from songnet.names import printable
from songnet.sandbox import Sandbox
from train.data.csv_rows import rows_of
from train.data.data_set import DataSet
from train.data.deal import deal
from train.data.tracks import SPLITS, UNLABELLED, Track, artist_groups
from train.errors import DataError

# Names in a warning; of further ones it says how many.
_NAMED = 20


def from_tree(folder: Path) -> list[Track]:
    """Lists every file ``GENRE/.../FILE`` below a folder, with artist, title and album from tags.

    Parameters
    ----------
    folder : path
        Searched as `songnet.folders.find_songs` does.

    Returns
    -------
    list of Track
        Sorted by path, in no split yet.

    Raises
    ------
    DataError
        If it is no folder, there are fewer than two genres, or a genre has fewer than three files.
    AudioError
        If the folder cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: --folder names one with files as GENRE/FILE.")
    files = _songs(folder)
    _check(
        [printable(path.relative_to(folder).parts[0]) for path in files],
        f"{folder} needs files as GENRE/FILE, in two or more genres.",
    )
    return [
        replace(track, genre=printable(PurePosixPath(track.source).parts[0]))
        for track in _tracks(folder, files, split="")
    ]


def from_library(folder: Path) -> list[Track]:
    """Lists every song in a folder, with artist, title and album from tags, and without genres.

    Parameters
    ----------
    folder : path
        Searched as `songnet.folders.find_songs` does.

    Returns
    -------
    list of Track
        Sorted by path.

    Raises
    ------
    DataError
        If it is no folder, or has no songs.
    AudioError
        If the folder cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: --folder names one with songs.")
    passed_over = PassedOver()
    files = sorted(find_songs(folder, passed_over))
    if said := passed_over.sentence():
        print(said, file=sys.stderr)
    if not files:
        raise DataError(f"{folder} has no songs in it.")
    return _tracks(folder, files, UNLABELLED)


def _songs(folder: Path) -> list[Path]:
    """The songs in the folders of a folder; what is passed over is said on standard error.

    A genre may be a link to a folder elsewhere.
    """
    passed_over = PassedOver()
    songs = [path for path in find_songs(folder, passed_over) if path.parent != folder]
    for genre in folder.iterdir():
        if printable(genre.name) in passed_over.linked_folders:
            passed_over.linked_folders.remove(printable(genre.name))
            songs += find_songs(genre, passed_over)
    if said := passed_over.sentence():
        print(said, file=sys.stderr)
    return sorted(songs)


def _tracks(folder: Path, files: list[Path], split: str) -> list[Track]:
    """A track of no genre for each file below a folder, with what its tags say."""
    with Sandbox(workers=1) as sandbox:
        return [
            Track(
                track_id=number,
                source=path.relative_to(folder).as_posix(),
                genre="",
                split=split,
                **_tagged(path, sandbox),
            )
            for number, path in enumerate(tqdm(files, desc="tags", unit=" files"))
        ]


def _tagged(path: Path, sandbox: Sandbox) -> dict[str, Any]:
    """The attributes of a `Track` that are in a file's tags; none if reading them fails."""
    try:
        tags = sandbox.tags(path)
    except AudioError:
        return {}
    text = {name: getattr(tags, name) or "" for name in ("artist", "title", "album")}
    return text | {"year": tags.year}


def from_table(path: Path) -> list[Track]:
    """Lists the files of a CSV table with the columns ``path``, ``label`` and perhaps ``artist``.

    Parameters
    ----------
    path : path of the table
        As `train.data.csv_rows.rows_of` reads it. The paths in it are relative to its own folder;
        they may be written with backslashes.

    Returns
    -------
    list of Track
        In the order of the table, in no split yet.

    Raises
    ------
    DataError
        If it is no such table, has fewer than two labels or three files of one, or names a file
        twice or without a label.
    """
    found: list[Track] = []
    without_path, without_label = [], []
    what = "with the columns path and label, and artist if known"
    with rows_of(path, what, ("path", "label", "artist"), optional=("artist",)) as rows:
        for row in rows:
            written, genre = (row["path"] or "").strip(), (row["label"] or "").strip()
            if not written:
                without_path.append(str(rows.line_num))
            elif not genre:
                without_label.append(written)
            else:
                source = _source(path.parent, row["path"])
                artist = (row.get("artist") or "").strip()
                found.append(Track(len(found), source, genre, split="", artist=artist))
        if without_path:
            lines = "line" if len(without_path) == 1 else "lines"
            raise ValueError(f"there is no path in {lines} {_listed(without_path)}")
    if without_label:
        raise DataError(
            f"{path} has no label for {_listed(without_label)}: fill in or drop what lacks one."
        )
    counts = Counter(track.source for track in found)
    if repeated := [f"{source} {times} times" for source, times in counts.items() if times > 1]:
        raise DataError(f"{path} names {_listed(repeated)}: a file has one label here.")
    _check([track.genre for track in found], f"{path} needs files of two or more labels.")
    return found


def _source(folder: Path, written: str) -> str:
    """A path of a table as this system has it; as it is written, if there is no such file."""
    slashes = PureWindowsPath(written).as_posix()
    # macOS takes accents off their letters in names, and other systems do not.
    forms = (unicodedata.normalize(form, slashes) for form in ("NFC", "NFD"))
    candidates = (written, written.strip(), slashes, slashes.strip(), *forms)
    found = (os.path.normpath(name) for name in candidates if os.path.isfile(folder / name))
    return next(found, os.path.normpath(written.strip()))


def _check(genres: list[str], complaint: str) -> None:
    """Raises a `DataError`, which is `complaint` for fewer than two genres, if they cannot do."""
    counts = Counter(genres)
    if len(counts) < 2:
        raise DataError(complaint)
    few = {genre: count for genre, count in counts.items() if count < len(SPLITS)}
    if have := [f"{genre} has {_counted(count)}" for genre, count in few.items()]:
        raise DataError(f"{_listed(have)}: a genre needs three files at least.")


def dealt(tracks: list[Track], seed: int) -> tuple[list[Track], dict[str, str]]:
    """Numbers the artists of tracks that can be used, and assigns the splits.

    Parameters
    ----------
    tracks : list of Track
    seed : int >= 0
        Random seed of the split, as for `train.data.deal.deal`.

    Returns
    -------
    list of Track
        Those of the genres of which three or more are left.
    dict of str to str
        The others: reasons by source.

    Raises
    ------
    DataError
        If fewer than two genres are left.
    """
    counts = Counter(track.genre for track in tracks)
    few = {
        track.source: (
            f"Only {_counted(counts[track.genre])} of {track.genre} can be used, and a genre needs "
            "three at least."
        )
        for track in tracks
        if counts[track.genre] < len(SPLITS)
    }
    used = [track for track in tracks if track.source not in few]
    if len({track.genre for track in used}) < 2:
        left = ", ".join(f"{genre} {count}" for genre, count in counts.items())
        raise DataError(
            f"Two genres need three files each that can be used: bring more. Received: {left}"
        )
    numbers = {name: i for i, name in enumerate(sorted({t.artist for t in used} - {""}))}
    artist_id = np.array([numbers.get(track.artist, -1) for track in used])
    names = deal(np.array([track.genre for track in used]), artist_groups(artist_id), seed)
    return [
        replace(track, artist_id=int(artist), split=str(split))
        for track, artist, split in zip(used, artist_id, names, strict=True)
    ], few


def data_set(name: str, tracks: list[Track], license_: str) -> DataSet:
    """The description of these tracks as a data set; `license_` is that of networks from it."""
    artists = len({track.artist for track in tracks} - {""})
    genres = tuple(sorted({track.genre for track in tracks} - {""}))
    apart = "no artist is in two of its parts"
    if artists == 0:
        apart = "artists are not known, so that some may be in two of its parts, which flatters"
    elif several := _in_several_splits(tracks):
        apart = f"{len(several)} of {artists} artists are in two of its parts, which flatters"
    return DataSet(
        genres=genres,
        data_set=name,
        training_data=f"{name}: {len(tracks)} clips by {artists or 'unknown'} artists",
        license=license_,
        teacher="",
        split=f"its own split: {apart}" if genres else "",
    )


def _in_several_splits(tracks: list[Track]) -> dict[str, list[str]]:
    """The artists in more than one split, with these, in the order of their names."""
    found = defaultdict(set)
    for track in tracks:
        if track.artist:
            found[track.artist].add(track.split)
    return {
        artist: [name for name in SPLITS if name in found[artist]]
        for artist in sorted(found)
        if len(found[artist]) > 1
    }


def warnings(tracks: list[Track], dropped: set[str]) -> list[str]:
    """What should be known of a split, a sentence each.

    Parameters
    ----------
    tracks : list of Track
        As `dealt` gives them.
    dropped : set of str
        Genres of which too few files can be used.

    Returns
    -------
    list of str
        Empty where all artists are known and none is in two splits.
    """
    found = []
    if dropped:
        found.append(
            f"{_listed(sorted(dropped))} {'is' if len(dropped) == 1 else 'are'} left out: a genre "
            "needs three files at least that can be used."
        )
    unknown = sum(track.artist_id < 0 for track in tracks)
    if unknown:
        found.append(
            f"{unknown} of {len(tracks)} clips ({unknown / len(tracks):.0%}) have no artist: clips "
            "of one artist may be in training and in test, which flatters. Write artists into the "
            "files' tags, or name them with --table in the column artist."
        )
    if several := _in_several_splits(tracks):
        named = [f"{printable(artist)} ({', '.join(splits)})" for artist, splits in several.items()]
        found.append(
            "Some genres have too few artists to keep them apart, which flatters. In more than one "
            f"split: {_listed(named)}."
        )
    return found


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
