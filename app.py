"""Serves SongNet's page: `python app.py`, then http://localhost:7860.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT change the address, SONGNET_HUB_REPO the weights.
"""

import os
import sys
import tempfile
from pathlib import Path

# Before Gradio is imported: it would report each start to its makers.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from songnet import sandbox
from songnet.classifier import Classifier
from songnet.errors import WeightsError
from songnet.examples import write_examples
from songnet.spec import VERSION
from songnet.ui import page


def main() -> int:
    """Builds the page and serves it until it is interrupted.

    Returns
    -------
    int
        The process's exit status: 1 if there are no weights to serve.
    """
    try:
        classifier = Classifier.load()
    except WeightsError as error:
        print(f"songnet: {error}", file=sys.stderr)
        return 1
    print(f"SongNet {VERSION}, weights: {classifier.weights.source}", file=sys.stderr)
    sandbox.warm_up()
    examples = write_examples(Path(tempfile.gettempdir()) / f"songnet-examples-{VERSION}")
    page.build(classifier, examples).launch(**page.launch_options(examples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
