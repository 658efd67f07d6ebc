"""A labelled track of a collection, before anything is known of its sound."""

from dataclasses import asdict, dataclass
from typing import Any

SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class Track:
    """One labelled track.

    Attributes
    ----------
    track_id : int
        Of its own in the collection.
    source : str
        Where its audio is: a path below the collection's folder or in its archive.
    genre : str
    split : str
        Of `SPLITS`.
    artist_id : int
        -1 where unknown.
    artist, title, album : str
        Empty where unknown.
    year : int or None
    license, url : str
        Of the recording; empty where unknown.
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
        """What `metadata.json` says of it: all but where its audio was."""
        return {k: v for k, v in asdict(self).items() if k not in ("track_id", "source", "copy")}
