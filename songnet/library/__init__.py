"""A whole library of music in one file: what every song was heard as, and where it is.

`songnet.library.scan` fills it, everything else reads it.
"""

from songnet.library.rows import LibrarySong, LibraryWindow
from songnet.library.store import Library, default_path

__all__ = ["Library", "LibrarySong", "LibraryWindow", "default_path"]
