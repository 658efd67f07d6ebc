"""Finds the songs of a folder, and keeps account of what it passes over."""

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from songnet.audio import SUFFIXES
from songnet.errors import AudioError
from songnet.names import printable, shown_name

# Endings of sound and of films that are not read.
_UNREAD = frozenset(
    f".{ending}"
    for ending in (
        *("aa", "aax", "ac4", "alac", "avi", "dff", "dts", "dtshd", "flv", "g722", "gsm", "m2ts"),
        *("m4p", "mid", "midi", "mlp", "mp+", "mp1", "mpeg", "mpg", "mts", "ofr", "oma", "qcp"),
        *("ra", "ram", "rm", "rmvb", "s3m", "shn", "tak", "thd", "ts", "vob", "voc", "vqf", "xm"),
    )
)
# What systems and programs keep beside the music: on a Mac, Windows, a NAS, in a file system.
_KEPT_BY_SYSTEMS = frozenset(
    (
        *("__macosx", "@eadir", "#recycle", "#snapshot", "$recycle.bin", "lost+found"),
        "system volume information",
    )
)
# A name that begins with a dot and goes on like a title: "...And Justice", ".38 Special".
_TITLE = re.compile(r"\.[.\s\d]")
# What a Mac writes beside each file on a foreign disk.
_MAC_BESIDE = "._"
_EXAMPLES = 3
_LONGEST = 100


@dataclass
class PassedOver:
    """What searches for songs have passed over.

    Attributes
    ----------
    endings : Counter of str
        Files with the endings of sound that is not read, by ending.
    hidden_songs, hidden_folders, linked_folders, unreadable_folders : list of str
        Their paths below the folder that was searched.
    """

    endings: Counter[str] = field(default_factory=Counter)
    hidden_songs: list[str] = field(default_factory=list)
    hidden_folders: list[str] = field(default_factory=list)
    linked_folders: list[str] = field(default_factory=list)
    unreadable_folders: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """One sentence with the counts and a few names; empty if nothing was passed over.

        Examples
        --------
        >>> PassedOver(Counter({".tak": 2}), hidden_folders=[".git"]).sentence()
        'passed over 2 files of a kind that is not read (2 .tak), 1 hidden folder (.git).'
        """
        endings = sorted(self.endings, key=lambda ending: (-self.endings[ending], ending))
        kinds = [f"{self.endings[ending]} {ending}" for ending in endings]
        linked = (
            "; a linked folder is searched if it is named itself" if self.linked_folders else ""
        )
        parts = (
            _counted(self.endings.total(), "file", " of a kind that is not read", kinds),
            _counted(len(self.hidden_songs), "hidden file", "", sorted(self.hidden_songs)),
            _counted(len(self.hidden_folders), "hidden folder", "", sorted(self.hidden_folders)),
            _counted(len(self.linked_folders), "linked folder", "", sorted(self.linked_folders)),
            _counted(
                len(self.unreadable_folders),
                "folder",
                " that cannot be read",
                sorted(self.unreadable_folders),
            ),
        )
        said = ", ".join(filter(None, parts))
        return f"passed over {said}{linked}." if said else ""


def find_songs(folder: Path, passed_over: PassedOver) -> list[Path]:
    """The songs in a folder and in the folders below it.

    They are known by the endings of `songnet.audio.SUFFIXES`. Left out are names that begin with a
    dot and do not go on like a title, what systems keep beside the music, and folders behind
    symbolic links, which might lead anywhere, or in a circle.

    Parameters
    ----------
    folder : path of a folder
    passed_over : PassedOver
        To which is added what is left out.

    Returns
    -------
    list of Path
        Sorted.

    Raises
    ------
    AudioError
        If the folder itself cannot be read.
    """
    songs: list[Path] = []
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            with os.scandir(current) as entries:
                found = list(entries)
        except OSError as error:
            if current == folder:
                raise AudioError(
                    f"{shown_name(folder)} cannot be read ({error.strerror}): change its "
                    "permissions, or name another folder."
                ) from error
            passed_over.unreadable_folders.append(_below(folder, current))
            continue
        for entry in found:
            path = current / entry.name
            if _is_folder(entry):
                if _is_searched(entry, folder, passed_over):
                    folders.append(path)
            elif _is_song(path, folder, passed_over):
                songs.append(path)
    return sorted(songs)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_searched(entry: os.DirEntry[str], folder: Path, passed_over: PassedOver) -> bool:
    if _is_hidden(entry.name) or entry.name.lower() in _KEPT_BY_SYSTEMS:
        passed_over.hidden_folders.append(_below(folder, Path(entry.path)))
    elif entry.is_symlink():
        passed_over.linked_folders.append(_below(folder, Path(entry.path)))
    else:
        return True
    return False


def _is_song(path: Path, folder: Path, passed_over: PassedOver) -> bool:
    ending = path.suffix.lower()
    if path.name.startswith(_MAC_BESIDE):
        return False
    if ending not in SUFFIXES:
        if ending in _UNREAD:
            passed_over.endings[ending] += 1
        return False
    if _is_hidden(path.name):
        passed_over.hidden_songs.append(_below(folder, path))
        return False
    return True


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and not _TITLE.match(name)


def _below(folder: Path, path: Path) -> str:
    text = printable(path.relative_to(folder).as_posix())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


def _counted(count: int, what: str, more: str, examples: list[str]) -> str:
    """Such as ``"2 hidden folders (.git, a/.git)"``; empty for none."""
    if not count:
        return ""
    named = ", ".join(examples[:_EXAMPLES])
    rest = ", …" if len(examples) > _EXAMPLES else ""
    return f"{count} {what}{'s' if count > 1 else ''}{more} ({named}{rest})"
