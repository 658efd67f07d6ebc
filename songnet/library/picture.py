"""The map of a library as one HTML file: a point for each song, with all that it needs inside.

The parts are in `songnet/library/map_page/`. The file asks nobody for anything, and runs nothing
but its own script: its content security policy names that by its hash.
"""

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import numpy as np

from songnet import logo
from songnet.colours import genre_colours
from songnet.library.answers import Answer
from songnet.library.playlist import one_line
from songnet.library.rows import LibrarySong
from songnet.names import printable
from songnet.words import percent

_PARTS = resources.files("songnet.library.map_page")
# The largest number that stands for a place, as the script knows it.
_SIDE = 65535
# Where a part stands in the page.
_SLOT = re.compile(r"\{\{([A-Z_]+)\}\}")


def map_html(
    songs: Sequence[LibrarySong],
    places: np.ndarray,
    answers: Sequence[Answer],
    genres: Sequence[str],
    *,
    title: str,
    folder: Path | None = None,
    plays: bool = True,
) -> str:
    """Draws the map.

    Parameters
    ----------
    songs : sequence of LibrarySong
        n songs.
    places : np.ndarray [shape=(n, 2)]
        Where they are, as `songnet.library.projection.project` lays them out.
    answers : sequence of Answer
        n answers.
    genres : sequence of str
        All genres that an answer may have.
    title : str
        What stands above the map.
    folder : Path or None
        The map's own, from which the songs' addresses are written; None for absolute ones.
    plays : bool
        Whether a click plays a song's file; otherwise the map says nothing of where the files are.

    Returns
    -------
    str
        A whole HTML document.
    """
    colours = genre_colours(genres)
    number = {genre: i for i, genre in enumerate(genres)}
    artists, artist = _numbered([one_line(song.artist or "") for song in songs])
    albums, album = _numbered([one_line(song.album or "") for song in songs])
    x, y = _on_grid(places).T.tolist()
    base, files = _files(songs, folder) if plays else ("", [])
    return _page(
        title,
        {
            "x": x,
            "y": y,
            "genre": [number[answer.genre] for answer in answers],
            "sure": [percent(answer.confidence) for answer in answers],
            "unsure": [int(answer.abstained) for answer in answers],
            "titles": [one_line(song.title or "") or printable(song.path.name) for song in songs],
            "artists": artists,
            "artist": artist,
            "albums": albums,
            "album": album,
            "base": base,
            "files": files,
            "genres": [{"name": genre, "colours": colours[genre]} for genre in genres],
            "plays": plays,
        },
    )


def _numbered(texts: list[str]) -> tuple[list[str], list[int]]:
    """The different texts, and for each text its number among them."""
    numbers = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return list(numbers), [numbers[text] for text in texts]


def _on_grid(places: np.ndarray) -> np.ndarray:
    """Places as whole numbers from 0 to `_SIDE`, with the proportions kept and the middle in it."""
    low, high = places.min(axis=0), places.max(axis=0)
    side = max(float((high - low).max()), 1e-9)
    return np.rint(_SIDE * ((places - (low + high) / 2) / side + 0.5)).astype(int)


def _files(songs: Sequence[LibrarySong], folder: Path | None) -> tuple[str, list[str]]:
    """The songs' addresses: what all begin with, and how each goes on."""
    if folder is not None:
        here = os.path.realpath(folder)
        # With ./ no name is taken for a protocol.
        return "./", [quote(os.fsencode(os.path.relpath(song.path, here))) for song in songs]
    base = os.path.commonpath([song.path.parent for song in songs]).rstrip("/") + "/"
    names = [quote(os.fsencode(os.path.relpath(song.path, base))) for song in songs]
    return f"file://{quote(os.fsencode(base))}", names


def _page(title: str, data: dict[str, object]) -> str:
    script, style = (
        (_PARTS / name).read_text(encoding="utf-8") for name in ("page.js", "page.css")
    )
    # In a script element nothing but "</" and "<!--" ends or changes it.
    songs = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = {
        "SCRIPT_HASH": _hash(script),
        "STYLE_HASH": _hash(style),
        "MEDIA": "file: 'self'" if data["plays"] else "'none'",
        "TITLE": html.escape(title),
        "LOGO": logo.svg(),
        "STYLE": style,
        "SONGS": songs,
        "SCRIPT": script,
    }
    page = (_PARTS / "page.html").read_text(encoding="utf-8")
    pieces = _SLOT.split(page)
    return "".join(parts[piece] if i % 2 else piece for i, piece in enumerate(pieces))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
