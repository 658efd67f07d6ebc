"""The FMA data set: its downloads with checksums, its tables, and its broken clips.

Michaël Defferrard, Kirell Benzi, Pierre Vandergheynst and Xavier Bresson, *FMA: A Dataset for Music
Analysis*, 18th International Society for Music Information Retrieval Conference, 2017, arXiv
1612.01840. The facts are those of <https://github.com/mdeff/fma> and its list of known issues.

The metadata are under CC BY 4.0. Each track is under the licence that its artist chose, nearly
always a Creative Commons one; many are non-commercial.
"""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from songnet.spec import GENRES
from train.data.clips import Clips, sha1
from train.data.data_set import FMA_SMALL, DataSet
from train.data.tracks import SPLITS, UNLABELLED, Track
from train.errors import DataError


@dataclass(frozen=True)
class Archive:
    """A file to download.

    Attributes
    ----------
    url : str
    sha1 : str
        As hex.
    gib : float [GiB]
        Approximate size.
    tracks : int
        Number of tracks that it holds, or describes.
    """

    url: str
    sha1: str
    gib: float
    tracks: int


_AT = "https://os.unil.cloud.switch.ch/fma/"
ARCHIVES = {
    # Tables of all tracks.
    "fma_metadata.zip": Archive(
        url=_AT + "fma_metadata.zip",
        sha1="f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
        gib=0.334,
        tracks=106_574,
    ),
    # Clips of 30 s, 8 balanced genres.
    "fma_small.zip": Archive(
        url=_AT + "fma_small.zip",
        sha1="ade154f733639d52e35e32f5593efe5be76c6d70",
        gib=7.2,
        tracks=8_000,
    ),
    # Clips of 30 s, 16 unbalanced genres.
    "fma_medium.zip": Archive(
        url=_AT + "fma_medium.zip",
        sha1="c67b69ea232021025fca9231fc1c7c1a063ab50b",
        gib=22,
        tracks=25_000,
    ),
    # Clips of 30 s, not all with one of the 16 genres.
    "fma_large.zip": Archive(
        url=_AT + "fma_large.zip",
        sha1="497109f4dd721066b5ce5e5f250ec604dc78939e",
        gib=93,
        tracks=106_574,
    ),
    # Whole tracks.
    "fma_full.zip": Archive(
        url=_AT + "fma_full.zip",
        sha1="0f0ace23fbe9ba30ecb7e95f763e435ea802b8ab",
        gib=879,
        tracks=106_574,
    ),
}
SUBSETS = ("small", "medium", "large", "full")

_MORE_GENRES = (
    *("Blues", "Classical", "Country", "Easy Listening", "Jazz", "Old-Time / Historic"),
    *("Soul-RnB", "Spoken"),
)
# FMA-small's clips that are shorter than 30 s or empty: their tracks are shorter than the archive
# states, so that the cut was at or beyond their end.
BROKEN = {98565, 98567, 98569, 99134, 108925, 133297}

_LONGEST_REASON = 160
_COLUMNS = [
    *[("set", "split"), ("set", "subset"), ("track", "genre_top"), ("track", "title")],
    *[("track", "license"), ("track", "date_recorded"), ("album", "title")],
    *[("album", "date_released"), ("artist", "id"), ("artist", "name")],
]


def data_set(subset: str, *, labelled: bool = True) -> DataSet:
    """The description of a subset as a data set, with genres or without."""
    genres = GENRES if subset == "small" else tuple(sorted({*GENRES, *_MORE_GENRES}))
    known = DataSet(
        genres=genres,
        data_set=f"FMA-{subset}",
        training_data=f"FMA-{subset}, official training split (arXiv 1612.01840)",
        license=FMA_SMALL.license,
        teacher="",
        split=f"FMA-{subset}'s official split: no artist is in two of its parts",
    )
    return known if labelled else replace(known, genres=(), split="")


def clip_path(track_id: int) -> str:
    """Path of a track's MP3 in an archive's folder: ``"000/000002.mp3"`` for track 2."""
    return f"{track_id // 1000:03d}/{track_id:06d}.mp3"


