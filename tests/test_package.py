"""What the package says of itself: one version, and requirements that agree with the pins."""

import re

import pytest

import songnet
from tests.support.paths import ROOT
from tests.support.requirements import PROJECT, bounds, contained, included, lowest, pins

FILES = {
    "train": "train/requirements.txt",
    "cluster": "train/requirements-cluster.txt",
    "augment": "train/requirements-augment.txt",
    "teachers": "train/requirements-teachers.txt",
}
# Of gigabytes: their tests are skipped without it.
LARGE = "teachers"


def assert_agreement(bounds, pins):
    assert bounds.keys() == pins.keys()
    for name, needed in bounds.items():
        (pin,) = pins[name].specifier
        assert pin.operator == "=="
        assert pin.version in needed.specifier, name
        assert any(clause.operator == ">=" for clause in needed.specifier), name
        assert needed.extras == pins[name].extras


def test_what_serves():
    assert_agreement(bounds(), pins("requirements.txt"))
    assert len(lowest()) == len(bounds())


@pytest.mark.parametrize("extra", FILES)
def test_an_extra_is_what_its_file_lists(extra):
    assert_agreement(bounds(extra), pins(FILES[extra]))


def test_the_tests_need_all_of_it():
    file = "tests/requirements.txt"
    alone = {"beets", "export", "mcp"}
    needed = bounds("test")
    for extra in alone:
        needed |= bounds(extra)
    assert_agreement(needed, pins(file))
    brought = {extra: path for extra, path in FILES.items() if extra != LARGE}
    assert contained("test") == {*brought, *alone, "map"}
    assert included(file) == {*brought.values(), "requirements.txt"}
    assert PROJECT["optional-dependencies"].keys() == {*FILES, *alone, "map", "test"}


def test_the_map_needs_a_package_that_training_brings():
    (needed,) = bounds("map").values()
    assert needed == bounds("train")[needed.name]


def test_the_version_is_the_newest_in_the_changelog():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.search(r"^## \[(\d\S*)\] - (\S+)$", changes, re.MULTILINE).groups()
    assert version == songnet.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f'version: "{version}"' in citation
    assert f'date-released: "{date}"' in citation


def test_the_licences_are_there():
    assert PROJECT["license"] == "Apache-2.0 AND CC-BY-NC-4.0 AND CC-BY-SA-3.0 AND MIT"
    for name in PROJECT["license-files"]:
        assert (ROOT / name).is_file()
