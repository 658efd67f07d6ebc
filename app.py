"""Serves SongNet's page, as a Space does: `python app.py`, then http://localhost:7860.

`python app.py --help` says how to change the address and the weights.
"""

import sys

from songnet.interrupts import ending_at_once


def main() -> int:
    """Serves the page until Ctrl-C or SIGTERM, and returns the process's exit status."""
    # Until `serve` handles Ctrl-C itself, it is the ordinary end all the same.
    with ending_at_once(0):
        from songnet import serve
    return serve.main(sys.argv[1:], "python app.py")


if __name__ == "__main__":
    sys.exit(main())
