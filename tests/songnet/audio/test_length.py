"""What decodes is the song: a length that a file promises refuses none, and a lack is told."""

import struct
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest

from songnet import audio
from songnet.audio.length import PARTS_LEFT_OUT, stated_seconds
from songnet.errors import AudioError
from songnet.spec import SPEC
from songnet.words import clock
from tests.support import songs

RATE = SPEC.sample_rate
BREAKS_OFF = "The file breaks off: a part of it is missing."


def heard(path, **limits):
    """Length of what decodes [s], and the warnings."""
    with audio.open_song(path, limits=audio.Limits(**limits)) as opened:
        seconds = sum(map(len, opened.blocks())) / RATE
    return seconds, opened.warnings


def is_whole(path, seconds, **limits):
    """Whether a file decodes to a length, give or take an encoder's padding, without a warning."""
    decoded, warnings = heard(path, **limits)
    return decoded == pytest.approx(seconds, abs=0.15) and not warnings


def cut(path, part):
    """Keeps the first part of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: round(part * len(content))])
    return path


def patched(path, *changes):
    """Writes bytes after a mark in a file: (mark, offset after its begin, bytes)."""
    content = bytearray(path.read_bytes())
    for mark, offset, new in changes:
        start = content.index(mark) + offset
        content[start : start + len(new)] = new
    path.write_bytes(content)
    return path


def copied(source, path, *, start=0.0, stop=1e9, later=0.0, container=None, options=None):
    """Copies the packets between two times, as `ffmpeg -c copy` does, perhaps with later stamps."""
    with (
        av.open(str(source)) as read,
        av.open(str(path), "w", format=container, options=options or {}) as written,
    ):
        stream = written.add_stream_from_template(read.streams.audio[0])
        for packet in read.demux(audio=0):
            if packet.dts is None or not start <= packet.pts * packet.time_base < stop:
                continue
            shift = round(later / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = stream
            written.mux(packet)
    return path


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "aiff", "wma", "ogg", "opus"])
@pytest.mark.parametrize("part", [0.3, 0.6])
def test_half_a_download_is_answered_with_a_warning(song, ending, part):
    rate = 48_000 if ending == "opus" else RATE
    seconds, warnings = heard(cut(song(f"tune.{ending}", seconds=10, rate=rate), part))
    assert seconds == pytest.approx(10 * part, abs=1.2)  # a page of Ogg lasts a second
    if ending in ("ogg", "opus"):
        assert warnings == [BREAKS_OFF]
    else:
        assert warnings == [f"The file says 0:10, but only {clock(seconds)} of it is there."]


@pytest.mark.parametrize(("container", "name"), [("ipod", "tune.m4a"), ("matroska", "tune.mka")])
def test_half_a_download_with_its_length_in_front(tmp_path, song, container, name):
    path = tmp_path / name
    options = {"movflags": "faststart"} if container == "ipod" else {}
    copied(song("whole.m4a", seconds=70), path, container=container, options=options)
    seconds, warnings = heard(cut(path, 0.5))
    assert warnings == [f"The file says 1:10, but only {clock(seconds)} of it is there."]
    assert 25 < seconds < 40


REST = {"zeros": bytes, "old bytes": np.random.default_rng(0).bytes}


def reserved(path, part, rest):
    """Keeps the first part of a file, in the place that a program reserved for all of it."""
    content = path.read_bytes()
    kept = content[: round(part * len(content))]
    path.write_bytes(kept + rest(len(content) - len(kept)))
    return path


@pytest.mark.parametrize("rest", REST.values(), ids=REST)
@pytest.mark.parametrize("part", [0.3, 0.6])
@pytest.mark.parametrize(
    ("source", "container"),
    [*(("whole.m4a", kind) for kind in ("ipod", "mp4", "mov", "3gp")), ("whole.mov", "ipod")],
)
def test_half_a_download_in_a_reserved_place(tmp_path, song, container, source, part, rest):
    path = tmp_path / "tune.mp4"
    options = {"movflags": "faststart"}
    copied(song(source, seconds=30), path, container=container, options=options)
    seconds, warnings = heard(reserved(path, part, rest))
    assert seconds == pytest.approx(30 * part, abs=1.5)
    assert warnings == [f"The file says 0:30, but only {clock(seconds)} of it is there."]


@pytest.mark.parametrize("rest", REST.values(), ids=REST)
@pytest.mark.parametrize("ending", ["ogg", "opus"])
def test_half_an_ogg_in_a_reserved_place(song, ending, rest):
    path = song(f"tune.{ending}", seconds=20, rate=48_000)
    seconds, warnings = heard(reserved(path, 0.5, rest))
    assert seconds == pytest.approx(10, abs=1.5)
    assert warnings == [BREAKS_OFF]


def test_a_tag_behind_an_ogg_is_no_missing_part(song):
    path = song("tune.opus", rate=48_000)
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert is_whole(path, 3)


@pytest.mark.parametrize("holes", [0.3, 0.6])
def test_what_is_left_of_a_song_with_holes_all_over_is_heard(tmp_path, song, holes):
    path = tmp_path / "tune.m4a"
    copied(song("whole.m4a", seconds=30), path, options={"movflags": "faststart"}, container="ipod")
    content = bytearray(path.read_bytes())
    for start in range(content.index(b"mdat") + 4, len(content), 10_000):
        end = min(start + round(holes * 10_000), len(content))
        content[start:end] = bytes(end - start)
    path.write_bytes(content)
    seconds, warnings = heard(path)
    assert 0.2 * 30 * (1 - holes) < seconds < 30 * (1 - holes)
    assert warnings == [PARTS_LEFT_OUT]


@pytest.mark.parametrize("rest", REST.values(), ids=REST)
def test_a_reserved_place_without_anything_of_the_sound_is_refused(tmp_path, song, rest):
    path = tmp_path / "tune.m4a"
    copied(song("whole.m4a", seconds=30), path, options={"movflags": "faststart"}, container="ipod")
    content = path.read_bytes()
    with pytest.raises(AudioError, match="is damaged"):
        heard(reserved(path, (content.index(b"mdat") + 4) / len(content), rest))


def test_what_is_left_of_a_download_under_a_second_is_refused(song):
    with pytest.raises(AudioError, match="holds less than 1 s of audio"):
        heard(cut(song("tune.wav", seconds=10), 0.05))


def test_a_wma_of_a_broadcast_or_of_a_thousand_years_promises_nothing(song):
    properties = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
    path = cut(song("tune.wma", seconds=10), 0.5)
    for offset, new in ((64, struct.pack("<Q", 2**60)), (88, b"\1")):
        assert heard(patched(path, (properties, offset, new)))[1] == []


@pytest.mark.parametrize("lacks", [0.02, 0.09])
@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "aiff"])
def test_a_little_that_is_missing_is_not_worth_a_word(song, ending, lacks):
    assert is_whole(cut(song(f"tune.{ending}", seconds=10), 1 - lacks), 10 * (1 - lacks))


@pytest.mark.parametrize(
    ("riff", "data"),
    [
        *((0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF024, 0x7FFFF000), (0x7FFFFFFF, 0x7FFFFFDB)),
        *((0x80000024, 0x80000000), (0, 0), (36, 0), (0x7F000024, 0x7F000000)),
        *((0xFFFFFFFF, None), (1_000_000_000, None)),
    ],
)
def test_a_wav_that_was_written_to_a_pipe(song, riff, data):
    path = patched(song("piped.wav"), (b"RIFF", 4, struct.pack("<I", riff)))
    if data is not None:
        patched(path, (b"data", 4, struct.pack("<I", data)))
    assert heard(path) == (3.0, [])
    assert audio.probe(path).duration_s == pytest.approx(3.0)


def test_a_wav_whose_samples_come_late_is_measured_all_the_same(song):
    path = song("tune.wav", seconds=10)
    content = path.read_bytes()
    start = content.index(b"data")
    notes = b"note" + struct.pack("<I", 5) + b"la la\0"
    path.write_bytes(content[:start] + 3 * notes + content[start:])
    assert heard(path) == (10.0, [])
    assert heard(cut(path, 0.5))[1] == ["The file says 0:10, but only 0:05 of it is there."]


def test_half_a_wave64(tmp_path):
    path = tmp_path / "tune.w64"
    songs.encode(path, songs.synthesise(10), RATE, "pcm_s16le", "w64")
    assert is_whole(path, 10)
    seconds, warnings = heard(cut(path, 0.5))
    assert seconds == pytest.approx(5, abs=0.1)
    assert warnings == ["The file says 0:10, but only 0:05 of it is there."]


@pytest.mark.parametrize("size", [2**31, 2**62])
def test_a_wave64_whose_size_is_not_known(tmp_path, size):
    path = tmp_path / "tune.w64"
    songs.encode(path, songs.synthesise(3), RATE, "pcm_s16le", "w64")
    patched(path, (b"data", 16, struct.pack("<Q", size)))
    assert heard(path)[1] == []


def test_an_aiff_that_was_written_to_a_pipe(song):
    """As sox writes it."""
    path = patched(
        song("piped.aiff"),
        (b"FORM", 4, struct.pack(">I", 0x7F000050)),
        (b"COMM", 10, struct.pack(">I", 0x7F000000 // 2)),
        (b"SSND", 4, struct.pack(">I", 0x7F000008)),
    )
    assert audio.probe(path).duration_s is None
    assert heard(path) == (3.0, [])


@pytest.mark.parametrize(("start", "stop"), [(3, 7), (0, 4), (5, 10)])
def test_a_part_that_kept_the_header_of_the_whole(tmp_path, song, start, stop):
    part = copied(song("whole.flac", seconds=10), tmp_path / "part.flac", start=start, stop=stop)
    assert audio.probe(part).duration_s == 10.0
    assert is_whole(part, stop - start)


def test_a_part_of_what_would_be_too_long(tmp_path, song):
    """Five minutes, say, that were copied out of hours."""
    whole = song("whole.flac", seconds=30)
    part = copied(whole, tmp_path / "part.flac", start=6, stop=10)
    assert is_whole(part, 4, max_seconds=20)
    with pytest.raises(AudioError, match="lasts longer than"):
        audio.probe(whole, audio.Limits(max_seconds=20))
    half = cut(song("half.mp3", seconds=30), 0.3)
    assert heard(half, max_seconds=20)[1] == ["The file says 0:30, but only 0:09 of it is there."]


@pytest.mark.parametrize(
    ("name", "container"),
    [("late.opus", "ogg"), ("late.ogg", "ogg"), ("late.webm", "webm"), ("late.mka", "matroska")],
)
def test_a_recording_that_begins_in_the_middle_of_a_broadcast(tmp_path, song, name, container):
    source = song("source.ogg") if name == "late.ogg" else song("source.opus", rate=48_000)
    late = copied(source, tmp_path / name, later=7_200, container=container)
    assert is_whole(late, 3)


def boxes(content):
    """The boxes of an MP4, in order."""
    while content:
        size = int.from_bytes(content[:4], "big")
        yield content[:size]
        content = content[size:]


@pytest.fixture
def fragmented(tmp_path, song):
    """An MP4 of 20 s as it is streamed, in fragments of 4 s."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "4000000"}
    return copied(
        song("whole.m4a", seconds=20), tmp_path / "f.m4a", container="mp4", options=options
    )


