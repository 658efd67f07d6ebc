"""``songnet FILE_OR_FOLDER...``: classifies files and folders of music."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from tqdm import tqdm

from songnet import __version__
from songnet.batch import PATIENT, Job, classify_jobs, find_jobs
from songnet.commands.console import Parser, add_hear, failure, print_line, say, status_of
from songnet.errors import AudioError
from songnet.folders import PassedOver
from songnet.names import shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson, FailureJson
from songnet.settings import Settings, explain
from songnet.table import CsvTable, path_text
from songnet.weights.options import add_weights, chosen_config, chosen_weights
from songnet.words import percentages


def main(argv: list[str], commands: str = "") -> int:
    """Classifies what the command line names.

    Results go to standard output (or the CSV file), progress and failures to standard error.

    Parameters
    ----------
    argv : list of str
    commands : str
        What the help says of the other commands, a line or more each.

    Returns
    -------
    int
        0 if every file worked; 1 if some failed, there are no weights, or a setting or the own
        genres are invalid; 2 if the results cannot be written; 130 after Ctrl-C; 141 if the
        program that reads the results has ended. Wrong usage exits with 2.
    """
    parser = _parser(commands)
    arguments = parser.parse_args(argv)
    if arguments.version:
        return status_of(lambda: _print_version(arguments))
    if not arguments.paths:
        parser.error("the following arguments are required: FILE_OR_FOLDER")
    if "" in arguments.paths:
        parser.error("an empty name is no file: name a song, or . for the current folder")
    if arguments.csv == "-":
        parser.error("--csv writes a file: name one, or use --json for standard output")
    go_on = " The same command goes on where it stopped." if arguments.csv else ""
    return status_of(lambda: _run(arguments, Settings.from_environment()), f"interrupted.{go_on}")


def _parser(commands: str) -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet",
        usage="songnet [options] FILE_OR_FOLDER...\n       songnet COMMAND ...",
        description="Says which genre each song is, or runs a command.",
        epilog=f"""\
commands, each with a --help of its own:
{commands}

example:
  songnet ~/Music --csv genres.csv

Exit status: 0 if every file worked; 1 if some failed, or there are no weights
or genres; 2 on wrong usage, or if the results cannot be written; 130 after
Ctrl-C; 141 if the program that reads the results (head, say) has ended.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="FILE_OR_FOLDER", help="a song, or a folder of songs"
    )
    parser.add_argument(
        "--version", action="store_true", help="print the versions of program and weights"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object a line")
    output.add_argument(
        "--csv",
        metavar="OUT",
        help="write a table to this file; if it is there, keep its rows and add what is missing",
    )
    add_weights(parser)
    parser.add_argument(
        "--genres", metavar="FILE", help="answer in the own genres that songnet teach has learned"
    )
    add_hear(parser)
    return parser


def _print_version(arguments: argparse.Namespace) -> int:
    print_line(f"songnet {__version__}")
    config = chosen_config(arguments, Settings.from_environment())
    if config is None:
        print_line("weights of the Hub that are not here yet")
    else:
        print_line(f"weights {config.version}, licence: {config.license or 'not stated'}")
    return 0


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    weights = chosen_weights(arguments, settings)
    # The page limits a song's time because other visitors wait; nobody waits here.
    resources = replace(PATIENT, memory_bytes=settings.resources.memory_bytes)
    own_genres, genres = None, weights.config.genres
    if arguments.genres is not None:
        own_genres = OwnGenres.load(arguments.genres)
        own_genres.check_network(weights)
        genres = own_genres.names
    classify = partial(
        classify_jobs,
        weights=weights,
        own_genres=own_genres,
        limits=settings.limits,
        resources=resources,
        explain=explain,
        hear=arguments.hear,
    )
    passed_over = PassedOver()
    jobs, empty = _jobs(arguments.paths, passed_over)
    if said := passed_over.sentence():
        say(said)
    if arguments.csv is not None:
        with CsvTable(arguments.csv, genres) as table:
            return int(_fill(table, jobs, empty, classify))
    show = _print_json if arguments.json else _print_line
    for _, answer in empty:
        show(answer)
    failures = _work(classify(jobs), len(jobs), 0, show)
    return int(bool(failures or empty))


def _jobs(
    paths: list[str], passed_over: PassedOver
) -> tuple[list[Job], list[tuple[str, FailureJson]]]:
    """The files to classify, each once, and each folder that holds none with its failure."""
    jobs: dict[str, Job] = {}
    empty: list[tuple[str, FailureJson]] = []
    for path in paths:
        try:
            for job in find_jobs(path, passed_over):
                jobs.setdefault(os.path.abspath(job.path), job)
        except AudioError as error:
            empty.append((path, {"file": shown_name(path), "error": str(error)}))
    return list(jobs.values()), empty


def _fill(
    table: CsvTable,
    jobs: list[Job],
    empty: list[tuple[str, FailureJson]],
    classify: Callable[[list[Job]], Iterable[AnswerJson]],
) -> bool:
    """Adds what a table lacks, each file once, however often it is named; whether one failed."""
    named: dict[str, Job] = {}
    for job in jobs:
        named.setdefault(path_text(job.path), job)
    left = table.unfinished(named)
    for path, answer in empty:
        table.add(path_text(path), answer)
        _tell(answer)
    paths = iter(left)

    def add(answer: AnswerJson) -> None:
        table.add(next(paths), answer)
        _tell(answer)

    if named and not left:
        say(f"the table has the answers of all files ({len(named)}): nothing was to do.")
        return bool(empty)
    answers = classify([named[path] for path in left])
    failures = _work(answers, len(named), len(named) - len(left), add)
    return bool(failures or empty)


def _work(
    answers: Iterable[AnswerJson], total: int, finished: int, show: Callable[[AnswerJson], None]
) -> int:
    """Shows answers as they come, with a progress bar if there are several; counts failures.

    The bar is for a screen: a file would be filled with its carriage returns.
    """
    started, music_s, failures = time.monotonic(), 0.0, 0
    several = total > 1
    watched = several and sys.stderr.isatty()
    with tqdm(
        total=total, initial=finished, unit=" files", file=sys.stderr, disable=not watched
    ) as progress:
        for answer in answers:
            if "error" in answer:
                failures += 1
            else:
                music_s += answer["duration_s"]
            show(answer)
            progress.update()
    if several:
        minutes = (time.monotonic() - started) / 60
        say(
            f"{total - finished} files, {music_s / 3600:.2f} hours of music in {minutes:.2f} min: "
            f"{music_s / 3600 / minutes:.2f} hours of music per minute."
        )
    return failures


def _print_json(answer: AnswerJson) -> None:
    print_line(json.dumps(answer, ensure_ascii=False))


def _print_line(answer: AnswerJson) -> None:
    _tell(answer)
    if "error" in answer:
        return
    verdict, kind = answer["verdict"]["text"], answer["verdict"]["kind"]
    if kind != "genre":
        verdict = verdict[0].lower() + verdict[1:]
    if kind == "silence":
        print_line(f"{answer['file']}: {verdict}")
        return
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])
    shown = percentages(answer["probabilities"])
    best = ", ".join(f"{genre} {shown[genre]} %" for genre, _ in ranked[:3])
    print_line(f"{answer['file']}: {verdict} ({best})")


def _tell(answer: AnswerJson) -> None:
    """Says on standard error why a file failed, or what its owner should know of it."""
    if "error" in answer:
        say(failure(answer))
        return
    for warning in answer["warnings"]:
        say(f"{answer['file']}: {warning}")
