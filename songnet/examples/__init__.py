"""Three excerpts of real songs that may be shared, for visitors who have no file at hand.

``LICENSES`` beside the files says whose they are and under which licence each is.
"""

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

_HERE = Path(str(resources.files("songnet.examples")))


@dataclass(frozen=True)
class Example:
    """An excerpt of a song.

    Attributes
    ----------
    name : str
        Name of its files, without the endings.
    title, artist : str
    licence : str
        Its name, for the page.
    licence_url, source : str
        Addresses of the licence, and of the package in which the whole song is.
    """

    name: str
    title: str
    artist: str
    licence: str
    licence_url: str
    source: str

    @property
    def description(self) -> str:
        """The artist and the licence, in a few words."""
        return f"{self.artist} · {self.licence}"

    @property
    def file_name(self) -> str:
        """Name of the MP3."""
        return f"{self.name}.mp3"

    def cover(self) -> bytes:
        """The cover, a square JPEG: the artist's own, or drawn from the sound by the project."""
        return (_HERE / f"{self.name}.jpg").read_bytes()


_BY_SA = "https://creativecommons.org/licenses/by-sa/3.0/"
_DEBIAN = "https://packages.debian.org/"

EXAMPLES = (
    Example(
        name="armygeddon",
        title="Armygeddon",
        artist="Muldjord",
        licence="CC BY-SA 3.0",
        licence_url=_BY_SA,
        source=f"{_DEBIAN}fretsonfire-songs-muldjord",
    ),
    Example(
        name="high-frequency",
        title="Sky Vibe - High Frequency",
        artist="Speedsound",
        licence="CC BY-SA 3.0",
        licence_url=_BY_SA,
        source=f"{_DEBIAN}supertuxkart-data",
    ),
    # It begins as folk, and goes on as rock.
    Example(
        name="feelings",
        title="Feelings",
        artist="Sectoid",
        licence="MIT licence",
        licence_url="https://opensource.org/license/mit",
        source=f"{_DEBIAN}fretsonfire-songs-sectoid",
    ),
)


def write_examples(folder: str | Path) -> list[Path]:
    """Copies every example into a folder; files that are already there are kept.

    Parameters
    ----------
    folder : path
        It is made if it is missing.

    Returns
    -------
    list of Path
        MP3s with tags and covers, one for each of `EXAMPLES`, in order.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / example.file_name for example in EXAMPLES]
    for path in paths:
        if not path.exists():
            # Two servers may start at once: the later one replaces the file by an equal one.
            unfinished = path.with_suffix(".unfinished")
            shutil.copyfile(_HERE / path.name, unfinished)
            unfinished.replace(path)
    return paths
