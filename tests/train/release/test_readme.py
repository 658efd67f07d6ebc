"""The docs' marked parts: written where there are marks, from the files that there are."""

import json
import re

import pytest

from songnet.weights import EMBEDDED, ReleaseConfig
from tests.support.releases import metrics, write_release
from train.errors import DataError
from train.release import readme
from train.release.paragraphs import LIBRARY_FILE, PAGE_FILE


@pytest.fixture
def artifacts(tmp_path):
    """A release with the shipped benchmark and waiting times."""
    folder = write_release(tmp_path / "artifacts")
    for name in (readme.BENCHMARK_FILE, PAGE_FILE, LIBRARY_FILE):
        (folder / name).write_bytes((EMBEDDED / name).read_bytes())
    return folder


def parts(artifacts):
    return readme.parts(artifacts, metrics(), ReleaseConfig.read(artifacts))


def test_a_release_with_all_measurements_fills_all_parts(artifacts):
    text = "".join(f"<!-- {name}: begin -->\n<!-- {name}: end -->\n" for name in parts(artifacts))
    page = artifacts.parent / "README.md"
    page.write_text(text)
    readme.update(None, artifacts, parts(artifacts))
    written = page.read_text()
    assert "54.3 % (51.3 to 57.3)" in written
    assert "one file of 20 kB" in written
    assert "excerpts of 5 s" in written
    assert "From dropping a 30 s MP3" in written
    assert "A library of 100,000 made-up songs" in written
    assert "| windows |" in written
    readme.update(page, artifacts, parts(artifacts))
    assert page.read_text() == written


def test_what_was_not_measured_is_left_as_it_is(artifacts):
    (artifacts / PAGE_FILE).unlink()
    (artifacts / LIBRARY_FILE).unlink()
    benchmark = json.loads((artifacts / readme.BENCHMARK_FILE).read_text())
    del benchmark["excerpts"], benchmark["few_windows"]
    (artifacts / readme.BENCHMARK_FILE).write_text(json.dumps(benchmark))
    found = parts(artifacts)
    assert set(found) == {
        *("figures", "answers", "lead", "genres", "harder", "sizes", "robustness", "starts"),
        *("network", "speed"),
    }
    assert found["speed"].startswith("From opening a file")


def test_links_start_from_the_page_that_has_them(artifacts):
    """Every page that is named in one place is written, where it is there."""
    (artifacts.parent / "docs").mkdir()
    pages = [artifacts.parent / name for name in ("README.md", "docs/page.md")]
    assert {path.relative_to(artifacts.parent).as_posix() for path in pages} < {*readme.PAGES}
    for path in pages:
        path.write_text("<!-- page: begin -->\n<!-- page: end -->\n")
    readme.update(None, artifacts, parts(artifacts))
    for path, link in zip(pages, ("(artifacts/", "(../artifacts/"), strict=True):
        assert f"{link}{PAGE_FILE})" in path.read_text()
    told = {"a": "[a](https://b.c/d) [e](#f) [g](h)"}
    moved = readme.seen_from(pages[1], artifacts.parent, told)
    assert moved == {"a": "[a](https://b.c/d) [e](#f) [g](../h)"}


@pytest.mark.parametrize("file", [PAGE_FILE, LIBRARY_FILE])
@pytest.mark.parametrize("content", ["no JSON", "{}", '{"machine": 1, "cold": []}', "[1]"])
def test_what_is_no_measurement_is_one_sentence(artifacts, content, file):
    (artifacts / file).write_text(content)
    with pytest.raises(DataError, match=re.escape(file)):
        parts(artifacts)


def test_a_named_readme_needs_marks(artifacts):
    page = artifacts.parent / "OTHER.md"
    with pytest.raises(DataError, match="is missing"):
        readme.update(page, artifacts, parts(artifacts))
    page.write_text("Mine.")
    with pytest.raises(DataError, match="none of the marked parts"):
        readme.update(page, artifacts, parts(artifacts))
    page.write_text("<!-- figures: begin -->")
    with pytest.raises(DataError, match="needs the marks"):
        readme.update(page, artifacts, parts(artifacts))
