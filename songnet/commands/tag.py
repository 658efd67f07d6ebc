"""``songnet tag FOLDER...``: shows which genres songs would get, writes or undoes them."""

import argparse
import os
import shlex
from collections.abc import Iterable
from dataclasses import replace

from songnet.batch import PATIENT, Job, find_jobs
from songnet.commands.console import Parser, add_library, say, status_of, windows_to_hear
from songnet.commands.tag_report import Report, summary
from songnet.commands.tag_undo import undo
from songnet.commands.tag_write import Heard, choices_of, progress_bar, write
from songnet.errors import AudioError
from songnet.folders import PassedOver
from songnet.library import Library
from songnet.library.rows import path_of, stored_path
from songnet.library.scan import WINDOWS, scan
from songnet.names import printable, shown_name
from songnet.own_genres import OwnGenres
from songnet.settings import Settings, explain
from songnet.tagging import (
    Field,
    NamesMap,
    Rules,
    journals_folder,
    propose,
)
from songnet.tagging.leftovers import settle
from songnet.tagging.songs import candidate
from songnet.tagging.values import check_value
from songnet.weights import Weights
from songnet.weights.options import add_weights, chosen_weights


def main(argv: list[str]) -> int:
    """Shows, writes or takes out genres, as the command line says.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if all went as it should; 1 if some files could not be heard or written, or put back; 2 if
        the library, the journal, the map or the field cannot be used; 130 after Ctrl-C; 141 if the
        program that reads the results has ended. Wrong usage exits with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.undo is not None:
        if arguments.paths or arguments.write:
            parser.error("--undo knows the files from the journal: name no others, and no --write")
        return status_of(
            lambda: undo(arguments, choices_of(arguments)),
            "interrupted. The same command goes on where it stopped.",
        )
    if not arguments.paths or "" in arguments.paths:
        parser.error("name a folder of songs, or a journal with --undo")
    command = shlex.join(["songnet", "tag", "--write", *argv])
    return status_of(
        lambda: _run(arguments, Settings.from_environment(), command),
        "interrupted. Each file is as it was or as it should be; the same command goes on.",
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet tag",
        description="Shows which genre each song of a folder would get in its tags, and writes "
        "nothing. With --write it writes them, into files without a genre, where SongNet is sure; "
        "--undo takes them out again.",
        epilog="Example: songnet tag ~/Music, and then songnet tag --write ~/Music. Exit status: 0 "
        "if all went as it should; 1 if some files could not be heard, written or put back; 2 on "
        "wrong usage, or if the library, the journal, the map or the field cannot be used; 130 "
        "after Ctrl-C; 141 if the program that reads the results has ended.",
    )
    parser.add_argument("paths", nargs="*", metavar="FOLDER", help="a folder of songs, or a song")
    parser.add_argument("--write", action="store_true", help="write what is shown without it")
    parser.add_argument(
        "--undo", metavar="JOURNAL", help="put back what a run has written that kept this journal"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each song")
    parser.add_argument(
        "--sure",
        metavar="SHARE",
        type=_share,
        default=0.7,
        help="write only genres that are at least so probable, 0 to 1 (0.7)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="write into files that have a genre, too"
    )
    parser.add_argument(
        "--album",
        action="store_true",
        help="give the songs of an album one genre, by the mean of their probabilities: those in a "
        "folder whose tags name the same album and the same album artist",
    )
    parser.add_argument(
        "--map",
        metavar="MAP.toml",
        help='your own names for genres: lines such as Hip-Hop = "Rap", Pop = ["Pop", "Charts"], '
        "or International = [] for one that is not to be written",
    )
    parser.add_argument(
        "--genres", metavar="FILE", help="answer in the own genres that songnet teach has learned"
    )
    parser.add_argument(
        "--field", metavar="NAME", help="write into this field of your own instead of the genre"
    )
    parser.add_argument(
        "--keep-times", action="store_true", help="keep each file's time of its last change"
    )
    parser.add_argument(
        "--hard-links",
        action="store_true",
        help="write files that have several names (hard links), too, for all of these at once",
    )
    parser.add_argument(
        "--hear",
        metavar="N",
        type=windows_to_hear,
        default=WINDOWS,
        help="how many windows of 30 s of a new song are heard, or all (default: %(default)s)",
    )
    add_library(parser)
    add_weights(parser)
    return parser


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share: give a number from 0 to 1")
    return share


def _run(arguments: argparse.Namespace, settings: Settings, command: str) -> int:
    field = Field(arguments.field)
    weights = chosen_weights(arguments, settings)
    own = None if arguments.genres is None else OwnGenres.load(arguments.genres)
    if own is not None:
        own.check_network(weights)
    rules = _rules(arguments, weights, own)
    with Library.open(arguments.library, create=True) as library:
        heard = _hear(arguments, settings, library, weights, rules, field, own)
        report = Report(
            ((job.name, proposal) for job, proposal in heard.proposals), as_json=arguments.json
        )
        for name, error in (*heard.not_found, *heard.failures):
            report.fail(name, error)
            say(error if error.startswith(shown_name(name)) else f"{name}: {error}")
        if arguments.write:
            return write(arguments, settings, heard, report, field, library)
    for job, proposal in heard.proposals:
        report.show(job.name, proposal)
    proposals = [proposal for _, proposal in heard.proposals]
    if proposals:
        say(summary(proposals, len(heard.failures), None))
    if any(proposal.why_not is None for proposal in proposals):
        say(f"nothing was written. To write: {printable(command)}")
    return int(bool(heard.failures or heard.not_found))


def _rules(arguments: argparse.Namespace, weights: Weights, own: OwnGenres | None) -> Rules:
    genres = weights.config.genres if own is None else own.names
    names = NamesMap() if arguments.map is None else NamesMap.load(arguments.map, genres)
    for genre in genres:
        for value in names.values(genre):
            check_value(value)
    config = weights.config
    return Rules(
        sure=arguments.sure,
        replace=arguments.replace,
        by_album=arguments.album,
        names=names,
        abstain_below=config.abstain_below if own is None else own.calibration.abstain_below,
    )


def _hear(
    arguments: argparse.Namespace,
    settings: Settings,
    library: Library,
    weights: Weights,
    rules: Rules,
    field: Field,
    own: OwnGenres | None,
) -> Heard:
    """Brings the library up to date with the files, and proposes a genre for each."""
    library.belong_to(weights.network_sha256, weights.config.genres)
    jobs: dict[str, Job] = {}
    not_found: list[tuple[str, str]] = []
    failures: list[tuple[str, str]] = []
    passed_over = PassedOver()
    for path in arguments.paths:
        try:
            for job in find_jobs(path, passed_over):
                jobs.setdefault(os.path.abspath(job.path), job)
        except AudioError as error:
            not_found.append((printable(path), str(error)))
    if said := passed_over.sentence():
        say(said)
    if arguments.write:
        _clear_up(jobs)
    errors: dict[str, str | None] = {}
    with progress_bar("files") as (show, _):
        scan(
            library,
            jobs,
            weights,
            hear=arguments.hear,
            limits=settings.limits,
            resources=replace(PATIENT, memory_bytes=settings.resources.memory_bytes),
            explain=explain,
            on_song=lambda song: errors.update({song["path"]: song.get("error")}),
            on_progress=show,
        )
    found: list[Job] = []
    candidates, unwritable, states = [], [], {}
    for path, job in jobs.items():
        song = library.song(path)
        if song is None:
            failures.append((job.name, errors.get(str(path_of(stored_path(path)))) or _NOT_HEARD))
            continue
        one, why_not = candidate(song, field, own, choices_of(arguments))
        found.append(job)
        states[song.path] = song.size, song.mtime_ns
        candidates.append(one)
        unwritable.append(why_not)
    proposals = [
        # What has a genre is left for that reason, and not for one that would be next.
        replace(proposal, why_not=why_not) if why_not and proposal.why_not is None else proposal
        for proposal, why_not in zip(propose(candidates, rules), unwritable, strict=True)
    ]
    return Heard(not_found, failures, list(zip(found, proposals, strict=True)), states)


_NOT_HEARD = "it could not be heard in an earlier run: songnet scan --retry tells why."


def _clear_up(paths: Iterable[str]) -> None:
    """Removes what a run that was killed has left beside these songs, before they are heard."""
    for copy in settle({path_of(stored_path(path)).parent for path in paths}, journals_folder()):
        say(
            f"{printable(str(copy))} is a copy that an earlier run has left, and no journal tells "
            "of what: delete it if no other run is at work."
        )
