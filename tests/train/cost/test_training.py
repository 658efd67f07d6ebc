"""What training takes: times that are noted, and the energy that follows from them."""

import subprocess
import sys

import pytest

from train.cost import training
from train.errors import DataError


def test_the_longest_of_each_network_counts(tmp_path):
    """A training that goes on where it was takes less than it would as a whole."""
    assert training.read(tmp_path) is None
    for network, seconds in (("a", 100.0), ("a", 20.0), ("b", 200.0)):
        training.record(tmp_path, network, processor_s=seconds, wall_s=2 * seconds)
    found = training.read(tmp_path)
    assert found is not None
    assert (found["networks"], found["processor_s"]) == (2, 150)
    assert found["kwh"] == pytest.approx(150 * found["assumed_watts_a_core"] / 3600 / 1000)


def test_child_processes_are_measured(tmp_path):
    with training.measured(tmp_path, "a"):
        subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    found = training.read(tmp_path)
    assert found is not None
    assert found["processor_s"] > 0


@pytest.mark.parametrize("content", ["no JSON", "[]", '{"networks": {"a": {"wall_s": 1}}}'])
def test_what_is_no_table_is_one_sentence(tmp_path, content):
    (tmp_path / training.FILE).write_text(content)
    with pytest.raises(DataError, match="no table of training times"):
        training.read(tmp_path)
