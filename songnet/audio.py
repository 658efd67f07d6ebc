"""The only place that opens audio: probe, limits, decode, mono, resample.

PyAV brings its own FFmpeg, so that one decoder serves WAV, FLAC, OGG, Opus, MP3, AIFF, M4A/AAC and
the WebM of a browser's microphone. Audio flows in blocks; a song is never in memory whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from songnet import files
from songnet.errors import AudioError
from songnet.spec import SPEC, AudioSpec
from songnet.windows import Window, windows

__all__ = ["SUFFIXES", "AudioInfo", "Limits", "Window", "probe", "read", "read_blocks", "windows"]

# FFmpeg's demuxers for audio people have. A playlist or a script format is not among them: those
# make FFmpeg open further files and addresses.
_FORMATS = {
    "wav": "WAV",
    "w64": "WAV",
    "flac": "FLAC",
    "ogg": "OGG",
    "mp3": "MP3",
    "aiff": "AIFF",
    "au": "AU",
    "caf": "CAF",
    "mov": "M4A",
    "aac": "AAC",
    "matroska": "WebM",
    "asf": "WMA",
}
# File name endings by which a folder's songs are found.
SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf"),
        *("m4a", "mp4", "aac", "webm", "mka", "wma"),
    )
)
# The decoders that FFmpeg may start: no video's and no picture's, so that a cover is never opened.
_DECODERS = (
    *("aac", "ac3", "alac", "eac3", "flac", "gsm_ms", "libopus", "mp2", "mp2float", "mp3"),
    *("mp3float", "opus", "speex", "vorbis", "wmalossless", "wmapro", "wmav1", "wmav2"),
    *("adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8"),
    *(f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")),
)
_ACCEPTED = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"

# A container that promises more than this factor of what can be decoded was cut off.
_TRUNCATION_FACTOR = 1.1
_TRUNCATION_SLACK_S = 1.0
# A duration that FFmpeg guesses from the bit rate must pass the limit by this much to be refused
# unheard.
_GUESS_FACTOR = 4.0
# Players step over a broken packet, and so do we, but not over more than this part of a file.
_BROKEN_PACKETS = 0.05
# From telephones to studio masters. A forged rate outside makes one packet hours or nothing.
_SAMPLE_RATES = range(4_000, 768_001)
_MAX_CHANNELS = 64
# Float files may hold anything. Larger samples, and NaN, are damage and no sound; the square of a
# spectrum of smaller ones fits a float32.
_LOUDEST = 1e10


@dataclass(frozen=True)
class Limits:
    """What is refused before or while it is decoded.

    Attributes
    ----------
    max_bytes : int
        Largest file that is opened.
    max_seconds : float [s]
        Longest audio that is decoded, whatever the file's header says.
    max_pcm_bytes : int
        Most that the audio may unpack to, all channels at the file's own rate: 30 minutes of
        stereo at 192 kHz and 32 bit are 2.6 GiB.
    """

    max_bytes: int = 200 * 2**20
    max_seconds: float = 1800.0
    max_pcm_bytes: int = 3 * 2**30


@dataclass(frozen=True)
class AudioInfo:
    """What a file's container says of its audio.

    Attributes
    ----------
    format : str
        ``"MP3"``, ``"WAV"``, ...
    codec : str
        FFmpeg's name of the codec, such as ``"mp3"`` or ``"opus"``.
    sample_rate : int [Hz]
    channels : int
    bit_rate : int or None [bit/s]
    duration_s : float or None [s]
        An estimate in an MP3 without a header of its own. None where the container does not
        say, as in a microphone's WebM.
    """

    format: str
    codec: str
    sample_rate: int
    channels: int
    bit_rate: int | None
    duration_s: float | None


def probe(path: str | Path, limits: Limits = Limits()) -> AudioInfo:
    """Reads what the container says, decoding nothing.

    Parameters
    ----------
    path : path of an audio file
    limits : Limits

    Returns
    -------
    AudioInfo

    Raises
    ------
    AudioError
        If the file is missing, unreadable, a folder, empty, cut off, too large, too long or not
        audio.
    """
    with _open(Path(path), limits) as opened:
        return opened.info


def read_blocks(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[np.ndarray]:
    """Decodes a file to mono at `spec.sample_rate`, a block at a time.

    FFmpeg mixes the channels down and resamples. Gaps between time stamps are closed, and single
    broken packets are stepped over, as players do.

    Parameters
    ----------
    path : path of an audio file
    spec : AudioSpec
    limits : Limits

    Yields
    ------
    np.ndarray [shape=(n,), float32, finite, 0 < n <= spec.sample_rate]

    Raises
    ------
    AudioError
        As `probe`, and if the audio is damaged, cut off, shorter than `spec.min_seconds` or
        beyond the limits.
    """
    path = Path(path)
    name = files.shown_name(path)
    with _open(path, limits) as opened:
        samples = 0
        for block in _resampled(_frames(opened, name, limits), spec.sample_rate, name):
            samples += block.size
            if samples > limits.max_seconds * spec.sample_rate:
                raise _too_long(name, limits)
            yield _sound(block)
    decoded_s = samples / spec.sample_rate
    if opened.promised_s > decoded_s * _TRUNCATION_FACTOR + _TRUNCATION_SLACK_S:
        raise AudioError(
            f"{name} ends early, only {decoded_s:.1f} of its {opened.promised_s:.1f} s are "
            "there: download or export it again."
        )
    if samples == 0:
        raise AudioError(f"{name} holds no audio, only a header: choose another file.")
    if samples < spec.min_samples:
        raise AudioError(
            f"{name} holds less than {spec.min_seconds:.0f} s of audio: choose a longer recording."
        )


def read(path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()) -> np.ndarray:
    """A whole file as one waveform. Parameters and errors are those of `read_blocks`.

    Returns
    -------
    np.ndarray [shape=(n,), float32, mono at spec.sample_rate]
    """
    return np.concatenate(list(read_blocks(path, spec, limits)))


@dataclass(frozen=True)
class _Opened:
    """An open file. `promised_s` is 0 where the container does not vouch for a duration."""

    container: av.container.InputContainer
    info: AudioInfo
    promised_s: float


@contextmanager
def _open(path: Path, limits: Limits) -> Iterator[_Opened]:
    name = files.shown_name(path)
    with files.open_file(path, limits.max_bytes) as file:
        files.check_complete(file, name)
        with _container(file, name) as container:
            info = _info(container, name)
            duration_s = info.duration_s or 0.0
            guessed = info.format in ("MP3", "AAC") and not files.mp3_states_length(file)
            if duration_s > limits.max_seconds * (_GUESS_FACTOR if guessed else 1.0):
                raise _too_long(name, limits)
            yield _Opened(container, info, 0.0 if guessed else duration_s)


def _container(file: BinaryIO, name: str) -> av.container.InputContainer:
    # FFmpeg is handed an open file and no protocol: whatever the file says, it can open no other.
    options = {
        "format_whitelist": ",".join(_FORMATS),
        "protocol_whitelist": "",
        "codec_whitelist": ",".join(_DECODERS),
    }
    reader = files.Reader(file)
    try:
        container = av.open(reader, options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(file, name) from error
    reader.allowance = float("inf")
    return container


def _info(container, name: str) -> AudioInfo:
    if not container.streams.audio:
        raise AudioError(f"{name} holds no sound: choose a file with an audio track.")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None or codec.name not in _DECODERS:
        raise AudioError(f"{name} is packed in a way that cannot be read: use {_ACCEPTED}.")
    if not stream.rate or not stream.channels:
        raise AudioError(f"{name} is not audio that can be read: use {_ACCEPTED}.")
    if stream.rate not in _SAMPLE_RATES or stream.channels > _MAX_CHANNELS:
        raise AudioError(
            f"{name} claims {stream.channels} channels at {stream.rate} Hz, which no recording "
            "has: export it again."
        )
    duration = container.duration and container.duration / av.time_base
    if stream.duration is not None and stream.time_base is not None:
        duration = float(stream.duration * stream.time_base)
    demuxer = container.format.name.split(",")[0]
    return AudioInfo(
        format=_FORMATS[demuxer],
        codec=codec.codec.canonical_name,
        sample_rate=stream.rate,
        channels=stream.channels,
        bit_rate=stream.bit_rate or container.bit_rate or None,
        duration_s=duration or None,
    )


def _frames(opened: _Opened, name: str, limits: Limits) -> Iterator[av.AudioFrame]:
    """Decodes the first audio stream, within the limits on what it may unpack to."""
    packets = broken = unpacked = 0
    try:
        for packet in opened.container.demux(opened.container.streams.audio[0]):
            packets += 1
            try:
                frames = packet.decode()
            except av.FFmpegError:
                broken += 1
                continue
            for frame in frames:
                unpacked += frame.samples * frame.layout.nb_channels * frame.format.bytes
                if unpacked > limits.max_pcm_bytes:
                    raise AudioError(
                        f"{name} unpacks to more than the {limits.max_pcm_bytes / 2**30:.1f} GB "
                        "that are accepted: cut out a part or convert it to MP3."
                    )
                yield frame
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise _damaged(name) from error
    if broken > 1 and broken > _BROKEN_PACKETS * packets:
        raise _damaged(name)


def _resampled(frames: Iterator[av.AudioFrame], rate: int, name: str) -> Iterator[np.ndarray]:
    """Mono blocks of up to a second; a file may change its rate or channels on its way."""
    resampler, shape = None, None
    try:
        for frame in frames:
            if (frame.sample_rate, frame.layout.name, frame.format.name) != shape:
                if frame.sample_rate not in _SAMPLE_RATES:
                    raise _damaged(name)
                if resampler is not None:
                    yield from _blocks(resampler, None)
                shape = (frame.sample_rate, frame.layout.name, frame.format.name)
                resampler = av.AudioResampler("flt", "mono", rate, frame_size=rate)
            frame.pts = None
            yield from _blocks(resampler, frame)
        if resampler is not None:
            yield from _blocks(resampler, None)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise _damaged(name) from error


def _blocks(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[np.ndarray]:
    for resampled in resampler.resample(frame):
        if resampled.samples:
            yield resampled.to_ndarray()[0]


def _sound(block: np.ndarray) -> np.ndarray:
    # NaN fails the comparison, too.
    if np.abs(block).max() <= _LOUDEST:
        return block
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(block) <= _LOUDEST, block, np.float32(0.0))


def _unreadable(file: BinaryIO, name: str) -> AudioError:
    if files.looks_like_audio(file):
        return _damaged(name)
    return AudioError(f"{name} is not audio that can be read: use {_ACCEPTED}.")


def _damaged(name: str) -> AudioError:
    return AudioError(f"{name} is damaged and cannot be decoded: download or export it again.")


def _too_long(name: str, limits: Limits) -> AudioError:
    return AudioError(
        f"{name} lasts longer than the {limits.max_seconds / 60:.0f} min that are accepted: "
        "cut out a part."
    )
