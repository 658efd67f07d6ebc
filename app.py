"""Serves SongNet's page, as a Space does: `python app.py`, then http://localhost:7860.

GRADIO_SERVER_NAME and _PORT change the address, SONGNET_HUB_REPO the weights; see SECURITY.md.
"""

import sys

from songnet.serve import serve


def main() -> int:
    """Serves the page until Ctrl-C or SIGTERM, and returns the process's exit status."""
    return serve()


if __name__ == "__main__":
    sys.exit(main())
