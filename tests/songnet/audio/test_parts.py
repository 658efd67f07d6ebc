"""Sound is found behind a tag that does not belong there, and in every link of a chained Ogg."""

import struct

import av
import numpy as np
import pytest

from songnet import audio
from songnet.audio.parts import Part, behind_tags, links
from songnet.errors import AudioError
from tests.support.bombs import chained, synchsafe

RATE = 44_100


def id3_tag(size, footer=False):
    flags, end = (b"\x10", b"3DI\x04\x00\x10" + synchsafe(size)) if footer else (b"\0", b"")
    return b"ID3\x04\x00" + flags + synchsafe(size) + bytes(size) + end


@pytest.mark.parametrize("ending", ["wav", "aiff", "caf", "au", "flac", "wv", "ogg"])
@pytest.mark.parametrize("footer", [False, True])
def test_a_tag_before_a_header(song, ending, footer):
    path = song(f"tune.{ending}")
    plain = audio.read(path)
    path.write_bytes(id3_tag(100) + id3_tag(3_000, footer) + path.read_bytes())
    np.testing.assert_array_equal(audio.read(path), plain)


def test_a_tag_before_an_mp3_stays_where_it_belongs(song):
    path = song("tune.mp3")
    path.write_bytes(id3_tag(3_000) + path.read_bytes())
    with path.open("rb") as file:
        assert behind_tags(file).start == 0


@pytest.mark.parametrize("content", [b"ID3", b"ID3\4\0\0\x7f\x7f\x7f\x7f", id3_tag(10) * 3])
def test_nothing_behind_a_tag(tmp_path, content):
    path = tmp_path / "tag.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"tag\.wav is"):
        audio.read(path)


@pytest.mark.parametrize(
    "kinds",
    [
        [(44_100, 1), (44_100, 1)],
        [(44_100, 1), (44_100, 2)],
        [(44_100, 2), (44_100, 1)],
        [(44_100, 1), (48_000, 2), (22_050, 1)],
    ],
)
@pytest.mark.parametrize("ending", ["ogg", "opus"])
def test_a_chained_ogg_whose_songs_change(tmp_path, kinds, ending):
    path = tmp_path / f"radio.{ending}"
    if ending == "opus":
        kinds = [(48_000, channels) for _, channels in kinds]
    chained(*kinds)(path)
    decoded = audio.read(path)
    # Each link ends where it says: nothing is padded.
    assert abs(len(decoded) - 2 * RATE * len(kinds)) <= 2 * len(kinds)
    for number in range(len(kinds)):
        part = decoded[2 * RATE * number + RATE // 2 : 2 * RATE * (number + 1) - RATE // 2]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        frequencies = np.arange(len(spectrum)) * RATE / len(part)
        assert np.abs(frequencies[spectrum.argsort()[-2:]] - 220).min() < 100
    assert audio.probe(path).duration_s is None


def test_a_radio_s_recording_that_ends_in_the_next_song_s_header(tmp_path):
    path = tmp_path / "radio.ogg"
    chained((44_100, 1), (44_100, 2))(path)
    whole = path.read_bytes()
    # The first page of the second song is 58 bytes long, and nothing follows it.
    path.write_bytes(whole[: whole.index(b"OggS\0\2", 100) + 58])
    assert len(audio.read(path)) == 2 * RATE


def test_thirty_links(tmp_path):
    path = tmp_path / "radio.ogg"
    chained(*[(22_050, 1), (44_100, 2)] * 15)(path)
    with path.open("rb") as file:
        assert len(links(Part(file))) == 30
    assert len(audio.read(path)) == pytest.approx(30 * 2 * RATE, abs=60)


def test_a_million_links_are_not_looked_for(tmp_path):
    path = tmp_path / "bomb.ogg"
    path.write_bytes((b"OggS\0\2" + bytes(21)) * 2**20)
    with path.open("rb") as file:
        assert len(links(Part(file))) <= 500
    with pytest.raises(AudioError, match="is damaged"):
        audio.read(path)


def in_one_page(path, source):
    """The same packets of an Ogg in a single page, as FFmpeg's own program writes a short song."""
    with (
        av.open(str(source)) as opened,
        av.open(str(path), "w", format="ogg", options={"page_duration": "60000000"}) as output,
    ):
        stream = output.add_stream_from_template(opened.streams.audio[0])
        for packet in opened.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return path


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050])
def test_a_second_of_vorbis_in_one_page_is_a_second(tmp_path, song, rate):
    path = in_one_page(tmp_path / "one.ogg", song("tune.ogg", seconds=1, rate=rate))
    assert path.read_bytes().count(b"OggS\0") == 3
    assert len(audio.read(path)) == RATE


def test_a_caf_that_was_written_to_a_pipe(song):
    """sox leaves the sound's length at nothing, so that what follows looks like a chunk."""
    path = song("piped.caf")
    content = path.read_bytes()
    at = content.index(b"data")
    content = content[: at + 4] + struct.pack(">Q", 4) + content[at + 12 : at + 16]
    path.write_bytes(content + content + path.read_bytes()[at + 16 :])
    assert len(audio.read(path)) == pytest.approx(3 * RATE, abs=2_200)


def test_a_part_is_read_like_a_file(tmp_path):
    path = tmp_path / "letters"
    path.write_bytes(b"abcdefghij")
    with path.open("rb") as file:
        first, second = Part(file, 2, 6), Part(file, 6)
        assert (first.read(3), second.read(3), first.read(3), first.read(3)) == (
            b"cde",
            b"ghi",
            b"f",
            b"",
        )
        assert first.seek(-1, 2) == 3
        assert first.read() == b"f"
        # Farther than any disk's file can have.
        assert (first.seek(2**62), first.tell(), first.read(1)) == (4, 4, b"")
        assert first.seek(-7) == 0


def test_synthesised_songs_are_not_chained(song):
    for name in ("tune.ogg", "tune.flac", "tune.mp3"):
        with song(name).open("rb") as file:
            part = Part(file)
            assert links(part) == [part]
            assert part.tell() == 0
