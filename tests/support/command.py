"""The command line as a process of its own, for tests of what it prints and writes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.paths import ROOT

COMMAND = [sys.executable, "-m", "songnet"]
# What the fixture `folder` holds, in the order of the answers.
ORDER = ["a tune.wav", "b below/ténor ♫.mp3", "b below/z.flac", "c broken.mp3"]

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="finds child processes in /proc"
)


def heed_interrupts():
    """What a shell starts in the background, such as a test run, ignores Ctrl-C otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments, **options):
    """The command line as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(os.fspath, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=heed_interrupts,
        **options,
    )


def children_of(pid):
    return [child.pid for child in psutil.Process(pid).children()]


def children_with(pid, folder):
    """The child processes that have a file of a folder open."""
    return [
        child.pid
        for child in psutil.Process(pid).children()
        if any(Path(file.path).is_relative_to(folder) for file in child.open_files())
    ]


def wait_until(holds, timeout_s=120):
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)
