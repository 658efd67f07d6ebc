"""Opens a file as a song: what it holds, whether it is within limits, which track is heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer

from songnet.audio import files, parts, tracks
from songnet.audio.container import open_container
from songnet.audio.formats import FORMATS
from songnet.audio.length import Length, stated_seconds
from songnet.errors import AudioError, LimitError
from songnet.names import shown_name

# Decoders that can keep the channels apart (FLAC's) do: NumPy adds what lies together in a third of
# the time.
PLANAR = {"request_sample_fmt": "s16p"}
# From telephones to DSD256, an eighth of whose rate FFmpeg decodes to. A forged rate outside this
# range would make one packet last hours, or no time at all.
SAMPLE_RATES = range(4_000, 1_411_201)
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


@dataclass(frozen=True)
class Opened:
    """An open file.

    `links` are the songs of a chained Ogg, of which `container` is the first, or the whole file.
    """

    container: InputContainer
    info: AudioInfo
    length: Length
    links: list[parts.Part]
    n_tracks: int


@contextmanager
def opened_file(path: Path, limits: Limits) -> Iterator[Opened]:
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
                raise too_long(name, limits)
            yield Opened(container, info, length, links, len(playable))


def _info(
    container: InputContainer, stream: AudioStream, name: str, duration_s: float | None
) -> AudioInfo:
    if stream.rate not in SAMPLE_RATES or stream.channels > _MAX_CHANNELS:
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


def too_long(name: str, limits: Limits) -> AudioError:
    """The error for a file of this name that lasts longer than is accepted."""
    return LimitError(
        f"{name} lasts longer than the {limits.max_seconds / 60:g} min that are accepted: "
        "cut out a part.",
        "max_seconds",
    )


def too_large(name: str, limits: Limits) -> AudioError:
    """The error for a file of this name whose sound unpacks to more than is accepted."""
    return LimitError(
        f"{name} unpacks to more than the {limits.max_pcm_bytes / 2**30:.1f} GB "
        "that are accepted: cut out a part or convert it to MP3.",
        "max_pcm_bytes",
    )
