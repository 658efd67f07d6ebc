"""What of a file is sound, as a digest that does not change with the file's tags."""

import hashlib
from pathlib import Path

from av.error import FFmpegError

from songnet.audio.files import open_file
from songnet.audio.tag_sources import container

DIGEST_BYTES = 16


def sound_digest(path: str | Path, max_bytes: int) -> bytes | None:
    """A digest of a file's packets of audio, all of them, as they are stored: nothing is decoded.

    Two files with the same digest sound alike, whatever their tags, pictures and padding are.

    Parameters
    ----------
    path : path of an audio file
    max_bytes : int
        Size of the largest file that is read.

    Returns
    -------
    bytes [shape=(DIGEST_BYTES,)] or None
        None where the file cannot be read to its end, or holds no packet.

    Raises
    ------
    AudioError
        If the file cannot be opened, or is larger.
    """
    digest, count = hashlib.blake2b(digest_size=DIGEST_BYTES), 0
    with open_file(path, max_bytes) as file:
        try:
            with container(file) as opened:
                for stream in opened.streams.audio[:1]:
                    codec = stream.codec_context
                    digest.update(f"{codec.name} {codec.sample_rate}".encode())
                    for packet in opened.demux(stream):
                        digest.update(packet.size.to_bytes(8, "big"))
                        digest.update(packet)
                        count += bool(packet.size)
        # `ValueError`: a codec that this FFmpeg has no decoder of.
        except (FFmpegError, ValueError):
            return None
    return digest.digest() if count else None
