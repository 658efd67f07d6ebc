"""A server's threads share their memory."""

import ctypes
import platform
import subprocess
import sys

import pytest

from songnet.ui.server.memory import share_arenas

# How many arenas glibc has after 32 threads have each asked for memory at the same time.
COUNT = """
import ctypes, sys, tempfile, threading
from songnet.ui.server.memory import share_arenas

if sys.argv[1] == "shared":
    share_arenas()
libc = ctypes.CDLL("libc.so.6")
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(32)

def ask():
    together.wait()
    libc.malloc(ctypes.c_size_t(10_000))
    together.wait()

threads = [threading.Thread(target=ask) for _ in range(32)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with tempfile.NamedTemporaryFile() as report:
    file = ctypes.c_void_p(libc.fopen(report.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(report.read().count(b"<heap nr="))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_two_arenas():
    counted = {
        how: int(subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True).stdout)
        for how in ("shared", "apart")
    }
    assert counted["shared"] <= 2 < counted["apart"]


def test_other_c_libraries_are_left_alone(monkeypatch):
    def no_such_library(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", no_such_library)
    share_arenas()
