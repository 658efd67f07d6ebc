"""Serves SongNet's page: `python app.py`, then http://localhost:7860.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT change the address, SONGNET_HUB_REPO the weights;
SECURITY.md names the limits.
"""

import os
import signal
import sys
from pathlib import Path

# Before Gradio is imported: it would report each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from songnet import sandbox
from songnet.classifier import Classifier
from songnet.errors import WeightsError
from songnet.examples import write_examples
from songnet.spec import VERSION
from songnet.ui import gate, page


def main() -> int:
    """Builds the page and serves it until it is interrupted or told to end.

    Returns
    -------
    int
        The process's exit status: 1 if there are no weights to serve, or no room.
    """
    # As Ctrl-C does it: the server closes, and visitors' files are deleted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with gate.private_folder() as folder:
            examples = write_examples(Path(folder) / "examples")
            classifier = Classifier.load()
            print(f"SongNet {VERSION}, weights: {classifier.weights.source}", file=sys.stderr)
            sandbox.warm_up()
            page.build(classifier, examples).launch(**page.launch_options())
    except WeightsError as error:
        print(f"songnet: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"songnet: the page cannot start ({error.strerror or error}): check the port, and the "
            "room on the disk for temporary files.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
