"""The file by which the page's code is held against Python's is what Python says today."""

import json

import pytest

from tests.programs.browser_golden import GOLDEN, golden


def test_the_golden_file_is_what_python_does():
    stored = json.loads(GOLDEN.read_text(encoding="utf-8"))
    current = json.loads(json.dumps(golden()))
    advice = "run `python -m tests.programs.browser_golden`"
    assert stored.keys() == current.keys(), advice
    for name in stored.keys() - {"mono"}:
        assert stored[name] == current[name], advice
    # FFmpeg's sums may differ in their last bit from one processor to another.
    for mine, yours in zip(stored["mono"], current["mono"], strict=True):
        assert mine["mix"] == pytest.approx(yours["mix"], abs=1e-6), advice
