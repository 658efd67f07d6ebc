"""How long a file says it is, whether that can be believed, and whether all of it is there."""

from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Stream

from songnet.audio import files
from songnet.words import clock

# What of a song that was decoded all the same.
PARTS_LEFT_OUT = (
    "Parts of the file are damaged and cannot be decoded: they are left out, and times count "
    "without them."
)
# Less is there than was promised if the promise exceeds FACTOR * decoded + SLACK.
_FACTOR = 1.1
_SLACK_S = 1.0
# Silence takes more bits a second than this: a length that leaves fewer is damage.
_LEAST_BIT_RATE = 100.0
# What most music takes, as bits a second and, without loss, as bits a sample: a file that is too
# small for its length and its own bit rate, or these, may be a part of what its header tells of.
_USUAL_BIT_RATE = 64_000.0
_USUAL_BITS = 8.0
_PART = 0.9
# A duration that FFmpeg guesses from the bit rate must exceed the limit by this factor for the file
# to be refused before it is decoded.
_GUESS_FACTOR = 4.0
# Sizes that stand where a program could not go back to write the true one: sox has 0x7f000000 and
# 0x7ffff000, espeak-ng the latter, others 0x7fffffff, 0x80000000 and 0xffffffff.
_PLACEHOLDER = 0x7E000000
# Formats whose header states the length that the file had when it was made. Of others, FFmpeg works
# it out from what is there; MP3, WAV and WMA need a closer look.
_PROMISING = (
    *("AIFF", "APE", "AU", "CAF", "DSF", "FLAC", "M4A", "Musepack", "TTA", "WavPack", "WebM"),
)


def stated_seconds(
    container: InputContainer, stream: av.AudioStream, file: BinaryIO
) -> float | None:
    """The length of a stream by its container.

    Parameters
    ----------
    container : InputContainer
    stream : av.AudioStream
        One of the container's.
    file : binary file
        What the container reads.

    Returns
    -------
    float or None [s]
        None where it is not stated, or no length that the file can have: a negative one, one that
        the file is far too small for, or a placeholder.
    """
    duration_s = (container.duration or 0) / av.time_base
    if stream.duration is not None and stream.time_base is not None:
        duration_s = float(stream.duration * stream.time_base)
    if not _is_possible(duration_s, files.size_of(file)):
        return None
    is_placeholder = duration_s * (stream.bit_rate or 0) / 8 >= _PLACEHOLDER
    return None if is_placeholder else duration_s


def _is_possible(seconds: float, size: int) -> bool:
    """Whether a file of so many bytes can be so long."""
    return 0 < seconds < 8 * size / _LEAST_BIT_RATE


