"""What cannot be classified gets one clear sentence that names the file and says what to do."""

import contextlib
import os
import re
from pathlib import Path

import av
import numpy as np
import pytest

from songnet import audio
from songnet.errors import AudioError
from songnet.names import shown_name
from tests.support import songs
from tests.support.bombs import refers_to


def refusal_of(path, **limits):
    """The sentence with which a file is refused."""
    with pytest.raises(AudioError) as caught:
        for _ in audio.read_blocks(path, limits=audio.Limits(**limits)):
            pass
    sentence = str(caught.value)
    assert sentence.startswith(f"{shown_name(path)} ")
    assert f"{Path(path).parent}/" not in sentence
    assert re.fullmatch(r"[^\n]{20,250}\.", sentence)
    assert ": " in sentence, "what to do is missing"
    return sentence


def cut(path, part):
    """Keeps the first part of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: round(part * len(content))])
    return path


def written(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["random.mp3", "random.wav", "random.flac", "random"])
def test_random_bytes(tmp_path, name):
    path = written(tmp_path / name, np.random.default_rng(1).bytes(50_000))
    assert re.search("is not audio|is damaged", refusal_of(path))


@pytest.mark.parametrize("ending", sorted(audio.SUFFIXES))
def test_a_text_file_by_any_name(tmp_path, ending):
    path = written(tmp_path / f"notes{ending}", b"La la la, said the cat to the mat.\n" * 300)
    assert "is not audio that can be read: use WAV" in refusal_of(path)


@pytest.mark.parametrize("content", [b"\x00", b"ID3", b"RIFF", b"\x00" * 300_000])
@pytest.mark.parametrize("name", ["stub.mp3", "stub.wav"])
def test_stubs(tmp_path, name, content):
    assert re.search("not audio|damaged", refusal_of(written(tmp_path / name, content)))


def test_empty(tmp_path):
    assert "is empty" in refusal_of(written(tmp_path / "empty.mp3", b""))


def test_missing(tmp_path):
    assert "does not exist" in refusal_of(tmp_path / "gone.mp3")
    file = written(tmp_path / "file.mp3", b"x")
    assert "does not exist" in refusal_of(file / "below.mp3")


def test_a_folder(tmp_path):
    assert "is a folder" in refusal_of(tmp_path)


def test_names_that_no_file_has():
    assert "cannot be opened" in refusal_of("a" * 5_000)
    assert "cannot be opened" in refusal_of("nul\0byte.mp3")


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe.mp3"
    os.mkfifo(path)
    assert "is not a file but a device or a pipe" in refusal_of(path)


def test_no_permission(song, monkeypatch):
    path = song("secret.mp3")
    path.chmod(0)
    if os.geteuid() == 0:

        def refuse(*_):
            raise PermissionError(13, "Permission denied", str(path))

        # The administrator may read everything.
        monkeypatch.setattr("builtins.open", refuse)
    assert "may not be read: change its permissions" in refusal_of(path)


def test_a_gigabyte(tmp_path):
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert "has 1024 MB and at most 200 MB are accepted" in refusal_of(path)
    assert "has 1024 MB and at most 0.1 MB are accepted" in refusal_of(path, max_bytes=100_000)


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_half_a_download_whose_index_is_at_its_end(song, part):
    assert "is damaged" in refusal_of(cut(song("tune.m4a", seconds=10), part))


def test_only_a_header_is_left(song):
    for ending in ("wav", "flac", "mp3", "m4a", "aiff", "ogg"):
        path = song(f"tune.{ending}")
        refusal_of(written(path, path.read_bytes()[:44]))


def test_no_audio_in_it(tmp_path):
    path = songs.write(tmp_path / "nothing.wav", np.zeros((0, 1), np.float32))
    assert "holds no audio, only a header" in refusal_of(path)


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
def test_under_a_second(song, ending):
    path = song(f"blip.{ending}", seconds=0.9)
    assert "holds less than 1 s of audio: choose a longer recording" in refusal_of(path)


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp3", "list.wav"])
def test_a_playlist_opens_no_other_file(tmp_path, song, name):
    tune = song("tune.wav")
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXTINF:3,", str(tune), "#EXT-X-ENDLIST"]
    assert "is not audio" in refusal_of(written(tmp_path / name, "\n".join(lines).encode()))


@pytest.mark.parametrize("name", ["list.ffconcat", "list.mp3", "list.mp4"])
def test_a_script_opens_no_other_file(tmp_path, song, name):
    script = f"ffconcat version 1.0\nfile {song('tune.wav').name}\n"
    assert "is not audio" in refusal_of(written(tmp_path / name, script.encode()))


@pytest.mark.parametrize("name", ["song.mp3", "song.wav"])
@pytest.mark.parametrize(
    "beginning",
    [
        *(bytes(1_080) + b"M.K.", b"IMPM", b"Extended Module: ", b"fLaK", b"QOA"),
        *(b"PK\3\4", b"\x1f\x8b\x08", b"\x7fELF", b"%PDF-1.7\n", b"RIFF\0\0\0\0CDXA", b"FWS\5"),
        *(
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<!doctype html><script>alert(1)</script>",
        ),
        *(b"[playlist]\nFile1=/etc/passwd\n", b'FILE "/etc/passwd" WAVE\n', b";FFMETADATA1\n"),
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
        b'<?xml version="1.0"?><MPD><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>',
        b"<asx><entry><ref href='file:///etc/passwd'/></entry></asx>",
    ],
    ids=lambda beginning: beginning.strip(b"\0")[:12],
)
def test_what_is_no_song_or_of_a_kind_that_is_not_opened(tmp_path, name, beginning):
    path = written(tmp_path / name, beginning + bytes(2_000))
    assert "is not audio that can be read: use WAV" in refusal_of(path)


def test_a_song_that_lies_in_another_file_is_not_fetched_from_there(tmp_path, song):
    secret = song("secret.wav", seconds=5)
    for kind, address in ((b"alis", secret), (b"alis", secret.name), (b"url ", secret)):
        path = tmp_path / "reference.m4a"
        refers_to(str(address).encode(), kind)(path)
        with contextlib.suppress(AudioError):
            # FFmpeg takes the file itself for the one that is meant, or finds nothing in it.
            assert len(audio.read(path)) == pytest.approx(2 * 44_100, abs=3 * 1_024)


@pytest.mark.parametrize("magic", [b"MAC \x96\x0f", b"wvpk", b"TTA1", b"MPCK", b"DSD "])
@pytest.mark.parametrize("name", ["song.mp3", "song.ape"])
def test_the_beginning_of_a_rarer_format_alone_is_damage(tmp_path, magic, name):
    path = written(tmp_path / name, magic + bytes(2_000))
    assert "is damaged and cannot be decoded" in refusal_of(path)


@pytest.mark.parametrize("ending", ["mp4", "webm", "mka"])
def test_a_film_without_sound(tmp_path, ending):
    path = tmp_path / f"film.{ending}"
    with av.open(str(path), "w", format="matroska" if ending == "mka" else ending) as output:
        stream = output.add_stream("libvpx" if ending == "webm" else "libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert "holds no sound: choose a file with an audio track" in refusal_of(path)


def test_a_picture(tmp_path):
    path = tmp_path / "cover.mp3"
    frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
    with av.open(str(path), "w", format="image2") as output:
        stream = output.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb24"
        output.mux([*stream.encode(frame), *stream.encode(None)])
    assert "is not audio" in refusal_of(path)


def test_limits_on_length(song):
    path = song("long.flac", seconds=4)
    assert "lasts longer than the 0.05 min that are accepted" in refusal_of(path, max_seconds=3)
    assert "holds" not in refusal_of(path, max_bytes=1_000)


def test_length_is_counted_where_the_header_is_silent(song):
    path = song("microphone.webm", seconds=4, rate=48_000)
    assert "lasts longer than" in refusal_of(path, max_seconds=3)


def test_what_unpacks_to_too_much(song):
    path = song("tune.flac", seconds=4, channels=2)
    assert len(audio.read(path, limits=audio.Limits(max_pcm_bytes=4 * 44_100 * 4))) == 4 * 44_100
    assert "unpacks to more than" in refusal_of(path, max_pcm_bytes=4 * 44_100 * 4 - 1)


def test_a_sentence_is_safe_to_print(tmp_path):
    hostile = tmp_path / "a\nb\x1b[31mc\u202ed.mp3"
    assert refusal_of(hostile) == "a�b�[31mc�d.mp3 does not exist: check the name."
    undecodable = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp3")
    assert refusal_of(undecodable).encode() == "caf�.mp3 does not exist: check the name.".encode()


def test_an_undecodable_name_is_no_hindrance(tmp_path, song):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.flac"))
    song("tune.flac").rename(path)
    assert len(audio.read(path)) == 3 * 44_100
