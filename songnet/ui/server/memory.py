"""Keeps a server's memory flat under many visitors."""

import ctypes

_ARENAS = 2
# The parameter's number in glibc's malloc.h.
_M_ARENA_MAX = -8


def share_arenas() -> None:
    """Lets all threads of this process take memory from the same two arenas.

    glibc gives threads up to eight arenas for each processor, and an arena keeps much of what its
    threads have given back: a busy page has dozens of threads. Other C libraries have no arenas,
    and nothing is done there. It does what ``MALLOC_ARENA_MAX=2`` in the environment does.
    """
    try:
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, _ARENAS)
    except (OSError, AttributeError):
        return
