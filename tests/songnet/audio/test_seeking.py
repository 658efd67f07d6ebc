"""A window that is reached by seeking is the sound of the whole song at its place, or none."""

import av
import numpy as np
import pytest
import soundfile

from songnet import audio
from songnet.errors import AudioError, LimitError, SeekError
from songnet.spec import SPEC
from tests.support import songs

RATE = SPEC.sample_rate
SECONDS = 67.3
# What is neither sought, nor heard at a wrong place.
HEARD_WHOLE = ("t.aac", "t.webm", "t.wv", "t.wma", "t.amr", "t.mka")


@pytest.fixture(scope="module")
def changing():
    """A song of which no second sounds like another: the chord's gain and the noise change."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    steps = np.random.default_rng(1).uniform(0.05, 1, round(SECONDS) + 2)
    return (
        songs.synthesise(SECONDS, channels=2) * np.interp(t, np.arange(len(steps)), steps)[:, None]
    )


def written(path, waveform, rate=RATE, codec="", **options):
    """A song in the format that a name's ending says, or as one of FFmpeg's encoders writes it."""
    waveform = waveform.astype(np.float32)
    rate = 48_000 if path.suffix == ".opus" else rate
    if path.suffix == ".ogg":
        # libsndfile crashes when it is handed a minute of Vorbis at once.
        with soundfile.SoundFile(path, "w", rate, waveform.shape[1]) as output:
            for block in np.array_split(waveform, len(waveform) // rate):
                output.write(block)
        return path
    if not codec:
        return songs.write(path, waveform, rate)
    with av.open(str(path), "w", options=options) as output:
        stream = output.add_stream(codec, rate=rate, layout="stereo", options={"abr": "1"})
        stream.bit_rate = 96_000
        frame = av.AudioFrame.from_ndarray(waveform.reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate = rate
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def sought(path, count=2, **limits):
    """The length of a song and its windows, reached by seeking."""
    with audio.open_song(path, limits=audio.Limits(**limits)) as song, song.seeker() as seeker:
        windows = [(w.start_s, w.end_s, w.waveform.copy()) for w in seeker.windows(count)]
        return seeker.duration_s, windows


def assert_same_sound(path, tolerance):
    whole = audio.read(path)
    duration_s, windows = sought(path)
    assert duration_s == pytest.approx(len(whole) / RATE, abs=2 / RATE)
    middles = [(start + end) / 2 for start, end, _ in windows]
    assert middles == pytest.approx([duration_s / 4, duration_s * 3 / 4], abs=1e-3)
    for start_s, end_s, waveform in windows:
        there = whole[round(start_s * RATE) : round(end_s * RATE)]
        # The noise that AAC puts in place of noise is another each time.
        assert np.sqrt(np.mean((waveform - there) ** 2)) <= tolerance * np.sqrt(np.mean(there**2))


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        *(("t.wav", 0), ("t.aiff", 0), ("t.flac", 0), ("t.mp3", 1e-4), ("t.mov", 0)),
        *(("t.ogg", 1e-4), ("t.opus", 1e-3), ("t.m4a", 0.05)),
    ],
)
def test_every_format(changing, tmp_path, name, tolerance):
    assert_same_sound(written(tmp_path / name, changing), tolerance)


@pytest.mark.parametrize("rate", [22_050, 48_000])
@pytest.mark.parametrize("name", ["t.wav", "t.mp3"])
def test_other_rates(changing, tmp_path, name, rate):
    """The resampler interpolates between the same samples as in the whole song."""
    path = written(tmp_path / name, changing[: 62 * rate], rate)
    assert_same_sound(path, 1e-3)


@pytest.mark.parametrize("xing", ["0", "1"])
def test_an_mp3_of_variable_bit_rate(changing, tmp_path, xing):
    """Without a Xing header FFmpeg knows neither its length nor where a time lies."""
    # Silence takes no bits: the first half of the bytes is much more than half of the song.
    uneven = np.concatenate([changing[: 8 * RATE] * 1e-3, changing])
    path = written(tmp_path / "t.mp3", uneven, codec="libmp3lame", write_xing=xing)
    assert_same_sound(path, 1e-4)


def test_a_vorbis_with_beats(tmp_path):
    """Where its block size changes, a frame has a wrong time stamp."""
    beats = np.zeros((62 * RATE, 1), np.float32)
    beats[:: RATE // 5] = 0.9
    assert_same_sound(written(tmp_path / "t.ogg", beats + 0.01 * songs.synthesise(62)), 1e-4)


@pytest.mark.parametrize("name", HEARD_WHOLE)
def test_formats_whose_places_are_not_exact_are_heard_whole(tmp_path, name):
    rate = {"t.amr": 8_000, "t.webm": 48_000}.get(name, RATE)
    path = songs.write(tmp_path / name, songs.synthesise(62, rate), rate)
    with pytest.raises(SeekError):
        sought(path)


def half(content):
    return content[: len(content) // 2]


def with_hole(content):
    """The same bytes, with zeros in place of a second of the first window."""
    start = len(content) // 4
    return content[:start] + bytes(len(content) // 62) + content[start + len(content) // 62 :]


@pytest.mark.parametrize("damage", [half, with_hole])
@pytest.mark.parametrize("name", ["t.flac", "t.m4a", "t.mp3", "t.ogg", "t.wav"])
def test_damage_is_left_to_who_hears_it_whole(changing, tmp_path, name, damage):
    path = written(tmp_path / name, changing)
    path.write_bytes(damage(path.read_bytes()))
    try:
        _, windows = sought(path)
    except AudioError:
        return
    # What hides a hole, such as a WAV's zeros, is no damage.
    whole = audio.read(path)
    for start_s, end_s, waveform in windows:
        there = whole[round(start_s * RATE) : round(end_s * RATE)]
        assert np.sqrt(np.mean((waveform - there) ** 2)) <= 0.05 * np.sqrt(np.mean(there**2))


def test_two_songs_in_one_file_are_heard_whole(changing, tmp_path):
    content = written(tmp_path / "t.opus", changing).read_bytes()
    (tmp_path / "t.opus").write_bytes(2 * content)
    with pytest.raises(SeekError):
        sought(tmp_path / "t.opus")


def test_a_song_of_as_many_windows_is_heard_whole(tmp_path):
    path = songs.write(tmp_path / "t.wav", songs.synthesise(60, 8_000), 8_000)
    with pytest.raises(SeekError):
        sought(path, 2)
    assert len(sought(path, 1)[1]) == 1


@pytest.mark.parametrize("limit", [{"max_seconds": 61.0}, {"max_pcm_bytes": 10**6}])
def test_limits_hold(tmp_path, limit):
    path = songs.write(tmp_path / "t.mp3", songs.synthesise(62, 22_050), 22_050)
    with pytest.raises(LimitError):
        sought(path, **limit)


def test_the_song_can_be_heard_whole_afterwards(tmp_path):
    path = songs.write(tmp_path / "t.mp3", songs.synthesise(62))
    with audio.open_song(path) as song:
        with song.seeker() as seeker:
            next(seeker.windows(1))
        again = np.concatenate(list(song.blocks()))
    assert np.array_equal(again, audio.read(path))
