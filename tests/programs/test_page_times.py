"""The clock that the docs' waiting times are read from."""

import json

import pytest

from tests.programs import page_times
from tests.support import readme
from tests.support.paths import ROOT
from train.release.paragraphs import page_paragraph


def testpercentiles():
    assert page_times.percentiles([n / 100 for n in range(101)]) == {
        "p50": 0.5,
        "p95": pytest.approx(0.95),
        "largest": 1.0,
        "runs": 101,
    }


def test_the_docs_say_what_was_measured():
    """`python -m tests.programs.page_times` measures it, `python -m train report` writes it."""
    evidence = (ROOT / "artifacts" / "evidence" / "page.json").read_text(encoding="utf-8")
    assert page_paragraph(json.loads(evidence)) in readme.text()
