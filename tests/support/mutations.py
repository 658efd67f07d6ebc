"""Songs in every format for the fuzzer, and the ways in which it damages them."""

from pathlib import Path

import mutagen
import numpy as np

from tests.support import handmade, songs

FORMATS = (
    *("wav", "flac", "ogg", "opus", "mp3", "m4a", "webm", "aiff", "aac", "wma", "mp2", "loas"),
    *("wv", "tta", "ape", "mpc", "dsf", "amr", "3gp", "ac3", "eac3", "caf", "au", "mka"),
)
# What their encoders, or the sizes of their files, need.
_SHAPES = {
    **dict.fromkeys(("opus", "webm", "wma"), (48_000, 2)),
    **dict.fromkeys(("amr", "3gp"), (8_000, 1)),
    **dict.fromkeys(("ac3", "eac3"), (44_100, 2)),
}
_HANDMADE = {
    "dsf": lambda path: handmade.write_dsf(path, songs.synthesise(1.1)),
    "ape": lambda path: handmade.write_silent_ape(path, 2),
    "mpc": lambda path: handmade.write_silent_musepack(path, 2),
}
_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def whole_songs(folder: Path) -> dict[str, bytes]:
    """A short song with tags in each format, by the format's ending."""
    contents = {}
    for ending in FORMATS:
        path = folder / f"seed.{ending}"
        if ending in _HANDMADE:
            contents[ending] = _HANDMADE[ending](path).read_bytes()
            continue
        rate, channels = _SHAPES.get(ending, (22_050, 1))
        songs.write(path, songs.synthesise(2, rate, channels), rate)
        file = mutagen.File(path)
        if file is not None and ending in ("flac", "ogg", "opus"):
            file["title"], file["artist"], file["date"] = "This World", ["A", "B"], "2008-05-01"
            file.save()
        elif ending == "m4a":
            file["\xa9nam"], file["\xa9ART"] = "This World", ["A", "B"]
            file.save()
        elif ending in ("mp3", "wav", "aiff"):
            if file.tags is None:
                file.add_tags()
            file.tags.add(mutagen.id3.TIT2(encoding=1, text="This World"))
            file.tags.add(mutagen.id3.APIC(mime="image/png", data=b"\x89PNG" * 50))
            file.save()
        contents[ending] = path.read_bytes()
    return contents


def mutate(content: bytes, other: bytes, random: np.random.Generator) -> tuple[str, bytes]:
    """Damages a file in one to three ways, and says how."""
    kinds, data = [], bytearray(content)
    for _ in range(random.integers(1, 4)):
        kind = random.choice(list(_MUTATIONS))
        data = _MUTATIONS[kind](data, other, random)
        kinds.append(str(kind))
    return "+".join(kinds), bytes(data)


def _places(data, random, most=40, within=None):
    end = max(1, min(len(data), within or len(data)))
    return random.integers(0, end, random.integers(1, most)) if data else []


def _flip_bits(data, _other, random, within=None):
    for place in _places(data, random, within=within):
        data[place] ^= 1 << random.integers(8)
    return data


def _flip_header(data, other, random):
    return _flip_bits(data, other, random, within=400)


def _numbers(data, _other, random):
    """Puts a number that is likely to overflow something where a header keeps its numbers."""
    for place in _places(data, random, most=6, within=600):
        width = int(random.choice([1, 2, 4, 8]))
        number = int(random.choice(_INTERESTING)) & (256**width - 1)
        order = "little" if random.integers(2) else "big"
        data[place : place + width] = number.to_bytes(width, order)
    return data


def _cut(data, _other, random):
    return data[: random.integers(0, len(data) + 1)]


def _cut_out(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + data[end:]


def _repeat(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return (data[:end] + data[start:end] * int(random.integers(1, 4)) + data[end:])[: 4 * 2**20]


def _insert(data, _other, random):
    place = random.integers(0, len(data) + 1)
    return data[:place] + random.bytes(int(random.integers(1, 3_000))) + data[place:]


def _blank(data, _other, random):
    start, end = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + bytes([random.choice([0, 255])]) * (end - start) + data[end:]


def _splice(data, other, random):
    """Begins as one format and goes on as another."""
    return data[: random.integers(0, len(data) + 1)] + other[random.integers(0, len(other)) :]


_MUTATIONS = {
    "bits": _flip_bits,
    "header": _flip_header,
    "numbers": _numbers,
    "cut": _cut,
    "cut out": _cut_out,
    "repeat": _repeat,
    "insert": _insert,
    "blank": _blank,
    "splice": _splice,
}
