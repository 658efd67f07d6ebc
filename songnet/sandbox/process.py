"""The parent's side of one child process of `songnet.sandbox`: start, request, answers, end."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from songnet.errors import AudioError, DecoderError, LimitError
from songnet.own_genres import OwnGenres
from songnet.sandbox.messages import BUG, DONE, ERROR, LIMIT
from songnet.weights import Weights

_LOG = logging.getLogger(__name__)
_PROJECT = Path(__file__).resolve().parents[2]
# The variables that a child needs to find its libraries: it gets none of the server's secrets.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
# With less, a child that classifies runs out of memory with an ordinary song (measured: 300 MB do
# for FLAC of 192 kHz, 290 MB not for every MP3).
LEAST_MEMORY = 320 * 2**20
_START_SECONDS = 60.0
_LARGEST_ANSWER = 64 * 2**20


@dataclass(frozen=True)
class Resources:
    """What a child process may use for one file.

    Attributes
    ----------
    memory_bytes : int
        Address space of the process, libraries included.
    cpu_seconds : int [s]
        Processor time for one file.
    wall_seconds : float [s]
        Time spent waiting for the child's answers about one file.
    tags_seconds : float > 0 [s]
        Processor time for all that is not a file's sound: opening it, its tags and its cover.
    """

    memory_bytes: int = 640 * 2**20
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    tags_seconds: float = 1.2


class Child:
    """One child process with the socket to it, for one thread at a time.

    Parameters
    ----------
    resources : Resources
    weights : Weights or None
        With these, the child classifies, too.
    own_genres : OwnGenres or None
        Its answers' genres, in place of the network's.
    """

    def __init__(
        self, resources: Resources, weights: Weights | None, own_genres: OwnGenres | None = None
    ):
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "songnet.sandbox.child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        self._ready = True
        setup = asdict(resources) | {"weights": None}
        if own_genres is not None:
            setup["own_genres"] = own_genres.to_json()
        tflite = []
        if weights is not None:
            # Without the index of tracks: the parent searches it.
            setup["weights"] = {"config": weights.config.to_json(), "source": weights.source}
            tflite = [weights.tflite]
        # Sent with the first request: weights fill the socket before the child is there to read.
        self._unsent = [json.dumps(setup).encode(), *tflite]

    def is_ready(self) -> bool:
        """Whether the process is alive and has answered its last request completely."""
        return self._ready and self._process.poll() is None

    def kill(self) -> None:
        """Ends the process."""
        self._ready = False
        self._process.kill()
        self._process.wait()

    def _set_up(self) -> None:
        """Sends a new child its settings and waits until it is ready.

        This time does not count for the file that is asked about.
        """
        for message in self._unsent:
            self._connection.send_bytes(message)
        if self._unsent:
            if not self._connection.poll(_START_SECONDS):
                raise EOFError
            self._connection.recv_bytes(_LARGEST_ANSWER)
            self._unsent = []

    def ask(self, request: dict, name: str, wall_seconds: float) -> Iterator[tuple[bytes, bytes]]:
        """Sends one request and yields the answers as they come.

        Parameters
        ----------
        request : dict
            With the keys that `songnet.sandbox.child` reads.
        name : str
            The file's name, for errors.
        wall_seconds : float [s]
            Time to wait for all answers together.

        Yields
        ------
        kind, payload : bytes
            The first byte of an answer, and the rest.

        Raises
        ------
        AudioError
            If the child refuses the file; a `LimitError` where it is beyond a limit.
        DecoderError
            If the child dies or takes too long.
        """
        self._ready = False
        try:
            self._set_up()
            self._connection.send_bytes(json.dumps(request).encode())
            while True:
                started = time.monotonic()
                if not self._connection.poll(max(0.0, wall_seconds)):
                    raise _too_slow(name)
                message = self._connection.recv_bytes(_LARGEST_ANSWER)
                wall_seconds -= time.monotonic() - started
                kind, payload = message[:1], message[1:]
                if kind == BUG:
                    _LOG.warning("decoding %s: %s", name, payload.decode("utf-8", "replace"))
                    raise decoder_stopped(name)
                if kind in (DONE, ERROR, LIMIT):
                    self._ready = True
                if kind == DONE:
                    return
                if kind == ERROR:
                    raise AudioError(payload.decode("utf-8", "replace"))
                if kind == LIMIT:
                    limit, _, text = payload.decode("utf-8", "replace").partition("\n")
                    raise LimitError(text, limit)
                yield kind, payload
        except (EOFError, OSError) as error:
            self.kill()
            _LOG.info("decoding %s: the process ended with %s", name, self._process.returncode)
            if self._process.returncode == -signal.SIGXCPU:
                raise _too_slow(name) from error
            if self._process.returncode == -signal.SIGPROF:
                raise _too_many_tags(name) from error
            raise decoder_stopped(name) from error


def _environment() -> dict[str, str]:
    """The environment variables of a child."""
    kept = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
    # One thread works in each: the processes are as many as the processors, and threads reserve
    # memory, in glibc's case 64 MB for an arena.
    single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    return kept | {"PYTHONPATH": str(_PROJECT), **single}


def decoder_stopped(name: str) -> DecoderError:
    """The error for a file whose child died or sent an invalid answer."""
    return DecoderError(
        f"{name} cannot be decoded, its decoder stopped: export it again as MP3 or WAV."
    )


def _too_many_tags(name: str) -> DecoderError:
    return DecoderError(
        f"{name} takes too long to open, its tags are too many: remove them or export it as MP3."
    )


def _too_slow(name: str) -> DecoderError:
    return DecoderError(f"{name} takes too long to decode: cut out a part or export it as MP3.")
