"""Where a song's broken packets lie, and how much is lost: in places, or from somewhere on."""

from collections.abc import Sequence

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

# More broken packets than this share are many: not a slip here and there.
_BROKEN_PACKETS = 0.05
# So many broken packets that follow each other are a run: a fraction of a second, for most codecs.
# Fewer at the start or the end of a file are where it was cut.
_RUN = 10
# As many packets as this share may decode by chance where none holds sound.
_CHANCE = 0.05
# A loss is worth a word from so many seconds on, or from this share of the song. Where songs were
# joined into one file, a packet is lost at each seam.
_LOST_S, _LOST = 0.5, 0.002
# The share of a file that no tag behind the song takes.
_TAIL = 0.1
# Time stamps that leave out as much as this [s] may tell of packets that were not found.
_GAP_S = 0.25


class Damage:
    """Counts broken packets, and what of the sound is lost, while a song is decoded.

    A program that downloads a file may reserve its place first: what has not come yet is zeros, or
    what lay on the disk before. An MP4's index has packets for that, too, of which hardly one
    decodes. The end begins where the surplus of heard packets over broken ones is largest.
    """

    def __init__(self) -> None:
        self._packets = self._broken = self._heard = self._run = self._played = 0
        # The first three, and what was lost, where the surplus was largest.
        self._best = (0, 0, 0)
        self._best_lost = (0, 0.0)
        # Broken packets since the last that was heard, and their bytes.
        self._silent = self._silent_bytes = 0
        self._heard_bytes = self._lost_bytes = 0
        self._heard_s = self._lost_s = 0.0
        self._places: _Places | None = None

    def begin(self, container: InputContainer, stream: AudioStream) -> None:
        """Takes note that packets of a stream follow: a chained Ogg has several."""
        self._places = _Places(container, stream)

    def pass_by(self, packet: av.Packet) -> None:
        """Takes note of where a packet of any stream lies, before `add` does of those heard."""
        if self._places is not None:
            self._places.pass_by(packet)

    def add(self, packet: av.Packet, frames: Sequence[av.AudioFrame], *, is_broken: bool) -> None:
        """Takes note of the next packet of the song.

        Parameters
        ----------
        packet : av.Packet
        frames : sequence of av.AudioFrame
            What it was decoded to: a decoder may wait for more.
        is_broken : bool
            Whether the decoder refused it.
        """
        if self._places is not None:
            self._lost_s += self._places.missing_before(packet)
        if is_broken:
            self._silent += 1
            self._silent_bytes += packet.size
        elif frames:
            self._add_sound(packet, frames)
        self._packets += 1
        self._broken += is_broken
        self._heard += bool(frames)
        self._run = self._run + 1 if is_broken else 0
        _, broken, heard = self._best
        if self._heard - self._broken > heard - broken:
            self._best = (self._packets, self._broken, self._heard)
            self._best_lost = (self._lost_bytes, self._lost_s)

    def _add_sound(self, packet: av.Packet, frames: Sequence[av.AudioFrame]) -> None:
        # What a decoder still had at the end is from before the last packets.
        if packet.size:
            if self._played or self._silent >= _RUN:
                self._lost_bytes += self._silent_bytes
            self._silent = self._silent_bytes = 0
        # What decodes after a run may do so by chance.
        self._played += not self.is_in_run
        self._heard_bytes += packet.size
        heard_s = sum(frame.samples / max(1, frame.sample_rate) for frame in frames)
        self._heard_s += heard_s
        # Some decoders put a guess where a part is missing.
        self._lost_s += heard_s if any(frame.is_corrupt for frame in frames) else 0.0
        if self._places is not None:
            self._places.add_heard(heard_s)

    @property
    def is_in_run(self) -> bool:
        """Whether the last packets were broken, so many that the next may be, too."""
        return self._run >= _RUN

    @property
    def has_any(self) -> bool:
        """Whether any packet was broken."""
        return self._broken > 0

    @property
    def is_total(self) -> bool:
        """Whether no packet has decoded."""
        return self._packets == self._broken

    @property
    def is_nearly_total(self) -> bool:
        """Whether hardly a packet has decoded, and not because the end alone is missing."""
        hardly = self._broken > 1 and self._played <= _CHANCE * self._packets
        return hardly and not self.is_at_end

    @property
    def is_noticeable(self) -> bool:
        """Whether more than a slip is lost of what lies before the last sound."""
        # A broken packet may hold all bytes up to the next one that was found.
        lost = self._best_lost if self.is_at_end else (self._lost_bytes, self._lost_s)
        lost_s = lost[0] * self._heard_s / max(1, self._heard_bytes) + lost[1]
        unheard_s = self._places.unheard_s if self._places is not None else 0.0
        return max(lost_s, unheard_s) > min(_LOST_S, _LOST * self._heard_s)

    @property
    def has_dead_end(self) -> bool:
        """Whether nothing decodes from somewhere on, in more than a tag that was not known."""
        return self._silent >= _RUN or self._silent_bytes > _TAIL * self._heard_bytes

    @property
    def is_at_end(self) -> bool:
        """Whether hardly a packet decodes from somewhere on, and what lies before is a song."""
        packets, broken, heard = self._best
        return (
            _is_much(self._broken, self._packets)
            and not _is_much(broken, packets)
            and heard > 0
            and self._heard - heard <= _CHANCE * heard
        )


class _Places:
    """Where the packets of one stream lie, in bytes and in time: some may not have been found."""

    def __init__(self, container: InputContainer, stream: AudioStream):
        self._tick_s = float(stream.time_base or 0)
        # Of FLAC's frames, each has its number.
        self._is_numbered = container.format.name == "flac"
        self._next_byte: int | None = None
        # Bytes before the last two packets that are in none: an Ogg's packet may have the place of
        # the page behind it.
        self._skipped = (0, 0)
        self._first_tick: int | None = None
        self._next_tick = self._bytes = 0
        self._heard_s = 0.0
        self.unheard_s = 0.0

    def pass_by(self, packet: av.Packet) -> None:
        if packet.pos is None or not packet.size:
            return
        if self._next_byte is not None:
            self._skipped = (self._skipped[1], max(0, packet.pos - self._next_byte))
        self._next_byte = packet.pos + packet.size

    def missing_before(self, packet: av.Packet) -> float:
        """Length of what was lost between the last packet and this one [s].

        Time stamps alone tell of nothing lost: a recording may have paused. There must be bytes
        between the two as well, about as many as that time takes.
        """
        lost_s = 0.0
        if packet.pts is None:
            return lost_s
        if self._first_tick is None:
            self._first_tick = packet.pts
        else:
            missing, before = packet.pts - self._next_tick, self._next_tick - self._first_tick
            has_bytes = missing * self._bytes <= 2 * before * sum(self._skipped)
            if missing * self._tick_s >= _GAP_S and has_bytes and not self._is_numbered:
                lost_s = missing * self._tick_s
        self._bytes += packet.size
        self._next_tick = packet.pts + (packet.duration or 0)
        return lost_s

    def add_heard(self, heard_s: float) -> None:
        """Takes note that the last packet was heard, for so long."""
        self._heard_s += heard_s
        if self._is_numbered and self._first_tick is not None:
            numbered_s = (self._next_tick - self._first_tick) * self._tick_s
            self.unheard_s = numbered_s - self._heard_s


def _is_much(broken: int, packets: int) -> bool:
    return broken > 1 and broken > _BROKEN_PACKETS * packets
