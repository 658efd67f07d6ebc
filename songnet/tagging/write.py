"""Writes the genres of files, and takes them out again: checked, put down, and in one step."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from songnet.audio import SUFFIXES
from songnet.errors import UnwritableError
from songnet.tagging import delta
from songnet.tagging.compare import Packets, check_alike, digest
from songnet.tagging.fields import tagging_of
from songnet.tagging.journal import Entry, Journal
from songnet.tagging.leftovers import copy_path
from songnet.tagging.rewrite import check_writable, explained, rewrite
from songnet.tagging.values import Field

_BLOCK = 2**20


@dataclass(frozen=True)
class Choices:
    """How files are written.

    Attributes
    ----------
    hard_links : bool
        Whether files with several names are, too.
    keep_times : bool
        Whether a file keeps its time of change.
    """

    hard_links: bool = False
    keep_times: bool = False


def write_genre(
    path: Path,
    number: int,
    values: tuple[str, ...],
    field: Field,
    journal: Journal,
    packets: Packets,
    choices: Choices = Choices(),
    heard: tuple[int, int] | None = None,
) -> None:
    """Writes a field of a file's tags; the journal says beforehand how to undo that.

    Parameters
    ----------
    path : Path
        Absolute.
    number : int
        Of the file in this run.
    values : tuple of str
        In place of those that are there.
    field : Field
    journal : Journal
    packets : function
        Gives the digest of a file's coded sound.
    choices : Choices
    heard : (int, int) or None
        The size and the time of change [ns] that the file had when it was heard; None for any.

    Raises
    ------
    UnwritableError
        If it cannot be, or if anything else would change; the file is as it was.
    WriteError
        If the journal cannot be written; the file is as it was.
    """
    before = check_writable(path, hard_links=choices.hard_links)
    if heard not in (None, (before.st_size, before.st_mtime_ns)):
        raise UnwritableError("it was changed since it was heard")
    written: tuple[str, ...] = ()

    def make(old: BinaryIO, new: BinaryIO) -> None:
        tagging = tagging_of(old)
        old.seek(0)
        shutil.copyfileobj(old, new, _BLOCK)
        nonlocal written
        written = tagging.write(new, field, values)

    def confirm(old: BinaryIO, new: BinaryIO, copy: Path) -> None:
        tagging = tagging_of(new)
        if tagging.read(new, field) != written:
            raise UnwritableError("its tags would not say what they should")
        check_alike(old, new, path, copy, field, packets)
        back = delta.difference(old, new)
        digests = digest(old), digest(new)
        if delta.digest_of(back, new) != digests[0]:
            raise UnwritableError("it could not be undone")
        journal.add(
            Entry(
                *(number, path, *digests),
                was=tagging_of(old).read(old, field),
                now=tagging.read(new, field),
                mtime_ns=before.st_mtime_ns,
                in_place=before.st_nlink > 1,
                back=back,
            )
        )

    rewrite(
        path,
        copy_path(path, journal.run, number),
        make,
        confirm,
        hard_links=choices.hard_links,
        mtime_ns=before.st_mtime_ns if choices.keep_times else None,
    )


def undo_entry(
    entry: Entry, run: str, field: Field, packets: Packets, choices: Choices = Choices()
) -> bool:
    """Puts a file's tags back as a journal's entry says.

    Parameters
    ----------
    entry : Entry
    run : str
        The journal's.
    field : Field
        The journal's.
    packets : function
    choices : Choices

    Returns
    -------
    bool
        Whether anything was to be done: False where the file is as it was before.

    Raises
    ------
    UnwritableError
        If the file was changed since, if more than the field would change, or as for `rewrite`; it
        is as it was.
    """
    # A journal may come from anybody: it changes music, and of that one field alone.
    if entry.path.suffix.lower() not in SUFFIXES:
        raise UnwritableError("it is no song")
    if _is_as_before(entry):
        return False

    def make(old: BinaryIO, new: BinaryIO) -> None:
        if digest(old) != entry.after:
            raise UnwritableError("it was changed since")
        for block in delta.applied(entry.back, old):
            new.write(block)

    def confirm(old: BinaryIO, new: BinaryIO, copy: Path) -> None:
        if digest(new) != entry.before:
            raise UnwritableError("the journal does not lead back to what it was")
        check_alike(old, new, entry.path, copy, field, packets)

    rewrite(
        entry.path,
        copy_path(entry.path, run, entry.number),
        make,
        confirm,
        # Those that were changed for all of their names are changed back so.
        hard_links=entry.in_place or choices.hard_links,
        mtime_ns=entry.mtime_ns if choices.keep_times else None,
    )
    return True


def _is_as_before(entry: Entry) -> bool:
    # Not to be waited for, should it be a pipe.
    flags = os.O_RDONLY | os.O_NONBLOCK
    with explained(), open(os.open(entry.path, flags), "rb") as file:
        return digest(file) == entry.before
