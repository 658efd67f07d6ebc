"""The beets plugin ``songnet``: genres that are missing from a beets library, by sound.

`beet songnet [QUERY]` hears the songs that have no genre, and so does each import where ``auto`` is
on. beets finds the module wherever both are installed; docs/library.md says how it is configured.
"""

import optparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

from beets.dbcore import types
from beets.exceptions import UserError
from beets.importer import ImportSession, ImportTask
from beets.library import Album, Item, Library
from beets.plugins import BeetsPlugin
from beets.ui import Subcommand, should_write
from beets.util import displayable_path

from songnet.batch import PATIENT, Job, classify_jobs
from songnet.errors import SongNetError
from songnet.library.scan import WINDOWS
from songnet.names import shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson
from songnet.settings import Settings, explain
from songnet.tagging.names_map import NamesMap
from songnet.weights import Weights, load_weights

# Characters of a SHA-256 that tell networks apart.
_SHORT = 12


@dataclass(frozen=True)
class _Said:
    """What SongNet says of a song: a genre, or ``""`` where it is not sure; how sure it is."""

    genre: str
    confidence: float


@dataclass(frozen=True)
class _Ear:
    """All that hearing needs, read from the configuration once.

    Attributes
    ----------
    weights : Weights
    own_genres : OwnGenres or None
    settings : Settings
    names : NamesMap
    min_confidence : float, 0..1
    windows : int > 0 or None
        How many windows of each song are heard; None for all.
    """

    weights: Weights
    own_genres: OwnGenres | None
    settings: Settings
    names: NamesMap
    min_confidence: float
    windows: int | None

    @property
    def model(self) -> str:
        """Which network answers, and in which own genres."""
        own = "" if self.own_genres is None else f"+{self.own_genres.digest[:_SHORT]}"
        return self.weights.network_sha256[:_SHORT] + own

    def hear(self, items: Sequence[Item]) -> Iterator[AnswerJson]:
        """The answers for songs, several of which are heard at once, in their order."""
        return classify_jobs(
            [Job(item.filepath, displayable_path(item.path)) for item in items],
            self.weights,
            own_genres=self.own_genres,
            limits=self.settings.limits,
            resources=replace(PATIENT, memory_bytes=self.settings.resources.memory_bytes),
            explain=explain,
            hear=self.windows,
        )

    def genres(self, said: _Said) -> list[str]:
        """The genres to write; none where SongNet is not sure enough."""
        if not said.genre or said.confidence < self.min_confidence:
            return []
        return list(self.names.values(said.genre))


