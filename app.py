"""Serves SongNet's page: `python app.py`, then http://localhost:7860.

GRADIO_SERVER_NAME and _PORT change the address, SONGNET_HUB_REPO the weights; see SECURITY.md.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

# Before Gradio is imported: it would report each start to its makers, and use a shared folder.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_TEMP_DIR"] = os.path.join(tempfile.mkdtemp(prefix="songnet-"), "uploads")

from songnet import sandbox
from songnet.classifier import Classifier
from songnet.errors import SongNetError
from songnet.examples import write_examples
from songnet.similar import TrackIndex
from songnet.spec import VERSION
from songnet.ui import page, server


def main() -> int:
    """Builds the page and serves it until it is interrupted or told to end.

    Returns
    -------
    int
        The process's exit status: 1 if there are no weights to serve, no room or another Gradio.
    """
    # SIGTERM does what Ctrl-C does: the server closes, and visitors' files are deleted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(os.environ["GRADIO_TEMP_DIR"]).parent
    try:
        server.prepare()
        examples = write_examples(folder / "examples")
        classifier = Classifier.load()
        print(f"SongNet {VERSION}, weights: {classifier.weights.source}", file=sys.stderr)
        sandbox.warm_up()
        page.serve(classifier, examples, TrackIndex.of(classifier.weights))
    except SongNetError as error:
        print(f"songnet: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        why = error.strerror or str(error).strip()
        print(f"songnet: The page cannot start: {why}. Check port and disk.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
