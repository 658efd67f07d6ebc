"""The audio files of a collection, in a folder or in a zip archive that stays packed."""

import hashlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from train.errors import DataError

# A clip or table: whole tracks of FMA have up to a few hundred MB, its tables a quarter of a GB.
LARGEST_FILE = 2**30
_CHECKSUMS = "checksums"
_LARGEST_CHECKSUMS = 64 * 2**20
# What zipfile raises for damage, depending on where it is.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError),
)


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
        except (OSError, *_DAMAGED) as error:
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
        """SHA-1 of each clip, as hex, from the collection's own list; empty where it has none.

        Raises
        ------
        DataError
            If the list is damaged.
        """
        if self.stamp(_CHECKSUMS) is None:
            return {}
        try:
            with self.file(_CHECKSUMS, largest=_LARGEST_CHECKSUMS) as path:
                lines = path.read_text(encoding="utf-8").splitlines()
            rows = (line.split(maxsplit=1) for line in lines if line.strip())
            return {path: expected for expected, path in rows}
        except (OSError, ValueError) as error:
            raise DataError(
                f"The file {_CHECKSUMS} in {self.path} is no list of SHA-1 and names: download the "
                "collection again."
            ) from error

    @contextmanager
    def file(self, source: str, largest: int = LARGEST_FILE) -> Iterator[Path]:
        """The clip as a file, for a ``with`` block: an archive's clip is unpacked and then deleted.

        Parameters
        ----------
        source : str
        largest : int [bytes]
            A file of an archive that would be larger is not unpacked.

        Raises
        ------
        OSError
            If it cannot be unpacked: if the disk is full, say.
        DataError
            If the archive is damaged there, or the file is too large.
        """
        if not self.prefix:
            yield self.path / source
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(source).name
            self._unpack(source, path, largest)
            yield path

    def _unpack(self, source: str, path: Path, largest: int) -> None:
        try:
            archive = _opened(str(self.path))
            # No more than this comes out of it, whatever is packed.
            size = archive.getinfo(self.prefix + source).file_size
            if size > largest:
                raise DataError(
                    f"{source} in {self.path} would unpack to {size / 1e6:,.0f} MB, and no more "
                    f"than {largest / 1e6:,.0f} MB are taken."
                )
            with archive.open(self.prefix + source) as packed, path.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        except (KeyError, *_DAMAGED) as error:
            raise DataError(f"{source} in {self.path} is damaged ({error}).") from error


@cache
def _opened(path: str) -> zipfile.ZipFile:
    # Once a process: the list of a large archive's members takes seconds to read.
    return zipfile.ZipFile(path)


def sha1(path: Path) -> str:
    """SHA-1 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()
