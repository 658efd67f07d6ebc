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
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songnet import audio
from songnet.audio.cover import read_cover
from songnet.audio.sound import sound_digest
from songnet.audio.tags import read_tags
from songnet.errors import AudioError, LimitError
from songnet.names import printable
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
    SOUND,
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
        # Ends this process, even where Python catches every exception.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        connection.send_bytes(DONE)
        while True:
            request = json.loads(connection.recv_bytes())
            _allow_cpu(setup["cpu_seconds"])
            try:
                allowance = _TagsAllowance(setup["tags_seconds"])
                for message in _answers(request, classifier, allowance):
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


class _TagsAllowance:
    """Processor time for all that is not sound: opening a file, its tags and its cover.

    Parsers need time in proportion to the square of a hostile file's tags. Whoever uses up the
    allowance ends the process, of SIGPROF: Python cannot interrupt FFmpeg.

    Parameters
    ----------
    seconds : float > 0 [s]
    """

    def __init__(self, seconds: float):
        self._left = seconds

    @contextmanager
    def used(self) -> Iterator[None]:
        """Counts the processor time of a ``with`` block."""
        started = time.process_time()
        # A timer of 0 is none.
        signal.setitimer(signal.ITIMER_PROF, max(self._left, 1e-3))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._left -= time.process_time() - started


def _answers(
    request: dict[str, Any], classifier: "Classifier | None", allowance: _TagsAllowance
) -> Iterator[bytes]:
    """The messages for the parts that a request names.

    The file is opened once for its info and its sound. Tags and cover come after these: if they end
    the process, the samples or the prediction have been sent.
    """
    path, parts = Path(request["path"]), request["parts"]
    if not {"info", "blocks", "prediction"}.isdisjoint(parts):
        yield from _of_the_sound(path, request, classifier, allowance)
    if "sound" in parts:
        yield SOUND + (sound_digest(path, request["limits"]["max_bytes"]) or b"")
    if "tags" in parts:
        with allowance.used():
            tags = read_tags(path)
        yield TAGS + json.dumps(asdict(tags)).encode()
    if "cover" in parts:
        with allowance.used():
            cover = read_cover(path)
        if cover:
            yield COVER + cover


def _of_the_sound(
    path: Path,
    request: dict[str, Any],
    classifier: "Classifier | None",
    allowance: _TagsAllowance,
) -> Iterator[bytes]:
    """The messages for info, blocks and prediction: each of the latter has its warnings."""
    spec, limits = AudioSpec(**request["spec"]), audio.Limits(**request["limits"])
    with ExitStack() as opened:
        with allowance.used():
            song = opened.enter_context(audio.open_song(path, spec, limits))
        if "info" in request["parts"]:
            yield INFO + json.dumps(asdict(song.info)).encode()
        if "blocks" in request["parts"]:
            for block in song.blocks():
                yield BLOCK + block.tobytes()
            for warning in song.warnings:
                yield WARNING + warning.encode()
            yield END
        elif "prediction" in request["parts"] and classifier is not None:
            heard = classifier.classify_song(song, request.get("hear"))
            named = replace(heard, file=printable(path.name), warnings=song.warnings)
            yield PREDICTION + json.dumps(named.to_json()).encode()
            embedding = named.embedding
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
