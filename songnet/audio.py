"""The only place that opens audio: probe, limits, decode, mono, resample, windows.

PyAV brings its own FFmpeg, so that one decoder serves WAV, FLAC, OGG, Opus, MP3, AIFF, M4A/AAC and
the WebM of a browser's microphone. Audio flows in blocks; a song is never in memory whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from songnet.errors import AudioError
from songnet.spec import SPEC, AudioSpec

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
    [
        ".wav",
        ".w64",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".aif",
        ".aiff",
        ".aifc",
        ".au",
        ".caf",
        ".m4a",
        ".mp4",
        ".aac",
        ".webm",
        ".mka",
        ".wma",
    ]
)
_ACCEPTED = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"

# A container that promises more than this factor of what can be decoded was cut off.
_TRUNCATION_FACTOR = 1.1
_TRUNCATION_SLACK_S = 1.0


@dataclass(frozen=True)
class Limits:
    """What is refused before or while it is decoded.

    Attributes
    ----------
    max_bytes : int
        Largest file that is opened.
    max_seconds : float [s]
        Longest audio that is decoded, whatever the file's header says.
    """

    max_bytes: int = 200 * 2**20
    max_seconds: float = 1800.0


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
        None where the container does not say, as in a microphone's WebM.
    """

    format: str
    codec: str
    sample_rate: int
    channels: int
    bit_rate: int | None
    duration_s: float | None


