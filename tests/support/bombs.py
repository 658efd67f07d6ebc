"""Files that are made to do harm: small outside, large inside, or lies in their headers."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import mutagen
import numpy as np
from mutagen import id3

from tests.support import songs
from tests.support.handmade import write_silent_ape


def wav_header(rate: int, channels: int, bits: int, size: int, magic: bytes = b"RIFF") -> bytes:
    """The 44 bytes that a WAV begins with, whatever they claim."""
    frame = channels * bits // 8
    fmt = struct.pack("<HHIIHH", 1, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits)
    return (
        magic
        + struct.pack("<I", min(36 + size, 0xFFFFFFFF))
        + b"WAVEfmt \x10\0\0\0"
        + fmt
        + b"data"
        + struct.pack("<I", size)
    )


def _wav(rate=44_100, channels=2, bits=16, size=0xFFFFFFFF, body=b""):
    return lambda path: path.write_bytes(wav_header(rate, channels, bits, size) + body)


def _rf64(path: Path) -> None:
    """44 bytes of WAV and a chunk that says how many terabytes follow."""
    sizes = struct.pack("<QQQI", 2**62, 2**62, 2**60, 0)
    header = wav_header(44_100, 2, 16, 0xFFFFFFFF, b"RF64")
    path.write_bytes(header[:12] + b"ds64" + struct.pack("<I", 28) + sizes + header[12:])


def _flac(place: int, value: int, width: int) -> Callable[[Path], None]:
    """A FLAC whose stream information is forged: `width` bits from bit `place` on."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        content = bytearray(path.read_bytes())
        information = int.from_bytes(content[8:42], "big")
        shift = 34 * 8 - place - width
        information &= ~((2**width - 1) << shift)
        content[8:42] = (information | value << shift).to_bytes(34, "big")
        path.write_bytes(content)

    return make


