"""The file of own genres: JSON, for people to read and for SongNet to check line by line."""

import base64
import binascii
import contextlib
import json
import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from songnet.errors import OwnGenresError
from songnet.names import printable, shown_name
from songnet.own_genres.held_out import Calibration, HeldOut
from songnet.own_genres.songs import (
    MOST_GENRES,
    MOST_SONGS,
    TaughtSong,
    check_numbers,
    clean_name,
    from_levels,
    levels,
)

_FORMAT = "songnet-genres"
_VERSION = 1
_MOST_BYTES = 16 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_TEXT = 100
_CALIBRATION = ("temperature", "abstain_below", "none_below")
_KEYS = frozenset(("format", "version", "network", "held_out", *_CALIBRATION, "genres"))
_HELD_OUT_KEYS = frozenset(("by", "groups", "songs", "accuracy", "interval", "taken_for"))


def to_json(
    network: str, songs: Sequence[TaughtSong], held_out: HeldOut, calibration: Calibration
) -> dict[str, Any]:
    """The content of a file; the parameters are the attributes of `OwnGenres`."""
    names = list(dict.fromkeys(song.genre for song in songs))
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "network": network,
        "held_out": {
            "by": held_out.by,
            "groups": held_out.groups,
            "songs": held_out.songs,
            "accuracy": round(held_out.accuracy, 4),
            "interval": [round(end, 4) for end in held_out.interval],
            "taken_for": {
                name: {other: count for other, count in zip(names, row, strict=True) if count}
                for name, row in zip(names, held_out.confusion, strict=True)
            },
        },
        "temperature": calibration.temperature,
        "abstain_below": calibration.abstain_below,
        "none_below": calibration.none_below,
        "genres": [
            {"name": name, "songs": [_song_to_json(song) for song in songs if song.genre == name]}
            for name in names
        ],
    }


def _song_to_json(song: TaughtSong) -> dict[str, str]:
    texts = {"title": song.title, "artist": song.artist}
    embedding = base64.b64encode(levels(song.embedding).tobytes()).decode()
    return {key: text for key, text in texts.items() if text} | {"embedding": embedding}


def to_bytes(content: dict[str, Any]) -> bytes:
    """The content of a file as UTF-8, a song to a few lines."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def parse(content: bytes) -> Any:
    """The JSON in a file; raises an `OwnGenresError` where there is none."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _damaged("it is no JSON") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def from_json(stored: Any) -> tuple[str, list[TaughtSong], HeldOut, Calibration]:
    """The inverse of `to_json`.

    Raises
    ------
    OwnGenresError
        If anything is missing, is more than expected, or out of its range.
    """
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
        raise OwnGenresError(
            "This is no file of own genres: name one that songnet teach has written."
        )
    if stored.get("version") != _VERSION:
        raise OwnGenresError(
            "This file of own genres was written by another version of SongNet, which can read it."
        )
    _check(stored.keys() == _KEYS, "its entries are others")
    network = stored["network"]
    _check(isinstance(network, str) and bool(_SHA256.fullmatch(network)), "network")
    songs = _songs(stored["genres"])
    calibration = Calibration(
        temperature=_number(stored, "temperature", 0.001, 100.0),
        abstain_below=_number(stored, "abstain_below", 0.0, 1.0),
        none_below=_number(stored, "none_below", -1.0, 1.0),
    )
    return network, songs, _held_out(stored["held_out"], songs), calibration


def _songs(genres: Any) -> list[TaughtSong]:
    _check(isinstance(genres, list), "genres")
    if len(genres) > MOST_GENRES:
        raise OwnGenresError(f"At most {MOST_GENRES} genres are taken. Received: {len(genres)}")
    songs: list[TaughtSong] = []
    counts: dict[str, int] = {}
    for genre in genres:
        _check(isinstance(genre, dict) and genre.keys() == {"name", "songs"}, "a genre")
        name, of_genre = genre["name"], genre["songs"]
        _check(isinstance(name, str) and isinstance(of_genre, list), "a genre")
        _check(clean_name(name) == name and name not in counts, "a genre's name")
        counts[name] = len(of_genre)
        _check(sum(counts.values()) <= MOST_SONGS, "the number of songs")
        songs += [_song_from_json(name, song) for song in of_genre]
    check_numbers(counts)
    _check(len({song.embedding.shape for song in songs}) == 1, "the length of an embedding")
    return songs


