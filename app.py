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

from songnet.classifier import Classifier
from songnet.errors import SongNetError
from songnet.examples import write_examples
from songnet.sandbox import Sandbox
from songnet.settings import Settings
from songnet.similar import TrackIndex
from songnet.spec import VERSION
from songnet.ui import page, server
from songnet.ui.analysis import Analyser


def main() -> int:
    """Serves the page until it is told to end, and gives the exit status: 1 if it cannot start."""
    # SIGTERM does what Ctrl-C does: the server closes, and visitors' files are deleted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(os.environ["GRADIO_TEMP_DIR"]).parent
    try:
        settings = Settings.from_environment()
        server.prepare()
        examples = write_examples(folder / "examples")
        classifier = Classifier.load(hub=settings.hub)
        index = TrackIndex.of(classifier.weights)
        print(f"SongNet {VERSION}, weights: {classifier.weights.source}", file=sys.stderr)
        with Sandbox(max(2, os.cpu_count() or 1), settings.resources) as sandbox:
            analyser = Analyser(classifier, sandbox, settings.limits)
            page.serve(analyser, examples, index, settings)
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
