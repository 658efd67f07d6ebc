"""Child processes that open strangers' files, within limits, and may die."""

from songnet.sandbox.pool import Sandbox
from songnet.sandbox.process import Resources
from songnet.sandbox.song import Song

__all__ = ["Resources", "Sandbox", "Song"]
