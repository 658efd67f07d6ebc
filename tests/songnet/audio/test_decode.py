"""What people bring decodes to the same mono 44.1 kHz, a block at a time."""

import tracemalloc

import av
import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from songnet import audio
from songnet.audio.mono import gathered, mono_blocks
from songnet.audio.windows import windows
from songnet.features import log_mel, mel_frequencies
from songnet.spec import SPEC
from tests.support import songs
from tests.support.spectra import decibels_apart

RATE = SPEC.sample_rate


@pytest.mark.parametrize(
    ("name", "subtype", "samples_off", "decibels_off"),
    [
        ("8 bit.wav", "PCM_U8", 0, 2.0),
        ("16 bit.wav", "PCM_16", 0, 0.02),
        ("24 bit.wav", "PCM_24", 0, 0.01),
        ("32 bit.wav", "PCM_32", 0, 0.01),
        ("float.wav", "FLOAT", 0, 0.01),
        ("double.wav", "DOUBLE", 0, 0.01),
        ("mu-law.wav", "ULAW", 0, 2.0),
        ("16 bit.flac", "PCM_16", 0, 0.02),
        ("24 bit.flac", "PCM_24", 0, 0.01),
        ("16 bit.aiff", "PCM_16", 0, 0.02),
        ("float.aiff", "FLOAT", 0, 0.01),
        ("vorbis.ogg", "VORBIS", 0, 2.0),
        ("lame.mp3", None, 0, 2.0),
        # AAC pads its start and fills its last frame.
        ("aac.m4a", None, 3 * 1024, 6.0),
        ("aac.aac", None, 3 * 1024, 6.0),
    ],
)
def test_formats(tmp_path, name, subtype, samples_off, decibels_off):
    waveform = songs.synthesise(3)
    path = songs.write(tmp_path / name, waveform, subtype=subtype)
    decoded = audio.read(path)
    assert decoded.dtype == np.float32
    assert abs(len(decoded) - len(waveform)) <= samples_off
    assert decibels_apart(decoded, waveform[:, 0]) < decibels_off


@pytest.mark.parametrize("name", ["speech.opus", "microphone.webm"])
def test_opus(tmp_path, name):
    waveform = songs.synthesise(3, rate=48_000)
    path = songs.write(tmp_path / name, waveform, rate=48_000)
    decoded = audio.read(path)
    assert abs(len(decoded) - 3 * RATE) <= 2
    expected = soxr.resample(waveform[:, 0], 48_000, RATE)
    # Opus ends at 20 kHz.
    bands = slice(0, int(np.searchsorted(mel_frequencies(), 18_000)) - 2)
    assert decibels_apart(decoded, expected, bands) < 3.0


def test_probe_tells_what_the_container_says(song):
    info = audio.probe(song("tune.mp3", channels=2))
    assert (info.format, info.codec, info.sample_rate, info.channels) == ("MP3", "mp3", RATE, 2)
    assert info.duration_s == pytest.approx(3.0, abs=0.01)
    assert info.bit_rate == pytest.approx(256_000, rel=0.1)


def test_a_microphone_recording_has_no_duration_and_is_read_to_its_end(song):
    path = song("microphone.webm", rate=48_000)
    assert audio.probe(path).duration_s is None
    assert audio.probe(path).format == "WebM"
    assert len(audio.read(path)) == pytest.approx(3 * RATE, abs=2)


@pytest.mark.parametrize(
    "rate", [8_000, 11_025, 16_000, 22_050, 32_000, 48_000, 88_200, 96_000, 176_400, 192_000]
)
def test_resampling_is_as_good_as_soxr(tmp_path, rate):
    waveform = songs.synthesise(3, rate=rate)
    decoded = audio.read(songs.write(tmp_path / "tune.wav", waveform, rate, subtype="FLOAT"))
    expected = soxr.resample(waveform[:, 0], rate, RATE, quality="VHQ")
    assert abs(len(decoded) - len(expected)) <= 2
    # Resamplers differ in how they roll off next to the lower of the two Nyquist frequencies.
    bands = slice(0, int(np.searchsorted(mel_frequencies(), 0.45 * min(rate, RATE))) - 2)
    assert decibels_apart(decoded, expected, bands) < 0.1