class SongNetPlugin(BeetsPlugin):
    """`beet songnet`, and the stage of an import that does the same."""

    item_types: ClassVar[dict[str, types.Type]] = {
        "songnet_genre": types.STRING,
        "songnet_confidence": types.Float(2),
        "songnet_model": types.STRING,
    }

    def __init__(self) -> None:
        super().__init__()
        self.config.add(
            {
                "auto": True,
                "force": False,
                "min_confidence": 0.7,
                "hear": WINDOWS,
                "genres": None,
                "map": {},
            }
        )
        self._ear: _Ear | None = None
        if self.config["auto"]:
            self.register_listener("import_begin", self.import_begins)
            self.import_stages = [self.imported]

    def commands(self) -> list[Subcommand]:
        """The command `beet songnet`."""
        command = Subcommand("songnet", help="fill in missing genres by the songs' sound")
        command.parser.add_option(
            *("-f", "--force"), action="store_true", help="replace genres that are there, too"
        )
        command.parser.add_option(
            *("-p", "--pretend"), action="store_true", help="show the genres and change nothing"
        )
        command.func = self.command
        return [command]

    def command(self, lib: Library, options: optparse.Values, query: list[str]) -> None:
        """Hears the songs that a query finds, and writes genres into files as beets is set to."""
        self.fill(
            list(lib.items(query)),
            force=bool(options.force) or self.config["force"].get(bool),
            write=should_write(),
            pretend=bool(options.pretend),
        )

    def import_begins(self, session: ImportSession) -> None:
        """Tells a fault in the configuration before anything is imported."""
        self._listen()

    def imported(self, session: ImportSession, task: ImportTask) -> None:
        """Hears what is imported; beets writes it into the files afterwards, where it is set to."""
        self.fill(task.imported_items(), force=self.config["force"].get(bool))

    def fill(
        self, items: Sequence[Item], *, force: bool, write: bool = False, pretend: bool = False
    ) -> None:
        """Gives songs, and albums without a genre, the genre that is heard.

        Parameters
        ----------
        items : sequence of Item
            Those that have a genre are left alone.
        force : bool
            Hears and changes those, too.
        write : bool
            Whether changed genres are written into the files.
        pretend : bool
            Whether they are shown, and nothing changes.

        Raises
        ------
        UserError
            If the configuration is at fault, or if there are no weights.
        """
        ear = self._listen()
        albums: dict[int | None, Album] = {}
        try:
            for item, said in self._answers(ear, [i for i in items if force or not _genres(i)]):
                genres = ear.genres(said)
                self._log.info("{}: {}", displayable_path(item.path), _verdict(said, genres))
                if pretend:
                    continue
                changed = bool(genres) and genres != _genres(item)
                if changed:
                    item.genres = genres
                item.update(
                    {
                        "songnet_genre": said.genre,
                        "songnet_confidence": said.confidence,
                        "songnet_model": ear.model,
                    }
                )
                item.try_sync(write=write and changed, move=False)
                if changed and (album := item.get_album()):
                    albums[album.id] = album
        finally:
            for album in albums.values():
                _fill_album(album)

    def _answers(self, ear: _Ear, items: list[Item]) -> Iterator[tuple[Item, _Said]]:
        """What is said of songs; those of which the library knows it are not heard again."""
        unheard = []
        for item in items:
            if item.get("songnet_model", with_album=False) == ear.model:
                yield item, _Said(item["songnet_genre"], item["songnet_confidence"])
            else:
                unheard.append(item)
        with _one_sentence():
            for item, answer in zip(unheard, ear.hear(unheard), strict=True):
                if "error" in answer:
                    self._log.error("{}", _failure(item, answer["error"]))
                    continue
                for warning in answer["warnings"]:
                    self._log.warning("{}: {}", answer["file"], warning)
                genre = "" if answer["abstained"] else answer["genre"]
                yield item, _Said(genre, answer["confidence"])

    def _listen(self) -> _Ear:
        """The ear that the configuration describes."""
        if self._ear is None:
            with _one_sentence():
                self._ear = self._configured()
        return self._ear

    def _configured(self) -> _Ear:
        settings = Settings.from_environment()
        weights = load_weights(settings.weights, settings.hub, or_embedded=False)
        own_genres, known = None, weights.config.genres
        if (file := self.config["genres"].as_optional_path()) is not None:
            own_genres = OwnGenres.load(file)
            own_genres.check_network(weights)
            known = own_genres.names
        return _Ear(
            weights,
            own_genres,
            settings,
            names=self._names(known),
            min_confidence=self._min_confidence(),
            windows=self._windows(),
        )

    def _min_confidence(self) -> float:
        share = self.config["min_confidence"].get(float)
        if not 0 <= share <= 1:
            raise UserError(
                f"songnet.min_confidence is {share:g}: give a number from 0 to 1, such as 0.7."
            )
        return share

    def _windows(self) -> int | None:
        """The number of windows in the configuration; None for ``all``."""
        number = self.config["hear"].get()
        if number == "all":
            return None
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise UserError(
                f"songnet.hear is {number}: give a number of windows, such as {WINDOWS}, or all."
            )
        return number

    def _names(self, known: Sequence[str]) -> NamesMap:
        """The user's names for genres, from the configuration or the file that it names."""
        view = self.config["map"]
        if isinstance(view.get(), str):
            return NamesMap.load(view.as_path(), known)
        return NamesMap.of(view.get(dict), known, "songnet.map")


def _genres(item: Item) -> list[str]:
    """The genres of a song's own that are more than blanks."""
    return [genre for genre in item.get("genres", with_album=False) or [] if genre.strip()]


def _verdict(said: _Said, genres: list[str]) -> str:
    """What is said of a song, and whether it is taken, as a line of the log."""
    sure = f"{100 * said.confidence:.0f} %"
    if not said.genre:
        return f"not sure ({sure})"
    if not genres:
        return f"{said.genre} ({sure}) is not taken"
    return f"{'; '.join(genres)} ({sure})"


def _failure(item: Item, error: str) -> str:
    """Why a song cannot be heard, in a sentence that names its whole path."""
    path, name = displayable_path(item.path), shown_name(item.filepath)
    return path + error.removeprefix(name) if error.startswith(name) else f"{path}: {error}"


def _fill_album(album: Album) -> None:
    """Gives an album without a genre those of most of its songs, and leaves the songs alone."""
    songs = Counter(tuple(genres) for item in album.items() if (genres := _genres(item)))
    if songs and not any(genre.strip() for genre in album.genres):
        album.genres = list(songs.most_common(1)[0][0])
        album.store(inherit=False)


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Lets beets tell an error of SongNet's as it tells its own."""
    try:
        yield
    except SongNetError as error:
        raise UserError(str(error)) from error
