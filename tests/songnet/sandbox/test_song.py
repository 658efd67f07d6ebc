"""What a song's child process answers, whatever it is that answers."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from songnet.audio import AudioInfo
from songnet.audio.tags import Tags
from songnet.errors import AudioError, DecoderError
from songnet.sandbox.messages import BLOCK, COVER, END, INFO, TAGS, WARNING
from songnet.sandbox.process import decoder_stopped
from songnet.sandbox.song import Song, embedding

INFORMATION = AudioInfo("MP3", "mp3", 44_100, 2, 128_000, 30.0)
JPEG = b"\xff\xd8\xff and so on"
OPENED = (INFO, json.dumps(asdict(INFORMATION)).encode())
WAVEFORM = np.linspace(-1, 1, 10, dtype=np.float32)
SAMPLES = (BLOCK, WAVEFORM.tobytes())
NAMED = (TAGS, json.dumps(asdict(Tags(artist="Nobody"))).encode())


def song(*answers, then=None):
    """A song whose child answers so, and then raises `then`."""

    def generate():
        yield from answers
        if then is not None:
            raise then

    return Song(generate(), "song.mp3")


def test_everything_in_one_request():
    opened = song(OPENED, SAMPLES, SAMPLES, (END, b""), NAMED, (COVER, JPEG))
    assert opened.info == INFORMATION
    np.testing.assert_array_equal(np.concatenate([*opened.blocks()]), np.tile(WAVEFORM, 2))
    assert list(opened.blocks()) == []
    assert (opened.tags, opened.cover) == (Tags(artist="Nobody"), JPEG)


def test_blocks_that_nobody_reads_are_skipped():
    assert song(OPENED, SAMPLES, SAMPLES, (END, b""), NAMED).tags.artist == "Nobody"


def test_warnings_come_with_the_blocks_and_with_the_tags():
    opened = song(OPENED, SAMPLES, (WARNING, b"One."), (END, b""), NAMED, (WARNING, b"Two."))
    assert len(list(opened.blocks())) == 1
    assert opened.warnings == ["One."]
    assert (opened.tags.artist, opened.warnings) == ("Nobody", ["One.", "Two."])


def test_warnings_of_a_child_that_was_taken_over_are_few_short_and_printable():
    nonsense = (WARNING, b"\x1b[31m\xff\n" + b"x" * 1_000)
    opened = song(OPENED, *[nonsense] * 100, (END, b""))
    assert list(opened.blocks()) == []
    assert len(opened.warnings) == 10
    assert all(len(warning) <= 300 and warning.isprintable() for warning in opened.warnings)


def test_a_child_that_dies_in_the_tags_costs_the_tags_alone():
    opened = song(OPENED, SAMPLES, (END, b""), then=decoder_stopped("song.mp3"))
    assert len(list(opened.blocks())) == 1
    assert (opened.tags, opened.cover) == (Tags(), None)
    assert opened.warnings == ["The tags could not be read in time and are left out."]


def test_a_child_that_dies_in_the_cover_costs_the_cover_alone():
    opened = song(OPENED, SAMPLES, (END, b""), NAMED, then=decoder_stopped("song.mp3"))
    assert (opened.tags, opened.cover) == (Tags(artist="Nobody"), None)
    assert opened.warnings == ["The cover art could not be read in time and is left out."]


def test_a_child_that_dies_before_costs_the_song():
    with pytest.raises(DecoderError):
        song(then=decoder_stopped("song.mp3"))
    opened = song(OPENED, SAMPLES, then=decoder_stopped("song.mp3"))
    with pytest.raises(DecoderError):
        list(opened.blocks())


def test_a_song_that_is_refused_on_the_way_has_no_tags_either():
    opened = song(OPENED, SAMPLES, then=AudioError("song.mp3 is damaged."))
    with pytest.raises(AudioError, match="is damaged"):
        _ = opened.tags


@pytest.mark.parametrize(
    "answer",
    [
        None,
        SAMPLES,
        (INFO, b""),
        (INFO, b"[]"),
        (INFO, b"7"),
        (INFO, b'{"format": "MP3"}'),
        (INFO, b"\xff"),
        (INFO, b"[" * 100_000),
    ],
    ids=lambda answer: repr(answer)[:30],
)
def test_a_child_that_was_taken_over_and_talks_nonsense(answer):
    with pytest.raises(DecoderError, match=r"^song\.mp3 cannot be decoded, its decoder stopped: "):
        song(*filter(None, [answer]))


def test_a_block_that_is_no_samples():
    with pytest.raises(DecoderError, match="its decoder stopped"):
        list(song(OPENED, (BLOCK, b"abc")).blocks())


@pytest.mark.parametrize("answer", [(TAGS, b"{"), (TAGS, b'{"html": "<b>"}'), (COVER, b"<svg/>")])
def test_tags_and_covers_that_are_none(answer):
    opened = song(OPENED, (END, b""), answer)
    assert (opened.tags, opened.cover) == (Tags(), None)


def test_an_embedding_that_is_none():
    assert embedding(b"", "song.mp3") is None
    np.testing.assert_array_equal(embedding(np.eye(3)[1].astype("f4").tobytes(), "x"), [0, 1, 0])
    for payload in (b"abc", np.array([0, np.nan], np.float32).tobytes()):
        with pytest.raises(DecoderError, match=r"^song\.mp3 cannot be decoded"):
            embedding(payload, "song.mp3")
