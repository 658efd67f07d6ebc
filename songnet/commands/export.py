"""``songnet export OUT``: all songs of the library as a file for other programs."""

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from songnet.commands.console import Parser, add_library, print_line, status_of
from songnet.commands.outputs import check_output, new_file
from songnet.library import Library
from songnet.library.export import check_ending, export
from songnet.names import shown_name


def main(argv: list[str]) -> int:
    """Writes a library's songs, as the command line says.

    Parameters
    ----------
    argv : list of str

    Returns
    -------
    int
        0 if the file is written; 2 if the library or the file does not allow it; 130 after Ctrl-C.
        Wrong usage exits with 2.
    """
    parser = Parser(
        prog="songnet export",
        description="Writes all songs of the library that are there and have an answer: paths, "
        "tags, probabilities, windows and embeddings.",
        epilog="Example: songnet export songs.csv. Parquet needs pip install pyarrow. "
        "Exit status: 0 if the file is written; 2 on wrong usage, or if the library or the file "
        "does not allow it; 130 after Ctrl-C.",
    )
    parser.add_argument(
        "output",
        metavar="OUT",
        help="the file to write; its ending, .parquet, .csv or .npz, says what it becomes",
    )
    add_library(parser)
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    arguments = parser.parse_args(argv)
    return status_of(lambda: _run(arguments), "interrupted, and nothing was written.")


def _run(arguments: argparse.Namespace) -> int:
    output = Path(arguments.output)
    ending = output.suffix.lower()
    check_ending(ending)
    check_output(output, force=arguments.force)
    with (
        Library.open(arguments.library) as library,
        new_file(output, force=arguments.force) as file,
        tqdm(unit=" songs", file=sys.stderr, disable=not sys.stderr.isatty()) as progress,
    ):
        count = export(library, file, ending, progress.update)
    if arguments.json:
        print_line(json.dumps({"file": arguments.output, "songs": count}, ensure_ascii=False))
    else:
        print_line(f"{count} songs are in {shown_name(arguments.output)}.")
    return 0
