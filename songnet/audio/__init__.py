"""The only place that opens audio: what a file holds, its samples, its windows, tags and cover."""

from songnet.audio.decode import OpenSong, open_song, probe, read, read_blocks
from songnet.audio.formats import SUFFIXES
from songnet.audio.opening import AudioInfo, Limits
from songnet.audio.windows import Window

__all__ = [
    "SUFFIXES",
    "AudioInfo",
    "Limits",
    "OpenSong",
    "Window",
    "open_song",
    "probe",
    "read",
    "read_blocks",
]