def tone_levels(waveform, frequencies):
    """Amplitude of each of the tones in a waveform."""
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform)))) * 4 / len(waveform)
    bins = [round(hz * len(waveform) / RATE) for hz in frequencies]
    return np.array([spectrum[b - 2 : b + 3].max() for b in bins])


@pytest.mark.parametrize("channels", range(1, 9))
def test_every_channel_is_mixed_in(tmp_path, channels):
    frequencies = 400.0 * np.arange(1, channels + 1)
    t = np.arange(2 * RATE) / RATE
    waveform = 0.1 * np.sin(2 * np.pi * t[:, None] * frequencies)
    path = songs.write(tmp_path / "surround.wav", waveform, subtype="PCM_24")
    levels = tone_levels(audio.read(path), frequencies)
    # The subwoofer's channel of 2.1 and of 5.1 to 7.1 is left out of a mix to mono.
    subwoofer = {3: 2, 6: 3, 7: 3, 8: 3}.get(channels)
    audible = levels if subwoofer is None else np.delete(levels, subwoofer)
    assert audible.min() > 0.25 * audible.max() > 0


def test_a_silent_channel_changes_nothing(tmp_path):
    mono = songs.synthesise(3)
    stereo = np.hstack([mono, np.zeros_like(mono)])
    path = songs.write(tmp_path / "one side.wav", stereo, subtype="FLOAT")
    assert decibels_apart(audio.read(path), mono[:, 0]) < 0.01


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_are_the_file_s_own(tmp_path, subtype, channels):
    """At the target rate nothing is filtered or lost, at the joints of blocks or elsewhere."""
    waveform = songs.synthesise(2.5, channels=channels)
    path = songs.write(tmp_path / "tune.wav", waveform, subtype=subtype)
    # FFmpeg's shares: each side of stereo is 3 dB lower.
    expected = waveform.sum(axis=1) / np.sqrt(channels)
    blocks = list(audio.read_blocks(path))
    np.testing.assert_allclose(np.concatenate(blocks), expected, atol=2.0**-14)
    # Of a second at most, and not so short that each costs more than what is done with it.
    assert all(RATE / 8 < len(block) <= RATE for block in blocks[:-1])


def test_stereo_is_mixed_in_equal_parts(tmp_path):
    stereo = songs.synthesise(3, channels=2)
    path = songs.write(tmp_path / "stereo.wav", stereo, subtype="FLOAT")
    assert decibels_apart(audio.read(path), stereo.mean(axis=1)) < 0.01


@pytest.mark.parametrize("gain", [0.01, 0.1, 8.0, 32_768.0, 1e9])
def test_gain_does_not_matter(tmp_path, gain):
    waveform = songs.synthesise(3)
    path = songs.write(tmp_path / "loud.wav", gain * waveform, subtype="FLOAT")
    assert decibels_apart(audio.read(path), waveform[:, 0]) < 0.05


@pytest.mark.parametrize("rate", [RATE, 48_000])
@pytest.mark.parametrize("damage", [np.nan, np.inf, -np.inf, 3e38, 1e20])
def test_samples_that_are_no_numbers_become_silence(tmp_path, rate, damage):
    waveform = songs.synthesise(3, rate=rate, channels=2)
    waveform[rate : rate + 10, 0] = damage
    decoded = audio.read(songs.write(tmp_path / "broken.wav", waveform, rate, subtype="FLOAT"))
    assert np.isfinite(decoded).all()
    assert np.abs(decoded).max() < 10
    assert np.isfinite(log_mel(decoded)).all()
    silenced = np.flatnonzero(decoded == 0)
    assert 10 <= len(silenced) < 200
    assert abs(silenced.mean() - RATE) < 200


