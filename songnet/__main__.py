"""The command ``songnet``, or ``python -m songnet``: runs a command, or classifies files."""

import ast
import os
import sys
import textwrap
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from songnet.commands.console import open_closed_streams, say
from songnet.names import printable

# Commands by the module whose `main` they run, which is imported for that. Any other first argument
# is a file.
_COMMANDS = {
    "export": "songnet.commands.export",
    "like": "songnet.commands.like",
    "map": "songnet.commands.map",
    "page": "songnet.serve",
    "playlist": "songnet.commands.playlist",
    "scan": "songnet.commands.scan",
    "tag": "songnet.commands.tag",
    "teach": "songnet.commands.teach",
}
_CLASSIFY = "songnet.commands.classify"


def main(argv: list[str] | None = None) -> int:
    """Runs the command that comes first, or classifies what the command line names.

    Parameters
    ----------
    argv : list of str, or None for the process's arguments

    Returns
    -------
    int
        The exit status, as the command's own `main` says.
    """
    argv = sys.argv[1:] if argv is None else argv
    open_closed_streams()
    if argv and argv[0] in _COMMANDS:
        return import_module(_COMMANDS[argv[0]]).main(argv[1:])
    if argv and (meant := _meant(argv[0])):
        say(f"{printable(argv[0])} is no command and no file: is songnet {meant} meant?")
    asks = {"-h", "--help"} & {*argv}
    return import_module(_CLASSIFY).main(argv, commands=_described() if asks else "")


def _meant(name: str) -> str | None:
    """The command that somebody who mistyped it may mean; None where a file has the name."""
    if os.path.lexists(name):
        return None
    return next(iter(get_close_matches(name, _COMMANDS, n=1)), None)


def _described() -> str:
    """What each command does, by its module's first line; nothing is imported for that."""
    described = []
    for name, module in _COMMANDS.items():
        path = Path(__file__).parent.joinpath(*module.split(".")[1:]).with_suffix(".py")
        first, *_ = (ast.get_docstring(ast.parse(path.read_bytes())) or "").splitlines()
        what = first.partition("``: ")[2].replace("`", "").rstrip(".")
        described.append(textwrap.fill(f"  {name:<11}{what}", 79, subsequent_indent=" " * 13))
    return "\n".join(described)


if __name__ == "__main__":
    sys.exit(main())
