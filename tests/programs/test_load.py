"""A short run of the load test; `python -m tests.programs.load` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LOAD = ["-m", "tests.programs.load"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="the sandbox needs Linux's limits")
def test_eight_visitors_for_a_minute(tmp_path):
    command = [sys.executable, *LOAD, "--visitors", "8", "--minutes", "1", "--queue-size", "4"]
    command += [
        "--long-seconds",
        "60",
        "--fairness-minutes",
        "0",
        "--report",
        tmp_path / "report.json",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (tmp_path / "report.json").exists(), done.stderr
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["complaints"] == []
    assert (report["wrong"], report["lost"]) == (0, 0)
    assert report["answers"] > 0
    assert report["told_to_come_back"] > 0, "the crowd found room, so the full queue was not tested"
    assert report["temporary_files"]["left_after_the_end"] == []
    assert not report["log_mentions_errors"]
