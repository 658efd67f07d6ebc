"""``songnet page``: serves the page, as `app.py` does for a Space.

What Gradio reads from the environment when it is imported, `serve` sets before.
"""

import argparse
import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from songnet import __version__
from songnet.errors import SettingsError, SongNetError
from songnet.settings import LIBRARY_VARIABLE
from songnet.weights.options import (
    REPOSITORY_VARIABLE,
    REVISION_VARIABLE,
    WEIGHTS_VARIABLE,
    add_weights,
)

# Gradio's own, beyond which it looks for one that is free.
_PORT = 7860


def main(argv: list[str], program: str = "songnet page") -> int:
    """``songnet page``, and `app.py` under its own name: gives the exit status of `serve`."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="Serves the page at http://localhost:7860 until it is interrupted.",
        epilog=f"Example: {program} --port 8000. SECURITY.md lists the settings, which are "
        "environment variables. Exit status: 0 if it was interrupted; 1 if it cannot start; 2 on "
        "wrong usage.",
    )
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="say what sounds alike in this library, which songnet scan has written, and draw its "
        f"map; as does {LIBRARY_VARIABLE}",
    )
    parser.add_argument("--port", metavar="N", type=_port, help="7860; as GRADIO_SERVER_PORT says")
    parser.add_argument(
        "--host",
        metavar="H",
        help="where to listen: 127.0.0.1, this machine alone, or 0.0.0.0, all of its network; as "
        "GRADIO_SERVER_NAME says",
    )
    add_weights(parser, always=True)
    _set(parser.parse_args(argv))
    return serve()


def _port(text: str) -> str:
    try:
        _check_port(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: give a number from 1 to 65535, or leave it out"
        ) from error
    return text


def _set(arguments: argparse.Namespace) -> None:
    """Sets the variables for which options stand; those of other weights no longer count."""
    if arguments.weights or arguments.hub:
        for name in (WEIGHTS_VARIABLE, REPOSITORY_VARIABLE, REVISION_VARIABLE):
            os.environ.pop(name, None)
    named = {
        "GRADIO_SERVER_PORT": arguments.port,
        "GRADIO_SERVER_NAME": arguments.host,
        WEIGHTS_VARIABLE: arguments.weights,
        LIBRARY_VARIABLE: arguments.library,
        REPOSITORY_VARIABLE: arguments.hub,
    }
    os.environ.update({name: value for name, value in named.items() if value})


def serve() -> int:
    """Serves the page until Ctrl-C, SIGTERM or SIGHUP; returns the status, 1 if it cannot start."""
    served = threading.Event()
    interrupted: list[int] = []
    folders: list[str] = []

    def interrupt(number: int, _frame: object) -> None:
        interrupted.append(number)
        if served.is_set():
            # Python ignores it in a callback, as for a weak reference whose object is gone: the
            # page ends by the list then.
            raise SystemExit
        # Whatever is being imported might ignore an exception, or make an error of its own of it.
        for made in folders:
            shutil.rmtree(made, ignore_errors=True)
        os._exit(0)

    # These do what Ctrl-C does: the server closes, and visitors' files are deleted.
    numbers = [signal.SIGINT, signal.SIGTERM]
    # With `nohup` the page goes on when its terminal is closed.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, interrupt)
    folders.append(tempfile.mkdtemp(prefix="songnet-"))
    folder = Path(folders[0])
    # Before Gradio is imported: it would report each start to its makers, and use a shared folder.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")
    # A package that Gradio imports looks for FFmpeg's program, and fails where there is no PATH.
    os.environ.setdefault("PATH", os.defpath)
    try:
        _serve(folder, interrupted, served.set)
    except SongNetError as error:
        print(f"songnet: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        why = error.strerror or str(error).strip()
        print(f"songnet: The page cannot start: {why}. Check port and disk.", file=sys.stderr)
        return 1
    except SystemExit:
        return 0
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _check_port(text: str) -> None:
    """Raises a `SettingsError` for a port with which Gradio would end in a traceback."""
    if text and not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise SettingsError(
            f"GRADIO_SERVER_PORT is {text!r}: give a number from 1 to 65535, or leave it out."
        )


def _check_address(host: str, port: int) -> None:
    """Checks that the page can be served at an address: Gradio would take another port in silence.

    Raises
    ------
    SettingsError
        If the port is taken, or the address is none of this machine's IPv4 addresses.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                why = "taken" if error.errno == errno.EADDRINUSE else "not allowed"
                raise SettingsError(
                    f"Port {port} is {why}: name another with --port or GRADIO_SERVER_PORT."
                ) from error
            raise SettingsError(
                f"{host!r} is no address of this machine: give --host or GRADIO_SERVER_NAME a name "
                "or an IPv4 address of it, or 0.0.0.0 for all of them."
            ) from error


def _serve(folder: Path, interrupted: list[int], ready: Callable[[], object]) -> None:
    # Gradio reads port and proxies when it is imported, and the page imports it: hence the order.
    port = os.environ.get("GRADIO_SERVER_PORT", "")
    _check_port(port)
    _check_address(os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1", int(port or _PORT))
    from songnet.classifier import Classifier
    from songnet.examples import write_examples
    from songnet.library.index import LibraryIndex
    from songnet.sandbox import Sandbox
    from songnet.settings import Settings
    from songnet.similar import TrackIndex

    settings = Settings.from_environment()
    classifier = Classifier.load(settings.weights, hub=settings.hub)
    _ask_nobody_else()
    from songnet.ui import events, page, server
    from songnet.ui.analysis import Analyser

    server.prepare()
    examples = write_examples(folder / "examples")
    if settings.library is None:
        index = TrackIndex.from_weights(classifier.weights)
    else:
        index = LibraryIndex(settings.library, classifier.weights)
    print(f"SongNet {__version__}, weights: {classifier.weights.source}", file=sys.stderr)
    # Visitors never use all decoders: one is free for the song by which `/health` finds out.
    decoders = max(events.PLACES + 1, os.cpu_count() or 1)
    with Sandbox(decoders, settings.resources) as sandbox:
        analyser = Analyser(classifier, sandbox, settings.limits)
        page.serve(analyser, examples, index, settings, int(port or _PORT), interrupted, ready)


def _ask_nobody_else() -> None:
    """Turns this process's proxies off: once it has the weights, it asks none but itself.

    Gradio sends the page that it serves a request before the first visitor does, and makes clients
    when it is imported, which fails for a proxy of a kind that they do not know.
    """
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "*"
