"""Where the steps write: what cannot be written is told before the work, and in one sentence."""

import errno
import tempfile
from pathlib import Path

from train.errors import DataError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def output_folder(path: str | Path) -> Path:
    """Makes the folder that a step writes to.

    Raises
    ------
    DataError
        If a file is in its place, or no file can be written into it.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise DataError(sentence(error, path)) from error
    return path


def output_file(path: str | Path) -> Path:
    """Makes the folder of a file that a step writes, and checks that it can be written there.

    Raises
    ------
    DataError
        If it is a folder, or no file can be written into its own.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path} is a folder: --output names a file.")
    output_folder(path.parent)
    return path


def sentence(error: OSError, output: str | Path | None = None) -> str:
    """What is wrong with a file that cannot be read or written, and what to do.

    Parameters
    ----------
    error : OSError
    output : path or None
        Where the step writes: a full disk is told without a file's name.
    """
    where = error.filename or output
    if error.errno in _FULL:
        # A copy that fails names what it copies.
        return (
            f"The disk of {output or where or 'the output'} is full: make room, and run it again."
        )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{where} is a file, and a folder is needed there: name another folder."
    if isinstance(error, PermissionError):
        return f"{where} cannot be used: you lack the permission; name another place."
    return f"{where or 'A file'} cannot be read or written: {error.strerror or error}."
