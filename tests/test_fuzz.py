"""A short run of the fuzzer; `python tests/fuzz.py` is the long one."""

from pathlib import Path

import pytest
from bombs import BOMBS
from fuzz import run


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="the sandbox needs Linux's limits")
def test_five_hundred_damaged_files_and_all_bombs():
    report = run(files=500 + len(BOMBS), seed=8)
    assert report["failures"] == []
    assert report["unforeseen_exceptions"] == []
    assert report["files"] == 500 + len(BOMBS)
    # A fuzzer whose every file is refused tests the front door alone.
    assert report["outcomes"]["classified"] > 100
    assert report["outcomes"]["refused"] > 100
    assert report["peak_mb"] < 600
