"""The clock that the README's waiting times are read from."""

import json

import pytest

from tests.programs import page_times
from tests.support.paths import ROOT


def test_a_song_is_dropped_again_and_again(visit, tagged):
    measured = page_times.warm(visit().tab, tagged("tune.wav"), runs=2, warm_up=0)
    assert 0 < measured["verdict"]["p50"] <= measured["drawn"]["p50"]
    assert measured["drawn"]["runs"] == 2


def test_percentiles():
    assert page_times._percentiles([n / 100 for n in range(101)]) == {
        "p50": 0.5,
        "p95": pytest.approx(0.95),
        "largest": 1.0,
        "runs": 101,
    }


def test_the_readme_says_what_was_measured():
    """`python -m tests.programs.page_times --report REPORT` prints the text."""
    evidence = (ROOT / "artifacts" / "evidence" / "page.json").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page_times.paragraph(json.loads(evidence)) in " ".join(readme.split())
