"""Every error that SongNet raises on purpose. The text is one sentence for the person who asked."""

from collections.abc import Iterable


class SongNetError(Exception):
    """Base of all errors: the text says what went wrong and what to do about it."""


class AudioError(SongNetError):
    """A file or waveform that cannot be classified."""


class LimitError(AudioError):
    """A file beyond a limit that whoever runs the program may change.

    Attributes
    ----------
    limit : str
        The limit's name in `songnet.audio.Limits`.
    """

    # A process pool makes an exception anew from its text alone, and then sets the limit.
    def __init__(self, text: str, limit: str = ""):
        super().__init__(text)
        self.limit = limit


class SeekError(AudioError):
    """A song of which single windows cannot be reached with certainty: all of it must be heard."""


class DecoderError(AudioError):
    """A file whose decoder crashed, or exceeded its memory or time limit."""


class MetricsError(SongNetError):
    """A `metrics.json` that cannot be read or is not what `python -m train report` writes."""


class WeightsError(SongNetError):
    """Weights that are missing, damaged or not SongNet's."""


class HubUnreachableError(WeightsError):
    """The Hub cannot be used for now: no connection, too many requests, no folder for its files."""


class OwnGenresError(SongNetError):
    """Own genres that cannot be learned, or a file that does not hold any for these weights."""


class NotLearnedError(OwnGenresError):
    """Songs of which no genres can be learned, in part because some of them were left out.

    Attributes
    ----------
    reason : str
        Why nothing can be learned of the rest.
    left_out : tuple of str
        A sentence for each thing that was left out.
    """

    def __init__(self, reason: str, left_out: Iterable[str] = ()):
        self.reason, self.left_out = reason, tuple(left_out)
        super().__init__(" ".join([*self.left_out, reason]))


class LibraryError(SongNetError):
    """A library of music that cannot be read, written, or compared with what is in use."""


class SettingsError(SongNetError):
    """An environment variable with an invalid value, or that needs a package not installed."""


class TableError(SongNetError):
    """A table of results that cannot be written or continued."""


class SearchError(SongNetError):
    """Songs that a library does not have, or that nothing in it is like."""


class WriteError(SongNetError):
    """A file of results that is there already, or cannot be written."""


class TagError(SongNetError):
    """Genres that cannot be written into a file's tags, or taken out again."""


class UnwritableError(TagError):
    """Why a file's tags are left as they are: the end of a sentence that begins with its name."""


class OutputError(SongNetError):
    """A standard output to which the results cannot be written."""


class PageError(SongNetError):
    """A page that no longer answers, although nobody stopped it."""


class PatchError(SongNetError):
    """A version of Gradio that lacks a name that SongNet has to replace."""
