"""The examples in docstrings, run as they stand there."""

import doctest
import importlib

import pytest

from songnet.examples import write_examples
from tests.support.paths import ROOT

SOURCES = [
    path for package in ("songnet", "train") for path in sorted((ROOT / package).rglob("*.py"))
]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in SOURCES
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    """They run in a folder with the songs that the page offers."""
    write_examples(tmp_path)
    monkeypatch.chdir(tmp_path)
    failed, attempted = doctest.testmod(importlib.import_module(name))
    assert attempted
    assert not failed


def test_none_is_skipped():
    assert MODULES
    for path in SOURCES:
        assert "doctest: +SKIP" not in path.read_text(encoding="utf-8"), path
