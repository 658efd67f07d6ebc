"""Of several tracks the one is heard that a player would play, if there is sound in it."""

import av
import numpy as np
import pytest

from songnet import audio
from songnet.audio.tracks import first_heard
from songnet.errors import AudioError

RATE = 44_100


def tone(frequency, seconds=3, level=0.3):
    """A tone, as `frame_of` takes it."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def film(path, *tracks, default=0, codecs=None, aside=None):
    """A Matroska with these mono tracks: one is the default, and has a disposition of `aside`."""
    with av.open(str(path), "w", format="matroska") as output:
        streams = [
            output.add_stream(codec, rate=8_000 if codec == "real_144" else RATE, layout="mono")
            for codec in codecs or ["pcm_s16le"] * len(tracks)
        ]
        for number, stream in enumerate(streams):
            stream.disposition = av.stream.Disposition(0)
            if number == default:
                stream.disposition = av.stream.Disposition.default | (aside or 0)
        packets = []
        for stream, samples in zip(streams, tracks, strict=True):
            frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
            frame.sample_rate = stream.rate
            packets += [*stream.encode(frame), *stream.encode(None)]
        for packet in packets:
            output.mux(packet)
    return path


def loudest(decoded):
    """Frequency of the loudest tone [Hz]."""
    spectrum = np.abs(np.fft.rfft(decoded * np.hanning(len(decoded))))
    return float(spectrum.argmax()) * RATE / len(decoded)


@pytest.mark.parametrize("default", [0, 1])
def test_the_default_track_is_heard(tmp_path, default):
    path = film(tmp_path / "film.mkv", tone(440), tone(880), default=default)
    assert loudest(audio.read(path)) == pytest.approx([440, 880][default], abs=2)


@pytest.mark.parametrize("aside", ["comment", "hearing_impaired", "visual_impaired"])
def test_a_track_about_the_film_comes_last(tmp_path, aside):
    disposition = av.stream.Disposition[aside]
    path = film(tmp_path / "film.mkv", tone(440), tone(880), aside=disposition)
    assert loudest(audio.read(path)) == pytest.approx(880, abs=2)
    path = film(tmp_path / "alone.mkv", tone(440), aside=disposition)
    assert loudest(audio.read(path)) == pytest.approx(440, abs=2)


def test_a_silent_default_track_gives_way(tmp_path):
    path = film(tmp_path / "film.mkv", tone(440, level=0), tone(550, level=0), tone(880))
    assert loudest(audio.read(path)) == pytest.approx(880, abs=2)


def test_a_default_track_that_cannot_be_decoded_gives_way(tmp_path):
    path = film(
        tmp_path / "film.mkv", tone(440)[: 3 * 8_000], tone(880), codecs=["real_144", "pcm_s16le"]
    )
    assert audio.probe(path).codec == "pcm_s16le"
    assert loudest(audio.read(path)) == pytest.approx(880, abs=2)


def test_silence_alone_is_still_a_recording(tmp_path):
    path = film(tmp_path / "film.mkv", tone(440, level=0), tone(440, level=0))
    decoded = audio.read(path)
    assert len(decoded) == 3 * RATE
    assert not decoded.any()


def test_a_quiet_beginning_is_kept_in_time(tmp_path):
    late = np.concatenate([tone(440, seconds=1.5, level=0), tone(440, seconds=1.5)])
    path = film(tmp_path / "film.mkv", late, tone(880))
    decoded = audio.read(path)
    assert len(decoded) == 3 * RATE
    assert not decoded[:RATE].any()
    assert loudest(decoded) == pytest.approx(440, abs=2)


def failing(*blocks):
    yield from blocks
    raise AudioError("x is damaged: download it again.")


def test_tracks_that_fail():
    silent, sound = np.zeros(10, np.float32), np.ones(10, np.float32)
    assert len(list(first_heard([failing(silent), iter([sound, sound])]))) == 2
    # All silent or broken: the first that decodes.
    assert [block.any() for block in first_heard([failing(), iter([silent])])] == [False]
    with pytest.raises(AudioError, match="is damaged"):
        list(first_heard([failing(), failing()]))
    # What was heard already cannot be taken back.
    with pytest.raises(AudioError, match="is damaged"):
        list(first_heard([failing(sound), iter([sound])]))


def test_many_silent_tracks_are_not_all_tried(tmp_path):
    silent = [tone(440, seconds=1, level=0)] * 12
    path = film(tmp_path / "film.mkv", *silent, tone(880, seconds=1))
    assert not audio.read(path).any()
