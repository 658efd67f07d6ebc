"""Changed clips are what their names say, and the figures follow from the pairs."""

import json
import wave

import numpy as np
import pytest

from songnet import audio
from songnet.weights import EMBEDDED, ReleaseConfig
from train.__main__ import main
from train.errors import DataError
from train.evidence import before_after, changes, robustness, starts
from train.evidence.before_after import Pair
from train.evidence.tables import robustness_tables, starts_table

RATE = 44_100
BY_NAME = {change.name: change for change in changes.CHANGES}


@pytest.fixture(scope="module")
def clip():
    """3 s of stereo: noise in all bands, louder on the left, and as loud as records are."""
    noise = np.random.default_rng(0).normal(0.0, 0.2, size=(2, 3 * RATE))
    return changes.Clip((noise * [[1.0], [0.5]]).astype(np.float32).clip(-0.9, 0.9), RATE)


@pytest.fixture
def changed(clip, tmp_path):
    """Writes a change of the clip and reads the file as it is."""

    def write(name: str) -> changes.Clip:
        return changes.read(BY_NAME[name].write(clip, tmp_path / "changed"))

    return write


def level_db(waveform: np.ndarray) -> float:
    return 10.0 * np.log10(np.mean(np.square(waveform, dtype=np.float64)))


def above(clip: changes.Clip, hertz: float) -> float:
    """The part of the power above a frequency [dB]."""
    power = np.abs(np.fft.rfft(clip.waveform.mean(axis=0))) ** 2
    frequencies = np.fft.rfftfreq(clip.waveform.shape[1], 1.0 / clip.rate)
    return 10.0 * np.log10(power[frequencies > hertz].sum() / power.sum() + 1e-12)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_change_ends_in_a_file_that_songnet_hears(clip, tmp_path, name):
    change = BY_NAME[name]
    path = change.write(clip, tmp_path / "changed")
    info = audio.probe(path)
    assert info.sample_rate == (change.rate or RATE)
    assert info.channels == (1 if name == "mono" else 2)
    cut = clip.waveform.shape[1] - change.apply(clip).shape[1]
    assert len(audio.read(path)) == pytest.approx(3 * RATE - cut, abs=2500)
    if change.bit_rate:
        assert path.stat().st_size * 8 / 3 == pytest.approx(change.bit_rate, rel=0.25)


def test_gain_is_clipped_in_16_bit_and_not_in_float(clip, changed):
    quieter, louder = changed("gain -20 dB"), changed("gain +20 dB, float file")
    before = level_db(clip.waveform)
    assert level_db(quieter.waveform) - before == pytest.approx(-20.0, abs=0.1)
    assert level_db(louder.waveform) - before == pytest.approx(20.0, abs=0.1)
    assert np.abs(changed(changes.CLIPPED).waveform).max() <= 1.0


def test_mono_is_the_mean_of_the_channels(clip, changed):
    mean = clip.waveform.mean(axis=0)
    np.testing.assert_allclose(changed("mono").waveform[0], mean, atol=1e-4)
    for channel in changed("mono in two channels").waveform:
        np.testing.assert_allclose(channel, mean, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "hertz"),
    [("low-pass 11 kHz", 11_000), ("low-pass 15 kHz", 15_000), ("32 kHz", 15_999)],
)
def test_nothing_is_left_above_a_low_pass(changed, name, hertz):
    limited = changed(name)
    assert above(limited, hertz + 200) < -50
    assert above(limited, hertz - 1000) > -20


def test_room_noise_is_20_db_below_the_music(clip, changed):
    noise = changed("room noise 20 dB below").waveform - clip.waveform
    music = clip.waveform.mean(axis=0)
    assert level_db(music) - level_db(noise[0]) == pytest.approx(20.0, abs=0.3)
    spectrum = np.abs(np.fft.rfft(noise[0])) ** 2
    hertz = np.fft.rfftfreq(noise.shape[1], 1.0 / RATE)
    octaves = [spectrum[(hertz > f) & (hertz <= 2 * f)].sum() for f in (200, 3200)]
    assert octaves[0] == pytest.approx(octaves[1], rel=0.2)  # pink: as much in each octave


def test_what_is_no_audio_is_refused(tmp_path):
    (tmp_path / "song.mp3").write_text("hello")
    with pytest.raises(DataError, match=r"song\.mp3 is not audio"):
        changes.read(tmp_path / "song.mp3")


def pair(before, after, change="mono", clip="a.mp3", artist="A") -> Pair:
    return Pair(
        source="real",
        clip=clip,
        artist=artist,
        change=change,
        before=np.array(before),
        after=np.array(after),
        weights="c0ffee",
    )


def test_figures_by_hand():
    kept = pair([0.6, 0.4], [0.7, 0.3])
    lost = pair([0.9, 0.1], [0.4, 0.6])
    lost_closely = pair([0.51, 0.49], [0.49, 0.51])
    figures = before_after.figures([kept, lost, lost_closely, kept], 0.6)
    assert figures["pairs"] == 4
    assert figures["same_genre"] == 0.5
    assert figures["close_flips"] == 0.25
    assert figures["distance"] == pytest.approx((0.1 + 0.5 + 0.02 + 0.1) / 4)
    assert figures["largest_distance"] == pytest.approx(0.5)
    assert figures["answered"] == {"pairs": 3, "same_genre": pytest.approx(2 / 3)}
    nothing = before_after.figures([lost_closely], 0.6)
    assert nothing["answered"] == {"pairs": 0, "same_genre": None}