def _song_from_json(genre: str, stored: Any) -> TaughtSong:
    _check(isinstance(stored, dict) and stored.keys() <= {"title", "artist", "embedding"}, "a song")
    texts = {key: stored.get(key) for key in ("title", "artist")}
    for text in texts.values():
        _check(text is None or (isinstance(text, str) and _is_shown(text)), "a song's title")
    try:
        numbers = np.frombuffer(base64.b64decode(stored["embedding"], validate=True), np.int8)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise _damaged("an embedding") from error
    _check(numbers.size > 1 and int(np.abs(numbers.astype(int)).max()) == 127, "an embedding")
    return TaughtSong(genre, from_levels(numbers), **texts)


def _is_shown(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_TEXT and printable(text) == text


def _held_out(stored: Any, songs: Sequence[TaughtSong]) -> HeldOut:
    counts = Counter(song.genre for song in songs)
    _check(isinstance(stored, dict) and stored.keys() == _HELD_OUT_KEYS, "held_out")
    taken_for, by = stored["taken_for"], stored["by"]
    _check(by in ("artist", "song"), "held_out")
    _check(isinstance(taken_for, dict) and list(taken_for) == list(counts), "taken_for")
    for name, row in taken_for.items():
        _check(isinstance(row, dict) and row.keys() <= counts.keys(), "taken_for")
        _check(all(_is_count(count, counts[name]) for count in row.values()), "taken_for")
        _check(sum(row.values()) == counts[name], "taken_for")
    confusion = tuple(tuple(row.get(other, 0) for other in counts) for row in taken_for.values())
    _check(_is_count(stored["groups"], len(songs)), "groups")
    held_out = HeldOut(by, stored["groups"], confusion)
    _check(stored["songs"] == len(songs), "the number of songs held out")
    interval = stored["interval"]
    _check(isinstance(interval, list) and len(interval) == 2, "interval")
    told = {"accuracy": stored["accuracy"], "low": interval[0], "high": interval[1]}
    for key, value in zip(told, (held_out.accuracy, *held_out.interval), strict=True):
        _check(math.isclose(_number(told, key, 0, 1), value, abs_tol=1e-3), key)
    return held_out


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 0 < value <= most


def _number(stored: dict[str, Any], key: str, low: float, high: float) -> float:
    value = stored[key]
    # A bool is an int in Python, and NaN fails the comparison.
    _check(type(value) in (int, float) and low <= value <= high, key)
    return float(value)


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise _damaged(what)


def _damaged(what: str) -> OwnGenresError:
    return OwnGenresError(
        f"The file of own genres is damaged or was edited ({what}): take a copy, or teach it again."
    )


def read(path: str | Path) -> bytes:
    """The content of a file; an `OwnGenresError` if it is missing or too large."""
    name = shown_name(path)
    try:
        if not os.path.isfile(path):
            what = "is no file" if os.path.exists(path) else "does not exist"
            raise OwnGenresError(f"{name} {what}: name one that songnet teach has written.")
        if os.path.getsize(path) > _MOST_BYTES:
            raise OwnGenresError(
                f"{name} is larger than any file of own genres: name one that songnet teach has "
                "written."
            )
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise OwnGenresError(f"{name} cannot be read: check its name and permissions.") from error


def write(path: str | Path, content: bytes) -> None:
    """Writes a file in one step, with the permissions of the one that is there.

    Raises
    ------
    OwnGenresError
        If it cannot be written.
    """
    path = Path(os.path.realpath(path))
    new = path.with_name(f".songnet-{os.getpid()}")
    try:
        try:
            with open(new, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, new)
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OwnGenresError(
            f"{shown_name(path)} cannot be written ({why}): name another file."
        ) from error
