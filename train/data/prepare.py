"""Makes a data set from a collection: reads the tables, decodes the clips, writes the splits."""

import argparse
import json
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from songnet.names import printable
from songnet.spec import SPEC
from train.data import changed_copies, cluster, data_set, fma, own_music
from train.data.arrays import split_path, teacher_key
from train.data.changed_copies import Copy
from train.data.collection import Collection, collection_of
from train.data.data_set import DataSet
from train.data.extract import extract
from train.data.seeds import check_seed
from train.data.store import Store
from train.data.tracks import SPLITS, UNLABELLED, Track
from train.errors import DataError
from train.outputs import output_folder
from train.teachers.known import TEACHERS, fetch, named


def prepare(
    collection: Collection,
    output: str | Path,
    *,
    workers: int = -1,
    memmap: bool = False,
    augment: int = 0,
    seed: int = 0,
    teachers: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Writes a data set that ``python -m train fit`` reads: ``--data``, or ``--pretrain``.

    Into `output` go ``training.npz``, ``validation.npz`` and ``test.npz``, or ``unlabelled.npz`` of
    tracks without genres (or folders of ``.npy`` files), ``data_set.json``, ``metadata.json`` with
    what is known of every track in them, and ``report.json`` with what was left out and why. Thanks
    to ``features.sqlite`` there, an interrupted run goes on where it was, and a later one computes
    only what has changed.

    Parameters
    ----------
    collection : Collection
    output : path of a folder, made where it does not exist
    workers : int
        Processes; -1 for as many as the backend has.
    memmap : bool
        Whether to write folders of ``.npy`` files, from which training reads each batch.
    augment : int
        How many changed copies of each training clip are added after all clips; the array ``copy``
        numbers them.
    seed : int >= 0
        Random seed of the changes, and of the splits of tracks that are in none.
    teachers : tuple of str
        Names of `train.teachers.known.TEACHERS` that hear all clips: ``teacher-NAME`` has what
        each says. A changed copy is taught what its recording is.

    Returns
    -------
    dict
        The content of ``report.json``: ``clips`` by split and genre, how many ``copies`` come on
        top of them, ``left_out`` with reasons, and a ``warning``, or None.

    Raises
    ------
    DataError
        If too few clips can be used, copies cannot be made or a teacher cannot be loaded here, an
        option has no sense, or `output` cannot be written.
    """
    changed_copies.check(augment)
    if augment and not collection.labelled:
        raise DataError("--augment makes copies of clips with genres: leave it out here.")
    check_seed(seed)
    if workers == 0:
        raise DataError("--workers takes a number from 1 on, or -1 for all processors. Received: 0")
    output = output_folder(output)
    _refuse_foreign(output, collection.splits)
    fetch(teachers)  # now, and by one process
    with closing(Store(output / "features.sqlite")) as store:
        reasons = _decoded(collection, store, workers, teachers)
        used = [track for track in collection.tracks if not reasons[track.source]]
        if not all(track.split for track in used):
            used, too_few = own_music.dealt(used, seed)
            reasons |= too_few
        known = collection.describe(used).taught_by([TEACHERS[name] for name in teachers])
        changed = []
        for copy in (Copy(number, seed) for number in range(1, augment + 1)):
            recordings = [track for track in used if track.split == "training"]
            sources = [track.source for track in recordings]
            failed = extract(collection.clips, sources, store, workers, copy)
            changed += [replace(t, copy=copy.number) for t in recordings if not failed[t.source]]
        for split in collection.splits:
            chosen = [track for track in [*used, *changed] if track.split == split]
            _write(output / split, chosen, known, store, memmap)
    known.write(output / data_set.FILE)
    _write_json(output / "metadata.json", {str(t.track_id): t.to_json() for t in used})
    report = {
        "clips": {
            split: dict(sorted(Counter(t.genre for t in used if t.split == split).items()))
            for split in collection.splits
        },
        "copies": len(changed),
        "left_out": [
            {"track_id": t.track_id, "source": t.source, "reason": reasons[t.source]}
            for t in collection.tracks
            if reasons[t.source]
        ],
        "warning": " ".join(_warnings(collection, used, known)) or None,
    }
    _write_json(output / "report.json", report)
    return report


def _decoded(
    collection: Collection, store: Store, workers: int, teachers: tuple[str, ...]
) -> dict[str, str]:
    """Computes the features of all clips; returns as `train.data.extract.extract` does."""
    tried = [t.source for t in collection.tracks if t.source not in collection.left_out]
    reasons = collection.left_out | extract(
        collection.clips, tried, store, workers, teachers=teachers
    )
    if all(reasons[track.source] for track in collection.tracks):
        first = next(iter(reasons.values()), "There are none.")
        raise DataError(
            f"Not one of {len(collection.tracks)} clips can be used. The first: {first}"
        )
    return reasons


def _warnings(collection: Collection, used: list[Track], known: DataSet) -> list[str]:
    """What should be known of the splits, a sentence each."""
    found = []
    if not all(track.split for track in collection.tracks):
        dropped = {track.genre for track in collection.tracks} - set(known.genres)
        found += own_music.warnings(used, dropped)
    for split in collection.splits:
        lacking = set(known.genres) - {track.genre for track in used if track.split == split}
        if lacking:
            found.append(f"The {split} split has no clips of {', '.join(sorted(lacking))}.")
    return found


def _refuse_foreign(output: Path, splits: tuple[str, ...]) -> None:
    """Raises a `DataError` for what would be lost: a folder in a split's place, another set."""
    for folder in (output / split for split in splits):
        if folder.is_dir() and any(path.suffix != ".npy" for path in folder.iterdir()):
            raise DataError(
                f"{folder} holds other files than a split, which would be lost: choose another "
                "--output."
            )
    for split in {*SPLITS, UNLABELLED} - {*splits}:
        if path := split_path(output, split):
            raise DataError(
                f"{path} is of another data set, one with genres or one without: choose another "
                "--output."
            )


def _write(folder: Path, tracks: list[Track], known: DataSet, store: Store, memmap: bool) -> None:
    """Writes one split, a spectrogram at a time, so that it may be larger than the memory."""
    unfinished = folder.with_name(f".{folder.name}")
    for leftover in (folder, unfinished):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished.mkdir()
    arrays = {
        "track_id": np.array([track.track_id for track in tracks], np.int32),
        "copy": np.array([track.copy for track in tracks], np.int8),
        "artist_id": np.array([track.artist_id for track in tracks], np.int32),
        "artist": np.array([track.artist for track in tracks], np.str_),
        "title": np.array([track.title for track in tracks], np.str_),
    }
    if known.genres:
        number = [known.genres.index(track.genre) for track in tracks]
        arrays["genre"] = np.array(number, np.min_scalar_type(-len(known.genres)))
    for teacher in known.teachers:
        size = TEACHERS[teacher.name].dimension
        said = [store.embedding(track.source, teacher.name, size) for track in tracks]
        arrays[teacher_key(teacher.name)] = np.reshape(np.array(said, np.float16), (-1, size))
    for name, values in arrays.items():
        np.save(unfinished / f"{name}.npy", values)
    shape = (len(tracks), SPEC.n_frames, SPEC.n_mels)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with (unfinished / "log_mel.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for track in tqdm(tracks, desc=folder.name, unit=" clips"):
            file.write(store.levels(Copy(track.copy).name(track.source)).tobytes())
    if memmap:
        folder.with_suffix(".npz").unlink(missing_ok=True)
        unfinished.rename(folder)
        return
    stored = {path.stem: np.load(path, mmap_mode="r") for path in sorted(unfinished.iterdir())}
    np.savez_compressed(unfinished / "whole.npz", **stored)
    (unfinished / "whole.npz").replace(folder.with_suffix(".npz"))
    del stored
    shutil.rmtree(unfinished)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    # Bytes of a file name that are not UTF-8 become escapes, which JSON knows, too.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train prepare``."""
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--fma", type=Path, metavar="DIR", help="folder of FMA's archives")
    given.add_argument("--folder", type=Path, metavar="DIR", help="own files, as GENRE/FILE")
    given.add_argument("--table", type=Path, metavar="CSV", help="own files: path, label, artist")
    parser.add_argument(
        "--unlabelled",
        action="store_true",
        help="without genres, for fit --pretrain: any folder of songs, or all that FMA trains on",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="for the splits")
    parser.add_argument("--subset", choices=fma.SUBSETS, default="small", help="FMA's; %(default)s")
    parser.add_argument("--verify", action="store_true", help="check the archives' SHA-1 first")
    parser.add_argument("--name", help="what own files are called; the folder's name")
    parser.add_argument("--license", default="other", help="of weights from them; %(default)s")
    parser.add_argument(
        "--augment", type=int, default=0, metavar="N", help="changed copies of training clips"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="deals own files, changes copies; %(default)s"
    )
    parser.add_argument(
        "--teacher", metavar="NAME[,NAME]", help=f"add what these hear: {', '.join(TEACHERS)}"
    )
    parser.add_argument("--format", choices=("npz", "memmap"), default="npz", help="%(default)s")
    parser.add_argument("--workers", type=int, default=-1, help="processes; all processors")
    parser.add_argument(
        "--backend", choices=cluster.BACKENDS, default="loky", help="where they run; %(default)s"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask or Ray cluster")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """``python -m train prepare``: makes the data set, and returns what ``--json`` prints."""
    teachers = named(arguments.teacher) if arguments.teacher else ()
    if arguments.unlabelled and not teachers:
        raise DataError(
            "From clips without genres a network learns what teachers say: add --teacher with "
            f"{', '.join(TEACHERS)}, one or more."
        )
    collection = collection_of(arguments)
    with cluster.backend(arguments.backend, arguments.scheduler):
        return prepare(
            collection,
            arguments.output,
            workers=arguments.workers,
            memmap=arguments.format == "memmap",
            augment=arguments.augment,
            seed=arguments.seed,
            teachers=teachers,
        )


def show(result: dict[str, Any]) -> None:
    """Prints the number of clips by split and genre, what was left out, and the warning."""
    for split, genres in result["clips"].items():
        counted = ", ".join(f"{genre} {count}" for genre, count in genres.items() if genre)
        print(f"{split}: {sum(genres.values())} clips" + (f" ({counted})" if counted else ""))
    if result["copies"]:
        print(f"training, too: {result['copies']} changed copies")
    for clip in result["left_out"]:
        print(f"left out: {printable(clip['source'])}: {clip['reason']}")
    if result["warning"]:
        print(f"Beware: {result['warning']}")