class Length:
    """What a file promises, and what is found of it while it is decoded.

    Programs cut songs up and keep the header of the whole, record from the middle of a broadcast,
    or leave gaps. What decodes is the song, as for players, and that a part is missing is only said
    where it is likely.

    Parameters
    ----------
    stream : av.AudioStream
    file : binary file
    kind : str
        One of the values of `songnet.audio.formats.FORMATS`.
    stated_s : float or None [s]
        From `stated_seconds`.

    Attributes
    ----------
    is_guess : bool
        Whether the stated length is FFmpeg's guess, from the bit rate of the beginning.
    is_sure : bool
        Whether an MP3 is as large as its header says, which then tells its length, too.
    lacks_end : bool
        Whether the packets of the end are there and hold no sound.
    lacks_parts : bool
        Whether parts between what was decoded are damaged, or not there.
    is_broken_off : bool
        Whether damage keeps what follows from being decoded.
    """

    def __init__(self, stream: av.AudioStream, file: BinaryIO, kind: str, stated_s: float | None):
        self._size = files.size_of(file)
        self._kind = kind
        self._stated_s = stated_s
        self.is_guess = kind == "AAC" or (kind == "MP3" and not files.mp3_states_length(file))
        self.is_sure = kind == "MP3" and files.mp3_is_whole(file)
        self._promised_s = self._promise(stream, file) or 0.0
        self._breaks_off = kind == "OGG" and files.ends_within_page(file)
        # A piece of a broadcast or of a longer file counts from the start of the whole.
        self._begins_s = float((stream.start_time or 0) * (stream.time_base or 0))
        self._least_bit_rate = _PART * (stream.bit_rate or 0) or _usual_bit_rate(stream)
        # Start and duration of the last packet of each stream.
        self._last: dict[Stream, tuple[int | None, int | None]] = {}
        self._ends_broken = False
        # Where the last packet ends [bytes].
        self._read = 0
        self.lacks_end = self.lacks_parts = self.is_broken_off = False

    @property
    def end_s(self) -> float | None:
        """Where an MP4's sound ends by its header [s], behind which is the encoder's padding."""
        return self._stated_s if self._kind == "M4A" else None

    def exceeds(self, limit_s: float) -> bool:
        """Whether a song is sure to be longer than a limit before it is decoded.

        A file that is small for its length may hold a part of it, which decoding will show.
        """
        lasts_s = (self._stated_s or 0.0) - max(0.0, self._begins_s)
        is_large_enough = 8 * self._size >= lasts_s * self._least_bit_rate
        return is_large_enough and lasts_s > limit_s * (_GUESS_FACTOR if self.is_guess else 1.0)

    def add(self, packet: av.Packet, *, is_broken: bool) -> None:
        """Takes note of a packet of any of the file's streams, after it was decoded or not."""
        # PyAV ends each stream with an empty packet.
        if packet.size:
            self._read = max(self._read, (packet.pos or 0) + packet.size)
            self._last[packet.stream] = (packet.pts, packet.duration)
            self._ends_broken = is_broken

    def lacks(self, decoded_s: float) -> list[str]:
        """Says what is missing, as in `lack`, and that parts are damaged: a sentence each."""
        lack = self.lack(decoded_s)
        has_damage = self.lacks_parts or (lack is None and self._loses_end(decoded_s))
        return [*([lack] if lack else []), *([PARTS_LEFT_OUT] if has_damage else [])]

    def _loses_end(self, decoded_s: float) -> bool:
        """Whether damage keeps what follows from being found, and not just a little."""
        if self._stated_s is None:
            return self.is_broken_off
        # Where FFmpeg finds nothing more, it says nothing.
        has_more = self.is_guess or self._kind == "OGG"
        is_unread = has_more and self._read < _PART * self._size
        is_short = decoded_s * _FACTOR + _SLACK_S < self._stated_s
        return is_short and (self.is_broken_off or is_unread)

    def lack(self, decoded_s: float) -> str | None:
        """Says in a sentence that a part of the file is missing.

        Parameters
        ----------
        decoded_s : float [s]
            Length of the sound.

        Returns
        -------
        str or None
            None if the whole file is there, or nothing tells.
        """
        if self._begins_s > _SLACK_S:
            return None
        if self._breaks_off:
            return "The file breaks off: a part of it is missing."
        # A copied part keeps FLAC's header, but it ends with a whole frame.
        if self._kind == "FLAC" and not self._ends_broken:
            return None
        reached_s = decoded_s
        if not self.lacks_end:
            # What is shown beside the sound may last longer, and the sound may have gaps.
            ends_s = (_end(stream, *times) for stream, times in self._last.items())
            reached_s = max([decoded_s, *ends_s])
        is_less = reached_s * _FACTOR + _SLACK_S < self._promised_s
        if not is_less or not _is_possible(self._promised_s, self._size):
            return None
        return (
            f"The file says {clock(self._promised_s)}, but only {clock(decoded_s)} of it is there."
        )

    def _promise(self, stream: av.AudioStream, file: BinaryIO) -> float | None:
        if self._kind == "MP3":
            return None if self.is_guess else self._stated_s
        if self._kind == "WAV" and (data := files.wav_data(file)) is not None:
            start, size = data
            is_cut = self._size < start + size < _PLACEHOLDER
            return 8 * size / stream.bit_rate if is_cut and stream.bit_rate else None
        if self._kind == "WMA":
            return files.wma_seconds(file)
        return self._stated_s if self._kind in (*_PROMISING, "WAV") else None


def _usual_bit_rate(stream: av.AudioStream) -> float:
    is_lossless = stream.codec_context.codec.lossless
    return _USUAL_BITS * stream.rate * stream.channels if is_lossless else _USUAL_BIT_RATE


def _end(stream: Stream, start: int | None, duration: int | None) -> float:
    """When a packet ends [s]; 0 if it has no time stamp."""
    return 0.0 if start is None else float((start + (duration or 0)) * (stream.time_base or 0))
