"""``songnet teach``: learns the user's own genres from folders of songs; shows and changes them."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from songnet.batch import PATIENT, Job, hear_jobs
from songnet.commands.console import Parser, discard_output, failure, say, status_of
from songnet.commands.teach_report import contents, summary, to_json
from songnet.errors import AudioError, NotLearnedError, OwnGenresError, WriteError
from songnet.folders import PassedOver, find_songs
from songnet.names import printable, shown_name
from songnet.own_genres import OwnGenres, TaughtSong
from songnet.own_genres.learning import learn
from songnet.own_genres.songs import (
    FEWEST_SONGS,
    check_numbers,
    clean_name,
)
from songnet.prediction import FailureJson
from songnet.settings import Settings, explain
from songnet.weights import Weights
from songnet.weights.options import add_weights, chosen_weights


def main(argv: list[str]) -> int:
    """Learns, changes or shows own genres, as the command line says.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if every song was learned from; 1 if some failed or nothing could be learned; 2 if the
        file cannot be written; 130 after Ctrl-C. Wrong usage exits with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    changes = arguments.add is not None or arguments.remove is not None
    if not (changes or arguments.show or arguments.output):
        parser.error("name the file to write with --output, or say --add, --remove or --show")
    if arguments.show and arguments.output:
        parser.error("--show writes nothing: leave --output out")
    if arguments.show:
        return status_of(lambda: _show(arguments))
    return status_of(lambda: _learn(arguments), "interrupted, and nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet teach",
        description="Learns your own genres from a few songs each. `songnet --genres FILE` answers "
        "in them.",
        epilog="Example: songnet teach Genres --output my.genres, with songs in Genres/Dub, "
        "Genres/Techno and so on. Exit status: 0 if every song was learned from; 1 if some failed, "
        "or nothing could be learned; 2 on wrong usage, or if the file cannot be written; 130 "
        "after Ctrl-C.",
    )
    parser.add_argument(
        "source",
        metavar="FOLDER_OR_FILE",
        help=f"a folder that holds a folder of {FEWEST_SONGS} songs or more for each genre, called "
        "as the genre is; or, with --add, --remove and --show, a file of own genres",
    )
    parser.add_argument("--output", metavar="FILE", help="write the genres to this new file")
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--add", metavar="FOLDER", help="add the songs of this folder, to these genres or new ones"
    )
    action.add_argument("--remove", metavar="GENRE", help="take this genre out")
    action.add_argument("--show", action="store_true", help="print what is in the file")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print what was learned, or is in the file, as a JSON object, after one for each song "
        "that failed",
    )
    parser.add_argument(
        "--without-titles", action="store_true", help="keep no titles and no artists in the file"
    )
    add_weights(parser)
    return parser


def _learn(arguments: argparse.Namespace) -> int:
    output = Path(arguments.output or arguments.source)
    _check_writable(output, new=arguments.output is not None)
    failures: list[FailureJson] = []
    if arguments.remove is not None:
        genres = OwnGenres.load(arguments.source).without(arguments.remove)
    else:
        settings = Settings.from_environment()
        weights = chosen_weights(arguments, settings)
        known = None if arguments.add is None else OwnGenres.load(arguments.source)
        folder = arguments.source if arguments.add is None else arguments.add
        genres, failures = _learned(folder, known, weights, settings)
    if arguments.without_titles:
        genres = genres.without_titles()
    try:
        genres.save(output)
    except OwnGenresError as error:
        say(error)
        return 2
    lines = _as_lines([*failures, to_json(genres)]) if arguments.json else summary(genres)
    return max(_print(lines), int(bool(failures)))


def _show(arguments: argparse.Namespace) -> int:
    genres = OwnGenres.load(arguments.source)
    if arguments.json:
        return _print(_as_lines([to_json(genres, with_songs=True)]))
    return _print(contents(genres))


def _learned(
    folder: str, known: OwnGenres | None, weights: Weights, settings: Settings
) -> tuple[OwnGenres, list[FailureJson]]:
    """Own genres by the songs of a folder and what is known; the songs that failed."""
    counts = {} if known is None else known.counts
    if known is not None:
        known.check_network(weights)
    jobs, left_out = labelled_jobs(folder)
    _say_each(left_out)
    found = Counter(genre for genre, _ in jobs)
    check_numbers({genre: counts.get(genre, 0) + found[genre] for genre in [*counts, *found]})
    heard, failures = _hear(jobs, weights, settings)
    try:
        learned = learn(heard, found, weights, () if known is None else known.songs)
    except NotLearnedError as error:
        _say_each(error.left_out)
        raise OwnGenresError(error.reason) from error
    _say_each(learned.left_out)
    return learned.genres, failures


