"""Takes single windows out of a song, each reached by seeking, without decoding what lies between.

Whatever is unusual about a file is left to `songnet.audio.decode`, which hears all of it: a window
is the same sound as at its place in the whole song, or there is none.
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from songnet.audio import tracks
from songnet.audio.container import open_container
from songnet.audio.mono import gathered, mono_blocks
from songnet.audio.opening import PLANAR, SAMPLE_RATES, Limits, Opened, too_large, too_long
from songnet.audio.padding import LONGEST_S
from songnet.audio.parts import Part
from songnet.audio.windows import Window
from songnet.errors import SeekError
from songnet.spec import AudioSpec

# Formats of which FFmpeg finds a place by exact time stamps, and how their codecs' names begin.
# An MP3's frames are counted from its start, without decoding them. Of an AAC, or an MP3 in a WAV,
# the place would be guessed from the bit rate; of other codecs in an Ogg, the first packets after
# seeking have their neighbours' stamps.
_SOUGHT: dict[str, str | tuple[str, ...]] = {
    **dict.fromkeys(("FLAC", "M4A", "MP3"), ""),
    **dict.fromkeys(("AIFF", "WAV"), "pcm_"),
    "OGG": ("opus", "vorbis"),
}
_WHOLE = "No place in the song can be reached with certainty: hear all of it."
# What is decoded before a window and dropped: an MP3's bit reservoir, the 80 ms of Opus and the
# overlap of neighbouring frames are shorter, and then the decoder has forgotten where it began.
_PREROLL_S = 0.4
# A resampler's filter is shorter than this.
_FILTER_S = 0.05
# The end is decoded from here on, to know where it is.
_TAIL_S = 0.3
# Beyond any song: the last packet is found from there.
_NEVER_S = 1e6
# The end must be where the header says; an encoder's padding is shorter.
_TOLERANCE_S = 0.15


class Seeker:
    """An open song out of which windows are taken.

    Parameters
    ----------
    container : InputContainer
        At its start.
    stream : AudioStream
        The one that is heard.
    opened : Opened
        The same file, of which only what is known is used.
    spec : AudioSpec

    Attributes
    ----------
    duration_s : float [s]
        Where the song ends, found by decoding its end.

    Raises
    ------
    SeekError
    """

    def __init__(
        self, container: InputContainer, stream: AudioStream, opened: Opened, spec: AudioSpec
    ):
        stream.codec_context.options = PLANAR
        self._container, self._stream, self._spec = container, stream, spec
        first = next(self._decoded(), None)
        if first is None or first.pts is None or first.time_base is None:
            raise SeekError(_WHOLE)
        if first.sample_rate not in SAMPLE_RATES:
            raise SeekError(_WHOLE)
        self._rate = first.sample_rate
        # There are thousands of frames: a fraction for each would take longer than seeking does.
        self._origin, self._scale = first.pts, float(first.time_base * first.sample_rate)
        self.frame_bytes = first.layout.nb_channels * first.format.bytes
        self.n_samples = self._end(opened)
        self.duration_s = self.n_samples / self._rate

    def windows(self, count: int) -> Iterator[Window]:
        """Yields windows around the middles of equal parts of the song.

        Parameters
        ----------
        count : int > 0

        Yields
        ------
        Window

        Raises
        ------
        SeekError
            If the song is no longer than so many windows, or any of them cannot be reached.
        """
        size, rate = self._spec.window_samples, self._spec.sample_rate
        part = self.duration_s * rate / count
        if part <= size:
            raise SeekError(_WHOLE)
        # As in `songnet.audio.windows`, two arrays are used in turn.
        waveform, previous = np.empty((2, size), np.float32)
        for number in range(count):
            waveform, previous = previous, waveform
            start = round((number + 0.5) * part - size / 2)
            self._cut(start, waveform)
            yield Window(start_s=start / rate, end_s=(start + size) / rate, waveform=waveform)

    def _cut(self, start: int, waveform: np.ndarray) -> None:
        """Fills an array [shape=(n,), float32] with the mono sound from a sample on."""
        rate, size = self._spec.sample_rate, len(waveform)
        # Where a sample of the file and one of the window are at the same moment, so that the
        # resampler interpolates between the same samples as in the whole song.
        common = math.gcd(rate, self._rate)
        into, out = self._rate // common, rate // common
        lead = 0 if into == out else math.ceil(_FILTER_S * rate / out)
        step = max(0, start // out - lead)
        filled = step * out - start
        frames = self._frames(step * into)
        try:
            for block in mono_blocks(gathered(frames, rate), rate):
                kept = block[max(0, -filled) :][: size - max(0, filled)]
                place = max(0, filled)
                waveform[place : place + len(kept)] = kept
                filled += len(block)
                if filled >= size:
                    return
        except (FFmpegError, ValueError, MemoryError) as error:
            raise SeekError(_WHOLE) from error
        raise SeekError(_WHOLE)

    def _frames(self, start: int) -> Iterator[av.AudioFrame]:
        """The frames from a sample on, which follow each other without a gap.

        A Vorbis frame before which the block size changes has a wrong time stamp, and the next one
        a right one again: frames are counted from where most of the preroll's stamps say.
        """
        self._seek(start / self._rate - _PREROLL_S)
        counted, began, strange = 0, None, 0
        shifts: Counter[int] = Counter()
        for stamped, frame in self._placed():
            if frame.sample_rate != self._rate:
                raise SeekError(_WHOLE)
            shifts[stamped - counted] += 1
            counted += frame.samples
            if began is None:
                ((most, _),) = shifts.most_common(1)
                if most + counted <= start:
                    continue
                began = most
                skipped = start - (began + counted - frame.samples)
                if skipped < 0:
                    raise SeekError(_WHOLE)
                if skipped:
                    frame = _behind(frame, skipped)
            else:
                strange = strange + 1 if stamped != began + counted - frame.samples else 0
            if strange > 1:
                raise SeekError(_WHOLE)
            yield frame

    def _placed(self) -> Iterator[tuple[int, av.AudioFrame]]:
        """The frames from here on, and the number of the first sample of each in the song."""
        for frame in self._decoded():
            if frame.pts is not None:
                yield round((frame.pts - self._origin) * self._scale), frame

    def _decoded(self) -> Iterator[av.AudioFrame]:
        """The frames from here on.

        What a decoder refuses is left out, such as an MP3's first frames after seeking: where it is
        needed, the time stamps tell.
        """
        for packet in tracks.packets(self._container, self._stream):
            if packet.stream is self._stream:
                with suppress(FFmpegError):
                    yield from self._stream.decode(packet)

    def _end(self, opened: Opened) -> int:
        """The number of samples in the song.

        Raises
        ------
        SeekError
            If the file ends elsewhere than it states.
        """
        stated_s = None if opened.length.is_guess else opened.info.duration_s
        # To reach an MP3's end, FFmpeg would step through all of its frames.
        if stated_s is not None and opened.length.is_sure:
            return round(stated_s * self._rate)
        self._seek(_NEVER_S if stated_s is None else stated_s - _TAIL_S)
        end = 0
        for place, frame in self._placed():
            end = place + frame.samples
        if stated_s is not None and abs(end / self._rate - stated_s) > _TOLERANCE_S:
            raise SeekError(_WHOLE)
        padded_s = opened.length.end_s
        if padded_s is not None and 0 < end / self._rate - padded_s <= LONGEST_S:
            end = round(padded_s * self._rate)
        return end

    def _seek(self, seconds: float) -> None:
        offset = self._origin + round(max(0.0, seconds) * self._rate / self._scale)
        try:
            self._container.seek(offset, stream=self._stream)
        except (FFmpegError, OverflowError) as error:
            raise SeekError(_WHOLE) from error


@contextmanager
def seeker(opened: Opened, spec: AudioSpec, limits: Limits, name: str) -> Iterator[Seeker]:
    """Opens a song a second time for a ``with`` block, to take windows out of it.

    Parameters
    ----------
    opened : Opened
        Not touched: it can be decoded whole afterwards.
    spec : AudioSpec
    limits : Limits
    name : str
        The file's name, for errors.

    Yields
    ------
    Seeker

    Raises
    ------
    SeekError
        If the file is of a format in which places are not exact, has several tracks or links, or
        does not end where it states.
    AudioError
        If the song is beyond the limits.
    """
    info, length = opened.info, opened.length
    is_plain = len(opened.links) == 1 and opened.n_tracks == 1
    is_sought = info.format in _SOUGHT and info.codec.startswith(_SOUGHT[info.format])
    ends = info.duration_s is not None or length.is_guess
    if not (is_plain and is_sought and ends):
        raise SeekError(_WHOLE)
    link = opened.links[0]
    with open_container(Part(link.file, link.start, link.stop), name) as container:
        stream = tracks.playable(container, name)[0]
        try:
            found = Seeker(container, stream, opened, spec)
        except FFmpegError as error:
            raise SeekError(_WHOLE) from error
        if length.lack(found.duration_s) is not None:
            raise SeekError(_WHOLE)
        if found.duration_s > limits.max_seconds:
            raise too_long(name, limits)
        if found.n_samples * found.frame_bytes > limits.max_pcm_bytes:
            raise too_large(name, limits)
        yield found


def _behind(frame: av.AudioFrame, samples: int) -> av.AudioFrame:
    """A frame without its first samples."""
    skipped = samples * (frame.layout.nb_channels if frame.format.is_packed else 1)
    content: np.ndarray = np.ascontiguousarray(frame.to_ndarray()[:, skipped:])
    rest = av.AudioFrame.from_ndarray(content, frame.format.name, frame.layout.name)
    rest.sample_rate = frame.sample_rate
    return rest