@settings(max_examples=40)
@given(
    rate=st.integers(8_000, 192_000),
    channels=st.integers(1, 8),
    seconds=st.floats(1.01, 2.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_rate_any_channels_and_no_numbers(tmp_path_factory, rate, channels, seconds, seed):
    random = np.random.default_rng(seed)
    waveform = songs.synthesise(seconds, rate, channels)
    damaged = random.integers(0, waveform.size, 5)
    waveform.flat[damaged] = random.choice([np.nan, np.inf, -np.inf, 1e38], 5)
    path = tmp_path_factory.mktemp("any") / "any.wav"
    decoded = audio.read(songs.write(path, waveform, rate, subtype="FLOAT"))
    assert abs(len(decoded) - len(waveform) * RATE / rate) <= 2
    assert np.isfinite(decoded).all()
    assert 0 < np.abs(decoded).max() < 10


def test_a_song_that_changes_its_rate_and_channels_is_read_through(tmp_path, song):
    whole = tmp_path / "joined.mp3"
    parts = [song("a.mp3"), song("b.mp3", channels=2), song("c.mp3", rate=48_000)]
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    decoded = audio.read(whole)
    # Encoders pad both ends of each part.
    assert len(decoded) == pytest.approx(9 * RATE, abs=0.3 * RATE)
    # Each part is where it was, and none is garbled: a mono part in stereo would be an octave up.
    for second in (1.5, 4.5, 7.5):
        start = round(second * RATE)
        levels = tone_levels(decoded[start - RATE : start + RATE], [220.0, 277.2, 440.0])
        assert levels[:2].min() > 5 * levels[2]


def test_frames_that_change_their_samples_or_rate_are_decoded_in_order():
    """A second of each, in frames of a hundredth: what a FIFO refuses begins a new one."""

    def frames():
        for name, dtype, full, rate in (
            ("s16p", np.int16, 2**15, 44_100),
            ("fltp", np.float32, 1, 44_100),
            ("fltp", np.float32, 1, 22_050),
        ):
            level = np.full((2, rate // 100), full // 4 if full > 1 else 0.25, dtype=dtype)
            for _ in range(100):
                frame = av.AudioFrame.from_ndarray(level, format=name, layout="stereo")
                frame.sample_rate = rate
                yield frame

    blocks = list(mono_blocks(gathered(frames(), 44_100), 44_100))
    decoded = np.concatenate(blocks)
    assert [len(block) for block in blocks[:2]] == [44_100, 44_100]
    assert len(decoded) == pytest.approx(3 * 44_100, abs=100)
    # Two equal channels, each at -3 dB; the resampler swings where its part begins and ends.
    steady = np.r_[decoded[: 2 * 44_100], decoded[2 * 44_100 + 500 : 3 * 44_100 - 500]]
    np.testing.assert_allclose(steady, 0.25 * np.sqrt(2), rtol=2e-3)


def test_blocks_are_short_and_make_up_the_song(song):
    path = song("tune.flac", seconds=3.5)
    blocks = list(audio.read_blocks(path))
    assert max(map(len, blocks)) <= RATE
    assert min(map(len, blocks)) > 0
    np.testing.assert_array_equal(np.concatenate(blocks), audio.read(path))


@pytest.mark.slow
def test_twenty_minutes_never_are_in_memory_whole(tmp_path):
    seconds = 20 * 60
    path = songs.write(tmp_path / "long.wav", songs.synthesise(seconds, 8_000), 8_000, "ULAW")
    tracemalloc.start()
    n_windows = sum(1 for _ in windows(audio.read_blocks(path)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_windows == 40
    assert peak < 0.2 * seconds * RATE * 4


def test_a_reader_that_stops_early_closes_the_file(song, recwarn):
    blocks = audio.read_blocks(song("tune.flac"))
    next(blocks)
    blocks.close()
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]


def test_real_clips_are_as_soundfile_reads_them(shared_audio):
    for path in sorted(shared_audio.glob("*.mp3")):
        expected, rate = soundfile.read(path, always_2d=True)
        expected = soxr.resample(expected.mean(axis=1), rate, RATE) if rate != RATE else expected
        decoded = audio.read(path)
        assert abs(len(decoded) - len(expected)) <= 1152 + 2, path.name
        if rate == RATE:
            assert decibels_apart(decoded, expected.mean(axis=1)) < 0.1, path.name
