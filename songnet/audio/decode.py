"""Decodes a file to mono blocks, within limits.

PyAV brings its own FFmpeg, so that one decoder serves all of `songnet.audio.formats`. Audio flows
in blocks; a song is never in memory whole.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from songnet.audio import tracks
from songnet.audio.container import damaged, open_container
from songnet.audio.damage import Damage
from songnet.audio.length import PARTS_LEFT_OUT
from songnet.audio.mono import gathered, mono_blocks
from songnet.audio.opening import (
    PLANAR,
    SAMPLE_RATES,
    AudioInfo,
    Limits,
    Opened,
    opened_file,
    too_large,
    too_long,
)
from songnet.audio.padding import without_padding
from songnet.audio.seeking import Seeker, seeker
from songnet.errors import AudioError
from songnet.names import shown_name
from songnet.spec import SPEC, AudioSpec


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
    with opened_file(Path(path), limits) as opened:
        return opened.info


class OpenSong:
    """A file that `open_song` has opened.

    Parameters
    ----------
    opened : Opened
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

    def __init__(self, opened: Opened, name: str, spec: AudioSpec, limits: Limits):
        self.info = opened.info
        self.warnings: list[str] = []
        self._opened = opened
        self._name = name
        self._spec = spec
        self._limits = limits

    def seeker(self) -> AbstractContextManager[Seeker]:
        """What takes windows out of the song; the blocks can be read afterwards all the same.

        Raises
        ------
        SeekError
            If the song must be heard whole.
        AudioError
            If it is beyond the limits.
        """
        return seeker(self._opened, self._spec, self._limits, self._name)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields the samples as `read_blocks` does; they can be read once."""
        name, spec, limits = self._name, self._spec, self._limits
        samples = 0
        heard = _heard(self._opened, spec.sample_rate, name, limits)
        for block in without_padding(heard, self._opened.length.end_s, spec.sample_rate):
            samples += block.size
            if samples > limits.max_seconds * spec.sample_rate:
                raise too_long(name, limits)
            yield block
        lacks = self._opened.length.lacks(samples / spec.sample_rate)
        if samples < spec.min_samples and PARTS_LEFT_OUT in lacks:
            raise damaged(name)
        if samples == 0:
            raise AudioError(f"{name} holds no audio, only a header: choose another file.")
        if samples < spec.min_samples:
            raise AudioError(
                f"{name} holds less than {spec.min_seconds:.0f} s of audio: "
                "choose a longer recording."
            )
        self.warnings += lacks


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
    with opened_file(path, limits) as opened:
        yield OpenSong(opened, shown_name(path), spec, limits)


def read_blocks(
    path: str | Path, spec: AudioSpec = SPEC, limits: Limits = Limits()
) -> Iterator[np.ndarray]:
    """Decodes a file to mono at `spec.sample_rate`, a block at a time.

    What decodes is the song, as for players: gaps between time stamps are closed, broken packets
    are stepped over, and half a download is half a song; `open_song` tells of it. Silence in place
    of what is lost would keep the times, but not the genre, in which it counts.

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
        As for `probe`, and if hardly anything of the audio decodes, if it is shorter than
        `spec.min_seconds` or beyond the limits.
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


def _heard(opened: Opened, rate: int, name: str, limits: Limits) -> Iterator[np.ndarray]:
    """The decoded blocks of the track that is heard, in mono at one rate."""
    found = (_blocks(opened, track, rate, name, limits) for track in range(opened.n_tracks))
    return next(found) if opened.n_tracks == 1 else tracks.first_heard(found)


def _blocks(
    opened: Opened, track: int, rate: int, name: str, limits: Limits
) -> Iterator[np.ndarray]:
    frames = gathered(_frames(opened, track, name), rate)
    try:
        yield from mono_blocks(_checked(frames, name, limits), rate)
    except (FFmpegError, ValueError, MemoryError) as error:
        raise damaged(name) from error


def _frames(opened: Opened, track: int, name: str) -> Iterator[av.AudioFrame]:
    """The frames of the track that is tried as number `track`, link after link."""
    damage, is_broken_off = Damage(), False
    # What decodes after a run of broken packets, and waits for the next one to decode, too: by
    # chance a broken one does, to a frame of any rate.
    waiting: list[av.AudioFrame] = []
    for container, stream in _streams(opened, track, name):
        stream.codec_context.options = PLANAR
        damage.begin(container, stream)
        try:
            for packet in tracks.packets(container, stream):
                damage.pass_by(packet)
                is_broken = False
                if packet.stream is stream:
                    frames = []
                    try:
                        frames = stream.decode(packet)
                        is_broken = damage.has_any and not all(map(_may_be_sound, frames))
                    except FFmpegError:
                        is_broken = True
                    if is_broken:
                        frames = waiting = []
                    elif frames and damage.is_in_run:
                        waiting = frames
                    elif frames:
                        yield from [*waiting, *frames]
                        waiting = []
                    damage.add(packet, frames, is_broken=is_broken)
                opened.length.add(packet, is_broken=is_broken)
        except FFmpegError:
            # A WavPack that ends in the middle of a block is an error, and no end.
            if damage.is_total:
                raise
            is_broken_off = True
    if damage.is_nearly_total:
        raise damaged(name)
    opened.length.lacks_end = damage.is_at_end
    opened.length.lacks_parts = damage.is_noticeable
    opened.length.is_broken_off = is_broken_off or damage.has_dead_end


def _may_be_sound(frame: av.AudioFrame) -> bool:
    """Whether a frame is no nonsense that a decoder made of damage: 27 channels, say."""
    is_usual = frame.layout.nb_channels <= 2 or not frame.layout.name.endswith(" channels")
    return is_usual and frame.sample_rate in SAMPLE_RATES


def _streams(opened: Opened, track: int, name: str) -> Iterator[tuple[InputContainer, AudioStream]]:
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
            raise too_large(name, limits)
        if frame.sample_rate not in SAMPLE_RATES:
            raise damaged(name)
        yield frame
