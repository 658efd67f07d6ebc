"""How well songs that change are told: the joined songs, the figures, and what is told of them."""

import numpy as np
import pytest

from songnet.weights import load_weights
from songnet.window_prediction import WindowPrediction
from tests.support.paths import ROOT
from train.evidence import sections
from train.evidence.sections import Song

EVIDENCE = ROOT / "artifacts" / "evidence" / "sections.csv"


def test_the_experiments_tell_what_was_measured():
    told = (ROOT / "train" / "EXPERIMENTS.md").read_text(encoding="utf-8")
    tables = sections.table(sections.read(EVIDENCE), load_weights().config.abstain_below)
    for table in tables.split("\n\n"):
        assert table in told


def test_the_documentation_of_the_api_tells_it_too():
    told = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    found = sections.figures(sections.read(EVIDENCE), load_weights().config.abstain_below)
    told = told.replace("\n", " ")
    for kind in ("unchanged", "two genres", "three genres"):
        share, low, high = (100 * found[kind][name] for name in ("changes", "low", "high"))
        assert f" {share:.0f} % ({low:.0f} to {high:.0f})" in told


def test_windows_straddle_clips_and_end_with_the_song():
    clips = np.stack([np.full((8, 2), level, np.float32) for level in (0.2, 0.6, 0.4)])
    windows = sections.joined(clips, start=3)
    assert [start for start, _ in windows] == pytest.approx([0, 30, 13 / 8 * 30])
    first = windows[0][1]
    # The loudest bin of each window is the top of its scale.
    assert first[:5] == pytest.approx(0.6)
    assert first[5:] == pytest.approx(1)
    assert windows[-1][1] == pytest.approx(1)


def song(kind, truth, *genres):
    windows = tuple(
        WindowPrediction(
            30.0 * i, 30.0 * (i + 1), {g: 0.9 if g == genre else 0.1 for g in ("Pop", "Rock")}, []
        )
        for i, genre in enumerate(genres)
    )
    return Song(kind, 1, truth, windows)


def test_figures_count_changes_and_right_courses():
    songs = [
        song("unchanged", ("Pop",), "Pop", "Pop"),
        song("unchanged", ("Pop",), "Pop", "Rock"),
        song("two genres", ("Pop", "Rock"), "Pop", "Rock"),
        song("two genres", ("Rock", "Pop"), "Pop", "Rock"),
        song("three genres", ("Rock", "Pop", "Folk"), "Pop", "Rock"),
        song("to and fro", ("Rock", "Pop", "Rock", "Pop"), "Pop", "Rock", "Pop"),
        song("clip", ("Rock",), "Pop"),
    ]
    found = sections.figures(songs, 0.45)
    assert found["unchanged"]["changes"] == found["unchanged"]["right"] == 0.5
    assert (found["two genres"]["changes"], found["two genres"]["right"]) == (1, 0.5)
    assert found["three genres"]["right"] == 0
    assert found["to and fro"]["right"] == 1


def test_what_is_written_is_read_again(tmp_path):
    songs = [song("two genres", ("Pop", "Rock"), "Pop", "Rock"), song("clip", ("Rock",), "Pop")]
    sections.write(tmp_path / "songs.csv", songs, ("Pop", "Rock"))
    assert sections.read(tmp_path / "songs.csv") == songs
