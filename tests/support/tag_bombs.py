"""Songs whose tags are so many that parsers need minutes or hours for them, in a few megabytes."""

import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.support import songs
from tests.support.bombs import synchsafe


def frame(name: bytes, content: bytes, flags: bytes = b"\0\0") -> bytes:
    """A frame of ID3v2.4."""
    return name + synchsafe(len(content)) + flags + content


def id3(frames: Iterable[bytes]) -> Callable[[Path], None]:
    """An MP3 with these frames."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        tag = b"".join(frames)
        path.write_bytes(b"ID3\x04\0\0" + synchsafe(len(tag)) + tag + path.read_bytes())

    return make


def _values(name: bytes, value: Callable[[int], bytes], count: int) -> Callable[[Path], None]:
    """An MP3 with one frame of many values."""
    return lambda path: id3([frame(name, b"\3" + b"\0".join(map(value, range(count))))])(path)


def _packed_titles(path: Path) -> None:
    content = (2**23).to_bytes(4, "big") + zlib.compress(bytes(2**23), 9)
    id3([frame(b"TIT2", content, b"\x00\x09")] * 1_000)(path)


def _vorbis(comment: Callable[[int], bytes], count: int) -> Callable[[Path], None]:
    """A FLAC with many comments."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        content = path.read_bytes()
        comments = b"".join(struct.pack("<I", len(c)) + c for c in map(comment, range(count)))
        block = struct.pack("<II", 0, count) + comments
        header = b"\x04" + len(block).to_bytes(3, "big")
        # Behind the stream information, which is never the last block here.
        path.write_bytes(content[:42] + header + block + content[42:])

    return make


def _atoms(atom: Callable[[int], bytes], count: int) -> Callable[[Path], None]:
    """An M4A with many tags."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        content = path.read_bytes()
        handler = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
        items = box(b"ilst", b"".join(map(atom, range(count))))
        tags = box(b"udta", box(b"meta", bytes(4) + handler + items))
        start = content.index(b"moov") - 4
        end = start + int.from_bytes(content[start : start + 4], "big")
        movie = box(b"moov", content[start + 8 : end] + tags)
        path.write_bytes(content[:start] + movie + content[end:])

    return make


def box(name: bytes, content: bytes) -> bytes:
    """A box of MP4."""
    return struct.pack(">I", 8 + len(content)) + name + content


def _free_form(n: int) -> bytes:
    parts = box(b"mean", bytes(4) + b"com") + box(b"name", bytes(4) + b"n%d" % n)
    return box(b"----", parts + box(b"data", struct.pack(">II", 1, 0) + b"x"))


def _infos(path: Path) -> None:
    """A WAV with many texts, each of another name."""
    songs.write(path, songs.synthesise(2))
    content = path.read_bytes()
    texts = b"".join(struct.pack(">I", 0x41000000 + n) + b"\2\0\0\0x\0" for n in range(500_000))
    chunk = b"LIST" + struct.pack("<I", 4 + len(texts)) + b"INFO" + texts
    size = struct.pack("<I", len(content) - 8 + len(chunk))
    path.write_bytes(content[:4] + size + content[8:36] + chunk + content[36:])


# Those that FFmpeg opens at once, and mutagen reads for minutes.
SLOW_TAGS: dict[str, Callable[[Path], None]] = {
    "million artists.mp3": _values(b"TPE1", lambda n: b"a%d" % n, 1_000_000),
    "million genres.mp3": _values(b"TCON", lambda n: b"%d" % n, 1_000_000),
    "million dates.mp3": _values(b"TDRC", lambda n: b"%d" % (1900 + n % 100), 1_000_000),
    "tiny frames.mp3": id3([frame(b"TIT2", b"\3")] * 900_000),
}
# Those that FFmpeg needs minutes to open.
SLOW_TO_OPEN: dict[str, Callable[[Path], None]] = {
    "packed titles.mp3": _packed_titles,
    "comments.mp3": lambda path: id3(frame(b"COMM", b"\3eng%d\0x" % n) for n in range(300_000))(
        path
    ),
    "comments.flac": _vorbis(lambda n: b"K%d=x" % n, 500_000),
    "artists.flac": _vorbis(lambda n: b"artist=a%d" % n, 700_000),
    "free form.m4a": _atoms(_free_form, 300_000),
    "texts.wav": _infos,
}
TAG_BOMBS = SLOW_TAGS | SLOW_TO_OPEN
