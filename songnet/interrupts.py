"""What Ctrl-C does while a program starts."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# The exit status after Ctrl-C, by the shells' convention.
INTERRUPTED = 130


@contextmanager
def ending_at_once(status: int = INTERRUPTED) -> Iterator[None]:
    """Lets Ctrl-C end the process without a word, for a ``with`` block that imports modules.

    What is imported may ignore `KeyboardInterrupt`, or make an error of its own of it, and nothing
    has been begun yet that would have to be finished.

    Parameters
    ----------
    status : int
        The process's exit status then.
    """
    is_main = threading.current_thread() is threading.main_thread()
    # Whoever ignores Ctrl-C (`nohup`, a script's background), or handles it, goes on doing so.
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(status))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
