"""Files that are odd inside, as encoders, recorders and cuts leave them, are read all the same."""

import struct

import numpy as np
import pytest

from songnet import audio
from songnet.errors import AudioError
from songnet.spec import SPEC
from tests.support import songs

RATE = SPEC.sample_rate


def test_single_broken_packets_are_stepped_over(song):
    path = song("tune.mp3", seconds=10)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 500] = bytes(500)
    path.write_bytes(content)
    assert len(audio.read(path)) == pytest.approx(10 * RATE, abs=0.2 * RATE)


def test_a_variable_rate_song_without_a_header_is_not_taken_for_cut_off(tmp_path):
    """FFmpeg estimates its length from the first frames, here twenty times too long."""
    quiet, loud = tmp_path / "quiet.mp3", tmp_path / "loud.mp3"
    for path, bit_rate, seconds in ((quiet, 32_000, 3), (loud, 320_000, 20)):
        with songs.av.open(str(path), "w", options={"write_xing": "0"}) as output:
            stream = output.add_stream("libmp3lame", rate=RATE, layout="mono")
            stream.bit_rate = bit_rate
            frame = songs.av.AudioFrame.from_ndarray(
                songs.synthesise(seconds).T, format="flt", layout="mono"
            )
            frame.sample_rate = RATE
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                output.mux(packet)
    quiet.write_bytes(quiet.read_bytes() + loud.read_bytes())
    assert audio.probe(quiet).duration_s > 60
    assert len(audio.read(quiet)) == pytest.approx(23 * RATE, abs=0.2 * RATE)


def with_cover(path, song_path, size=600):
    """Adds an album cover to a song, as a picture stream."""
    av = songs.av
    container = {".m4a": "mp4"}.get(path.suffix)
    with av.open(str(song_path)) as source, av.open(str(path), "w", format=container) as output:
        sound = output.add_stream_from_template(source.streams.audio[0])
        picture = output.add_stream("mjpeg", rate=1)
        picture.width = picture.height = size
        picture.pix_fmt = "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        noise = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
        cover = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuvj420p")
        packets = [*picture.encode(cover), *picture.encode(None)]
        for packet in packets:
            output.mux(packet)
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                output.mux(packet)


@pytest.mark.parametrize("ending", ["mp3", "m4a", "flac"])
def test_a_cover_does_not_hide_the_song(tmp_path, song, ending, capfd):
    plain = song(f"plain.{ending}")
    covered = tmp_path / f"covered.{ending}"
    with_cover(covered, plain)
    assert covered.stat().st_size > plain.stat().st_size + 100_000
    n = len(audio.read(plain))
    assert len(audio.read(covered)) == pytest.approx(n, abs=1152)
    assert audio.probe(covered).channels == 1
    assert capfd.readouterr().err == ""


def test_ten_megabytes_of_id3_before_the_sound(song):
    path = song("tune.mp3")
    sound = path.read_bytes()
    sound = sound[sound.index(b"\xff\xfb") :]
    size = 10 * 2**20
    synchsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x04\x00\x00" + synchsafe + bytes(size) + sound)
    assert len(audio.read(path)) == pytest.approx(3 * RATE, abs=1152)


def test_a_wav_of_unknown_length_is_read(song):
    """Programs that write to a pipe leave the lengths at their largest value."""
    path = song("piped.wav")
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(audio.read(path)) == 3 * RATE


def test_ffmpeg_keeps_quiet(song, capfd):
    path = song("tune.mp3")
    content = bytearray(path.read_bytes())
    content[5_000:9_000] = np.random.default_rng(0).bytes(4_000)
    path.write_bytes(content)
    audio.read(path)
    assert capfd.readouterr() == ("", "")


def test_a_forged_sample_rate_is_refused(song):
    path = song("tune.wav")
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", 7)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"tune\.wav claims 1 channels at 7 Hz"):
        audio.probe(path)