def tracks(metadata: Clips, subset: str, *, labelled: bool = True) -> list[Track]:
    """A subset's tracks, from FMA's tables.

    Parameters
    ----------
    metadata : Clips
        `fma_metadata`, packed or not: `tracks.csv`, which has two header lines, and, for the
        tracks' addresses, `raw_tracks.csv`, if it is there.
    subset : str
        One of `SUBSETS`.
    labelled : bool
        Whether those with one top genre each are taken, of all splits; otherwise those of the
        training split with and without one, which none of them has then: whose artists are held
        out is not to be heard, not even without labels.

    Returns
    -------
    list of Track
        Sorted by number.

    Raises
    ------
    DataError
        If the table is missing, has other columns, or differs from the archive's checksum.
    """
    try:
        with metadata.file("tracks.csv") as path:
            if metadata.checksums().get("tracks.csv", "") not in ("", sha1(path)):
                raise ValueError("its SHA-1 is not that in the file checksums next to it")
            # pandas's annotations do not know columns of two levels.
            table: Any = pd.read_csv(path, index_col=0, header=[0, 1], low_memory=False)
        found = _tracks(table, subset, _urls(metadata), labelled)
    except (OSError, ValueError, TypeError, LookupError, OverflowError) as error:
        raise DataError(
            f"tracks.csv in {metadata.path} is not FMA's table of tracks ({_why(error)}): download "
            f"{ARCHIVES['fma_metadata.zip'].url}."
        ) from error
    if not found:
        raise DataError(f"tracks.csv in {metadata.path} names no tracks of FMA-{subset}.")
    return found


def _why(error: Exception) -> str:
    if isinstance(error, LookupError):
        return "it lacks columns of two header lines"
    text = " ".join(str(error).split())  # pandas takes several lines
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _tracks(table: Any, subset: str, urls: dict[int, str], labelled: bool) -> list[Track]:
    """The tracks of a subset in FMA's table, which has these columns or is none."""
    table = table[_COLUMNS]
    within = SUBSETS[: SUBSETS.index(subset) + 1]
    table = table[table["set", "subset"].isin(within)].sort_index()
    if not labelled:
        table = table[table["set", "split"] == "training"]
        found = (_track(number, row, urls) for number, row in table.iterrows())
        return [replace(track, genre="", split=UNLABELLED) for track in found]
    known = data_set(subset)
    table = table[
        table["set", "split"].isin(SPLITS) & table["track", "genre_top"].isin(known.genres)
    ]
    return [_track(number, row, urls) for number, row in table.iterrows()]


def _track(number: int, row: pd.Series, urls: dict[int, str]) -> Track:
    def text(*column: str) -> str:
        value: Any = row[column]
        return "" if pd.isna(value) else str(value)

    date = text("track", "date_recorded") or text("album", "date_released")
    return Track(
        track_id=int(number),
        source=clip_path(int(number)),
        genre=text("track", "genre_top"),
        split=text("set", "split"),
        artist_id=int(float(text("artist", "id") or -1)),
        artist=text("artist", "name"),
        title=text("track", "title"),
        album=text("album", "title"),
        year=int(date[:4]) if date[:4].isdecimal() else None,
        license=text("track", "license"),
        url=urls.get(int(number), ""),
    )


def _urls(metadata: Clips) -> dict[int, str]:
    """Addresses of the tracks' pages by number; empty without `raw_tracks.csv`."""
    if metadata.stamp("raw_tracks.csv") is None:
        return {}
    try:
        with metadata.file("raw_tracks.csv") as path:
            table = pd.read_csv(path, usecols=["track_id", "track_url"], index_col="track_id")
    except (OSError, ValueError, LookupError) as error:
        raise DataError(
            f"raw_tracks.csv in {metadata.path} is not FMA's table of addresses ({_why(error)}): "
            "download it again, or take it away."
        ) from error
    return table.track_url.dropna().to_dict()
