"""Copies that a killed run has left beside songs: whose they are, and what becomes of them."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from songnet.errors import TagError
from songnet.tagging.compare import digest
from songnet.tagging.journal import Entry
from songnet.tagging.past_journal import PastJournal
from songnet.tagging.rewrite import finish, sync_folder

_NAME = re.compile(r"\.songnet-tag-([0-9a-f]{16})-(\d{1,9})\.tmp")


def copy_path(path: Path, run: str, number: int) -> Path:
    """Where the copy of a file is that becomes the new file."""
    return path.with_name(f".songnet-tag-{run}-{number}.tmp")


def settle(folders: Iterable[Path], journals: Path) -> list[Path]:
    """Removes what runs have left in folders, and completes what was written in place.

    A copy is this program's if its name says so and a journal has the run's number; it is left
    while that run is at work.

    Parameters
    ----------
    folders : iterable of Path
    journals : Path
        The folder of the journals.

    Returns
    -------
    list of Path
        Copies of runs that have no journal, which are left.
    """
    found: dict[str, list[Path]] = {}
    for folder in folders:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if name := _NAME.fullmatch(entry.name):
                    found.setdefault(name[1], []).append(folder / entry.name)
    strange: list[Path] = []
    for run, copies in found.items():
        paths = [path for path in _journals(journals, run) if path.is_file()]
        if not paths:
            strange += copies
            continue
        # One that is damaged tells nothing, and one that is in use is another run's.
        with contextlib.suppress(TagError), PastJournal(paths[0]) as journal:
            if journal.run == run:
                settle_copies(journal, copies)
    return strange


def settle_copies(journal: PastJournal, copies: Iterable[Path] | None = None) -> None:
    """Does what `settle` does for the copies of one journal, or for all that it tells of."""
    entries = {copy_path(e.path, journal.run, e.number): e for e in journal.entries()}
    for copy in entries if copies is None else copies:
        with contextlib.suppress(OSError):
            if copy.is_symlink() or not copy.is_file():
                continue
            entry = entries.get(copy)
            if entry is not None and entry.in_place and _is_torn(entry):
                if _digest(copy) not in (entry.before, entry.after):
                    continue
                with open(entry.path, "r+b") as file:
                    finish(file, copy)
            else:
                os.unlink(copy)
            sync_folder(copy.parent)


def _is_torn(entry: Entry) -> bool:
    """Whether a file is neither what it was nor what it was to be."""
    return entry.path.exists() and _digest(entry.path) not in (entry.before, entry.after)


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return digest(file)


def _journals(folder: Path, run: str) -> list[Path]:
    return sorted(folder.glob(f"*-{run}.jsonl"))
