"""``songnet map``: a library as a picture, one point a song, in one HTML file."""

import argparse
import json
import os
from pathlib import Path

from songnet.commands.console import Parser, add_library, print_line, say, status_of
from songnet.commands.outputs import add_output, check_ending, check_output, write_output
from songnet.library import Library
from songnet.library.answers import load_own_genres
from songnet.library.library_map import draw

# From so many songs on, a word says that it takes a while.
_MANY = 3000


def main(argv: list[str]) -> int:
    """Draws the map of a library.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if it was written; 1 if there is nothing to draw or the extra is missing; 2 if it cannot
        be written; 130 after Ctrl-C. Wrong usage exits with 2.
    """
    arguments = _parser().parse_args(argv)
    return status_of(lambda: _run(arguments), "interrupted, and nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="songnet map",
        description="Draws your library as one HTML file that opens offline: a point for each "
        "song, those that sound alike next to each other, coloured by genre. A click plays the "
        "song. It needs scikit-learn: pip install scikit-learn.",
        epilog="Example: songnet map library.html. Exit status: 0 if it was written; 1 if there is "
        "nothing to draw; 2 on wrong usage, or if it cannot be written; 130 after Ctrl-C.",
    )
    parser.add_argument("output", metavar="OUT", help="write the map to this new file")
    add_library(parser)
    parser.add_argument(
        "--genres", metavar="FILE", help="colour by own genres that songnet teach has learned"
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    add_output(parser, "map")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    output = Path(arguments.output)
    check_ending(output, "map", (".html", ".htm"))
    check_output(output, force=arguments.force)
    with Library.open(arguments.library) as library:
        own = None if arguments.genres is None else load_own_genres(arguments.genres, library)
        folder = Path(os.path.dirname(os.path.realpath(output))) if arguments.relative else None
        page, count = draw(library, own, folder=folder, before=_say_how_many)
    content = page.encode()
    write_output(output, content, force=arguments.force)
    if arguments.json:
        print_line(json.dumps({"file": str(output), "songs": count, "bytes": len(content)}))
    else:
        print_line(f"{arguments.output}: {count} songs, {_size(len(content))}.")
    return 0


def _size(count: int) -> str:
    """A number of bytes, in MB or, if it is less than one, in kB."""
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def _say_how_many(count: int) -> None:
    if count >= _MANY:
        say(f"laying out {count} songs, which takes some minutes.")
