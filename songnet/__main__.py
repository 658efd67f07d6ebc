"""The command ``songnet``, or ``python -m songnet``: runs a command, or classifies files."""

import os
import sys
from importlib import import_module

from songnet.interrupts import INTERRUPTED, ending_at_once

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
    command = argv[0] if argv and argv[0] in _COMMANDS else None
    try:
        # For the page, Ctrl-C is the ordinary end.
        with ending_at_once(0 if command == "page" else INTERRUPTED):
            # Imported here, as all that takes time: NumPy's half a second, above all.
            from songnet.commands.console import open_closed_streams, say
            from songnet.names import printable

            open_closed_streams()
            module = import_module(_COMMANDS.get(command or "", _CLASSIFY))
        if command:
            return module.main(argv[1:])
        if argv and (meant := _meant(argv[0])):
            say(f"{printable(argv[0])} is no command and no file: is songnet {meant} meant?")
        asks = {"-h", "--help"} & {*argv}
        return module.main(argv, commands=_described() if asks else "")
    except KeyboardInterrupt:
        return INTERRUPTED


def _meant(name: str) -> str | None:
    """The command that somebody who mistyped it may mean; None where a file has the name."""
    if os.path.lexists(name):
        return None
    # Imported here: it is needed for a slip alone.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, _COMMANDS, n=1)), None)


def _described() -> str:
    """What each command does, by its module's first line; none of them is imported for that."""
    import ast
    import textwrap
    from pathlib import Path

    described = []
    for name, module in _COMMANDS.items():
        path = Path(__file__).parent.joinpath(*module.split(".")[1:]).with_suffix(".py")
        first, *_ = (ast.get_docstring(ast.parse(path.read_bytes())) or "").splitlines()
        what = first.partition("``: ")[2].replace("`", "").rstrip(".")
        described.append(textwrap.fill(f"  {name:<11}{what}", 79, subsequent_indent=" " * 13))
    return "\n".join(described)


if __name__ == "__main__":
    sys.exit(main())
