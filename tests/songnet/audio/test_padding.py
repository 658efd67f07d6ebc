"""An MP4 ends where its header says, as for players: the encoder's padding is no part of it."""

import numpy as np
import pytest

from songnet import audio
from songnet.audio.padding import without_padding


@pytest.mark.parametrize(
    ("end_s", "expected"),
    [(None, 100_000), (1.0, 44_100), (96_000 / 44_100, 96_000), (0.9, 100_000), (9.0, 100_000)],
)
def test_what_is_shorter_than_two_packets_is_padding(end_s, expected):
    song = np.arange(100_000 if end_s != 1.0 else 48_000, dtype=np.float32)
    blocks = list(without_padding(iter(np.array_split(song, 7)), end_s, 44_100))
    assert all(map(len, blocks))
    np.testing.assert_array_equal(np.concatenate(blocks), song[:expected])


def test_an_m4a_ends_where_its_header_says(song):
    path = song("tune.m4a", seconds=3.0)
    stated_s = audio.probe(path).duration_s
    assert len(audio.read(path)) == round(stated_s * 44_100)
    assert len(audio.read(path)) % 1024 != 0
