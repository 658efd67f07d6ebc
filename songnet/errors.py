"""Every error that SongNet raises on purpose. The text is one sentence for the person who asked."""


class SongNetError(Exception):
    """What went wrong and what to do about it, in one sentence."""


class AudioError(SongNetError):
    """A file or waveform that cannot be classified."""


class DecoderError(AudioError):
    """A file that killed its decoder, or brought it beyond its memory or time."""


class MetricsError(SongNetError):
    """Figures of a release, `metrics.json`, that are not what `python -m train report` writes."""


class WeightsError(SongNetError):
    """Weights that are missing, damaged or not SongNet's."""


class HubUnreachableError(WeightsError):
    """The Hub cannot serve for now: no connection, too many requests, trouble of its own."""


class SettingsError(SongNetError):
    """A setting in the environment that has no meaning, or needs what is not installed."""


class TableError(SongNetError):
    """A table of results that cannot be written or gone on with."""


class PatchError(SongNetError):
    """A version of Gradio that lacks what SongNet has to replace in it."""
