"""Visitors' files on the server's disk: which they are, and their deletion."""

import contextlib
import errno
import os
import time
from pathlib import Path
from typing import Any

from gradio.blocks import Blocks
from gradio.utils import NamedString, get_upload_folder

NOT_FILES = "An upload holds files and nothing else: send a file."
NO_END = "An upload came without its end: send the file again."
NO_NAME = "A file's name cannot be kept: give it another."

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def too_large(max_bytes: float) -> str:
    """The sentence for a file above the limit."""
    # Gradio knows by three of these words that the answer's status is 413.
    return (
        f"The file is above the maximum allowed size of {max_bytes / 2**20:.4g} MB: "
        "send a smaller one."
    )


def is_visitors_file(path: str) -> bool:
    """Whether a path lies in the folder of files that were uploaded to the page or made by it."""
    return Path(os.path.abspath(path)).is_relative_to(get_upload_folder())


def means_full_disk(error: BaseException) -> bool:
    """Whether an error of the operating system means that the disk has no room for a file."""
    return isinstance(error, OSError) and error.errno in _FULL


def uploaded_path(self: Any, f: Any) -> NamedString:  # noqa: ARG001
    """What an event is given for a file of `gradio.File`: its path.

    Replaces Gradio's method, which makes an empty file for each, and never deletes it.
    """
    return NamedString(f.path)


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
