"""Child processes that open untrusted files with limited resources, so that they may crash."""

from songnet.sandbox.pool import Sandbox
from songnet.sandbox.process import LEAST_MEMORY, Resources
from songnet.sandbox.song import Song

__all__ = ["LEAST_MEMORY", "Resources", "Sandbox", "Song"]
