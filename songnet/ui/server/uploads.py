"""Visitors' files on the server's disk: whether there is room for them, and their deletion."""

import contextlib
import errno
import os
import shutil
import time
from pathlib import Path

from gradio.blocks import Blocks
from gradio.utils import get_upload_folder

NO_ROOM = "The server has no room for more songs at the moment: try again in an hour."

# Kept free on the disk that holds the uploads.
_FREE_BYTES = 512 * 2**20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_visitors_file(path: str) -> bool:
    """Whether a path lies in the folder of files that were uploaded to the page or made by it."""
    return Path(os.path.abspath(path)).is_relative_to(get_upload_folder())


def has_room(folder: str | Path) -> bool:
    """Whether the disk that holds a folder has room for a visitor's files."""
    return shutil.disk_usage(folder).free >= _FREE_BYTES


def means_full_disk(error: BaseException) -> bool:
    """Whether an error of the operating system means that the disk has no room for a file."""
    return isinstance(error, OSError) and error.errno in _FULL


def delete_old_files(blocks: Blocks, age: int | None) -> None:
    """Deletes visitors' files, and the folders that held them.

    Replaces Gradio's function, which never runs again if an upload comes while it runs.

    Parameters
    ----------
    blocks : gradio.Blocks
        The page, which lists the files that were uploaded to it or made by it.
    age : int or None [s]
        Files that are older are deleted; None deletes all.
    """
    kept = {name for b in blocks.blocks.values() for name in getattr(b, "keep_in_cache", ())}
    for names in blocks.temp_file_sets:
        for name in names.copy() - kept:
            try:
                if age is not None and time.time() - os.lstat(name).st_ctime <= age:
                    continue
                os.remove(name)
            except FileNotFoundError:
                pass
            except OSError:
                continue
            names.discard(name)
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(name))
