"""Damaged songs are heard as far as they decode, and that parts are left out is told."""

import numpy as np
import pytest

from songnet import audio
from songnet.audio.length import PARTS_LEFT_OUT
from songnet.spec import SPEC
from tests.support import songs

RATE = SPEC.sample_rate
SECONDS = 20


def noise(length):
    return np.random.default_rng(0).bytes(length)


def middle_is(make, share=1 / 3):
    """Puts other bytes into the middle of a song."""

    def damage(content):
        length = round(share * len(content))
        start = (len(content) - length) // 2
        return content[:start] + make(length) + content[start + length :]

    return damage


def some_bytes(step, start=0.0, stop=1.0):
    """Changes one byte in so many, in a part of a song."""

    def damage(content):
        changed = bytearray(content)
        for place in range(round(start * len(content)), round(stop * len(content)), step):
            changed[place] ^= 0x5A
        return bytes(changed)

    return damage


def heard(path):
    with audio.open_song(path) as opened:
        seconds = sum(map(len, opened.blocks())) / RATE
    return seconds, opened.warnings


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The path of a song of 20 s, by its ending."""
    folder, tune = tmp_path_factory.mktemp("whole"), songs.synthesise(SECONDS, 48_000)
    made = {}

    def find(ending):
        if ending not in made:
            made[ending] = songs.write(folder / f"tune.{ending}", tune, 48_000)
        return made[ending]

    return find


@pytest.mark.parametrize(
    ("ending", "damage", "least"),
    [
        *((kind, middle_is(noise), 12) for kind in ("mp3", "mp2", "flac", "aac", "wma", "ac3")),
        # FFmpeg itself finds no more of these.
        *((kind, middle_is(noise), 5) for kind in ("ogg", "opus", "webm", "tta")),
        *((kind, middle_is(bytes), 12) for kind in ("mp3", "flac", "m4a", "aac")),
        *((kind, some_bytes(300, 1 / 3, 2 / 3), 12) for kind in ("flac", "m4a", "mka")),
        *((kind, some_bytes(500, 0.1), 6) for kind in ("mp3", "aac", "ac3")),
        ("mp3", middle_is(noise, 0.05), 18),
        ("mp3", middle_is(bytes, 0.05), 18),
        ("ogg", middle_is(noise, 0.02), 15),
        ("mp2", lambda content: content[: len(content) // 2] + bytes(len(content) // 2), 9),
    ],
)
def test_what_decodes_is_heard_with_a_warning(tmp_path, whole, ending, damage, least):
    path = tmp_path / f"tune.{ending}"
    path.write_bytes(damage(whole(ending).read_bytes()))
    seconds, warnings = heard(path)
    assert least < seconds < SECONDS
    assert PARTS_LEFT_OUT in warnings


@pytest.mark.parametrize(
    ("ending", "change"),
    [
        *((kind, lambda content: content) for kind in ("aac", "ac3", "mp2", "tta", "wma", "webm")),
        # Three songs in one file, with a packet lost where the second was cut, and a strange tag.
        ("mp3", lambda content: content + content[:-200] + content + b"LYRICS" * 2_000),
        ("mp3", lambda content: content[10_001:]),
        ("flac", lambda content: 2 * content),
    ],
)
def test_of_songs_that_are_no_more_than_cut_or_joined_nothing_is_said(
    tmp_path, whole, ending, change
):
    path = tmp_path / f"tune.{ending}"
    path.write_bytes(change(whole(ending).read_bytes()))
    assert heard(path)[1] == []