def test_a_piece_of_a_stream(fragmented):
    content = fragmented.read_bytes()
    header = b"".join(box for box in boxes(content) if box[4:8] in (b"ftyp", b"moov"))
    pieces = [box for box in boxes(content) if box[4:8] in (b"moof", b"mdat")]
    fragmented.write_bytes(header + b"".join(pieces[4:6]))
    assert is_whole(fragmented, 4)


def test_a_time_stamp_of_millions_of_years(fragmented):
    content = fragmented.read_bytes()
    last = content.rindex(b"tfdt") + 8
    fragmented.write_bytes(content[:last] + b"\x7f\xff\xff\xff" + content[last + 4 :])
    assert audio.probe(fragmented).duration_s is None
    assert is_whole(fragmented, 20)


@pytest.mark.parametrize("duration_s", [-2e14, -1, 0, 1e6, 2e14])
def test_a_length_that_cannot_be_is_unknown(song, duration_s):
    stream = SimpleNamespace(duration=int(duration_s), time_base=Fraction(1), bit_rate=None)
    with open(song("tune.mp3"), "rb") as file:
        assert stated_seconds(SimpleNamespace(duration=None), stream, file) is None


def film(path, song_path, seconds):
    """Puts pictures beside a song, one a second."""
    with av.open(str(song_path)) as source, av.open(str(path), "w") as output:
        pictures = output.add_stream("mjpeg", rate=1)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuvj420p"
        sound = output.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                output.mux(packet)
        for _ in range(seconds):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            output.mux(pictures.encode(frame.reformat(format="yuvj420p")))
        output.mux(pictures.encode(None))
    return path


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_a_film_that_goes_on_after_its_sound(tmp_path, song, ending):
    assert is_whole(film(tmp_path / f"film.{ending}", song("song.m4a"), 20), 3)


def test_half_a_film(tmp_path, song):
    path = cut(film(tmp_path / "film.mkv", song("song.m4a", seconds=20), 20), 0.5)
    seconds, (warning,) = heard(path)
    assert warning == f"The file says 0:20, but only {clock(seconds)} of it is there."


@pytest.mark.parametrize("name", ["gap.mka", "gap.mp4"])
def test_a_gap_in_the_time_stamps(tmp_path, song, name):
    path = tmp_path / name
    with av.open(str(song("song.m4a", seconds=4))) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                shift = round(60 / packet.time_base) if packet.pts * packet.time_base > 2 else 0
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = stream
                output.mux(packet)
    assert is_whole(path, 4)


def test_whoever_reads_the_blocks_alone_gets_the_same(song):
    path = cut(song("tune.mp3", seconds=10), 0.5)
    with audio.open_song(path) as opened:
        blocks = list(opened.blocks())
    np.testing.assert_array_equal(np.concatenate(blocks), audio.read(path))
