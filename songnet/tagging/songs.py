"""The songs of a library as candidates for a genre, and the library after their tags changed."""

from collections.abc import Callable
from pathlib import Path

from songnet.audio.tags import Tags
from songnet.errors import AudioError, UnwritableError
from songnet.library import LibrarySong
from songnet.library.changes import Changes
from songnet.library.files import FileState
from songnet.library.rows import stored_path
from songnet.own_genres import OwnGenres
from songnet.sandbox.song import TAGS_LEFT_OUT
from songnet.tagging.fields import tagging_of
from songnet.tagging.proposal import Candidate
from songnet.tagging.rewrite import check_writable, explained
from songnet.tagging.values import GENRE, Field
from songnet.tagging.write import Choices


def candidate(
    song: LibrarySong, field: Field, own: OwnGenres | None, choices: Choices
) -> tuple[Candidate, str | None]:
    """A song of a library as a candidate, by what its file's tags say now.

    Parameters
    ----------
    song : LibrarySong
    field : Field
    own : OwnGenres or None
    choices : Choices

    Returns
    -------
    candidate : Candidate
    why_not : str or None
        Why its tags cannot be written; None if they can, for all that is seen now. The file is
        only read.
    """
    now: tuple[str, ...] = ()
    why_not = None
    try:
        # Who reads them here has no limit of time.
        if TAGS_LEFT_OUT in song.warnings:
            raise UnwritableError("its tags cannot be read in time")
        about = check_writable(song.path, hard_links=choices.hard_links)
        if (about.st_size, about.st_mtime_ns) != (song.size, song.mtime_ns):
            raise UnwritableError("it was changed since it was heard")
        now = _values(song.path, field)
    except UnwritableError as error:
        why_not = str(error)
    if field == GENRE:
        # Such as those in a WAV's own list, which stay there.
        now = now or song.genres
    return Candidate.of(song, now, own), why_not


def _values(path: Path, field: Field) -> tuple[str, ...]:
    with explained(), open(path, "rb") as file:
        tagging = tagging_of(file)
        # Whether all else can be read, too.
        tagging.others(file, field)
        return tagging.read(file, field)


def renew(
    changes: Changes, path: Path, describe: Callable[[Path], tuple[Tags, bytes | None]]
) -> None:
    """Tells a library that a file has other tags, so that its sound is not heard again.

    Parameters
    ----------
    changes : Changes
        Of the library.
    path : Path
    describe : function
        Gives the tags and the digest of the sound: `songnet.sandbox.Sandbox.describe`.

    Raises
    ------
    LibraryError
        If the library cannot be written.
    """
    stored = stored_path(path)
    known, state = changes.known(stored), FileState.of(stored)
    if known is None or state is None:
        return
    try:
        tags, sound = describe(path)
    except AudioError:
        return
    if sound is not None and sound == known.sound:
        changes.retag(known, state, tags)
