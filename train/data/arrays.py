"""The arrays of a split on the disk: form and size are checked before they are in memory."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from songnet.spec import SPEC
from train.data.tracks import UNLABELLED
from train.errors import DataError

REQUIRED = ("track_id", "genre", "artist_id", "log_mel")
OF_UNLABELLED = ("track_id", "artist", "log_mel")
_TEACHER = "teacher-"
# FMA-small as it was prepared first has one teacher's embeddings under this name alone.
_VGGISH = "vggish"
_WHOLE_NUMBERS = ("track_id", "genre", "artist_id", "copy")
_AT_ONCE = 1000  # clips


def load(
    folder: Path, name: str, required: Sequence[str] = REQUIRED
) -> tuple[dict[str, np.ndarray], Path]:
    """Reads the arrays of a split.

    Parameters
    ----------
    folder : path of the data set
    name : str
        Of the split: ``name.npz`` there, or the folder ``name`` of ``.npy`` files.
    required : sequence of str
        `REQUIRED`, or `OF_UNLABELLED` of clips without genres.

    Returns
    -------
    dict of str to np.ndarray
        The required ones, and ``copy`` and those of teachers (`teachers`) where the split has
        them. All have one length; those of a folder stay on the disk.
    Path
        The file or folder that holds them.

    Raises
    ------
    DataError
        If it is missing or damaged, or lacks an array or has one of another form.
    """
    path = split_path(folder, name)
    if path is None:
        packed = folder / f"{name}.npz"
        why = f"--data names a folder that holds {packed.name}"
        if split_path(folder, UNLABELLED):
            why = "the clips in that folder have no genres, and are for --pretrain"
        raise DataError(f"{packed} is missing: {why}.")
    try:
        if path.is_dir():
            files = {file.stem: file for file in sorted(path.glob("*.npy"))}
            found = {key: file for key, file in files.items() if _is_used(key, required)}
            arrays = {key: np.load(file, mmap_mode="r") for key, file in found.items()}
            forms = {key: (values.shape, values.dtype) for key, values in arrays.items()}
            _check(forms, path, required)
        else:
            _check(_headers(path, required), path, required)
            with np.load(path, allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files if _is_used(key, required)}
    except DataError:
        raise
    # What zipfile, zlib and NumPy raise depends on where the damage is.
    except Exception as error:
        raise DataError(
            f"{path} is not a readable .npz file ({error}): prepare it again, or copy it anew."
        ) from error
    for key in ("log_mel", *filter(_of_teacher, arrays)):
        if not _is_finite(arrays[key]):
            raise DataError(f"{key} in {path} holds values that are no numbers: make it again.")
    return arrays, path


def split_path(folder: Path, name: str) -> Path | None:
    """The folder or else the ``.npz`` file that holds a split's arrays; None if there is none."""
    on_disk, packed = folder / name, folder / f"{name}.npz"
    return on_disk if on_disk.is_dir() else packed if packed.exists() else None


def teachers(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each teacher's embeddings of the clips, among the arrays of a split.

    Parameters
    ----------
    arrays : dict of str to np.ndarray
        As from `load`: ``teacher-NAME`` is the teacher NAME's, and ``vggish``, as earlier versions
        wrote it, that of VGGish.

    Returns
    -------
    dict of str to np.ndarray [shape=(n, dimension), float]
        By the teachers' names, in alphabetical order; empty where the split has none.
    """
    found = {_VGGISH: arrays[_VGGISH]} if _VGGISH in arrays else {}
    found |= {
        key.removeprefix(_TEACHER): values
        for key, values in arrays.items()
        if key.startswith(_TEACHER)
    }
    return dict(sorted(found.items()))


def artists(folder: Path, name: str) -> dict[int, str]:
    """The names of a split's artists by their numbers; empty where it is missing or has none.

    Raises
    ------
    DataError
        If the split is damaged.
    """
    found = described(folder, name, ("artist_id", "artist"))
    if len(found) < 2:
        return {}
    pairs = zip(found["artist_id"], found["artist"], strict=True)
    return {int(number): str(artist) for number, artist in pairs}


def described(folder: Path, name: str, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Reads arrays of a split that training does not need, such as its artists' names.

    Parameters
    ----------
    folder : path of the data set
    name : str
        Of the split.
    keys : sequence of str

    Returns
    -------
    dict of str to np.ndarray
        Those that it has; none where it is missing.

    Raises
    ------
    DataError
        If the split is damaged, or one of them has not a value for each clip.
    """
    path = split_path(folder, name)
    if path is None:
        return {}
    try:
        if path.is_dir():
            files = {key: path / f"{key}.npy" for key in ("track_id", *keys)}
            found = {key: np.load(file) for key, file in files.items() if file.is_file()}
        else:
            with np.load(path, allow_pickle=False) as stored:
                found = {key: stored[key] for key in ("track_id", *keys) if key in stored.files}
    # What zipfile, zlib and NumPy raise depends on where the damage is.
    except Exception as error:
        raise DataError(
            f"{path} is not a readable .npz file ({error}): prepare it again, or copy it anew."
        ) from error
    clips = found.pop("track_id", None)
    for key, values in found.items():
        if clips is not None and values.shape != clips.shape:
            raise DataError(f"{key} in {path} has not one value a clip: prepare it again.")
    return found


def teacher_key(name: str) -> str:
    """The array of a split that holds the embeddings of the teacher of this name."""
    return f"{_TEACHER}{name}"


def _of_teacher(key: str) -> bool:
    return key == _VGGISH or key.startswith(_TEACHER)


def _is_used(key: str, required: Sequence[str]) -> bool:
    return key in (*required, "copy") or _of_teacher(key)


def _headers(path: Path, required: Sequence[str]) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and type of each array in a `.npz` file, of which nothing else is unpacked."""
    found = {}
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise ValueError("it is no archive")
    with zipfile.ZipFile(path) as archive:
        names = (name.removesuffix(".npy") for name in archive.namelist())
        for key in (name for name in names if _is_used(name, required)):
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


def _check(
    forms: dict[str, tuple[tuple[int, ...], np.dtype]], path: Path, required: Sequence[str]
) -> None:
    """Raises a `DataError` for arrays of another form than a split's."""
    missing = [key for key in required if key not in forms]
    if missing:
        raise DataError(f"{path} lacks the arrays {', '.join(missing)}.")
    shape, _ = forms["log_mel"]
    if shape[1:] != (SPEC.n_frames, SPEC.n_mels):
        raise DataError(
            f"log_mel in {path} must have the shape (n, {SPEC.n_frames}, {SPEC.n_mels}). "
            f"Received: {shape}"
        )
    for key, (other, dtype) in forms.items():
        dimensions = 3 if key == "log_mel" else 2 if _of_teacher(key) else 1
        if len(other) != dimensions or other[0] != shape[0]:
            raise DataError(
                f"{key} in {path} must have {dimensions} dimension(s), the first of {shape[0]}, "
                f"as log_mel has. Received: {other}"
            )
        kinds = "U" if key == "artist" else "iu" if key in _WHOLE_NUMBERS else "iuf"
        if dtype.kind not in kinds:
            what = "names" if key == "artist" else "numbers"
            raise DataError(f"{key} in {path} must hold {what}. Received: {dtype}")


def _is_finite(values: np.ndarray) -> bool:
    if values.dtype.kind != "f":
        return True
    parts = range(0, len(values), _AT_ONCE)
    return all(np.isfinite(values[start : start + _AT_ONCE]).all() for start in parts)
