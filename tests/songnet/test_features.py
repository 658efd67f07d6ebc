"""The reference log-mel against librosa, and against the stored features of real clips."""

import csv

import librosa
import numpy as np
import pytest

from songnet import audio
from songnet.features import hz_to_mel, log_mel, mel_filters, mel_frequencies, mel_to_hz
from songnet.spec import SPEC
from train.data.levels import from_levels

RATE = SPEC.sample_rate


def librosa_log_mel(waveform):
    """What the data set's features were made by: librosa, and every 20th frame or so."""
    power = librosa.feature.melspectrogram(
        y=waveform, sr=RATE, n_fft=SPEC.n_fft, hop_length=SPEC.hop_length, n_mels=SPEC.n_mels
    )
    kept = (np.arange(128) + 0.5) / 128 * power.shape[1]
    decibels = 10 * np.log10(np.maximum(power[:, kept.astype(int)], 1e-10)).T
    return np.clip(decibels - decibels.max(), -80, 0) / 80 + 1


def sounds():
    seconds = np.arange(30 * RATE, dtype=np.float32) / RATE
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, len(seconds)).astype(np.float32)
    return {
        "sweep": np.sin(2 * np.pi * 50 * seconds * 1.18**seconds),
        "noise": noise,
        "beats": noise * (np.sin(2 * np.pi * 2 * seconds) > 0.9),
        "chord": sum(np.sin(2 * np.pi * f * seconds) for f in (220, 277.2, 329.6)) / 3,
        "short": noise[: 3 * RATE],
        "odd length": noise[: 7 * RATE + 123],
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", sounds())
def test_equals_librosa(name):
    waveform = sounds()[name].astype(np.float32)
    difference_db = 80 * np.abs(log_mel(waveform) - librosa_log_mel(waveform))
    assert difference_db.max() < 0.01


def test_filters_equal_librosas():
    expected = librosa.filters.mel(sr=RATE, n_fft=SPEC.n_fft, n_mels=SPEC.n_mels).T
    np.testing.assert_allclose(mel_filters(), expected, atol=1e-7)


def test_mel_scale():
    hz = np.array([0.0, 500.0, 1000.0, 8000.0, 22050.0])
    np.testing.assert_allclose(hz_to_mel(hz), librosa.hz_to_mel(hz))
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz)), hz, atol=1e-9)
    assert mel_frequencies()[0] == 0
    assert mel_frequencies()[-1] == pytest.approx(RATE / 2)


def test_gain_does_not_matter():
    waveform = sounds()["noise"]
    quiet = log_mel(waveform * np.float32(0.01))
    np.testing.assert_allclose(quiet, log_mel(waveform), atol=1e-4)


def test_silence_is_flat_and_finite():
    assert (log_mel(np.zeros(30 * RATE)) == 1).all()


@pytest.mark.parametrize("waveform", [np.zeros((2, 44_100)), np.zeros(0)])
def test_refuses_what_is_no_waveform(waveform):
    with pytest.raises(ValueError, match=r"Received: \("):
        log_mel(waveform)


@pytest.mark.slow
def test_real_clips_equal_the_stored_features(shared_audio):
    """The features that the network learned from follow from the audio that it will hear."""
    with (shared_audio / "tracks.csv").open(newline="") as file:
        tracks = {int(row["track_id"]): row for row in csv.DictReader(file)}
    differences = {}
    for split in ("training", "validation"):
        with np.load(shared_audio.parent / "fma_small" / f"{split}.npz") as stored:
            ids, levels = stored["track_id"], stored["log_mel"]
        for row in np.flatnonzero(np.isin(ids, list(tracks))):
            clip = audio.read(shared_audio / tracks[ids[row]]["file"])
            ours = log_mel(clip[: SPEC.window_samples])
            theirs = from_levels(levels[row : row + 1])[0]
            differences[ids[row]] = 80 * np.abs(ours - theirs).mean()
    assert len(differences) == 15
    assert max(differences.values()) < 1.0
    assert np.mean(list(differences.values())) < 0.45
