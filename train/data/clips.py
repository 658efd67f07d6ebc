"""The audio files of a collection, in a folder or in a zip archive that stays packed."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from train.errors import DataError

_CHECKSUMS = "checksums"


@dataclass(frozen=True)
class Clips:
    """A folder of clips, or a zip archive with one folder of clips at its top.

    Attributes
    ----------
    path : Path
    prefix : str
        In an archive, the folder with a slash at its end.
    """

    path: Path
    prefix: str = ""

    @classmethod
    def find(cls, folder: Path, name: str) -> "Clips":
        """Finds ``folder/name``, or else ``folder/name.zip``.

        Raises
        ------
        DataError
            If neither is there, or the archive is damaged.
        """
        if (folder / name).is_dir():
            return cls(folder / name)
        archive = folder / f"{name}.zip"
        try:
            _opened(str(archive))
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError(
                f"{folder} has neither a folder {name} nor a whole archive {name}.zip ({error})."
            ) from error
        return cls(archive, f"{name}/")

    def stamp(self, source: str) -> str | None:
        """A text that changes when the clip does: size and time, or size and CRC-32 in an archive.

        None if there is no such clip.
        """
        if self.prefix:
            try:
                member = _opened(str(self.path)).getinfo(self.prefix + source)
            except KeyError:
                return None
            return f"{member.file_size}-{member.CRC:08x}"
        try:
            status = os.stat(self.path / source)
        except OSError:
            return None
        return f"{status.st_size}-{status.st_mtime_ns}"

    def checksums(self) -> dict[str, str]:
        """SHA-1 of each clip, as hex, from the collection's own list; empty where it has none."""
        try:
            if self.prefix:
                lines = _opened(str(self.path)).read(self.prefix + _CHECKSUMS).decode()
            else:
                lines = (self.path / _CHECKSUMS).read_text(encoding="utf-8")
        except (KeyError, OSError, zipfile.BadZipFile):
            return {}
        rows = (line.split(maxsplit=1) for line in lines.splitlines() if line.strip())
        return {path: expected for expected, path in rows}

    @contextmanager
    def file(self, source: str) -> Iterator[Path]:
        """The clip as a file, for a ``with`` block: an archive's clip is unpacked and then deleted.

        Raises
        ------
        OSError
            If it cannot be read; `zipfile.BadZipFile` if the archive is damaged there.
        """
        if not self.prefix:
            yield self.path / source
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(source).name
            with (
                _opened(str(self.path)).open(self.prefix + source) as packed,
                path.open("wb") as unpacked,
            ):
                shutil.copyfileobj(packed, unpacked)
            yield path


@cache
def _opened(path: str) -> zipfile.ZipFile:
    # Once a process: the list of a large archive's members takes seconds to read.
    return zipfile.ZipFile(path)


def sha1(path: Path) -> str:
    """SHA-1 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()
