"""Sections, verdicts, moments: what a song is called, where it changes, what told it."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnet.moments import moments_of
from songnet.prediction import Prediction
from songnet.sections import sections_of
from songnet.window_prediction import WindowPrediction

GENRES = ("Folk", "Hip-Hop", "Pop", "Rock")
FOLK, HIP_HOP, POP, ROCK = GENRES


def window(number, genre=None, sure=0.85, attention=None):
    """A window of 30 s; one without a genre is silent."""
    rest = (1 - sure) / (len(GENRES) - 1)
    probabilities = {name: sure if name == genre else rest for name in GENRES}
    flat = [1 / 128] * 128
    return WindowPrediction(
        30.0 * number, 30.0 * (number + 1), probabilities, attention or flat, silent=genre is None
    )


def song(*genres, abstain_below=0.45):
    """The prediction for a song whose windows are of these genres, or (genre, probability)."""
    pairs = [genre if isinstance(genre, tuple) else (genre, 0.85) for genre in genres]
    windows = [window(i, *pair) for i, pair in enumerate(pairs)]
    audible = [w for w in windows if not w.silent] or windows
    mean = {g: float(np.mean([w.probabilities[g] for w in audible])) for g in GENRES}
    best = max(mean, key=mean.__getitem__)
    abstained = mean[best] < abstain_below or all(w.silent for w in windows)
    end = windows[-1].end_s
    return Prediction(best, mean[best], abstained, end, mean, windows, {}, sure_from=abstain_below)


@pytest.mark.parametrize(
    ("genres", "text"),
    [
        ([ROCK] * 4, "Rock"),
        ([HIP_HOP, HIP_HOP, FOLK, FOLK, ROCK, ROCK], "Changes: Hip-Hop → Folk → Rock"),
        ([FOLK, FOLK, None, ROCK, ROCK], "Changes: Folk → Rock"),
        ([HIP_HOP, HIP_HOP, ROCK, ROCK] * 3, "Between Hip-Hop and Rock"),
        ([FOLK, FOLK, ROCK, ROCK, POP, POP, FOLK, FOLK, ROCK, ROCK], "Between Folk, Rock and Pop"),
        (
            [FOLK, ROCK, ROCK, POP, POP, HIP_HOP, HIP_HOP, ROCK, POP, HIP_HOP],
            "Between Rock, Pop and Hip-Hop",
        ),
        ([ROCK] * 9 + [FOLK], "Rock"),
        ([(ROCK, 0.3)] * 3, "Not sure"),
        ([None, None], "Nothing to hear"),
    ],
)
def test_what_a_song_is_called(genres, text):
    assert song(*genres).verdict.text == text


def test_a_song_between_two_genres_without_a_change():
    probabilities = {FOLK: 0.05, HIP_HOP: 0.42, POP: 0.11, ROCK: 0.42}
    windows = [WindowPrediction(0, 30, probabilities, [1 / 128] * 128)]
    prediction = Prediction(HIP_HOP, 0.42, True, 30, probabilities, windows, {}, sure_from=0.45)
    assert prediction.verdict.text == "Between Hip-Hop and Rock"
    assert [section.sure for section in prediction.sections] == [False]


def test_a_guess_goes_with_its_neighbours_and_silence_with_nobody():
    found = song(ROCK, (FOLK, 0.4), ROCK, None, ROCK).sections
    assert [(s.genre, s.start_s, s.end_s) for s in found] == [
        (ROCK, 0, 90),
        (None, 90, 120),
        (ROCK, 120, 150),
    ]
    assert found[0].sure
    assert not found[1].sure


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=5))
def test_sections_are_the_most_probable_course(weights):
    """Against all courses that there are."""
    windows = [
        WindowPrediction(
            30.0 * i, 30.0 * (i + 1), dict(zip(GENRES, np.divide(row, sum(row)), strict=True)), []
        )
        for i, row in enumerate(weights)
    ]

    def score(course):
        said = sum(
            np.log(max(w.probabilities[g], 0.02)) for w, g in zip(windows, course, strict=True)
        )
        return said - sum(a != b for a, b in itertools.pairwise(course))

    courses = np.stack(np.meshgrid(*[np.arange(4)] * len(windows)), axis=-1)
    best = max(score([GENRES[g] for g in course]) for course in courses.reshape(-1, len(windows)))
    found = sections_of(windows, 0.0)
    chosen = [next(s.genre for s in found if s.start_s <= w.start_s < s.end_s) for w in windows]
    assert score(chosen) == pytest.approx(best)
    assert found[0].start_s == 0
    assert found[-1].end_s == windows[-1].end_s
    assert all(a.genre != b.genre and a.end_s == b.start_s for a, b in itertools.pairwise(found))


def peaked(*moments):
    """Attention to some moments of a window [s]."""
    times = (np.arange(128) + 0.5) * 30 / 128
    weights = 0.1 + sum(np.exp(-(((times - moment) / 1.5) ** 2)) for moment in moments)
    return (weights / weights.sum()).tolist()


def test_moments_are_those_that_counted_in_sure_windows():
    windows = [
        window(0, ROCK, 0.9, peaked(6, 20)),
        window(1, FOLK, 0.6, peaked(15)),
        window(2, ROCK, 0.8, peaked(11)),
        window(3, attention=peaked(5)),
    ]
    found = moments_of(windows, [ROCK])
    assert found == pytest.approx([6 - 1.5, 20 - 1.5, 71 - 1.5], abs=0.6)
    assert moments_of(windows, []) == []
    assert moments_of(windows[3:], [ROCK]) == []


def test_each_genre_of_a_song_that_changes_has_a_moment():
    windows = [
        window(0, FOLK, 0.5, peaked(15)),
        window(1, ROCK, 0.9, peaked(6, 20)),
        window(2, ROCK, 0.9, peaked(11)),
        window(3, ROCK, 0.9, peaked(5, 25)),
    ]
    found = moments_of(windows, [FOLK, ROCK, FOLK])
    assert len(found) == 3
    assert found[0] == pytest.approx(15 - 1.5, abs=0.6)
    assert all(moment > 30 for moment in moments_of(windows, [ROCK]))


def test_moments_of_a_clip_that_was_repeated_are_inside_it():
    times = (np.arange(128) + 0.5) * 30 / 128
    weights = 0.1 + np.exp(-(((times % 8 - 4) / 1) ** 2))
    probabilities = window(0, ROCK).probabilities
    clip = WindowPrediction(0, 8, probabilities, (weights / weights.sum()).tolist())
    assert moments_of([clip], [ROCK]) == pytest.approx([2.5], abs=0.6)
    short = WindowPrediction(0, 1, probabilities, [1 / 128] * 128)
    assert moments_of([short], [ROCK]) == [0]


def test_fields_of_json():
    answer = song(FOLK, FOLK, None, ROCK, ROCK).to_json()
    assert answer["verdict"] == {
        "kind": "changes",
        "text": "Changes: Folk → Rock",
        "genres": [FOLK, ROCK],
    }
    assert answer["sections"][1] == {
        "start_s": 60,
        "end_s": 90,
        "genre": None,
        "confidence": 0.0,
        "sure": False,
    }
    assert [w["silent"] for w in answer["windows"]] == [False, False, True, False, False]
    assert all(0 <= moment <= answer["duration_s"] for moment in answer["moments"])
