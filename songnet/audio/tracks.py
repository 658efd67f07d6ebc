"""Which of a file's audio tracks is heard, and its packets."""

import struct
from collections.abc import Iterable, Iterator

import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from songnet.audio.formats import ACCEPTED, DECODERS
from songnet.errors import AudioError

# Full scale is 1: what stays below has no song in it.
_SILENCE = 1e-4
# A film has a few languages, each of which takes the time of a song to be found silent.
_MOST_TRACKS = 8
# Tracks that speak over a film's sound, or stand in for it.
_ASIDE = Disposition.comment | Disposition.hearing_impaired | Disposition.visual_impaired
# What FFmpeg adds to a packet: numbers of samples to be left out at its start and its end.
_SKIPPED = struct.Struct("<II")
# Codecs that people know by another name than FFmpeg's.
_CODEC_NAMES = {
    "truehd": "TrueHD",
    **dict.fromkeys(("cook", "ra_144", "ra_288", "ralf", "sipr"), "RealAudio"),
}


def playable(container: InputContainer, name: str) -> list[AudioStream]:
    """The audio tracks that can be decoded, in the order in which they are tried.

    Parameters
    ----------
    container : InputContainer
    name : str
        The file's name, for the error.

    Returns
    -------
    list of AudioStream
        At least one: first those that the file calls the default, last commentaries and what is
        for people who hear or see little, even if the file calls them the default.

    Raises
    ------
    AudioError
        If there is none: it names what the first is packed in.
    """
    streams = container.streams.audio
    if not streams:
        raise AudioError(f"{name} holds no sound: choose a file with an audio track.")
    found = [s for s in streams if s.codec_context is not None and s.codec_context.name in DECODERS]
    if not found:
        packed = _codec_name(streams[0])
        raise AudioError(f"{name} holds {packed}, which is not read: convert it to FLAC or MP3.")
    found = [stream for stream in found if stream.rate and stream.channels]
    if not found:
        raise AudioError(f"{name} is not audio that can be read: use {ACCEPTED}.")
    return sorted(found, key=_place)[:_MOST_TRACKS]


def _place(stream: AudioStream) -> tuple[bool, bool]:
    """What sorts a track among the others, the first to be tried first."""
    is_default = bool(stream.disposition & Disposition.default)
    return bool(stream.disposition & _ASIDE), not is_default


def _codec_name(stream: AudioStream) -> str:
    """What a track is packed in, as it is written: ``"DTS"``, ``"ADPCM SWF"``, ..."""
    if stream.codec_context is None:
        return "an unknown codec"
    name = stream.codec_context.codec.canonical_name
    return _CODEC_NAMES.get(name, name.replace("_", " ").upper())


def packets(container: InputContainer, stream: AudioStream) -> Iterable[Packet]:
    """The packets of all streams; those of a Vorbis in an Ogg without a mistake of FFmpeg's.

    The first packet of Vorbis makes no sound. Where all of a song is in one page, a second or two,
    FFmpeg counts it all the same, and cuts off as much at the end.

    Parameters
    ----------
    container : InputContainer
    stream : AudioStream

    Returns
    -------
    iterable of Packet
    """
    demuxed = container.demux()
    if container.format.name == "ogg" and stream.codec_context.name == "vorbis":
        return _with_whole_end(demuxed, stream)
    return demuxed


def _with_whole_end(demuxed: Iterator[Packet], stream: AudioStream) -> Iterator[Packet]:
    counted = None
    for packet in demuxed:
        if packet.stream is not stream:
            yield packet
            continue
        if counted is None:
            # With more pages, FFmpeg counts back from the end of the first, to before zero.
            counted = (packet.duration or 0) if packet.pts == 0 else 0
        elif counted and packet.has_sidedata("skip_samples"):
            skipped = packet.get_sidedata("skip_samples")
            content = bytes(skipped)
            start, end = _SKIPPED.unpack_from(content)
            left = _SKIPPED.pack(start, max(0, end - counted))
            skipped.update(left + content[_SKIPPED.size :])
            packet.set_sidedata(skipped)
        yield packet


def first_heard(tracks: Iterable[Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
    """The first track that decodes and is not silent; the first that decodes, if all are silent.

    Parameters
    ----------
    tracks : iterable of iterators of np.ndarray [shape=(n,), float32]
        The blocks of each.

    Yields
    ------
    np.ndarray [shape=(n,), float32]
        Zeros instead of the silence before the first sound.

    Raises
    ------
    AudioError
        If no track decodes: that of the first.
    """
    silent: list[int] | None = None
    failure: AudioError | None = None
    for track in tracks:
        try:
            lengths, sound = _until_sound(track)
        except AudioError as error:
            failure = failure or error
            continue
        if sound is not None:
            yield from _silence(lengths)
            yield sound
            yield from track
            return
        silent = silent or lengths
    if silent is None and failure is not None:
        raise failure
    yield from _silence(silent or [])


def _until_sound(track: Iterator[np.ndarray]) -> tuple[list[int], np.ndarray | None]:
    """Lengths of the silent blocks, and the first that is not; None if all are silent."""
    lengths = []
    for block in track:
        if np.abs(block).max() > _SILENCE:
            return lengths, block
        lengths.append(len(block))
    return lengths, None


def _silence(lengths: Iterable[int]) -> Iterator[np.ndarray]:
    return (np.zeros(length, np.float32) for length in lengths)
