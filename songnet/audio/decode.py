"""Decodes a file to mono blocks, within limits.

PyAV brings its own FFmpeg, so that one decoder serves all of `songnet.audio.formats`. Audio flows
in blocks; a song is never in memory whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from songnet.audio import files, parts, tracks
from songnet.audio.container import damaged, open_container
from songnet.audio.damage import Damage
from songnet.audio.formats import FORMATS
from songnet.audio.length import Length, stated_seconds
from songnet.audio.mono import gathered, mono_blocks
from songnet.audio.padding import without_padding
from songnet.errors import AudioError, LimitError
from songnet.names import shown_name
from songnet.spec import SPEC, AudioSpec

# Decoders that can keep the channels apart (FLAC's) do: NumPy adds what lies together in a third of
# the time.
_PLANAR = {"request_sample_fmt": "s16p"}
# From telephones to DSD256, an eighth of whose rate FFmpeg decodes to. A forged rate outside this
# range would make one packet last hours, or no time at all.
_SAMPLE_RATES = range(4_000, 1_411_201)
_MAX_CHANNELS = 64


@dataclass(frozen=True)
class Limits:
    """Limits beyond which a file is refused, before or while it is decoded.

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
    """A file's format and duration, as its container states them.

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
        An estimate for an MP3 without a Xing header. None where the container does not state it,
        as in a microphone's WebM, or states what cannot be.
    """

    format: str
    codec: str
    sample_rate: int
    channels: int
    bit_rate: int | None
    duration_s: float | None


def probe(path: str | Path, limits: Limits = Limits()) -> AudioInfo:
    """Reads a file's format and duration from its container, without decoding.

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
        If the file is missing, unreadable, a folder, empty, too large, too long or not audio.
    """
    with _open(Path(path), limits) as opened:
        return opened.info


