"""Where a song's broken packets lie: here and there, all over, or in place of its end."""

# Broken packets are skipped, as players do, up to this share of a file's packets.
_BROKEN_PACKETS = 0.05
# So many broken packets that follow each other are a run: a fraction of a second, for most codecs.
_RUN = 10
# Of what lies in place of a missing end, as many packets as this share of the sound before it may
# decode by chance.
_CHANCE = 0.05


class Damage:
    """Counts broken packets while a song is decoded.

    A program that downloads a file may reserve its place first: what has not come yet is zeros, or
    what lay on the disk before. An MP4's index has packets for that, too, of which hardly one
    decodes. The end begins where the surplus of heard packets over broken ones is largest.
    """

    def __init__(self) -> None:
        self._packets = self._broken = self._heard = self._run = 0
        # The same three where the surplus was largest.
        self._best = (0, 0, 0)

    def add(self, *, is_broken: bool, is_heard: bool) -> None:
        """Takes note of the next packet of the song.

        Parameters
        ----------
        is_broken : bool
            Whether the decoder refused it.
        is_heard : bool
            Whether it gave sound: a decoder may wait for more.
        """
        self._packets += 1
        self._broken += is_broken
        self._heard += is_heard
        self._run = self._run + 1 if is_broken else 0
        _, broken, heard = self._best
        if self._heard - self._broken > heard - broken:
            self._best = (self._packets, self._broken, self._heard)

    @property
    def is_in_run(self) -> bool:
        """Whether the last packets were broken, so many that the next may be, too."""
        return self._run >= _RUN

    @property
    def is_total(self) -> bool:
        """Whether no packet has decoded."""
        return self._packets == self._broken

    @property
    def is_all_over(self) -> bool:
        """Whether too much is broken for a song, and not in its end alone."""
        return _is_much(self._broken, self._packets) and not self.is_at_end

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


def _is_much(broken: int, packets: int) -> bool:
    return broken > 1 and broken > _BROKEN_PACKETS * packets