@dataclass(frozen=True)
class Window:
    """A stretch of a song, brought to the length that the network judges.

    Attributes
    ----------
    start_s, end_s : float [s]
        Where it lies in the song.
    waveform : np.ndarray [shape=(window_samples,), float32]
    """

    start_s: float
    end_s: float
    waveform: np.ndarray


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
        If the file is missing, a folder, empty, too large, too long or not audio.
    """
    with _open(Path(path), limits) as container:
        return _info(container)


def read_blocks(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[np.ndarray]:
    """Decodes a file to mono at `spec.sample_rate`, a block at a time.

    FFmpeg mixes the channels down and resamples.

    Parameters
    ----------
    path : path of an audio file
    spec : AudioSpec
    limits : Limits

    Yields
    ------
    np.ndarray [shape=(n,), float32, finite, n > 0]

    Raises
    ------
    AudioError
        As `probe`, and if the audio is damaged, cut off or longer than `limits.max_seconds`.
    """
    path = Path(path)
    with _open(path, limits) as container:
        info = _info(container)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=spec.sample_rate)
        samples = 0
        for frame in _frames(container, path, resampler):
            block = np.nan_to_num(frame.to_ndarray()[0], nan=0.0, posinf=0.0, neginf=0.0)
            samples += block.size
            if samples > limits.max_seconds * spec.sample_rate:
                raise _too_long(path, limits)
            if block.size:
                yield block
        decoded_s = samples / spec.sample_rate
        if (info.duration_s or 0.0) > decoded_s * _TRUNCATION_FACTOR + _TRUNCATION_SLACK_S:
            raise AudioError(
                f"{path.name} ends early: it should last {info.duration_s:.0f} s, but only "
                f"{decoded_s:.1f} s can be read. Download or export it again."
            )


def read(path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()) -> np.ndarray:
    """A whole file as one waveform. Parameters and errors are those of `read_blocks`.

    Returns
    -------
    np.ndarray [shape=(n,), float32, mono at spec.sample_rate]
    """
    blocks = list(read_blocks(path, spec, limits))
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)


def windows(blocks: Iterable[np.ndarray], spec: AudioSpec = SPEC) -> Iterator[Window]:
    """Cuts a song into windows that cover it.

    Windows start every `spec.window_hop_seconds`; the last one ends where the song ends, give or
    take `spec.n_fft` samples (46 ms), less than the network sees of a window's end. A song
    shorter than a window is one window, in which the song is repeated until the window is full:
    the network then sees the whole song and nothing else, where padding would show it silence.

    Parameters
    ----------
    blocks : iterable of np.ndarray [shape=(n,), float32, mono at spec.sample_rate]
    spec : AudioSpec

    Yields
    ------
    Window

    Raises
    ------
    AudioError
        If there is less than `spec.min_seconds` of audio.
    """
    size, hop = spec.window_samples, spec.window_hop_samples
    held = np.zeros(0, dtype=np.float32)
    start = 0  # of `held`, in samples of the song
    next_start = 0  # of the next window
    for block in _gather(blocks, hop):
        held = np.concatenate([held, block])
        while start + len(held) >= next_start + size:
            yield _window(held[next_start - start :][:size], next_start, spec)
            next_start += hop
        keep = max(0, start + len(held) - size)
        held, start = held[keep - start :] if keep > start else held, max(start, keep)
    end = start + len(held)
    if end < spec.min_samples:
        raise AudioError(
            f"There is only {end / spec.sample_rate:.1f} s of audio: "
            f"at least {spec.min_seconds:.0f} s is needed."
        )
    if next_start == 0:
        yield _window(np.resize(held, size), 0, spec, n_samples=end)
    elif end - (next_start - hop + size) > spec.n_fft:
        yield _window(held[-size:], end - size, spec)


def _gather(blocks: Iterable[np.ndarray], at_least: int) -> Iterator[np.ndarray]:
    """Joins small blocks, so that samples are copied a few times and not a thousand."""
    pending, size = [], 0
    for block in blocks:
        pending.append(block)
        size += len(block)
        if size >= at_least:
            yield np.concatenate(pending)
            pending, size = [], 0
    if pending:
        yield np.concatenate(pending)


def _window(waveform, start: int, spec: AudioSpec, n_samples: int | None = None) -> Window:
    end = start + (spec.window_samples if n_samples is None else n_samples)
    return Window(start_s=start / spec.sample_rate, end_s=end / spec.sample_rate, waveform=waveform)


def _open(path: Path, limits: Limits) -> av.container.InputContainer:
    if path.is_dir():
        raise AudioError(f"{path.name} is a folder: name an audio file.")
    if not path.is_file():
        raise AudioError(f"{path.name} does not exist: check the name.")
    size = path.stat().st_size
    if size == 0:
        raise AudioError(f"{path.name} is empty: choose another file.")
    if size > limits.max_bytes:
        raise AudioError(
            f"{path.name} has {size / 2**20:.0f} MB and at most {limits.max_bytes / 2**20:.0f} MB "
            "are accepted: convert it to MP3 or cut out a part."
        )
    _check_complete(path, size)
    try:
        container = av.open(
            str(path.resolve()),
            options={"format_whitelist": _whitelist(), "protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _not_audio(path) from error
    try:
        _check_stream(container, path, limits)
    except AudioError:
        container.close()
        raise
    return container


def _check_complete(path: Path, size: int) -> None:
    """FFmpeg plays a WAV or AIFF that was cut off without a word: its header tells."""
    with path.open("rb") as file:
        header = file.read(8)
    order = {b"RIFF": "little", b"FORM": "big"}.get(header[:4])
    if order is None:
        return
    promised = 8 + int.from_bytes(header[4:], order)
    streamed = promised >= 8 + 0xFFFFFF00  # written without knowing the length
    if not streamed and size < promised / _TRUNCATION_FACTOR:
        raise AudioError(
            f"{path.name} ends early: {size:,} of its {promised:,} bytes are there. "
            "Download or export it again."
        )


def _check_stream(container, path: Path, limits: Limits) -> None:
    if not container.streams.audio:
        raise AudioError(f"{path.name} holds no sound: choose a file with an audio track.")
    stream = container.streams.audio[0]
    if stream.codec_context is None or not stream.rate or not stream.channels:
        raise _not_audio(path)
    if (_info(container).duration_s or 0.0) > limits.max_seconds:
        raise _too_long(path, limits)


def _frames(container, path: Path, resampler) -> Iterator[av.AudioFrame]:
    try:
        for frame in container.decode(container.streams.audio[0]):
            frame.pts = None
            yield from resampler.resample(frame)
        yield from resampler.resample(None)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise AudioError(
            f"{path.name} is damaged and cannot be decoded: download or export it again."
        ) from error


def _info(container) -> AudioInfo:
    stream = container.streams.audio[0]
    duration = None
    if stream.duration is not None and stream.time_base is not None:
        duration = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        duration = container.duration / av.time_base
    demuxer = container.format.name.split(",")[0]
    return AudioInfo(
        format=_FORMATS.get(demuxer, demuxer.upper()),
        codec=stream.codec_context.name,
        sample_rate=stream.rate,
        channels=stream.channels,
        bit_rate=stream.bit_rate or container.bit_rate or None,
        duration_s=duration,
    )


def _whitelist() -> str:
    return ",".join(_FORMATS)


def _not_audio(path: Path) -> AudioError:
    return AudioError(f"{path.name} is not audio that can be read: use {_ACCEPTED}.")


def _too_long(path: Path, limits: Limits) -> AudioError:
    return AudioError(
        f"{path.name} lasts longer than the {limits.max_seconds / 60:.0f} min that are accepted: "
        "cut out a part."
    )
