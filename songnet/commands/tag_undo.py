"""``songnet tag --undo JOURNAL``: puts tags back as a journal says."""

import argparse
import json
import os
import sys
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from songnet.audio import Limits
from songnet.commands.console import print_line, say
from songnet.errors import LibraryError, TagError, UnwritableError
from songnet.library import Library, default_path
from songnet.library.changes import Changes
from songnet.names import printable
from songnet.sandbox import Sandbox
from songnet.tagging import Choices, Entry, Field, PastJournal, undo_entry
from songnet.tagging.leftovers import settle_run
from songnet.tagging.songs import renew


def undo(arguments: argparse.Namespace, choices: Choices) -> int:
    """Puts every file's tags back that has not changed since.

    Parameters
    ----------
    arguments : argparse.Namespace
        With `undo`, `library` and `json`.
    choices : Choices

    Returns
    -------
    int
        0 if all files are as they were before; 1 if some are left.
    """
    counts = {"back": 0, "before": 0, "left": 0}
    with ExitStack() as opened:
        journal = opened.enter_context(PastJournal(arguments.undo))
        try:
            field = Field(journal.field)
        except TagError as error:
            raise TagError("The journal names a field that is never written.") from error
        sandbox = opened.enter_context(Sandbox(1))
        describe = partial(sandbox.describe, limits=Limits(max_bytes=sys.maxsize))
        library = _library(arguments.library, opened)
        changes = None if library is None else opened.enter_context(closing(Changes(library)))
        settle_run(journal, _folders(library))
        for entry in journal.entries():
            why_not, outcome = None, "before"
            try:
                if undo_entry(entry, journal.run, field, lambda path: describe(path)[1], choices):
                    outcome = "back"
                    if changes is not None:
                        renew(changes, entry.path, describe)
            except UnwritableError as error:
                outcome, why_not = "left", str(error)
            counts[outcome] += 1
            _tell(entry, outcome, why_not, as_json=arguments.json)
    say(
        f"{counts['back']} put back, {counts['before']} were as before, {counts['left']} left as "
        "they are."
    )
    return int(counts["left"] > 0)


def _library(path: str | None, opened: ExitStack) -> Library | None:
    """The library, if there is one: nothing depends on it here."""
    if not os.path.exists(default_path() if path is None else path):
        return None
    try:
        return opened.enter_context(Library.open(path, create=True))
    except LibraryError as error:
        say(error)
        return None


def _folders(library: Library | None) -> set[Path]:
    """Where a run may have left copies: a library has all songs that were to be written."""
    try:
        return set() if library is None else {song.path.parent for song in library.songs()}
    except LibraryError as error:
        say(error)
        return set()


_WORDS = {"back": "put back", "before": "as it was before", "left": "left as it is"}


def _tell(entry: Entry, outcome: str, why_not: str | None, *, as_json: bool) -> None:
    name = printable(str(entry.path))
    if as_json:
        content = {
            "path": name,
            "now": list(entry.now if outcome == "left" else entry.was),
            "outcome": _WORDS[outcome],
            "why_not": why_not,
        }
        print_line(json.dumps(content, ensure_ascii=False))
    else:
        print_line(f"{name}: {_WORDS[outcome]}{f', {why_not}' if why_not else ''}")
