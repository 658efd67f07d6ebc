"""``songnet playlist``: a genre's songs, or a way from one song to another, as an M3U8 file."""

import argparse
import json
from math import floor
from pathlib import Path

from songnet.commands.console import Parser, add_library, print_line, status_of
from songnet.commands.outputs import add_output, check_playlist
from songnet.commands.songs import (
    found_lines,
    named_song,
    positive,
    share,
    song_json,
    write_playlist,
)
from songnet.errors import SearchError
from songnet.library import Library, LibrarySong
from songnet.library.answers import known_genres, load_own_genres, of_genres
from songnet.library.playlist import surest_first
from songnet.library.search import MOST_STEPS, way
from songnet.weights.options import add_weights
from songnet.words import clock

# How sure an answer is unless another number is named, and how many songs a way has.
_SURE, _STEPS = 0.7, 20


def main(argv: list[str]) -> int:
    """Writes the playlist that the command line describes.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if it was written; 1 if there are no such songs; 2 if it cannot be written; 130 after
        Ctrl-C; 141 if the program that reads the results has ended. Wrong usage exits with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    _check(parser, arguments)
    return status_of(lambda: _run(arguments), "interrupted, and nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet playlist",
        description="Writes a playlist of your library's songs: those of a genre, the surest first "
        "and no artist twice in a row; or songs that lead from one to another in small steps of "
        "sound.",
        epilog="Examples: songnet playlist --genre Rock --sure 0.8 rock.m3u8, songnet playlist "
        "--from slow.mp3 --to fast.mp3 --count 12 way.m3u8. Exit status: 0 if it was written; 1 if "
        "there are no such songs; 2 on wrong usage, or if it cannot be written; 130 after Ctrl-C.",
    )
    parser.add_argument("output", metavar="OUT", help="write the playlist to this new file")
    add_library(parser)
    parser.add_argument(
        "--genre", action="append", metavar="GENRE", help="of this genre; may be given repeatedly"
    )
    parser.add_argument(
        "--sure",
        type=share,
        metavar="SHARE",
        help=f"only songs whose genre is at least so sure, 0 to 1 ({_SURE})",
    )
    parser.add_argument(
        "--genres", metavar="FILE", help="the genres are own ones that songnet teach has learned"
    )
    parser.add_argument("--from", dest="first", metavar="SONG", help="begin with this song")
    parser.add_argument("--to", dest="last", metavar="SONG", help="end with this song")
    parser.add_argument(
        "--count",
        type=positive,
        metavar="N",
        help=f"how many songs: at most, of a genre; {_STEPS} from one song to another",
    )
    parser.add_argument("--json", action="store_true", help="print the songs, one JSON object each")
    add_output(parser, "playlist")
    add_weights(parser)
    return parser


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    leads = arguments.first is not None or arguments.last is not None
    if bool(arguments.genre) == leads:
        parser.error("say which songs: either --genre, or --from and --to")
    if leads and (arguments.first is None or arguments.last is None):
        parser.error("a way needs both: --from a song and --to another")
    if leads and (arguments.sure is not None or arguments.genres is not None):
        parser.error("--sure and --genres are for --genre: leave them out")
    if leads and not 2 <= (arguments.count or _STEPS) <= MOST_STEPS:
        parser.error(f"a way has from 2 to {MOST_STEPS} songs: change --count")


def _run(arguments: argparse.Namespace) -> int:
    output = Path(arguments.output)
    check_playlist(output, force=arguments.force)
    with Library.open(arguments.library) as library:
        select = _genre if arguments.genre else _way
        songs, lines = select(arguments, library)
    write_playlist(output, songs, relative=arguments.relative, force=arguments.force)
    seconds = sum(song.duration_s for song in songs)
    counted = f"{len(songs)} song{'s' if len(songs) > 1 else ''}, {clock(seconds)}"
    for line in lines if arguments.json else [*lines, f"{arguments.output}: {counted}."]:
        print_line(line)
    return 0


def _genre(arguments: argparse.Namespace, library: Library) -> tuple[list[LibrarySong], list[str]]:
    """The songs of genres in the playlist's order, and what is printed of them."""
    own = None if arguments.genres is None else load_own_genres(arguments.genres, library)
    genres = known_genres(arguments.genre, own.names if own else library.genres)
    sure = _SURE if arguments.sure is None else arguments.sure
    found = of_genres(library, genres, sure, own)
    answers = {song.id: answer for song, answer in found}
    songs = surest_first((song, answer.confidence) for song, answer in found)[: arguments.count]
    if not songs:
        best = max((a.confidence for _, a in of_genres(library, genres, 0.0, own)), default=None)
        raise SearchError(_none_found(" or ".join(genres), sure, best))
    lines = [
        json.dumps(song_json(song, answers[song.id].genre, confidence), ensure_ascii=False)
        for song, confidence in songs
    ]
    return [song for song, _ in songs], lines if arguments.json else []


def _none_found(genre: str, sure: float, best: float | None) -> str:
    """Why a playlist would be empty, and which ``--sure`` finds a song if there is any."""
    if best is None:
        return f"SongNet is sure of no song of the library that it is {genre}: scan more songs."
    finds = floor(100 * best) / 100
    return (
        f"No song of the library is {genre} with a confidence of {sure:g} or more (--sure); the "
        f"surest has {best:.3f}: say --sure {finds:g}, or scan more songs."
    )


def _way(arguments: argparse.Namespace, library: Library) -> tuple[list[LibrarySong], list[str]]:
    """The songs from one to another, and what is printed of them."""
    first = named_song(arguments.first, library, arguments)
    last = named_song(arguments.last, library, arguments)
    found = way(library, first, last, arguments.count or _STEPS)
    songs = [one.song for one in found]
    if not arguments.json:
        return songs, found_lines(found)
    return songs, [
        json.dumps(
            song_json(one.song, one.song.genre, one.song.confidence, similarity=one.similarity),
            ensure_ascii=False,
        )
        for one in found
    ]
