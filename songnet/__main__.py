"""The command ``songnet``, or ``python -m songnet``: runs a command, or classifies files."""

import sys
from importlib import import_module

from songnet.commands.console import open_closed_streams

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
    return import_module(_CLASSIFY).main(argv)


if __name__ == "__main__":
    sys.exit(main())
