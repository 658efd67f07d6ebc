"""What is said of many songs."""

import pytest

from songnet.ui.figures.many_songs import summary

SONG, FAILED = {"warnings": []}, {"error": "x is not audio."}


@pytest.mark.parametrize(
    ("answers", "left", "sentence"),
    [
        ([SONG, FAILED], 0, "1 song heard, 1 file failed."),
        ([SONG, SONG], 4, "Stopped: 2 songs heard, 4 still to hear."),
        ([], 3, "Stopped: 0 songs heard, 3 still to hear."),
        ([SONG, FAILED], 1, "Stopped: 1 song heard, 1 file failed, 1 still to hear."),
    ],
)
def test_what_was_stopped_is_said_to_be(answers, left, sentence):
    assert summary(answers, left) == sentence
