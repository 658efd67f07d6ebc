"""Draws the map of a library: lays its songs out, and puts them into a page."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from songnet.errors import SearchError
from songnet.library.answers import Answer, judged
from songnet.library.picture import map_html
from songnet.library.projection import check_installed, project
from songnet.library.store import Library
from songnet.own_genres import OwnGenres


def draw(
    library: Library,
    own_genres: OwnGenres | None = None,
    *,
    folder: Path | None = None,
    plays: bool = True,
    before: Callable[[int], object] = lambda _: None,
) -> tuple[str, int]:
    """Draws all songs of a library that could be heard.

    Parameters
    ----------
    library : Library
    own_genres : OwnGenres or None
        By which the songs are coloured, in place of the network's genres.
    folder, plays : as for `songnet.library.picture.map_html`
    before : function
        Is told the number of songs before they are laid out, which may take minutes.

    Returns
    -------
    page : str
        A whole HTML document.
    count : int
        Of the songs in it.

    Raises
    ------
    SearchError
        If there are none.
    SettingsError
        If what lays them out is not installed.
    """
    check_installed()
    heard = [(song, song.embedding) for song in library.songs() if song.embedding is not None]
    if not heard:
        raise SearchError(
            "The library has no songs that could be heard: scan some with songnet scan FOLDER."
        )
    before(len(heard))
    songs, embeddings = [song for song, _ in heard], np.stack([vector for _, vector in heard])
    if own_genres:
        answers, genres = judged(embeddings, own_genres), own_genres.names
    else:
        answers = [Answer(song.genre, song.confidence, song.abstained) for song in songs]
        genres = library.genres
    title = f"{len(songs):,} song{'s' if len(songs) > 1 else ''}"
    places = project(embeddings)
    page = map_html(songs, places, answers, genres, title=title, folder=folder, plays=plays)
    return page, len(songs)
