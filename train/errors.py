"""Every error of `train`: each is one sentence for the person at the keyboard."""

from songnet.errors import SongNetError


class DataError(SongNetError):
    """A data set that cannot be used, in one sentence for the person who named it."""


class CardError(SongNetError):
    """A card that cannot be written from what is known, in one sentence."""


class ReleaseError(SongNetError):
    """A release that is not whole, in one sentence."""


class PublishError(SongNetError):
    """What kept a release from being published, in one sentence."""
