"""The docs' figures of the page in the browser."""

import json

from tests.support import readme
from tests.support.paths import ROOT
from train.release.paragraphs import browser_paragraph


def test_the_docs_say_what_was_measured():
    """`tests.programs.browser_times` measures it, `python -m train report` writes it."""
    evidence = (ROOT / "artifacts" / "evidence" / "browser.json").read_text(encoding="utf-8")
    assert browser_paragraph(json.loads(evidence)) in readme.text()


def test_without_real_clips_there_is_no_word_of_them():
    evidence = (ROOT / "artifacts" / "evidence" / "browser.json").read_text(encoding="utf-8")
    measured = json.loads(evidence) | {"differences": {}}
    assert "real clips" not in browser_paragraph(measured)
