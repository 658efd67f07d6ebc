"""A small FMA: MP3s, checksums and tables in the form of the real ones, of synthesised songs."""

import csv
import zipfile
from pathlib import Path

import numpy as np

from songnet.spec import GENRES
from tests.support import songs
from train.data.clips import sha1
from train.data.fma import clip_path

_RATE = 22_050
# Clips of each genre.
_CLIPS = {"training": 4, "validation": 2, "test": 1}
# Track 2 onwards are whole; these are not.
MISSING, TRUNCATED, NOT_AUDIO, OTHER, SILENT, BROKEN = 9001, 9002, 9003, 9004, 9005, 98565

_HEADER = [
    *[("album", "date_released"), ("album", "title"), ("artist", "id"), ("artist", "name")],
    *[("set", "split"), ("set", "subset"), ("track", "date_recorded"), ("track", "genre_top")],
    *[("track", "license"), ("track", "title")],
]
_LICENSE = "Attribution-Noncommercial-Share Alike 3.0 United States"


def write_song(path: Path, genre: int, seed: int, seconds: float = 1.6) -> Path:
    """A song with a tone of its genre's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waveform = songs.synthesise(seconds, _RATE, seed=seed)
    t = np.arange(len(waveform)) / _RATE
    tone = 0.3 * np.sin(2 * np.pi * 150 * 1.7**genre * t)[:, None]
    return songs.write(path, (waveform + tone).astype(np.float32), _RATE)


def write_tables(folder: Path, tracks: list[dict]) -> None:
    """`tracks.csv`, two header lines and all, and `raw_tracks.csv`."""
    folder.mkdir(parents=True)
    with (folder / "tracks.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["", *(first for first, _ in _HEADER)])
        rows.writerow(["", *(second for _, second in _HEADER)])
        rows.writerow(["track_id", *[""] * len(_HEADER)])
        for track in tracks:
            rows.writerow([track["id"], *(track.get("/".join(name), "") for name in _HEADER)])
    with (folder / "raw_tracks.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["track_id", "album_id", "track_url"])
        rows.writerows([t["id"], 1, f"http://freemusicarchive.org/{t['id']}"] for t in tracks)


def row(number: int, genre: str, split: str, artist: int | str, name: str, **more) -> dict:
    """A row of `tracks.csv`."""
    return {
        "id": number,
        "set/split": split,
        "set/subset": "small",
        "track/genre_top": genre,
        "track/title": f"Song {number}",
        "track/license": _LICENSE,
        "album/title": f"Album of {name}",
        "album/date_released": "2008-11-26 00:00:00",
        "artist/id": artist,
        "artist/name": name,
        **more,
    }


def build(folder: Path, seconds: float = 1.6, training: int = _CLIPS["training"]) -> Path:
    """The tree, with whole clips of every genre and split and one of each kind of damage.

    `training` is the number of each genre's clips in the training split.
    """
    tracks, number = [], 2
    for split, clips in (_CLIPS | {"training": training}).items():
        for i in range(clips * len(GENRES)):
            genre, artist = i % len(GENRES), 100 + number
            write_song(folder / "fma_small" / clip_path(number), genre, number, seconds)
            tracks.append(row(number, GENRES[genre], split, artist, f"Artist {artist}"))
            number += 1
    damaged = (MISSING, TRUNCATED, NOT_AUDIO, OTHER, SILENT, BROKEN)
    tracks += [row(i, "Rock", "training", 7, "Unlucky") for i in damaged]
    tracks.append(row(9100, "", "training", 7, "Of no genre"))
    tracks.append(row(9101, "Rock", "training", 7, "Elsewhere", **{"set/subset": "medium"}))
    write_tables(folder / "fma_metadata", tracks)
    _damage(folder / "fma_small")
    return folder


def _damage(clips: Path) -> None:
    path = {i: clips / clip_path(i) for i in (TRUNCATED, NOT_AUDIO, OTHER, SILENT, BROKEN)}
    for number in (TRUNCATED, OTHER, BROKEN):
        write_song(path[number], 7, seed=number)
    songs.write(path[SILENT], np.zeros((2 * _RATE, 1), np.float32), _RATE)
    path[TRUNCATED].write_bytes(path[TRUNCATED].read_bytes()[:1500])
    path[NOT_AUDIO].write_text("404 not found")
    whole = sorted(clips.rglob("*.mp3"))
    lines = [f"{sha1(clip)}  {clip.relative_to(clips).as_posix()}\n" for clip in whole]
    path[OTHER].write_bytes(path[OTHER].read_bytes() + b"\0")
    (clips / "checksums").write_text("".join(lines))


def pack(folder: Path, target: Path) -> Path:
    """The same as archives, as they are downloaded."""
    target.mkdir()
    for name in ("fma_small", "fma_metadata"):
        with zipfile.ZipFile(target / f"{name}.zip", "w") as archive:
            for path in sorted((folder / name).rglob("*")):
                archive.write(path, path.relative_to(folder))
    return target
