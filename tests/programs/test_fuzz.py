"""A short run of the fuzzer; `python -m tests.programs.fuzz` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bombs import BOMBS
from tests.support.tag_bombs import TAG_BOMBS

pytestmark = pytest.mark.slow

FUZZER = ["-m", "tests.programs.fuzz"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="the sandbox needs Linux's limits")
def test_five_hundred_damaged_files_and_all_bombs(tmp_path):
    files = 500 + len(BOMBS) + len(TAG_BOMBS)
    command = [sys.executable, *FUZZER, "--files", str(files), "--seed", "8"]
    # In a process of its own, whose memory no other test has used.
    subprocess.run([*command, "--report", tmp_path / "report.json"], capture_output=True)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["failures"] == []
    assert report["unforeseen_exceptions"] == []
    assert report["files"] == files
    # A fuzzer whose every file is refused tests the front door alone.
    assert report["outcomes"]["classified"] > 100
    assert report["outcomes"]["refused"] > 100
    assert report["peak_mb"] < 600
