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
        Copies that are left, as no journal explains them.
    """
    left: list[Path] = []
    for run, copies in _copies(folders).items():
        try:
            path = next(iter(sorted(journals.glob(f"*-{run}.jsonl"))), journals)
            with PastJournal(path) as journal:
                left += _settle_copies(journal, copies) if journal.run == run else copies
        except TagError:
            left += copies
    return left


def settle_run(journal: PastJournal, folders: Iterable[Path]) -> list[Path]:
    """Does what `settle` does, for the run of one journal.

    Parameters
    ----------
    journal : PastJournal
    folders : iterable of Path
        Besides those of the files that the journal names: a run that was killed while it made a
        copy has put nothing down of that file.

    Returns
    -------
    list of Path
        Copies that are left.
    """
    named = {entry.path.parent for entry in journal.entries()}
    return _settle_copies(journal, _copies({*named, *folders}).get(journal.run, []))


def _copies(folders: Iterable[Path]) -> dict[str, list[Path]]:
    """The copies in folders, by the number of the run that left them."""
    found: dict[str, list[Path]] = {}
    for folder in folders:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if name := _NAME.fullmatch(entry.name):
                    found.setdefault(name[1], []).append(folder / entry.name)
    return found


def _settle_copies(journal: PastJournal, copies: Iterable[Path]) -> list[Path]:
    entries = {entry.number: entry for entry in journal.entries()}
    return [copy for copy in copies if not _is_settled(copy, entries.get(_number(copy)))]


def _number(copy: Path) -> int:
    return int(copy.stem.rpartition("-")[2])


def _is_settled(copy: Path, entry: Entry | None) -> bool:
    """Removes a copy, after it was written into its file where that was interrupted."""
    try:
        if copy.is_symlink() or not copy.is_file():
            return False
        # The file itself was written from its copy in place alone, and after it was put down.
        if entry is not None and entry.in_place:
            if not os.path.samefile(copy.parent, entry.path.parent):
                return False
            if _digest(entry.path) not in (entry.before, entry.after):
                if _digest(copy) not in (entry.before, entry.after):
                    return False
                with open(entry.path, "r+b") as file:
                    finish(file, copy)
                sync_folder(copy.parent)
                return True
        os.unlink(copy)
        sync_folder(copy.parent)
    except OSError:
        return False
    return True


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return digest(file)
