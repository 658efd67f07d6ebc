"""The arrays of a split on the disk: form and size are checked before they are in memory."""

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from songnet.spec import SPEC
from train.errors import DataError

REQUIRED = ("track_id", "genre", "artist_id", "log_mel")
_OPTIONAL = ("copy", "vggish")
_USED = (*REQUIRED, *_OPTIONAL)
_WHOLE_NUMBERS = ("track_id", "genre", "artist_id", "copy")
_AT_ONCE = 1000  # clips


def exists(folder: Path, name: str) -> bool:
    """Whether a data set has a split of this name."""
    return (folder / name).is_dir() or (folder / f"{name}.npz").exists()


def load(folder: Path, name: str) -> tuple[dict[str, np.ndarray], Path]:
    """Reads the arrays of a split.

    Parameters
    ----------
    folder : path of the data set
    name : str
        Of the split: ``name.npz`` there, or the folder ``name`` of ``.npy`` files.

    Returns
    -------
    dict of str to np.ndarray
        Those of `REQUIRED`, and ``copy`` and ``vggish`` where the split has them. All have one
        length; those of a folder stay on the disk.
    Path
        The file or folder that holds them.

    Raises
    ------
    DataError
        If it is missing or damaged, or lacks an array or has one of another form.
    """
    on_disk, packed = folder / name, folder / f"{name}.npz"
    path = on_disk if on_disk.is_dir() else packed
    if not path.exists():
        raise DataError(f"{packed} is missing: --data names a folder that holds {packed.name}.")
    try:
        if path == on_disk:
            files = {key: on_disk / f"{key}.npy" for key in _USED}
            found = {key: file for key, file in files.items() if file.is_file()}
            arrays = {key: np.load(file, mmap_mode="r") for key, file in found.items()}
            _check({key: (values.shape, values.dtype) for key, values in arrays.items()}, path)
        else:
            _check(_headers(packed), path)
            with np.load(packed, allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files if key in _USED}
    except DataError:
        raise
    # What zipfile, zlib and NumPy raise depends on where the damage is.
    except Exception as error:
        raise DataError(
            f"{path} is not a readable .npz file ({error}): prepare it again, or copy it anew."
        ) from error
    for key in ("log_mel", "vggish"):
        if key in arrays and not _is_finite(arrays[key]):
            raise DataError(f"{key} in {path} holds values that are no numbers: make it again.")
    return arrays, path


def _headers(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and type of each array in a `.npz` file, of which nothing else is unpacked."""
    found = {}
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise ValueError("it is no archive")
    with zipfile.ZipFile(path) as archive:
        for key in _USED:
            if f"{key}.npy" not in archive.namelist():
                continue
            with archive.open(f"{key}.npy") as file:
                first, _ = np.lib.format.read_magic(file)
                read: Any = (
                    np.lib.format.read_array_header_1_0
                    if first == 1
                    else np.lib.format.read_array_header_2_0
                )
                shape, _, dtype = read(file)
                size = file.tell() + math.prod(shape) * dtype.itemsize
            if size != archive.getinfo(f"{key}.npy").file_size:
                raise ValueError(f"{key} has not as many values as it says")
            found[key] = shape, dtype
    return found


def _check(forms: dict[str, tuple[tuple[int, ...], np.dtype]], path: Path) -> None:
    """Raises a `DataError` for arrays of another form than a split's."""
    missing = [key for key in REQUIRED if key not in forms]
    if missing:
        raise DataError(f"{path} lacks the arrays {', '.join(missing)}.")
    shape, _ = forms["log_mel"]
    if shape[1:] != (SPEC.n_frames, SPEC.n_mels):
        raise DataError(
            f"log_mel in {path} must have the shape (n, {SPEC.n_frames}, {SPEC.n_mels}). "
            f"Received: {shape}"
        )
    for key, (other, dtype) in forms.items():
        dimensions = {"log_mel": 3, "vggish": 2}.get(key, 1)
        if len(other) != dimensions or other[0] != shape[0]:
            raise DataError(
                f"{key} in {path} must have {dimensions} dimension(s), the first of {shape[0]}, "
                f"as log_mel has. Received: {other}"
            )
        if dtype.kind not in ("iu" if key in _WHOLE_NUMBERS else "iuf"):
            raise DataError(f"{key} in {path} must hold numbers. Received: {dtype}")


def _is_finite(values: np.ndarray) -> bool:
    if values.dtype.kind != "f":
        return True
    parts = range(0, len(values), _AT_ONCE)
    return all(np.isfinite(values[start : start + _AT_ONCE]).all() for start in parts)
