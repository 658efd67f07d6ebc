"""SongNet: which of the 8 FMA genres a song is, how sure, and which moments told it so."""

from songnet.spec import GENRES, SPEC, VERSION, AudioSpec

__all__ = ["GENRES", "SPEC", "AudioSpec", "__version__"]

__version__ = VERSION
