"""How songs that change are told from those that do not, and the rule (`songnet.sections`).

FMA-small has 30 s of each song. So clips of one artist and genre, one after the other, stand for a
song that does not change; they differ more than a song's own windows do. Such pieces by two or
three artists, each of another genre, stand for one that does. Windows are cut where those of a song
would be, from a random start on, so that most changes are inside a window; each is then relative to
its own loudest bin, as the network is given it. The clips are those of the validation split.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from songnet.sections import CHANGE, PAIR, SHARE, course_of, sections_of
from songnet.spec import SPEC
from songnet.weights import load_weights
from songnet.window_prediction import WindowPrediction
from train import markdown
from train.data.splits import Split, load_split
from train.evidence.metrics import artist_weights
from train.network.load import load_network
from train.outputs import output_file

_SEED = 0
_DRAWS = 200  # of each kind of song that changes
_RESAMPLES = 2000
# What was tried: costs of a change, and shares of one genre from which on a song does not change.
CHANGES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
SHARES = (0.7, 0.8, 0.9)
PAIRS = (0.5, 0.55, 0.6, 0.65, 0.7)
# The pieces of a song, as numbers of clips by the artist that has the letter.
KINDS = {
    "unchanged": "AAAA",
    "two genres": "AABB",
    "three genres": "AABBCC",
    "to and fro": "ABABAB",
}
_CLIP = "clip"
_COLUMNS = ("song", "kind", "artist", "truth", "start_s")
_JOIN = " → "


@dataclass(frozen=True)
class Song:
    """What the network says of the windows of a song that was joined.

    Attributes
    ----------
    kind : str
        A key of `KINDS`, or ``"clip"`` for a single clip as it is.
    artist : int
        The artist of its first piece, by whom intervals are made.
    truth : tuple of str
        The genres of its pieces, in order.
    windows : tuple of WindowPrediction
    """

    kind: str
    artist: int
    truth: tuple[str, ...]
    windows: tuple[WindowPrediction, ...]


def joined(clips: np.ndarray, start: int) -> list[tuple[float, np.ndarray]]:
    """The windows of clips that follow each other.

    Parameters
    ----------
    clips : np.ndarray [shape=(n, n_frames, n_mels), 0..1]
    start : int
        Frames of the first clip that are left out.

    Returns
    -------
    list of (float [s], np.ndarray [shape=(n_frames, n_mels), 0..1])
        Where each window begins, and what the network is given of it. The last one ends with the
        song, and overlaps the one before.
    """
    size = clips.shape[1]
    frames = clips.reshape(-1, clips.shape[2])[start:]
    starts = list(range(0, len(frames) - size + 1, size))
    if starts[-1] != len(frames) - size:
        starts.append(len(frames) - size)
    windows = (frames[first : first + size] for first in starts)
    return [
        (first / size * SPEC.window_seconds, np.clip(window + 1 - window.max(), 0, 1))
        for first, window in zip(starts, windows, strict=True)
    ]


def drawn(split: Split) -> Iterator[tuple[str, list[int], int]]:
    """Draws the songs: kind, rows of the split, and frames that are left out at the start.

    The unchanged ones are all that the artists' clips give; no clip is in two of them.
    """
    rng = np.random.default_rng(_SEED)
    artist, genre = np.asarray(split.artist_id), np.asarray(split.genre)
    known = sorted({(int(a), int(g)) for a, g in zip(artist, genre, strict=True) if a >= 0})
    pieces = {key: np.flatnonzero((artist == key[0]) & (genre == key[1])) for key in known}
    long = len(KINDS["unchanged"])
    for rows in pieces.values():
        shuffled = rng.permutation(rows)
        for first in range(0, len(rows) - long + 1, long):
            yield "unchanged", shuffled[first : first + long].tolist(), _offset(rng)
    for kind, order in KINDS.items():
        names = sorted(set(order))
        if len(names) == 1:
            continue
        enough = {key: rows for key, rows in pieces.items() if len(rows) >= order.count("A")}
        for _ in range(_DRAWS):
            genres = rng.permutation(sorted({key[1] for key in enough}))[: len(names)]
            chosen = {}
            for name, wanted in zip(names, genres, strict=True):
                keys = [key for key in enough if key[1] == wanted]
                rows = enough[keys[rng.integers(len(keys))]]
                chosen[name] = iter(rng.permutation(rows).tolist())
            yield kind, [next(chosen[name]) for name in order], _offset(rng)


def _offset(rng: np.random.Generator) -> int:
    return int(rng.integers(SPEC.n_frames))


def measure(split: Split, network: Any) -> list[Song]:
    """What the network says of each drawn song, and of each clip as it is."""
    log_mel, songs = np.asarray(split.log_mel), []
    plans = [(kind, rows, joined(log_mel[rows], start)) for kind, rows, start in drawn(split)]
    plans += [(_CLIP, [row], [(0.0, clip)]) for row, clip in enumerate(log_mel)]
    given = np.stack([window for *_, windows in plans for _, window in windows])
    told = iter(network.predict(given, batch_size=100, verbose=0)["probabilities"].tolist())
    for kind, rows, windows in plans:
        truth = [split.genres[genre] for genre, _ in groupby(np.asarray(split.genre)[rows])]
        heard = tuple(
            _window(start, dict(zip(split.genres, next(told), strict=True))) for start, _ in windows
        )
        songs.append(Song(kind, int(split.artist_id[rows[0]]), tuple(truth), heard))
    return songs


def _window(start_s: float, probabilities: dict[str, float]) -> WindowPrediction:
    return WindowPrediction(start_s, start_s + SPEC.window_seconds, probabilities, [])


def figures(
    songs: Sequence[Song], sure_from: float, change: float = CHANGE, share: float = SHARE
) -> dict[str, dict[str, float]]:
    """How often a song is said to change, by its kind.

    Returns
    -------
    dict of str to dict
        By kind: ``songs``; the share that is said to change, ``changes``, with its 95 % interval by
        artist, ``low`` and ``high``; the share whose genres are named as they are, in their order,
        ``right``; and the share that is "not sure" as a whole, ``unsure``.
    """
    found = {}
    for kind in KINDS:
        chosen = [song for song in songs if song.kind == kind]
        courses = [course_of(sections_of(s.windows, sure_from, change), share) for s in chosen]
        said = np.array([bool(course) for course in courses])
        weights = artist_weights(np.array([s.artist for s in chosen]), _RESAMPLES, _SEED)
        low, high = np.quantile(weights @ said / weights.sum(axis=1), (0.025, 0.975))
        found[kind] = {
            "songs": len(chosen),
            "changes": float(said.mean()),
            "low": float(low),
            "high": float(high),
            "right": float(
                np.mean([_is_right(c, s) for c, s in zip(courses, chosen, strict=True)])
            ),
            "unsure": float(np.mean([_mean(s).max() < sure_from for s in chosen])),
        }
    return found


def _is_right(course: list[str], song: Song) -> bool:
    """Whether a song's genres are named, in their order."""
    if len(song.truth) == 1:
        return not course
    if len(song.truth) > len(set(song.truth)):
        return set(course) == set(song.truth)
    return tuple(course) == song.truth


