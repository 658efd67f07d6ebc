"""A track of a collection, without its audio."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

SPLITS = ("training", "validation", "test")
# The one split of a set without genres.
UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class Track:
    """One track.

    Attributes
    ----------
    track_id : int
        Its number in the collection.
    source : str
        Path of its audio below the collection's folder or in its archive.
    genre : str
        Empty in a set without genres.
    split : str
        One of `SPLITS`, or `UNLABELLED`.
    artist_id : int
        -1 where unknown.
    artist, title, album : str
        Empty where unknown.
    year : int or None
    license, url : str
        Licence and address of the recording; empty where unknown.
    copy : int
        Which changed copy of the recording this is; 0 for the recording itself.
    """

    track_id: int
    source: str
    genre: str
    split: str
    artist_id: int = -1
    artist: str = ""
    title: str = ""
    album: str = ""
    year: int | None = None
    license: str = ""
    url: str = ""
    copy: int = 0

    def to_json(self) -> dict[str, Any]:
        """The track's entry in `metadata.json`, where its number is the key."""
        return {k: v for k, v in asdict(self).items() if k not in ("track_id", "source", "copy")}


def artist_groups(artist_id: np.ndarray) -> np.ndarray:
    """Numbers each clip's group: its artist, or a group of its own where the artist is unknown.

    Parameters
    ----------
    artist_id : np.ndarray [shape=(n,), int]
        -1 where unknown.

    Returns
    -------
    np.ndarray [shape=(n,), int64]
    """
    alone = -1 - np.arange(len(artist_id), dtype=np.int64)
    return np.where(artist_id < 0, alone, artist_id)
