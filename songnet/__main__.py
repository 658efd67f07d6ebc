"""The command ``songnet``, or ``python -m songnet``: classifies files and folders of music."""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib import import_module

from tqdm import tqdm

from songnet import __version__
from songnet.batch import PATIENT, Job, classify_jobs, find_jobs
from songnet.errors import (
    AudioError,
    OutputError,
    OwnGenresError,
    SettingsError,
    TableError,
    WeightsError,
)
from songnet.folders import PassedOver
from songnet.names import shown_name
from songnet.own_genres import OwnGenres
from songnet.prediction import AnswerJson, FailureJson
from songnet.settings import Settings, explain
from songnet.table import CsvTable, path_text
from songnet.weights import load_weights
from songnet.words import percentages

# Commands by the module whose `main` they run, which is imported for that. Any other first argument
# is a file.
_COMMANDS = {"page": "songnet.serve", "teach": "songnet.teach"}
# Exit statuses by the shells' convention: after Ctrl-C, and where a pipe has no reader any more.
_INTERRUPTED = 130
_NO_READER = 141


def main(argv: list[str] | None = None) -> int:
    """Runs a command, or classifies what the command line names.

    Results go to standard output (or the CSV file), progress and failures to standard error.

    Parameters
    ----------
    argv : list of str, or None for the process's arguments

    Returns
    -------
    int
        0 if every file worked; 1 if some failed, there are no weights, or a setting or the own
        genres are invalid; 2 if the results cannot be written; 130 after Ctrl-C; 141 if the
        program that reads the results has ended. Wrong usage exits with 2.
    """
    argv = sys.argv[1:] if argv is None else argv
    _open_closed_streams()
    if argv and argv[0] in _COMMANDS:
        return import_module(_COMMANDS[argv[0]]).main(argv[1:])
    parser = _parser()
    arguments = parser.parse_args(argv)
    if "" in arguments.paths:
        parser.error("an empty name is no file: name a song, or . for the current folder")
    if arguments.hub is not None and not arguments.hub.partition("@")[0].strip():
        parser.error("--hub names no repository: give one as OWNER/NAME@REVISION, or leave it out")
    if arguments.csv == "-":
        parser.error("--csv writes a file: name one, or use --json for standard output")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _run(arguments, Settings.from_environment())
    except (OwnGenresError, SettingsError, WeightsError) as error:
        _say(error)
        return 1
    except TableError as error:
        _say(error)
        return 2
    except OutputError as error:
        _say(error)
        _discard_output()
        return 2
    except BrokenPipeError:
        # The program that reads the results (`head`, say) has ended.
        _discard_output()
        return _NO_READER
    except KeyboardInterrupt:
        go_on = " The same command goes on where it stopped." if arguments.csv else ""
        _say(f"interrupted.{go_on}")
        return _INTERRUPTED


def _open_closed_streams() -> None:
    """Lets the null device stand where a shell has closed a standard stream (``2>&-``, say).

    The next file to be opened would take the place otherwise, and what is said on standard error
    would be taken for results. That there is no standard output is told when there are results.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="songnet",
        description="Says which genre each song is. `songnet page` serves the page instead, "
        "`songnet teach` learns your own genres.",
        epilog="Exit status: 0 if every file worked; 1 if some failed, or there are no weights or "
        "genres; 2 on wrong usage, or if the results cannot be written; 130 after Ctrl-C; 141 if "
        "the program that reads the results (head, say) has ended.",
    )
    parser.add_argument(
        "paths", nargs="+", metavar="FILE_OR_FOLDER", help="a song, or a folder of songs"
    )
    parser.add_argument("--version", action="version", version=f"songnet {__version__}")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object a line")
    output.add_argument(
        "--csv",
        metavar="OUT",
        help="write a table to this file; if it is there, keep its rows and add what is missing",
    )
    parser.add_argument(
        "--hub", metavar="REPO@REVISION", help="take the weights from this Hub repository"
    )
    parser.add_argument(
        "--or-embedded",
        action="store_true",
        help="where the weights of --hub or SONGNET_HUB_REPO cannot be had, take those that came "
        "along",
    )
    parser.add_argument(
        "--genres", metavar="FILE", help="answer in the own genres that songnet teach has learned"
    )
    return parser


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    weights = load_weights(hub=arguments.hub or settings.hub, or_embedded=arguments.or_embedded)
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
    )
    passed_over = PassedOver()
    jobs, empty = _jobs(arguments.paths, passed_over)
    if said := passed_over.sentence():
        _say(said)
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
        _say(f"the table has the answers of all files ({len(named)}): nothing was to do.")
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
        _say(
            f"{total - finished} files, {music_s / 3600:.2f} hours of music in {minutes:.2f} min: "
            f"{music_s / 3600 / minutes:.2f} hours of music per minute."
        )
    return failures


def _print(text: str) -> None:
    """Writes a line to standard output at once, past the progress bar."""
    if sys.stdout is None:
        raise OutputError("There is no standard output for the results: open it, or use --csv.")
    try:
        tqdm.write(text, file=sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"The results cannot be written ({error.strerror}): send them elsewhere, or use --csv."
        ) from error


def _discard_output() -> None:
    """Keeps Python from reporting an error of standard output once more when it exits."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_json(answer: AnswerJson) -> None:
    _print(json.dumps(answer, ensure_ascii=False))


def _print_line(answer: AnswerJson) -> None:
    _tell(answer)
    if "error" in answer:
        return
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])
    verdict = "not sure" if answer["abstained"] else answer["genre"]
    if answer.get("none_of_these"):
        verdict = "none of these"
    shown = percentages(answer["probabilities"])
    best = ", ".join(f"{genre} {shown[genre]} %" for genre, _ in ranked[:3])
    _print(f"{answer['file']}: {verdict} ({best})")


def _say(what: object) -> None:
    """Writes a line to standard error, past the progress bar; nothing is lost if that fails."""
    try:
        tqdm.write(f"songnet: {what}", file=sys.stderr)
    except OSError:
        # Python would report the error once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _tell(answer: AnswerJson) -> None:
    """Says on standard error why a file failed, or what its owner should know of it."""
    if "error" in answer:
        _say(_failure(answer))
        return
    for warning in answer["warnings"]:
        _say(f"{answer['file']}: {warning}")


def _failure(answer: FailureJson) -> str:
    """Why a file failed; of a file in a folder, the sentence names its path below that."""
    name, error = answer["file"], answer["error"]
    alone = shown_name(name)
    if name == alone:
        return error
    return name + error.removeprefix(alone) if error.startswith(alone) else f"{name}: {error}"


if __name__ == "__main__":
    sys.exit(main())
