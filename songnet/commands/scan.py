"""``songnet scan FOLDER...``: hears what is new in folders, and keeps a library of them."""

import argparse
import json
import sys
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from songnet.batch import PATIENT
from songnet.commands.console import (
    Parser,
    add_library,
    print_line,
    say,
    status_of,
    windows_to_hear,
)
from songnet.folders import PassedOver
from songnet.library import Library
from songnet.library.scan import WINDOWS, ScanReport, scan
from songnet.settings import Settings, explain
from songnet.weights.options import add_weights, chosen_weights


def main(argv: list[str]) -> int:
    """Brings a library up to date with the folders that the command line names.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if every file has an answer; 1 if some have none or there are no weights; 2 if the library
        cannot be used; 130 after Ctrl-C; 141 if the program that reads the results has ended. Wrong
        usage exits with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if "" in arguments.paths:
        parser.error("an empty name is no folder: name one, or . for the current folder")
    return status_of(
        lambda: _run(arguments, Settings.from_environment()),
        "interrupted. The same command goes on where it stopped.",
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet scan",
        description="Hears the songs of folders and keeps a library of them. A second run hears "
        "only what is new or changed, knows moved files again, and marks those that have vanished. "
        "No song's file is changed.",
        epilog="Example: songnet scan ~/Music. Exit status: 0 if every file has an answer; 1 if "
        "some have none, or there are no weights; 2 on wrong usage, or if the library cannot be "
        "used; 130 after Ctrl-C; 141 if the program that reads the results has ended.",
    )
    parser.add_argument("paths", nargs="+", metavar="FOLDER", help="a folder of songs, or a song")
    add_library(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="one JSON object a line for each file that is not as it was: its path, the change, "
        "and the answer if it was heard",
    )
    parser.add_argument(
        "--retry",
        action="store_true",
        help="try files again that failed before, although they have not changed",
    )
    parser.add_argument(
        "--anew",
        action="store_true",
        help="where another network heard the library, throw its answers away",
    )
    parser.add_argument(
        "--hear",
        metavar="N",
        type=windows_to_hear,
        default=WINDOWS,
        help="how many windows of 30 s of each song are heard, evenly placed, or all "
        "(default: %(default)s); what was heard with as many or more is not heard again",
    )
    add_weights(parser)
    return parser


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    weights = chosen_weights(arguments, settings)
    passed_over = PassedOver()
    watched = sys.stderr.isatty()
    with (
        Library.open(arguments.library, create=True) as library,
        tqdm(unit=" files", file=sys.stderr, disable=not watched) as bar,
    ):
        library.belong_to(weights.network_sha256, weights.config.genres, anew=arguments.anew)

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = scan(
            library,
            arguments.paths,
            weights,
            hear=arguments.hear,
            retry=arguments.retry,
            limits=settings.limits,
            # Nobody else waits, as on the page.
            resources=replace(PATIENT, memory_bytes=settings.resources.memory_bytes),
            explain=explain,
            passed_over=passed_over,
            on_song=lambda song: _tell(song, as_json=arguments.json),
            on_progress=show,
        )
    if said := passed_over.sentence():
        say(said)
    say(summary(report))
    return int(report.failed > 0)


def _tell(song: dict[str, Any], *, as_json: bool) -> None:
    """Prints what became of a file as JSON; says what is wrong with it on standard error."""
    if as_json:
        print_line(json.dumps(song, ensure_ascii=False))
    name, error = song.get("file", ""), song.get("error")
    if error is not None:
        say(error if error.startswith(name) else f"{name}: {error}")
    for warning in song.get("warnings", ()):
        say(f"{name}: {warning}")


def summary(report: ScanReport) -> str:
    """A scan's numbers in one line, those that are 0 left out.

    Examples
    --------
    >>> summary(ScanReport(new=2, vanished=1, music_s=7200, seconds=60))
    '2 new, 1 vanished; 2.00 hours of music in 1.00 min: 2.00 hours of music per minute.'
    >>> summary(ScanReport(unchanged=3, seconds=60))
    '3 unchanged.'
    """
    named = {
        "new": report.new,
        "changed": report.changed,
        "with other tags": report.retagged,
        "moved": report.moved,
        "copied": report.copied,
        "unchanged": report.unchanged,
        "vanished": report.vanished,
        "on a disk that is not there": report.away,
        "failed": report.failed,
    }
    numbers = ", ".join(f"{number} {name}" for name, number in named.items() if number)
    if not report.music_s:
        return f"{numbers or 'no songs'}."
    hours, minutes = report.music_s / 3600, report.seconds / 60
    return (
        f"{numbers}; {hours:.2f} hours of music in {minutes:.2f} min: "
        f"{hours / minutes:.2f} hours of music per minute."
    )
