"""Opens untrusted files, and reads from their bytes what FFmpeg does not report."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from songnet.audio.formats import REFUSED
from songnet.audio.plain_tags import sound_end
from songnet.errors import AudioError, LimitError
from songnet.names import shown_name

_WAVE64 = b"riff\x2e\x91\xcf\x11"
# Offsets and bytes by which files of the accepted formats are known.
_SIGNATURES = (
    (0, b"RF64"),
    (0, b"fLaC"),
    (0, b"OggS"),
    (0, b"ID3"),
    (0, b"caff"),
    (0, b".snd"),
    (0, _WAVE64),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    (4, b"ftyp"),
    (8, b"WAVE"),
    (8, b"AIFF"),
    (8, b"AIFC"),
    (0, b"wvpk"),
    (0, b"MAC "),
    (0, b"TTA1"),
    (0, b"MPCK"),
    (0, b"DSD "),
    (0, b"#!AMR"),
)
# The share by which an MP3 may be larger than its header says: tags at its end.
_MORE = 0.1
# An Ogg page has at most 65,307 bytes.
_OGG_TAIL = 2**17
# The flag of the page with which a stream ends.
_OGG_LAST = 4
# The object of a WMA's header that has its length, near its beginning.
_ASF_PROPERTIES = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
_ASF_HEADER = 2**16
# A WAV has its samples after a few chunks of description.
_MOST_CHUNKS = 100


def open_file(path: str | Path, max_bytes: int) -> BinaryIO:
    """Opens a regular file that is neither empty nor too large.

    Parameters
    ----------
    path : path of a file
    max_bytes : int > 0

    Returns
    -------
    binary file, open for reading

    Raises
    ------
    AudioError
        If it is missing, a folder or a device, may not be read, is empty or too large.
    """
    name = shown_name(path)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise AudioError(f"{name} is a folder: name an audio file.")
        # Opening a pipe would wait for a program that writes to it.
        if not stat.S_ISREG(mode):
            raise AudioError(f"{name} is not a file but a device or a pipe: name an audio file.")
        size = os.stat(path).st_size
        if size == 0:
            raise AudioError(f"{name} is empty: choose another file.")
        if size > max_bytes:
            raise LimitError(
                f"{name} has {_megabytes(size)} MB and at most {_megabytes(max_bytes)} MB are "
                "accepted: convert it to MP3 or cut out a part.",
                "max_bytes",
            )
        return open(path, "rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.islink(path):
            raise AudioError(f"{name} is a link to a file that is missing: mend it.") from error
        raise AudioError(f"{name} does not exist: check the name.") from error
    except PermissionError as error:
        raise AudioError(f"{name} may not be read: change its permissions.") from error
    except (OSError, ValueError) as error:
        raise AudioError(f"{name} cannot be opened: check the name and the disk.") from error


def _megabytes(size: int) -> str:
    """A size in MiB for an error, such as ``"200"`` or ``"0.1"``."""
    return f"{size / 2**20:.0f}" if size >= 2**20 else f"{size / 2**20:.1g}"


class Reader:
    """A file for FFmpeg, which ends early while no audio has been found, and before an APEv2 tag.

    In a file of zeros FFmpeg would search for the start of an MP3 to the very end, and it takes the
    cover art behind an MP3 for damaged sound.

    Parameters
    ----------
    file : binary file

    Attributes
    ----------
    allowance : float [bytes]
        How much may still be read before the file seems to end. Its start, 64 MiB, is more than
        any cover art takes; set it to infinity once audio has been found.
    """

    def __init__(self, file: BinaryIO):
        self.allowance: float = 64 * 2**20
        self.name = file.name
        self.seek = file.seek
        self.tell = file.tell
        self._read = file.read
        self._end = sound_end(file)

    def read(self, size: int) -> bytes:
        """Reads up to `size` bytes; none once the allowance is used up."""
        size = max(0, min(size, self._end - self.tell()))
        self.allowance -= size
        return self._read(size) if self.allowance > 0 else b""


def size_of(file: BinaryIO) -> int:
    """Size of an open file [bytes]; its position stays."""
    place = file.tell()
    try:
        return file.seek(0, os.SEEK_END)
    finally:
        file.seek(place)


def ends_within_page(file: BinaryIO) -> bool:
    """Whether an Ogg file ends before its last page does, or where no page is, by their headers.

    Parameters
    ----------
    file : binary file
        An Ogg.

    Returns
    -------
    bool
        False where other bytes, a tag's, say, follow the page that calls itself the last.
    """
    size = size_of(file)
    start = max(0, size - _OGG_TAIL)
    tail = _at(file, start, _OGG_TAIL)
    page = tail.rfind(b"OggS\x00")
    if page < 0:
        return True
    flags, segments = tail[page + 5 : page + 6], tail[page + 26 : page + 27]
    if not segments:
        return True
    end = start + page + 27 + segments[0] + sum(tail[page + 27 :][: segments[0]])
    is_last = bool(flags[0] & _OGG_LAST)
    return size < end or (size > end and not is_last)


def wav_data(file: BinaryIO) -> tuple[int, int] | None:
    """Where a WAV's samples begin, and how large they are by its header.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    start, size : int [bytes], or None
        None for any other file, RF64 among them.
    """
    is_wave64 = _at(file, 0, len(_WAVE64)) == _WAVE64
    if not (is_wave64 or is_wav(file)):
        return None
    # A Wave64 has ids of 16 bytes, which begin with RIFF's in small letters, and sizes of 8, in
    # which they count. Its chunks begin at multiples of 8, RIFF's at even places.
    start, id_bytes, size_bytes, step = (40, 16, 8, 8) if is_wave64 else (12, 4, 4, 2)
    for _ in range(_MOST_CHUNKS):
        header = _at(file, start, id_bytes + size_bytes)
        start, size = start + len(header), int.from_bytes(header[id_bytes:], "little")
        size -= len(header) if is_wave64 else 0
        if header[:4] == b"data":
            return start, size
        if size < 0 or len(header) < id_bytes + size_bytes:
            return None
        start += size + -size % step
    return None


def wma_seconds(file: BinaryIO) -> float | None:
    """The length that a WMA's header states, which FFmpeg does not pass on of half a file.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    float or None [s]
        None without that part of the header, and for a broadcast.
    """
    start = _at(file, 0, _ASF_HEADER).find(_ASF_PROPERTIES)
    properties = _at(file, max(0, start), 92)
    if start < 0 or len(properties) < 92 or properties[88] & 1:
        return None
    # In units of 100 ns; before it, a player waits for so many milliseconds.
    duration, preroll = (int.from_bytes(properties[at : at + 8], "little") for at in (64, 80))
    return duration / 1e7 - preroll / 1e3


def is_wav(file: BinaryIO) -> bool:
    """Whether a file begins as a WAV does.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    bool
    """
    header = _at(file, 0, 12)
    return header[:4] == b"RIFF" and header[8:] == b"WAVE"


def looks_like_audio(file: BinaryIO) -> bool:
    """Whether a file begins as audio does, so that what cannot be read is damaged audio.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    bool
    """
    header = _at(file, 0, 16)
    return any(header[at:].startswith(magic) for at, magic in _SIGNATURES)


def kind_refused(file: BinaryIO) -> str | None:
    """Name of the kind of sound that a file begins as and that is not read; None for any other.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    str or None
    """
    header = _at(file, 0, 16)
    return next((kind for at, magic, kind in REFUSED if header[at:].startswith(magic)), None)


def mp3_states_length(file: BinaryIO) -> bool:
    """Whether an MP3 has a Xing header that states the length of the whole file.

    Without one, FFmpeg guesses from the bit rate of the first frames. MP3s that were joined begin
    with the header of the first of them, which states the length of that part alone.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    bool
    """
    promised = _mp3_end(file)
    return promised is not None and size_of(file) <= (1 + _MORE) * promised


def mp3_is_whole(file: BinaryIO) -> bool:
    """Whether an MP3 states its length, as in `mp3_states_length`, and has all of its bytes.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    bool
    """
    promised = _mp3_end(file)
    return promised is not None and promised <= size_of(file) <= (1 + _MORE) * promised


def _mp3_end(file: BinaryIO) -> int | None:
    """The end of an MP3 by its Xing header [bytes]; None without one.

    The header is ``Xing`` or ``Info`` and 4 bytes each of flags, number of frames and of bytes.
    """
    header = _at(file, 0, 10)
    start = 0
    if header.startswith(b"ID3"):
        # Four bytes of seven bits each: a tag never looks like the start of a frame.
        start = 10 + sum((byte & 0x7F) << 7 * place for place, byte in enumerate(header[:5:-1]))
    frame = _at(file, start, 256)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or len(frame) < at + 16 or frame[at + 7] & 3 != 3:
        return None
    return start + int.from_bytes(frame[at + 12 : at + 16], "big")


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    """Reads bytes at an offset, and restores the position from which FFmpeg reads on."""
    place = file.tell()
    try:
        file.seek(offset)
        return file.read(count)
    finally:
        file.seek(place)
