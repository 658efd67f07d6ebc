"""Songs in formats for which FFmpeg has no encoder, written byte by byte.

A DSF holds any sound. An APE and a Musepack hold silence alone: what their encoders do to sound is
more than a test should do anew.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
import soxr

_DSD_RATE = 64 * 44_100
_DSF_BLOCK = 4_096


def write_dsf(path: Path, waveform: np.ndarray, rate: int = 44_100) -> Path:
    """Writes a DSF, whose samples are single bits at 64 times the rate of a CD.

    Parameters
    ----------
    path : where to
    waveform : np.ndarray [shape=(n, channels), float32, within -1..1]
    rate : int [Hz]

    Returns
    -------
    Path
        The same path.
    """
    # Half as loud: at full scale, one-bit samples of the first order are noise.
    channels = soxr.resample(0.5 * waveform, rate, _DSD_RATE, quality="HQ").T
    packed = [np.packbits(_one_bit(samples), bitorder="little") for samples in channels]
    blocks = -(-packed[0].size // _DSF_BLOCK)
    padded = np.full((len(packed), blocks, _DSF_BLOCK), 0x69, np.uint8)
    for channel, content in zip(padded, packed, strict=True):
        channel.reshape(-1)[: content.size] = content
    sound = padded.transpose(1, 0, 2).tobytes()
    samples = channels.shape[1]
    shape = (1, 0, len(packed), len(packed), _DSD_RATE, 1, samples, _DSF_BLOCK, 0)
    chunks = b"fmt " + struct.pack("<QIIIIIIQII", 52, *shape)
    chunks += b"data" + struct.pack("<Q", 12 + len(sound)) + sound
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, 28 + len(chunks), 0) + chunks)
    return path


def _one_bit(samples: np.ndarray) -> np.ndarray:
    """Sigma-delta modulation of the first order: the mean of the bits follows the samples."""
    total = np.floor(np.cumsum((samples.astype(np.float64) + 1) / 2))
    return np.diff(total, prepend=0).astype(np.uint8)


def write_silent_ape(
    path: Path, seconds: int, rate: int = 44_100, *, blocks: int | None = None
) -> Path:
    """Writes a Monkey's Audio of silent stereo; returns the path.

    A frame is a second, or claims another number of `blocks`.
    """
    # Words of four bytes, turned around: a checksum with the bit for flags, and the flag "silent".
    checksum = zlib.crc32(bytes(4 * rate)) >> 1
    frame = struct.pack("<II", 0x80000000 | checksum, 3) + bytes(8)
    table = 4 * seconds
    sound_at = 52 + 24 + table
    lengths = (52, 24, table, 0, len(frame) * seconds, 0, 0)
    content = b"MAC " + struct.pack("<HHIIIIIII", 3990, 0, *lengths) + bytes(16)
    content += struct.pack("<HHIIIHHI", 2_000, 32, *2 * (blocks or rate,), seconds, 16, 2, rate)
    content += b"".join(struct.pack("<I", sound_at + 16 * n) for n in range(seconds))
    path.write_bytes(content + frame * seconds)
    return path


def write_silent_musepack(path: Path, seconds: int) -> Path:
    """Writes a Musepack SV8 of silent stereo at 44.1 kHz; returns the path."""
    frames = -(-seconds * 44_100 // 1_152)
    header = b"\x08" + _number(seconds * 44_100) + b"\x00\x1b\x10"
    packets = (
        _packet(b"SH", struct.pack(">I", zlib.crc32(header)) + header)
        + frames * _packet(b"AP", bytes(4))
        + _packet(b"SE", b"")
    )
    path.write_bytes(b"MPCK" + packets)
    return path


def _packet(key: bytes, content: bytes) -> bytes:
    return key + _number(len(content) + 3) + content


def _number(value: int) -> bytes:
    """A number in groups of seven bits, of which all but the last have the eighth set."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.insert(0, 0x80 | value & 0x7F)
    return bytes(groups)