def _three_hours_of_mp3(path: Path) -> None:
    """10 MB at 8 kbit/s: three hours that no header tells of."""
    av = songs.av
    with av.open(str(path), "w", format="mp3", options={"write_xing": "0"}) as output:
        stream = output.add_stream("libmp3lame", rate=8_000, layout="mono")
        stream.bit_rate = 8_000
        frame = av.AudioFrame.from_ndarray(
            songs.synthesise(10, 8_000).T.copy(), format="flt", layout="mono"
        )
        frame.sample_rate = 8_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    sound = path.read_bytes()
    sound = sound[sound.index(b"\xff\xe3") :]
    path.write_bytes(sound * (10 * 2**20 // len(sound)))


def _silence(path: Path) -> None:
    """Ten minutes of silence in 8 channels, which FLAC packs to almost nothing."""
    import soundfile

    with soundfile.SoundFile(path, "w", 48_000, 8, format="FLAC", subtype="PCM_24") as file:
        block = np.zeros((48_000 * 10, 8), np.int32)
        for _ in range(60):
            file.write(block)


def synchsafe(size: int) -> bytes:
    """A number as ID3v2.4 writes it, seven bits a byte."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def packed_tag(size: int) -> bytes:
    """An ID3v2.4 tag whose title is compressed and unpacks to `size` zeros."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(2**20)) for _ in range(size // 2**20)]
    content = size.to_bytes(4, "big") + b"".join(parts) + packer.flush()
    frame = b"TIT2" + synchsafe(len(content)) + b"\x00\x09" + content
    return b"ID3\x04\x00\x00" + synchsafe(len(frame)) + frame


def _packed_title(path: Path) -> None:
    songs.write(path, songs.synthesise(2))
    path.write_bytes(packed_tag(2**28) + path.read_bytes())


def _hostile_texts(path: Path) -> None:
    songs.write(path, songs.synthesise(2))
    file = mutagen.File(path)
    file["title"] = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e{{7*7}}${7*7}"
    file["artist"] = ["'; DROP TABLE songs; --", "a" * 3_000_000, "\x00" * 1_000]
    file["album"] = ["../../../../etc/passwd"] * 20_000
    file["date"] = "9" * 1_000_000
    file.save()


def _mixed_encodings(path: Path) -> None:
    songs.write(path, songs.synthesise(2))
    frames = (
        (b"TIT2", b"\x01\xff\xfeA\x00\x00\xd8B"),
        (b"TPE1", b"\x03\xff\xfe\xfd"),
        (b"TALB", b"\x02\xd8\x00"),
        (b"TYER", b"\x07" + bytes(500)),
        (b"APIC", b"\x00image/png\x00\x03\x00" + b"\x89PNG\r\n\x1a\n" + b"\xff" * 100_000),
        (b"\xff\xff\xff\xff", b"frame without a name"),
    )
    body = b"".join(n + struct.pack(">IH", len(c), 0) + c for n, c in frames)
    path.write_bytes(b"ID3\x03\x00\x00" + synchsafe(len(body)) + body + path.read_bytes())


def _many_covers(path: Path) -> None:
    songs.write(path, songs.synthesise(2))
    tags = id3.ID3()
    for n in range(200):
        tags.add(id3.APIC(mime="image/jpeg", type=3, desc=str(n), data=b"\xff\xd8" * 10_000))
    tags.save(path)


def png(width: int, height: int, claims: tuple[int, int] | None = None, text: int = 0) -> bytes:
    """A black picture, which packs to almost nothing.

    Parameters
    ----------
    width, height : int
        Of the picture.
    claims : (int, int) or None
        What its header says instead.
    text : int [bytes]
        Length of a packed text in it.
    """
    header = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + 3 * width)) for _ in range(height)) + packer.flush()
    texts = _chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(text), 9)) if text else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + texts
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def with_cover(cover: bytes, mime: str = "image/png") -> Callable[[Path], None]:
    """A song whose cover is this."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        tags = id3.ID3()
        tags.add(id3.APIC(encoding=3, mime=mime, type=3, desc="", data=cover))
        tags.save(path)

    return make


def _many_streams(path: Path) -> None:
    """A hundred songs in one file."""
    av = songs.av
    pcm = (songs.synthesise(2, 8_000) * 2**15).astype(np.int16).T.copy()
    with av.open(str(path), "w", format="matroska") as output:
        for stream in [
            output.add_stream("pcm_s16le", rate=8_000, layout="mono") for _ in range(100)
        ]:
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate = 8_000
            output.mux(stream.encode(frame))


def chained(*kinds: tuple[int, int]) -> Callable[[Path], None]:
    """An Ogg of several songs, each of a rate and a number of channels."""

    def make(path: Path) -> None:
        parts = []
        for rate, channels in kinds:
            songs.write(path, songs.synthesise(2, rate, channels), rate)
            parts.append(path.read_bytes())
        path.write_bytes(b"".join(parts))

    return make


def refers_to(address: bytes, kind: bytes = b"url ") -> Callable[[Path], None]:
    """An MP4 that says that its sound lies in another file."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2))
        content = path.read_bytes()
        place = content.index(b"dref") + 16
        name = address
        if kind == b"alis":
            # The folder and the name, as QuickTime keeps them, and the whole path.
            record = bytearray(150)
            record[6:8], record[50] = b"\0\2", len(address)
            record[51 : 51 + len(address)] = address
            name = bytes(record) + struct.pack(">HH", 2, len(address)) + address
            name += bytes(len(address) % 2) + b"\xff\xff\0\0"
        content = content[:place] + kind + bytes(4) + name + content[place + 8 :]
        for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
            at = content.index(box) - 4
            size = int.from_bytes(content[at : at + 4], "big") + len(name)
            content = content[:at] + size.to_bytes(4, "big") + content[at + 4 :]
        at = place - 4
        size = int.from_bytes(content[at : at + 4], "big") + len(name)
        path.write_bytes(content[:at] + size.to_bytes(4, "big") + content[at + 4 :])

    return make


