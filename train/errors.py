"""All errors of `train`. The message of each is one sentence for the person at the keyboard."""

from songnet.errors import SongNetError


class DataError(SongNetError):
    """Input that a step cannot use: a data set, audio, a network, evidence, or its options."""


class CardError(SongNetError):
    """A model's or Space's card lacks something that it must say."""


class ReleaseError(SongNetError):
    """A release lacks a file, or has one that is not its own."""


class PublishError(SongNetError):
    """A release could not be published to the Hub."""