def _say_each(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        say(sentence)


def labelled_jobs(folder: str | Path) -> tuple[list[tuple[str, Job]], list[str]]:
    """The songs below a folder, each with its genre: the name of the folder in it.

    Parameters
    ----------
    folder : path of a folder of folders

    Returns
    -------
    jobs : list of (str, Job)
        Sorted by path.
    left_out : list of str
        A sentence for each thing that is left out: empty folders, songs in no genre's folder, and
        what `songnet.folders.find_songs` passes over.

    Raises
    ------
    OwnGenresError
        If there are no songs in folders, or if the names of folders are no names for genres.
    """
    if not str(folder):
        raise OwnGenresError("An empty name is no folder: name one, or . for the current folder.")
    folder, passed_over = Path(folder), PassedOver()
    try:
        songs = [song.relative_to(folder) for song in find_songs(folder, passed_over)]
        folders = [entry.name for entry in folder.iterdir() if entry.is_dir()]
    except (AudioError, OSError) as error:
        raise OwnGenresError(
            f"{shown_name(folder)} is no folder that can be read: name one that holds a folder of "
            "songs for each genre."
        ) from error
    loose = [song for song in songs if len(song.parts) == 1]
    if len(loose) == len(songs):
        raise OwnGenresError(
            f"{shown_name(folder)} holds no folders of songs: put the songs of each genre into a "
            f"folder of its name.{_linked(passed_over)}"
        )
    genres = _named({song.parts[0] for song in songs if len(song.parts) > 1})
    jobs = [
        (genres[song.parts[0]], Job(folder / song, printable(song.as_posix())))
        for song in songs
        if len(song.parts) > 1
    ]
    told_of = {*passed_over.hidden_folders, *passed_over.linked_folders}
    empty = {*folders} - {song.parts[0] for song in songs} - told_of
    left_out = [f"{shown_name(name)} holds no songs and is no genre." for name in sorted(empty)]
    if loose:
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        left_out.append(
            f"{shown_name(loose[0])}{more} in {shown_name(folder)} itself: left out, as a genre is "
            "a folder of its name."
        )
    return jobs, [*left_out, *filter(None, [passed_over.sentence()])]


def _named(folders: Iterable[str]) -> dict[str, str]:
    """The genres of folders by their names; an `OwnGenresError` says of each that is none why."""
    genres, refused = {}, []
    for name in sorted(folders):
        try:
            genres[name] = clean_name(name)
        except OwnGenresError as error:
            refused.append(str(error))
    if refused:
        raise OwnGenresError(" ".join(refused))
    return genres


def _linked(passed_over: PassedOver) -> str:
    """What to know where genres may be links."""
    linked = ", ".join(sorted(passed_over.linked_folders)[:3])
    return f" It holds linked folders, which are not searched: {linked}." if linked else ""


def _hear(
    jobs: list[tuple[str, Job]], weights: Weights, settings: Settings
) -> tuple[list[TaughtSong], list[FailureJson]]:
    """The songs that can be learned from, and those that cannot, each of which is told of."""
    resources = replace(PATIENT, memory_bytes=settings.resources.memory_bytes)
    answers = hear_jobs(
        [job for _, job in jobs],
        weights,
        limits=settings.limits,
        resources=resources,
        explain=explain,
    )
    songs: list[TaughtSong] = []
    failures: list[FailureJson] = []
    # The bar is for a screen: a file would be filled with its carriage returns.
    watched = sys.stderr.isatty()
    with tqdm(total=len(jobs), unit=" songs", file=sys.stderr, disable=not watched) as progress:
        for (genre, job), (answer, embedding) in zip(jobs, answers, strict=True):
            progress.update()
            if "error" in answer:
                failures.append(answer)
                say(failure(answer))
            elif embedding is None:
                error = f"{job.name} is silent and teaches nothing: choose another song."
                failures.append({"file": job.name, "error": error})
                say(error)
            else:
                for warning in answer["warnings"]:
                    say(f"{job.name}: {warning}")
                tags = answer["metadata"]
                title = tags["title"] or shown_name(job.path)
                songs.append(TaughtSong(genre, embedding, title, tags["artist"]))
    return songs, failures


def _check_writable(output: Path, *, new: bool) -> None:
    """Raises a `WriteError` where a file cannot be written, before songs are heard."""
    if new and os.path.lexists(output):
        raise WriteError(
            f"{shown_name(output)} is there already: name another file, or add to it with --add."
        )
    if not new and os.path.isfile(output) and not os.access(output, os.W_OK):
        raise WriteError(
            f"{shown_name(output)} is write-protected: allow it to be written, or name another "
            "file with --output."
        )
    if not os.access(os.path.dirname(os.path.realpath(output)), os.W_OK | os.X_OK):
        raise WriteError(
            f"{shown_name(output)} cannot be written, its folder is missing or closed: name "
            "another file."
        )


def _as_lines(objects: Iterable[object]) -> list[str]:
    return [json.dumps(item, ensure_ascii=False) for item in objects]


def _print(lines: Iterable[str]) -> int:
    """Prints lines; the exit status, 0 also where their reader has left."""
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        discard_output()
    except OSError as error:
        discard_output()
        say(f"What was learned cannot be printed ({error.strerror}): print it elsewhere.")
        return 2
    return 0
