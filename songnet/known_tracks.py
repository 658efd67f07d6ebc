"""What is told of known tracks: who made them, where they are, how similar they sound to a song."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

# A track's page has an address made of names (music/ARTIST/ALBUM/TITLE), which only the data set's
# raw_tracks.csv lists; no address by number is documented. The archive's own search finds the page.
_SEARCH = "https://freemusicarchive.org/search?"


@dataclass(frozen=True)
class Track:
    """A known track, of the Free Music Archive or of the user's own collection.

    Attributes
    ----------
    track_id : int
        Its number in the collection.
    artist, title : str
    genre : str
        Its label in the collection.
    page : str or None
        The address that the collection gives for it; empty where it gives none. None for a track
        that the Free Music Archive's own search must find.
    offends : bool
        Whether its name holds words that insult people: it is not shown to who did not ask for it.
    """

    track_id: int
    artist: str
    title: str
    genre: str
    page: str | None = None
    offends: bool = False

    @property
    def url(self) -> str:
        """The track's address on the web; empty where there is none."""
        if self.page is None:
            return _SEARCH + urlencode({"quicksearch": f"{self.artist} {self.title}"})
        # An index may be a stranger's: no address of another kind becomes a link.
        return self.page if self.page.startswith(("http://", "https://")) else ""


@dataclass(frozen=True)
class Neighbour:
    """A known track and how similar it sounds to a song.

    Attributes
    ----------
    track : Track
    similarity : float, -1..1
        Cosine of the angle between the two embeddings.
    closeness : str
        The same in words, one of `songnet.closeness.WORDS`.
    """

    track: Track
    similarity: float
    closeness: str

    def to_json(self) -> dict[str, int | str | float]:
        """The track's fields, ``similarity`` with 4 decimals, ``url`` and ``closeness``."""
        track = asdict(self.track)
        del track["page"], track["offends"]
        similarity = round(self.similarity, 4)
        return track | {
            "similarity": similarity,
            "url": self.track.url,
            "closeness": self.closeness,
        }


def plain_names(artist: str | None, title: str | None) -> tuple[str, str]:
    """Artist and title for comparison, without regard to case: two songs of one name are copies."""
    return (artist or "").casefold(), (title or "").casefold()
