"""How close two songs sound: words by what is usual among known tracks, and what is one song."""

import numpy as np
import pytest

from songnet import closeness
from songnet.similar import TrackIndex
from songnet.weights import load_weights


@pytest.fixture(scope="module")
def shipped():
    """The index that comes with the project."""
    return TrackIndex.from_weights(load_weights())


def test_what_is_usual_is_so_among_the_tracks_that_come_with_the_project(shipped):
    assert closeness.levels(shipped.embeddings, [t.artist for t in shipped.tracks]) == (
        closeness.USUAL
    )


def test_few_tracks_do_not_say_what_is_close(shipped):
    few = shipped.embeddings[:100]
    assert closeness.levels(few, [str(i) for i in range(100)]) == closeness.USUAL


def test_an_artists_own_tracks_do_not_count():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 96)).astype(np.float32)
    rows = np.repeat(rows[:300], 2, axis=0) + 1e-3 * rows
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [str(i // 2) for i in range(600)]
    assert closeness.levels(rows, pairs)[0] < 0.5
    assert closeness.levels(rows, [str(i) for i in range(600)])[0] > 0.99


def test_words_go_from_near_to_far():
    said = [closeness.word(s) for s in (1.0, 0.98, 0.97, 0.94, 0.9, 0.5, -1.0)]
    assert list(dict.fromkeys(said)) == list(closeness.WORDS)
    assert closeness.word(0.9, (0.8, 0.7, 0.6)) == "very close"


@pytest.mark.parametrize(
    ("angle", "others", "found"),
    [
        (0.05, [0.12] * 2_000, {0}),  # above the threshold
        (0.18, [0.5] * 2_000, {0}),  # much nearer than the next
        (0.18, [0.2] * 2_000, set()),  # one of many that are alike
        (0.18, [0.5] * 20, set()),  # the next are far for lack of others
        (0.5, [1.2] * 2_000, set()),  # nothing is near
    ],
)
def test_a_song_is_known_without_its_name(angle, others, found):
    assert closeness.itself(np.cos([angle, *others])) == found
