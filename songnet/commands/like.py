"""``songnet like``: the songs of a library that sound most like one."""

import argparse
import json
from pathlib import Path

from songnet.commands.console import Parser, add_library, print_line, status_of
from songnet.commands.outputs import add_output, check_playlist
from songnet.commands.songs import (
    found_lines,
    named_song,
    positive,
    song_json,
    write_playlist,
)
from songnet.errors import SearchError
from songnet.library import Library
from songnet.library.search import Found, nearest
from songnet.weights.options import add_weights


def main(argv: list[str]) -> int:
    """Finds the songs of a library that sound most like the one that the command line names.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if songs were found; 1 if not; 2 if the playlist cannot be written; 130 after Ctrl-C;
        141 if the program that reads the results has ended. Wrong usage exits with 2.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if (arguments.relative or arguments.force) and arguments.m3u is None:
        parser.error("--relative and --force are for --m3u: name a playlist")
    return status_of(lambda: _run(arguments), "interrupted, and nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet like",
        description="Finds the songs of your library that sound most like a song, each by another "
        "artist. The song need not be in the library: then it is heard, and not stored. The "
        "similarity is 1 for the same sound.",
        epilog="Example: songnet like song.mp3 --count 20 --m3u like.m3u8. Exit status: 0 if songs "
        "were found; 1 if not; 2 on wrong usage, or if the playlist cannot be written; 130 after "
        "Ctrl-C; 141 if the program that reads the results has ended.",
    )
    parser.add_argument("song", metavar="SONG", help="a song's file")
    add_library(parser)
    parser.add_argument(
        "--count", type=positive, default=10, metavar="N", help="how many songs (%(default)s)"
    )
    parser.add_argument(
        "--same-artist", action="store_true", help="find several songs of an artist, too"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object a line")
    output.add_argument("--m3u", metavar="OUT", help="write a playlist to this new file")
    add_output(parser, "playlist")
    add_weights(parser)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.m3u is not None:
        check_playlist(Path(arguments.m3u), force=arguments.force)
    with Library.open(arguments.library) as library:
        song = named_song(arguments.song, library, arguments)
        found = nearest(library, song, arguments.count, same_artist=arguments.same_artist)
    if not found:
        by, more = " by another artist", ", or add --same-artist"
        if arguments.same_artist:
            by = more = ""
        raise SearchError(
            f"The library has no other song{by} that could be heard: scan more songs{more}."
        )
    if arguments.m3u is not None:
        write_playlist(
            Path(arguments.m3u),
            [one.song for one in found],
            relative=arguments.relative,
            force=arguments.force,
        )
    lines = [_json(one) for one in found] if arguments.json else found_lines(found)
    for line in lines:
        print_line(line)
    return 0


def _json(found: Found) -> str:
    song = found.song
    values = song_json(song, song.genre, song.confidence, similarity=found.similarity)
    return json.dumps(values, ensure_ascii=False)
