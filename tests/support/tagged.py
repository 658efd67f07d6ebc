"""Songs with tags of all sorts, and writing them without child processes, for tests."""

import hashlib
import io
import sys
from base64 import b64encode
from pathlib import Path

import av
import mutagen
from mutagen import apev2, asf, flac, id3, mp4, ogg
from mutagen.dsf import DSF
from PIL import Image

from songnet.audio.sound import sound_digest
from songnet.tagging import GENRE, Journal, PastJournal, undo_entry, write_genre
from tests.support import handmade, songs

# A kind of each tag, by the ending that `tagged_song` takes.
ENDINGS = (
    *(".mp3", ".mp2", ".tta", ".dsf", ".wav", ".aiff", ".flac", ".ogg", ".opus", ".m4a", ".3gp"),
    *(".wma", ".wv", ".ape", ".mpc"),
)
RATES = {".opus": 48_000, ".webm": 48_000, ".3gp": 8_000, ".amr": 8_000}


def plain_song(path: Path) -> Path:
    """A song of a second or two without tags but what its encoder writes."""
    ending = path.suffix
    rate = RATES.get(ending, 44_100)
    if ending == ".dsf":
        return handmade.write_dsf(path, songs.synthesise(1.0, rate))
    if ending == ".ape":
        return handmade.write_silent_ape(path, 2)
    if ending == ".mpc":
        return handmade.write_silent_musepack(path, 2)
    if ending == ".oga":
        return _write_ogg_flac(path, songs.write(path.with_suffix(".flac"), songs.synthesise(1.0)))
    return songs.write(path, songs.synthesise(1.0, rate), rate)


def _write_ogg_flac(path: Path, source: Path) -> Path:
    """Puts a FLAC into an Ogg, a page a packet; what it is made of is removed."""
    with av.open(str(source)) as opened:
        sound = [(p.pts + p.duration, bytes(p)) for p in opened.demux() if p.size]
    head = source.read_bytes()[:42]
    comments = b"\x84\x00\x00\x08" + bytes(8)
    first = b"\x7fFLAC\x01\x00\x00\x01" + head[:4] + b"\x00" + head[5:]
    written = b""
    for sequence, (position, packet) in enumerate([(0, first), (0, comments), *sound]):
        page = ogg.OggPage()
        page.serial, page.sequence, page.position = 7, sequence, position
        page.packets = [packet]
        page.first, page.last = sequence == 0, sequence == len(sound) + 1
        written += page.write()
    path.write_bytes(written)
    source.unlink()
    return path


def tagged_song(path: Path, genre: tuple[str, ...] = (), cover_side: int = 40) -> Path:
    """A song with a title, an artist, a MusicBrainz id, ReplayGain and a cover."""
    plain_song(path)
    cover = picture(cover_side)
    if path.suffix in (".mp3", ".mp2", ".tta"):
        tags = id3.ID3()
        _fill_id3(tags, genre, cover)
        tags.save(path)
    elif path.suffix == ".dsf":
        # mutagen wants a tag to be there, which it then writes.
        opened = DSF(path)
        opened.add_tags()
        _fill_id3(opened.tags, genre, cover)
        opened.save()
    else:
        opened = opened_song(path)
        if opened.tags is None:
            opened.add_tags()
        _fill(opened, genre, cover)
        opened.save()
    return path


def opened_song(path: Path):
    """A song as mutagen opens it, which wants more of a Musepack than its tags need."""
    return apev2.APEv2File(path) if path.suffix == ".mpc" else mutagen.File(path)


def _fill_id3(tags, genre, cover):
    tags.add(id3.TIT2(encoding=3, text=["Ténor ♫"]))
    tags.add(id3.TPE1(encoding=1, text=["Björk", "Antony"]))
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=b"e7b2d4a0"))
    tags.add(id3.TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text=["-7.1 dB"]))
    tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=cover))
    tags.add(id3.CHAP(element_id="one", start_time=0, end_time=500, sub_frames=[]))
    tags.add(id3.PRIV(owner="own", data=b"\xff\xe0\xff\x00\xff"))
    if genre:
        tags.add(id3.TCON(encoding=3, text=list(genre)))


def _fill(opened, genre, cover):
    tags = opened.tags
    if isinstance(tags, id3.ID3):
        _fill_id3(tags, genre, cover)
    elif isinstance(tags, mp4.MP4Tags):
        tags["\xa9nam"], tags["\xa9ART"] = ["Ténor ♫"], ["Björk"]
        tags["trkn"], tags["cpil"] = [(3, 12)], True
        tags["covr"] = [mp4.MP4Cover(cover, mp4.MP4Cover.FORMAT_PNG)]
        tags["----:com.apple.iTunes:MusicBrainz Track Id"] = [b"e7b2d4a0"]
        if genre:
            tags["\xa9gen"] = list(genre)
    elif isinstance(tags, asf.ASFTags):
        tags["Title"], tags["Author"] = ["Ténor ♫"], ["Björk"]
        tags["WM/TrackNumber"] = [asf.ASFDWordAttribute(3)]
        tags["WM/Picture"] = [asf.ASFByteArrayAttribute(cover)]
        if genre:
            tags["WM/Genre"] = list(genre)
    elif isinstance(tags, apev2.APEv2):
        tags["Title"], tags["Artist"] = "Ténor ♫", ["Björk", "Antony"]
        tags["Cover Art (Front)"] = apev2.APEValue(b"cover.png\0" + cover, apev2.BINARY)
        if genre:
            tags["Genre"] = list(genre)
    else:
        tags["title"], tags["artist"] = ["Ténor ♫"], ["Björk", "Antony"]
        tags["replaygain_track_gain"], tags["musicbrainz_trackid"] = ["-7.1 dB"], ["e7b2d4a0"]
        if genre:
            tags["genre"] = list(genre)
        block = flac.Picture()
        block.data, block.type, block.mime = cover, 3, "image/png"
        if isinstance(opened, flac.FLAC):
            opened.add_picture(block)
        else:
            tags["metadata_block_picture"] = [b64encode(block.write()).decode()]


def picture(side: int) -> bytes:
    """A PNG of a square that hardly shrinks."""
    written = io.BytesIO()
    Image.effect_noise((side, side), 90).save(written, "PNG")
    return written.getvalue()


def sound_of(path: Path) -> bytes | None:
    """What the sound of a file is known by."""
    return sound_digest(path, sys.maxsize)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(path: Path, *values: str, journals: Path, field=GENRE, **choices) -> Path:
    """Writes a field into a file, and gives the journal's path."""
    with Journal(journals, field.name) as journal:
        write_genre(path, 1, values, field, journal, sound_of, **choices)
    return journal.path


def undo(journal: Path, field=GENRE, **choices) -> list[bool]:
    """Undoes a journal, and gives what `undo_entry` does of each file."""
    with PastJournal(journal) as past:
        return [undo_entry(e, past.run, field, sound_of, **choices) for e in past.entries()]
