"""The collections from which a data set is made: FMA, own files; with genres or without."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from train.data import fma, own_music
from train.data.clips import Clips, sha1
from train.data.data_set import DataSet
from train.data.tracks import SPLITS, UNLABELLED, Track
from train.errors import DataError


@dataclass(frozen=True)
class Collection:
    """Tracks, and where their audio is.

    Attributes
    ----------
    tracks : list of Track
        Those in no split are dealt, once it is known which can be used.
    clips : Clips
        Their audio.
    describe : callable
        Gives the description, as a data set, of those tracks that can be used.
    left_out : dict of str to str
        Clips that are not to be decoded: reasons by source.
    labelled : bool
        Whether the tracks have genres; without, all are in the split `UNLABELLED`.
    """

    tracks: list[Track]
    clips: Clips
    describe: Callable[[list[Track]], DataSet]
    left_out: dict[str, str] = field(default_factory=dict)
    labelled: bool = True

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of which a data set of the tracks consists."""
        return SPLITS if self.labelled else (UNLABELLED,)


def collection_of(arguments: argparse.Namespace) -> Collection:
    """The collection that the options of ``python -m train prepare`` name."""
    return _fma(arguments) if arguments.fma else _own(arguments)


def _fma(arguments: argparse.Namespace) -> Collection:
    name = f"fma_{arguments.subset}"
    if arguments.verify:
        _verify([arguments.fma / archive for archive in ("fma_metadata.zip", f"{name}.zip")])
    labelled = not arguments.unlabelled
    metadata = Clips.find(arguments.fma, "fma_metadata")
    tracks = fma.tracks(metadata, arguments.subset, labelled=labelled)
    broken = {
        fma.clip_path(number): "It is known to be broken: its track is shorter than was thought."
        for number in fma.BROKEN
        if arguments.subset != "full"
    }
    clips = Clips.find(arguments.fma, name)
    known = fma.data_set(arguments.subset, labelled=labelled)
    return Collection(tracks, clips, lambda _: known, broken, labelled)


def _verify(archives: Sequence[Path]) -> None:
    """Raises a `DataError` that names all archives that are not the published files."""
    others, addresses = [], []
    for archive in archives:
        published = fma.ARCHIVES[archive.name]
        try:
            found = sha1(archive)
        except OSError as error:
            raise DataError(f"{archive} cannot be checked: {error.strerror}.") from error
        if found != published.sha1:
            others.append(f"{archive} (its SHA-1 is {found[:12]}...)")
            addresses.append(published.url)
    if others:
        raise DataError(
            f"Not what was published: {' and '.join(others)}; download again from "
            f"{' and '.join(addresses)}."
        )


def _own(arguments: argparse.Namespace) -> Collection:
    if arguments.folder:
        where = arguments.folder
        listed = own_music.from_library if arguments.unlabelled else own_music.from_tree
        tracks = listed(where)
    else:
        if arguments.unlabelled:
            raise DataError("--table names labels: use --folder for songs without.")
        where = arguments.table.parent
        tracks = own_music.from_table(arguments.table)
    name = arguments.name or where.resolve().name
    describe = partial(own_music.data_set, name, license_=arguments.license)
    return Collection(tracks, Clips(where), describe, labelled=not arguments.unlabelled)