class OpenSong:
    """A file that `open_song` has opened.

    Parameters
    ----------
    opened : _Opened
    name : str
        The file's name, for errors.
    spec : AudioSpec
    limits : Limits

    Attributes
    ----------
    info : AudioInfo
    warnings : list of str
        What the file's owner should know, a sentence each. They are complete after the last block.
    """

    def __init__(self, opened: "_Opened", name: str, spec: AudioSpec, limits: Limits):
        self.info = opened.info
        self.warnings: list[str] = []
        self._opened = opened
        self._name = name
        self._spec = spec
        self._limits = limits

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields the samples as `read_blocks` does; they can be read once."""
        name, spec, limits = self._name, self._spec, self._limits
        samples = 0
        heard = _heard(self._opened, spec.sample_rate, name, limits)
        for block in without_padding(heard, self._opened.length.end_s, spec.sample_rate):
            samples += block.size
            if samples > limits.max_seconds * spec.sample_rate:
                raise _too_long(name, limits)
            yield block
        if samples == 0:
            raise AudioError(f"{name} holds no audio, only a header: choose another file.")
        if samples < spec.min_samples:
            raise AudioError(
                f"{name} holds less than {spec.min_seconds:.0f} s of audio: "
                "choose a longer recording."
            )
        if lack := self._opened.length.lack(samples / spec.sample_rate):
            self.warnings.append(lack)


@contextmanager
def open_song(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[OpenSong]:
    """Opens a file for a ``with`` block, to decode it and to learn what its owner should know.

    Parameters
    ----------
    path : path of an audio file
    spec : AudioSpec
    limits : Limits

    Yields
    ------
    OpenSong

    Raises
    ------
    AudioError
        As for `probe`.
    """
    path = Path(path)
    with _open(path, limits) as opened:
        yield OpenSong(opened, shown_name(path), spec, limits)


def read_blocks(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[np.ndarray]:
    """Decodes a file to mono at `spec.sample_rate`, a block at a time.

    What decodes is the song, as for players: gaps between time stamps are closed, single broken
    packets are stepped over, and half a download is half a song. `open_song` tells of the latter.

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
        As for `probe`, and if the audio is damaged, shorter than `spec.min_seconds` or beyond the
        limits.
    """
    with open_song(path, spec, limits) as song:
        yield from song.blocks()


def read(path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()) -> np.ndarray:
    """Decodes a whole file to one waveform. Parameters and errors are those of `read_blocks`.

    Returns
    -------
    np.ndarray [shape=(n,), float32, mono at spec.sample_rate]
    """
    return np.concatenate(list(read_blocks(path, spec, limits)))


@dataclass(frozen=True)
class _Opened:
    """An open file.

    `links` are the songs of a chained Ogg, of which `container` is the first, or the whole file.
    """

    container: InputContainer
    info: AudioInfo
    length: Length
    links: list[parts.Part]
    n_tracks: int


@contextmanager
def _open(path: Path, limits: Limits) -> Iterator[_Opened]:
    name = shown_name(path)
    with files.open_file(path, limits.max_bytes) as whole:
        file = parts.behind_tags(whole)
        links = parts.links(file)
        with open_container(links[0], name) as container:
            playable = tracks.playable(container, name)
            # The length of a chained Ogg's first song is not that of all.
            stated_s = stated_seconds(container, playable[0], file) if len(links) == 1 else None
            info = _info(container, playable[0], name, stated_s)
            length = Length(playable[0], file, info.format, stated_s)
            if length.exceeds(limits.max_seconds):
                raise _too_long(name, limits)
            yield _Opened(container, info, length, links, len(playable))


def _info(
    container: InputContainer, stream: AudioStream, name: str, duration_s: float | None
) -> AudioInfo:
    if stream.rate not in _SAMPLE_RATES or stream.channels > _MAX_CHANNELS:
        raise AudioError(
            f"{name} claims {stream.channels} channels at {stream.rate} Hz, which no recording "
            "has: export it again."
        )
    demuxer = container.format.name.split(",")[0]
    return AudioInfo(
        format=FORMATS[demuxer],
        codec=stream.codec_context.codec.canonical_name,
        sample_rate=stream.rate,
        channels=stream.channels,
        bit_rate=stream.bit_rate or container.bit_rate or None,
        duration_s=duration_s,
    )


def _heard(opened: _Opened, rate: int, name: str, limits: Limits) -> Iterator[np.ndarray]:
    """The decoded blocks of the track that is heard, in mono at one rate."""
    found = (_blocks(opened, track, rate, name, limits) for track in range(opened.n_tracks))
    return next(found) if opened.n_tracks == 1 else tracks.first_heard(found)


def _blocks(
    opened: _Opened, track: int, rate: int, name: str, limits: Limits
) -> Iterator[np.ndarray]:
    frames = gathered(_frames(opened, track, name), rate)
    try:
        yield from mono_blocks(_checked(frames, name, limits), rate)
    except (FFmpegError, ValueError, MemoryError) as error:
        raise damaged(name) from error


def _frames(opened: _Opened, track: int, name: str) -> Iterator[av.AudioFrame]:
    """The frames of the track that is tried as number `track`, link after link."""
    damage = Damage()
    # What decodes after a run of broken packets, and waits for the next one to decode, too: by
    # chance a broken one does, to a frame of any rate.
    waiting: list[av.AudioFrame] = []
    for container, stream in _streams(opened, track, name):
        stream.codec_context.options = _PLANAR
        try:
            for packet in tracks.packets(container, stream):
                is_broken = False
                if packet.stream is stream:
                    frames = []
                    try:
                        frames = stream.decode(packet)
                    except FFmpegError:
                        is_broken = True
                    if frames and damage.is_in_run:
                        waiting = frames
                    elif frames:
                        yield from [*waiting, *frames]
                        waiting = []
                    elif is_broken:
                        waiting = []
                    damage.add(is_broken=is_broken, is_heard=bool(frames))
                opened.length.add(packet, is_broken=is_broken)
        except FFmpegError:
            # A WavPack that ends in the middle of a block is an error, and no end.
            if damage.is_total:
                raise
    if damage.is_all_over:
        raise damaged(name)
    opened.length.lacks_end = damage.is_at_end


def _streams(
    opened: _Opened, track: int, name: str
) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The track in each link; the file is opened anew for any but the first track.

    A later link that cannot be read, because a recording ends in its header, say, is left out.
    """
    unread = opened.links
    if track == 0:
        yield opened.container, tracks.playable(opened.container, name)[0]
        unread = unread[1:]
    for link in unread:
        with suppress(AudioError), open_container(link, name) as container:
            playable = tracks.playable(container, name)
            yield container, playable[min(track, len(playable) - 1)]


def _checked(frames: Iterator[av.AudioFrame], name: str, limits: Limits) -> Iterator[av.AudioFrame]:
    """The same frames, each checked against the limits: the rate may change within a file."""
    unpacked = 0
    for frame in frames:
        unpacked += frame.samples * frame.layout.nb_channels * frame.format.bytes
        if unpacked > limits.max_pcm_bytes:
            raise LimitError(
                f"{name} unpacks to more than the {limits.max_pcm_bytes / 2**30:.1f} GB "
                "that are accepted: cut out a part or convert it to MP3.",
                "max_pcm_bytes",
            )
        if frame.sample_rate not in _SAMPLE_RATES:
            raise damaged(name)
        yield frame


def _too_long(name: str, limits: Limits) -> AudioError:
    return LimitError(
        f"{name} lasts longer than the {limits.max_seconds / 60:g} min that are accepted: "
        "cut out a part.",
        "max_seconds",
    )