def _nested(opening: bytes, depth: int) -> Callable[[Path], None]:
    """Boxes within boxes, as MP4 and Matroska have them."""

    def make(path: Path) -> None:
        songs.write(path, songs.synthesise(2, 48_000), 48_000)
        content = path.read_bytes()
        nest = b""
        for _ in range(depth):
            nest = struct.pack(">I", 8 + len(nest)) + opening + nest
        path.write_bytes(content + nest)

    return make


def _sparse(beginning: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(beginning)
            file.truncate(199 * 2**20)

    return make


# FLAC's stream information: 32 bits of block sizes, 48 of frame sizes, 20 of sample rate, 3 of
# channels, 5 of bits a sample, 36 of samples.
BOMBS: dict[str, Callable[[Path], object]] = {
    "terabytes.wav": _rf64,
    "claims 4 GB.wav": _wav(),
    "claims 2 GB.wav": _wav(size=0x7FFFFFFF),
    "4 GHz.wav": _wav(rate=0xFFFFFFFF, body=bytes(100_000)),
    "1 Hz.wav": _wav(rate=1, body=bytes(100_000)),
    "0 Hz.wav": _wav(rate=0, body=bytes(100_000)),
    "65535 channels.wav": _wav(channels=0xFFFF, body=bytes(1_000_000)),
    "0 channels.wav": _wav(channels=0, body=bytes(100_000)),
    "64 channels.wav": _wav(channels=64, body=bytes(20_000_000)),
    "0 bits.wav": _wav(bits=0, body=bytes(100_000)),
    "forged length.flac": _flac(108, 2**36 - 1, 36),
    "forged rate.flac": _flac(80, 2**20 - 1, 20),
    "1 Hz.flac": _flac(80, 1, 20),
    "forged channels.flac": _flac(100, 7, 3),
    "forged block sizes.flac": _flac(0, 2**32 - 1, 32),
    "three hours.mp3": _three_hours_of_mp3,
    "silence.flac": _silence,
    "packed title.mp3": _packed_title,
    "hostile texts.flac": _hostile_texts,
    "mixed encodings.mp3": _mixed_encodings,
    "many covers.mp3": _many_covers,
    "large cover.mp3": with_cover(png(4_999, 4_999)),
    "cover claims 400 megapixels.mp3": with_cover(png(10, 10, claims=(20_000, 20_000))),
    "cover claims little.mp3": with_cover(png(3_000, 3_000, claims=(10, 10))),
    "cover with a packed text.mp3": with_cover(png(10, 10, text=2**28)),
    "cover elsewhere.mp3": with_cover(b"http://127.0.0.1:9/cover.png", "-->"),
    "script for a cover.mp3": with_cover(b"<svg><script>alert(1)</script></svg>", "image/svg+xml"),
    "a hundred streams.mka": _many_streams,
    "claims 2 GB a frame.ape": lambda path: write_silent_ape(path, 3, blocks=2**28),
    "rates that change.ogg": chained((44_100, 1), (48_000, 2), (22_050, 1)),
    "thirty songs.ogg": chained(*[(22_050, 1)] * 30),
    "sound elsewhere.m4a": refers_to(b"file:///etc/passwd"),
    "sound elsewhere, alias.m4a": refers_to(b"/etc/passwd", b"alis"),
    "nested.m4a": _nested(b"moov", 3_000),
    "nested tags.m4a": _nested(b"ilst", 20_000),
    "zeros.mp3": _sparse(b""),
    "zeros after ogg.ogg": _sparse(b"OggS"),
    "zeros after flac.flac": _sparse(b"fLaC"),
    "zeros after id3.mp3": _sparse(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f"),
    "zeros after frame.mp3": _sparse(b"\xff\xfb\x90\x64"),
    "zeros after webm.webm": _sparse(b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff"),
    "zeros after mp4.m4a": _sparse(b"\x00\x00\x00\x20ftypM4A "),
    "zeros after wma.wma": _sparse(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")),
}
