"""The rooms' order, which `pyproject.toml` lays down as contracts, and their program."""

import json
import subprocess
import sys
from pathlib import Path

from tests.programs.rooms import circles, longest_chain, merged
from tests.support.paths import ROOT


def test_no_room_imports_one_above_it():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_the_program_finds_no_circle():
    command = [sys.executable, "-m", "tests.programs.rooms"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    counts = json.loads(done.stdout)
    for package in ("songnet", "train"):
        assert counts[package]["circles"] == counts[package]["module_circles"] == 0
        assert 1 < counts[package]["layers"] < counts[package]["rooms"]


def test_chains_and_circles_are_counted():
    graph = {"a.1": {"b.1"}, "b.1": {"c.1"}, "c.1": {"b.2"}, "b.2": set()}
    assert circles(graph) == []
    assert longest_chain(graph) == 4
    rooms = merged(graph, lambda node: node[0])
    assert rooms == {"a": {"b"}, "b": {"c"}, "c": {"b"}}
    assert circles(rooms) == [{"b", "c"}]
    assert longest_chain(rooms) == 2
