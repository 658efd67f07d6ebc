"""The one reader of `metrics.json`: what is missing, and what is no figure."""

import copy
import json
from typing import Any

import pytest

from songnet.errors import MetricsError
from songnet.weights import EMBEDDED
from songnet.weights.metrics import METRICS_FILE, check_metrics, read_metrics
from tests.support.releases import metrics
from tests.support.sentences import assert_one_sentence


def test_shipped_figures_are_read_as_they_are():
    stored = json.loads((EMBEDDED / METRICS_FILE).read_text(encoding="utf-8"))
    assert read_metrics(EMBEDDED) == stored


def test_no_file_means_no_figures(tmp_path):
    assert read_metrics(tmp_path) is None


def test_what_cannot_be_read_is_one_sentence(tmp_path):
    (tmp_path / METRICS_FILE).mkdir()
    with pytest.raises(MetricsError, match="cannot be read"):
        read_metrics(tmp_path)


def without(*path: str) -> dict[str, Any]:
    return with_value(..., *path)


def with_value(value: object, *path: str) -> dict[str, Any]:
    """Made-up figures of which one is another, or none."""
    changed: Any = copy.deepcopy(metrics())
    part = changed
    for key in path[:-1]:
        part = part[key]
    if value is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return changed


SONGNET = ("protocols", "official", "models", "songnet")


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (without("version"), r"has no version:"),
        (without("protocols", "official"), r"has no protocols\.official:"),
        (without(*SONGNET), r"has no protocols\.official\.models\.songnet:"),
        (without(*SONGNET, "ece", "low"), r"songnet\.ece\.low:"),
        (with_value("0.5", *SONGNET, "ece", "mean"), r"as .*songnet\.ece\.mean:"),
        (with_value(True, *SONGNET, "ece", "mean"), r"as .*songnet\.ece\.mean:"),
        (with_value(None, *SONGNET, "ece", "mean"), r"as .*songnet\.ece\.mean:"),
        (with_value(["0.5"], *SONGNET, "ece", "seeds"), r"as .*songnet\.ece\.seeds\.0:"),
        (with_value(0.5, *SONGNET, "ece", "seeds"), r"as .*songnet\.ece\.seeds:"),
        (with_value([], *SONGNET, "recall"), r"as .*songnet\.recall:"),
        (with_value(800.5, "protocols", "official", "clips"), r"as protocols\.official\.clips:"),
        ([], "as its content:"),
    ],
)
def test_another_shape_is_one_sentence(stored, why):
    with pytest.raises(MetricsError, match=why) as raised:
        check_metrics(stored)
    assert_one_sentence(raised.value)


def test_what_may_be_absent_may_be_absent():
    stored = with_value(None, *SONGNET, "recall", "Pop")
    assert "lead" not in stored["protocols"]["official"]
    assert check_metrics(stored) is stored
    assert check_metrics(with_value(1, *SONGNET, "ece", "mean"))
