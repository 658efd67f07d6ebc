"""Opens a file with FFmpeg, which gets nothing but its bytes."""

from typing import BinaryIO

import av
from av.container import InputContainer
from av.error import FFmpegError

from songnet.audio import files
from songnet.audio.formats import ACCEPTED, DECODERS, FORMATS
from songnet.errors import AudioError

# In a WAV, FFmpeg searches megabytes for other formats' packets (a CD in DTS, say), which takes
# longer than a minute of music does. They begin at the file's start, where they are still found.
_WAV_PROBE_BYTES = 2**16
# What FFmpeg hands over of a WAV at once, rather than 16 kB, so that nothing needs joining.
_WAV_PACKET_BYTES = 2**17


def open_container(file: BinaryIO, name: str) -> InputContainer:
    """Opens a file with FFmpeg, from its start.

    Parameters
    ----------
    file : binary file
    name : str
        The file's name, for the error.

    Returns
    -------
    InputContainer

    Raises
    ------
    AudioError
        If it is damaged, or none of `songnet.audio.formats.FORMATS`.
    """
    # FFmpeg gets an open file and no protocol: it can open no other file that this one names.
    options = {
        "format_whitelist": ",".join(FORMATS),
        "protocol_whitelist": "",
        "codec_whitelist": ",".join(DECODERS),
    }
    if files.is_wav(file):
        options |= {"probesize": str(_WAV_PROBE_BYTES), "max_size": str(_WAV_PACKET_BYTES)}
    file.seek(0)
    reader = files.Reader(file)
    try:
        container = av.open(reader, "r", options=options, metadata_errors="replace")
    except (FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(file, name) from error
    reader.allowance = float("inf")
    return container


def _unreadable(file: BinaryIO, name: str) -> AudioError:
    if kind := files.kind_refused(file):
        return AudioError(f"{name} is {kind}, which is not read: convert it to FLAC or MP3.")
    if files.looks_like_audio(file):
        return damaged(name)
    return AudioError(f"{name} is not audio that can be read: use {ACCEPTED}.")


def damaged(name: str) -> AudioError:
    """The error for a file of this name that begins as sound does and cannot be decoded."""
    return AudioError(f"{name} is damaged and cannot be decoded: download or export it again.")