def _mean(song: Song) -> np.ndarray:
    return np.mean([list(window.probabilities.values()) for window in song.windows], axis=0)


def pairs(songs: Iterable[Song], sure_from: float) -> dict[str, dict[str, float]]:
    """Of clips of which SongNet is not sure: how often the label is among the two best genres.

    Returns
    -------
    dict of str to dict
        By the least probability of both together: how many ``clips`` there are, and the share of
        them, ``among``.
    """
    unsure = [s for s in songs if s.kind == _CLIP and _mean(s).max() < sure_from]
    both, among = [], []
    for song in unsure:
        probabilities = song.windows[0].probabilities
        best = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[:2]
        both.append(sum(probabilities[genre] for genre in best))
        among.append(song.truth[0] in best)
    found = {}
    for least in PAIRS:
        counted = np.array(among)[np.array(both) >= least]
        found[str(least)] = {"clips": len(counted), "among": float(counted.mean())}
    return found


def write(path: Path, songs: Sequence[Song], genres: Sequence[str]) -> None:
    """Writes what the network says of the songs' windows as CSV, one row a window."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*_COLUMNS, *genres])
        for number, song in enumerate(songs):
            known = [number, song.kind, song.artist, _JOIN.join(song.truth)]
            for window in song.windows:
                probabilities = (round(window.probabilities[genre], 4) for genre in genres)
                writer.writerow([*known, round(window.start_s, 3), *probabilities])


def read(path: Path) -> list[Song]:
    """The inverse of `write`."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    songs = []
    for _, members in groupby(rows, key=lambda row: row["song"]):
        first, *others = members
        windows = tuple(
            _window(
                float(row["start_s"]),
                {name: float(cell) for name, cell in row.items() if name not in _COLUMNS},
            )
            for row in (first, *others)
        )
        truth = tuple(first["truth"].split(_JOIN))
        songs.append(Song(first["kind"], int(first["artist"]), truth, windows))
    return songs


def table(songs: Sequence[Song], sure_from: float) -> str:
    """What was tried as tables in Markdown: costs and shares, and then probabilities of pairs."""
    tried = [(change, SHARE) for change in CHANGES]
    tried += [(CHANGE, share) for share in SHARES if share != SHARE]
    rows = []
    for change, share in tried:
        found = figures(songs, sure_from, change, share)
        taken = " (taken)" if (change, share) == (CHANGE, SHARE) else ""
        cells = (
            f"{_percent(kind['changes'])} ({_percent(kind['low'])} to {_percent(kind['high'])})"
            for kind in found.values()
        )
        right = _percent(found["two genres"]["right"])
        rows.append([f"{change:g}{taken}", f"{100 * share:.0f} %", *cells, right])
    counts = (f"{kind}: {f['songs']}" for kind, f in figures(songs, sure_from).items())
    header = ["A change costs", "One genre at most", *counts, "two genres, both right"]
    of_pairs = [
        [f"{float(least):.2f}", str(found["clips"]), _percent(found["among"])]
        for least, found in pairs(songs, sure_from).items()
    ]
    return "\n\n".join(
        [
            markdown.table(header, rows),
            markdown.table(["Both together", "Unsure clips", "label among the two"], of_pairs),
        ]
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train sections``."""
    parser.add_argument("--data", metavar="DIR", help="measure anew; folder of the .npz splits")
    parser.add_argument("--model", default="artifacts/songnet.keras", help="%(default)s")
    parser.add_argument("--evidence", default="artifacts/evidence/sections.csv", help="%(default)s")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train sections``: the figures of the rule, measured anew with ``--data``."""
    path = Path(arguments.evidence)
    sure_from = load_weights(Path(arguments.model).parent).config.abstain_below
    if arguments.data is not None:
        output = output_file(path)
        split = load_split(arguments.data, "validation")
        measured = measure(split, load_network(Path(arguments.model)))
        write(output, measured, split.genres)
    songs = read(path)
    return {
        "change": CHANGE,
        "share": SHARE,
        "pair": PAIR,
        "kinds": figures(songs, sure_from),
        "pairs": pairs(songs, sure_from),
        "table": table(songs, sure_from),
    }


def show(result: dict[str, Any]) -> None:
    """Prints what was tried as tables."""
    print(result["table"])
