"""The child process of `songnet.sandbox`: opens untrusted files with limited resources.

Run as ``python -m songnet.sandbox.child FD``. On that socket come requests as JSON; answers are
messages whose first byte says what they hold.
"""

import json
import os
import resource
import select
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songnet import audio
from songnet.audio.cover import read_cover
from songnet.audio.tags import read_tags
from songnet.errors import AudioError, LimitError
from songnet.sandbox.messages import (
    BLOCK,
    BUG,
    COVER,
    DONE,
    EMBEDDING,
    END,
    ERROR,
    INFO,
    LIMIT,
    PREDICTION,
    TAGS,
    WARNING,
)
from songnet.spec import AudioSpec
from songnet.weights import ReleaseConfig, Weights

if TYPE_CHECKING:
    from songnet.classifier import Classifier


def main(descriptor: int) -> None:
    """Serves one request after the other until the parent closes the socket.

    Parameters
    ----------
    descriptor : int
        File descriptor of the socket.
    """
    # Ctrl-C is for the parent to handle: it closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(descriptor)
    threading.Thread(target=_end_with_parent, args=[descriptor], daemon=True).start()
    try:
        setup = json.loads(connection.recv_bytes())
        classifier = None
        if setup["weights"] is not None:
            config = ReleaseConfig.from_json(setup["weights"]["config"])
            weights = Weights(connection.recv_bytes(), config, setup["weights"]["source"])
            classifier = _classifier(weights, setup.get("own_genres"))
        _confine(setup["memory_bytes"])
        connection.send_bytes(DONE)
        while True:
            request = json.loads(connection.recv_bytes())
            _allow_cpu(setup["cpu_seconds"])
            try:
                for message in _answers(request, classifier):
                    connection.send_bytes(message)
                connection.send_bytes(DONE)
            except LimitError as error:
                connection.send_bytes(LIMIT + f"{error.limit}\n{error}".encode())
            except AudioError as error:
                connection.send_bytes(ERROR + str(error).encode())
            # An unforeseen error: the parent logs it.
            except (MemoryError, ValueError, TypeError, RuntimeError, LookupError) as error:
                connection.send_bytes(BUG + repr(error).encode("utf-8", "replace"))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _end_with_parent(descriptor: int) -> None:
    """Waits until the parent has ended or closed the socket, and ends this process at once.

    Otherwise a parent that was killed would be noticed with the next answer only, which for a long
    song takes minutes.
    """
    poll = select.poll()
    # Without events, that the other side has hung up is all that is reported.
    poll.register(descriptor, 0)
    poll.poll()
    os._exit(1)


def _answers(request: dict[str, Any], classifier: "Classifier | None") -> Iterator[bytes]:
    """The messages for the parts that a request names, in its order.

    Tags and cover come after the blocks: if they crash the process, the samples have been sent.
    """
    path = Path(request["path"])
    limits = audio.Limits(**request["limits"])
    for part in request["parts"]:
        match part:
            case "info":
                yield INFO + json.dumps(asdict(audio.probe(path, limits))).encode()
            case "blocks":
                with audio.open_song(path, AudioSpec(**request["spec"]), limits) as song:
                    for block in song.blocks():
                        yield BLOCK + block.tobytes()
                for warning in song.warnings:
                    yield WARNING + warning.encode()
                yield END
            case "tags":
                yield TAGS + json.dumps(read_tags(path).to_json()).encode()
            case "cover":
                if cover := read_cover(path):
                    yield COVER + cover
            case "prediction" if classifier is not None:
                prediction = classifier.classify(path, limits)
                yield PREDICTION + json.dumps(prediction.to_json()).encode()
                embedding = prediction.embedding
                yield EMBEDDING + (b"" if embedding is None else embedding.tobytes())


def _classifier(weights: Weights, own_genres: Any) -> "Classifier":
    # Imported here: a child that only decodes does not load LiteRT.
    from songnet.classifier import Classifier
    from songnet.own_genres import OwnGenres

    return Classifier(weights, None if own_genres is None else OwnGenres.from_json(own_genres))


def _confine(memory_bytes: int) -> None:
    """Limits the memory of this process, and keeps it from writing files and core dumps."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nothing here writes files.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _allow_cpu(seconds: int) -> None:
    """Allows this process so many seconds of CPU time from now on, for one request.

    The limit that the kernel knows is counted from the start of the process.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]))
