"""Each format that people have is read as what it holds, or refused by its name."""

import struct

import numpy as np
import pytest
import soxr

from songnet import audio
from songnet.audio.formats import DECODERS, FORMATS, REFUSED, SUFFIXES
from songnet.errors import AudioError
from songnet.features import mel_frequencies
from songnet.spec import SPEC
from tests.support import handmade, songs
from tests.support.paths import ROOT
from tests.support.spectra import decibels_apart

RATE = SPEC.sample_rate


def bands_below(frequency):
    """The mel bands that end below a frequency."""
    return slice(0, int(np.searchsorted(mel_frequencies(), frequency)) - 2)


@pytest.mark.parametrize("ending", ["wv", "tta", "mka", "mov", "caf", "au", "aiff", "flac"])
def test_lossless_formats_hold_the_same_song(song, ending):
    reference = audio.read(song("reference.wav", channels=2, subtype="PCM_16"))
    decoded = audio.read(song(f"tune.{ending}", channels=2))
    assert len(decoded) == len(reference)
    # FFmpeg and libsndfile differ in how they round to 16 bits, and some keep 24.
    np.testing.assert_allclose(decoded, reference, atol=2.0**-14)


@pytest.mark.parametrize(
    ("ending", "kind", "codec", "padded", "apart"),
    [
        ("mp2", "MP3", "mp2", 1_152, 4.0),
        ("m4b", "M4A", "aac", 3 * 1_024, 6.0),
        ("loas", "AAC", "aac_latm", 3 * 1_024, 6.0),
        ("ac3", "AC-3", "ac3", 1_536, 2.0),
        ("eac3", "E-AC-3", "eac3", 1_536, 2.0),
    ],
)
def test_lossy_formats_hold_nearly_the_same_song(song, ending, kind, codec, padded, apart):
    path = song(f"tune.{ending}")
    info = audio.probe(path)
    assert (info.format, info.codec, info.sample_rate) == (kind, codec, RATE)
    decoded = audio.read(path)
    assert abs(len(decoded) - 3 * RATE) <= padded
    assert decibels_apart(decoded, songs.synthesise(3)[:, 0], bands_below(15_000)) < apart


@pytest.mark.parametrize("ending", ["amr", "3gp"])
def test_a_telephone_s_recording(song, ending):
    path = song(f"memo.{ending}", rate=8_000)
    assert audio.probe(path).codec == "amr_nb"
    decoded = audio.read(path)
    assert abs(len(decoded) - 3 * RATE) <= 0.02 * RATE
    expected = soxr.resample(songs.synthesise(3, 8_000)[:, 0], 8_000, RATE)
    # A codec for speech at 12 kbit/s, given a chord.
    assert decibels_apart(decoded, expected, bands_below(3_000)) < 8.0


@pytest.mark.parametrize(
    ("codec", "rate"),
    [
        *(("adpcm_ms", RATE), ("adpcm_ima_wav", RATE), ("adpcm_yamaha", RATE)),
        *(("g722", 16_000), ("g726", 8_000)),
    ],
)
def test_a_wav_in_a_packed_kind(tmp_path, codec, rate):
    waveform = songs.synthesise(3, rate)
    decoded = audio.read(songs.encode(tmp_path / "packed.wav", waveform, rate, codec, "wav"))
    # Their last block is filled.
    assert abs(len(decoded) - 3 * RATE) <= 0.05 * RATE
    expected = soxr.resample(waveform[:, 0], rate, RATE)
    assert decibels_apart(decoded, expected, bands_below(0.4 * rate)) < 6.0


@pytest.mark.parametrize("channels", [1, 2])
def test_a_dsf_of_single_bits(tmp_path, channels):
    waveform = songs.synthesise(2, channels=channels)
    path = handmade.write_dsf(tmp_path / "tune.dsf", waveform)
    info = audio.probe(path)
    assert (info.format, info.channels, info.sample_rate) == ("DSF", channels, 8 * RATE)
    decoded = audio.read(path)
    assert abs(len(decoded) - 2 * RATE) <= 2
    assert decibels_apart(decoded, waveform.mean(axis=1), bands_below(8_000)) < 3.0