def test_later_starts_by_hand():
    """Of all and of those answered, with artists as the sample."""
    kept, lost = pair([0.9, 0.1], [0.8, 0.2]), pair([0.55, 0.45], [0.4, 0.6], artist="B")
    found = before_after.later_start([kept, kept, kept, lost], 0.6)
    assert (found["pairs"], found["artists"], found["answered"]) == (4, 2, 3)
    assert found["same_genre"] == 0.75
    assert found["same_genre_interval"] == [0, 1]
    assert found["answered_same_genre"] == 1
    assert found["answered_interval"] == [1, 1]
    assert "answered_interval" not in before_after.later_start([lost], 0.6)


@pytest.mark.parametrize("milliseconds", changes.LATER_MS)
def test_a_later_start_lacks_so_much_of_the_beginning(clip, milliseconds):
    cut = BY_NAME[changes.later_name(milliseconds)].apply(clip)
    missing = clip.waveform.shape[1] - cut.shape[1]
    assert missing / RATE == pytest.approx(milliseconds / 1000, abs=1e-4)
    np.testing.assert_array_equal(cut, clip.waveform[:, missing:])


def test_a_total_resamples_artists():
    def interval(artists) -> float:
        some = [
            pair([0.6, 0.4], [0.3, 0.7] if i < 20 else [0.6, 0.4], artist=artist)
            for i, artist in enumerate(artists)
        ]
        low, high = before_after.totals(some, 0.0)["same_genre_interval"]
        assert low <= 0.5 <= high
        return high - low

    assert interval([str(i // 10) for i in range(40)]) > 2 * interval(map(str, range(40)))


def test_pairs_come_back_as_they_were(tmp_path):
    some = [pair([0.25, 0.75], [0.125, 0.875], "MP3, 64 kbit/s"), pair([1.0, 0.0], [0.0, 1.0])]
    before_after.write(tmp_path / before_after.FILE, some, ["Hip-Hop", "Rock"])
    for was, back in zip(some, before_after.read(tmp_path / before_after.FILE), strict=True):
        assert (back.source, back.clip, back.artist) == ("real", "a.mp3", "A")
        assert (back.change, back.weights) == (was.change, "c0ffee")
        np.testing.assert_allclose(back.before, was.before)
        np.testing.assert_allclose(back.after, was.after)
    (tmp_path / before_after.FILE).write_text("source,clip\nreal,a.mp3\n")
    with pytest.raises(DataError, match="no table of changed clips"):
        before_after.read(tmp_path / before_after.FILE)


@pytest.fixture
def songs(tmp_path, clip):
    folder = tmp_path / "songs"
    folder.mkdir()
    pcm = (clip.waveform.T * 32767).astype("<i2")
    with wave.open(str(folder / "song.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    return folder


@pytest.mark.slow
def test_the_step_measures_clips_and_spectrograms(songs, data_set, tmp_path, monkeypatch, capsys):
    few = tuple(BY_NAME[name] for name in ("gain +20 dB, float file", changes.CLIPPED))
    monkeypatch.setattr(changes, "CHANGES", few)
    monkeypatch.setattr(starts, "SECONDS", 2)
    monkeypatch.setattr(starts, "STARTS_S", (0.0, 0.5))
    monkeypatch.setattr(robustness, "write_sketches", lambda _: [songs / "song.wav"])
    output = tmp_path / "evidence"
    arguments = ["--data", str(data_set), "--audio", str(songs), "--artifacts", str(EMBEDDED)]
    assert main(["robustness", *arguments, "--output", str(output), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    abstain_below = ReleaseConfig.read(EMBEDDED).abstain_below
    assert result == json.loads(json.dumps(before_after.robustness(output, abstain_below)))
    for source in before_after.SOURCES:
        of = result["clips"][source]
        assert of["total"]["pairs"] == 2
        assert of["unclipped"]["pairs"] == 1
        # A float file loses nothing, and the network hears levels relative to the loudest.
        assert of["changes"][few[0].name]["distance"] < 0.01
    spectrograms = result["spectrograms"]["validation"]
    assert spectrograms["clips"] == 48
    assert list(spectrograms["changes"]) == [
        "low-pass 11 kHz",
        "low-pass 15 kHz",
        "room noise 20 dB below",
    ]
    for change in spectrograms["changes"].values():
        gained = change["accuracy"] - spectrograms["accuracy"]
        assert change["difference"]["mean"] == pytest.approx(gained)
    table = robustness_tables(result)
    assert "| **all** | " in table
    assert "| low-pass 11 kHz |" in table
    # The song has 3 s: the second excerpt cannot start a second later.
    assert [found["pairs"] for found in result["starts"].values()] == [2, 2, 1]
    assert "| starts 1,000 ms later | | | " in starts_table(result)


def test_a_folder_without_songs_is_one_sentence(data_set, tmp_path, capsys):
    status = main(["robustness", "--data", str(data_set), "--audio", str(tmp_path)])
    assert status == 1
    assert "no audio files" in capsys.readouterr().err.splitlines()[-1]


def test_without_evidence_there_are_no_figures(tmp_path):
    assert before_after.robustness(tmp_path, 0.5) is None
