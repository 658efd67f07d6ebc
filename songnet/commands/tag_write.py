"""``songnet tag --write``: writes what is proposed for each song, and keeps a journal of it."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from songnet.batch import PATIENT, Job
from songnet.commands.console import say
from songnet.commands.tag_report import Report, summary
from songnet.errors import UnwritableError
from songnet.library import Library
from songnet.library.changes import Changes
from songnet.names import printable
from songnet.sandbox import Sandbox
from songnet.settings import Settings
from songnet.tagging import Choices, Field, Journal, Proposal, journals_folder, write_genre
from songnet.tagging.songs import renew

_OTHER_NAME = "it is another name of a file that was written"
_UNREACHED = "not reached"


@dataclass(frozen=True)
class Heard:
    """What there is to say of the files that were named.

    Attributes
    ----------
    not_found : list of (str, str)
        What is no song and no folder of songs, and why.
    failures : list of (str, str)
        Names of songs, and why there is no answer.
    proposals : list of (Job, Proposal)
        Of the rest.
    states : dict of Path to (int, int)
        Their sizes and times of change [ns] when they were heard.
    """

    not_found: list[tuple[str, str]]
    failures: list[tuple[str, str]]
    proposals: list[tuple[Job, Proposal]]
    states: dict[Path, tuple[int, int]]


def write(
    arguments: argparse.Namespace,
    settings: Settings,
    heard: Heard,
    report: Report,
    field: Field,
    library: Library,
) -> int:
    """Writes what is proposed; whatever ends that, the journal is named."""
    done: list[Proposal] = []
    failed = written = 0
    journal: Journal | None = None
    files: set[tuple[int, int] | None] = set()
    resources = replace(PATIENT, memory_bytes=settings.resources.memory_bytes)
    try:
        with (
            Sandbox(1, resources) as sandbox,
            closing(Changes(library)) as changes,
            progress_bar("songs") as (_, step),
        ):
            describe = partial(sandbox.describe, limits=settings.limits)
            for number, (job, proposal) in enumerate(heard.proposals):
                is_written = False
                if proposal.why_not is None and _identity(proposal.path) in files:
                    proposal = replace(proposal, why_not=_OTHER_NAME)
                if proposal.why_not is None:
                    if journal is None:
                        journal = Journal(journals_folder(), field.name)
                        # A run that is killed says nothing at its end.
                        say(f"the journal of this run is {printable(str(journal.path))}.")
                    try:
                        write_genre(
                            proposal.path,
                            number,
                            proposal.values,
                            field,
                            journal,
                            lambda path: describe(path)[1],
                            choices_of(arguments),
                            heard.states[proposal.path],
                        )
                        is_written = True
                        written += 1
                        files.add(_identity(proposal.path))
                        renew(changes, proposal.path, describe)
                    except UnwritableError as error:
                        failed += 1
                        proposal = replace(proposal, why_not=str(error))
                report.show(job.name, proposal, written=is_written)
                done.append(proposal)
                step(len(heard.proposals))
    finally:
        rest = [_unreached(proposal) for _, proposal in heard.proposals[len(done) :]]
        if journal is not None:
            journal.close()
            say(summary([*done, *rest], len(heard.failures), written))
            _name_journal(journal)
    if journal is None and done:
        say(summary(done, len(heard.failures), written))
    return int(bool(failed or heard.failures or heard.not_found))


def _identity(path: Path) -> tuple[int, int] | None:
    """What all names of a file have in common; None where it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _unreached(proposal: Proposal) -> Proposal:
    """What was proposed for a song before which the run ended."""
    return replace(proposal, why_not=proposal.why_not or _UNREACHED)


def _name_journal(journal: Journal) -> None:
    if journal.is_empty:
        say("no file was changed: nothing is to be undone.")
        return
    undo_command = shlex.join(["songnet", "tag", "--undo", str(journal.path)])
    say(f"the journal is {printable(str(journal.path))}. To undo: {printable(undo_command)}")


def choices_of(arguments: argparse.Namespace) -> Choices:
    """How files are written, as the command line says."""
    return Choices(hard_links=arguments.hard_links, keep_times=arguments.keep_times)


@contextmanager
def progress_bar(unit: str) -> Iterator[tuple[Callable[[int, int], None], Callable[[int], None]]]:
    """A bar on a screen, and the functions that move it to a number, and by one."""
    with tqdm(unit=f" {unit}", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show, lambda total: show(bar.n + 1, total)