def test_an_ape_and_a_musepack(tmp_path):
    """Their frames are silent: FFmpeg has no encoder for them."""
    ape = handmade.write_silent_ape(tmp_path / "silence.ape", 3)
    assert audio.probe(ape).codec == "ape"
    assert not audio.read(ape).any()
    assert len(audio.read(ape)) == 3 * RATE
    musepack = handmade.write_silent_musepack(tmp_path / "silence.mpc", 3)
    assert audio.probe(musepack).codec == "musepack8"
    assert not audio.read(musepack).any()
    assert len(audio.read(musepack)) == pytest.approx(3 * RATE, abs=1_152)


@pytest.mark.parametrize("ending", ["wv", "tta"])
def test_half_a_file_is_told_of(song, ending):
    path = song(f"tune.{ending}", seconds=8)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with audio.open_song(path) as half:
        assert 2 * RATE < sum(map(len, half.blocks())) < 5 * RATE
        assert half.warnings[0].startswith("The file says 0:08, but only 0:0")


@pytest.mark.parametrize("ending", ["amr", "eac3"])
def test_half_a_file_without_a_length_is_what_is_there(song, ending):
    path = song(f"tune.{ending}", seconds=6, rate=8_000 if ending == "amr" else RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 2 * RATE < len(audio.read(path)) <= 4 * RATE


def refusal_of(path):
    with pytest.raises(AudioError) as caught:
        audio.read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("ending", "container", "codec", "rate", "name"),
    [
        ("wav", "wav", "adpcm_swf", RATE, "ADPCM SWF"),
        ("mka", "matroska", "real_144", 8_000, "RealAudio"),
    ],
)
def test_what_is_packed_in_a_kind_that_is_not_read_is_called_by_its_name(
    tmp_path, ending, container, codec, rate, name
):
    waveform = songs.synthesise(3, rate)
    path = songs.encode(tmp_path / f"x.{ending}", waveform, rate, codec, container)
    assert refusal_of(path) == (
        f"x.{ending} holds {name}, which is not read: convert it to FLAC or MP3."
    )


def test_a_wav_of_an_unknown_kind(song):
    path = song("x.wav")
    content = bytearray(path.read_bytes())
    content[20:22] = struct.pack("<H", 0x7A7A)
    path.write_bytes(content)
    assert refusal_of(path) == (
        "x.wav holds an unknown codec, which is not read: convert it to FLAC or MP3."
    )


@pytest.mark.parametrize(("at", "magic", "kind"), REFUSED, ids=lambda value: str(value)[:12])
def test_kinds_that_stay_out_are_called_by_their_names(tmp_path, at, magic, kind):
    path = tmp_path / "song.bin"
    path.write_bytes(bytes(at) + magic + bytes(2_000))
    assert refusal_of(path) == (
        f"song.bin is {kind}, which is not read: convert it to FLAC or MP3."
    )


def test_ffmpeg_has_every_demuxer_and_decoder_that_is_named():
    assert set(DECODERS) <= songs.av.codecs_available
    # FFmpeg lists a demuxer of several names under all of them.
    available = {name for names in songs.av.formats_available for name in names.split(",")}
    assert set(FORMATS) <= available


def test_security_names_what_is_read_and_why():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = text[text.index("| Format | Endings |") : text.index("| Stays out |")]
    endings = {f".{ending}" for line in table.splitlines()[2:] for ending in _endings(line)}
    assert endings == SUFFIXES
    stays_out = text[text.index("| Stays out |") :].partition("\n\n")[0]
    assert all(kind in stays_out for _, _, kind in REFUSED)


def _endings(line):
    """The words of a table's second column."""
    cells = line.split("|")
    return cells[2].split() if len(cells) > 3 else []
