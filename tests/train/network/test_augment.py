"""Augmentations change what they may and keep the range."""

import numpy as np
import pytest

from songnet.features import mel_frequencies
from train.network import augment


@pytest.fixture
def batch():
    return np.random.default_rng(0).random((6, 128, 128)).astype(np.float32)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_rotation_keeps_every_frame(batch, rng):
    rotated = augment.rotate(batch, rng)
    assert not np.array_equal(rotated, batch)
    np.testing.assert_allclose(np.sort(rotated, axis=1), np.sort(batch, axis=1))


def test_tilt_is_a_slope_within_its_limit(rng):
    flat = np.full((50, 4, 128), 0.5, dtype=np.float32)
    tilted = augment.tilt(flat, rng, tilt_db=8.0)
    rise_db = 80 * (tilted[:, :, -1] - tilted[:, :, 0])
    assert np.abs(rise_db).max() <= 8.0 + 1e-3
    assert np.abs(rise_db).max() > 5.0
    np.testing.assert_allclose(tilted.max(axis=(1, 2)), 1.0, atol=1e-6)


def test_silence_above_leaves_the_bands_below(batch):
    limited = augment.silence_above(batch, np.full(len(batch), 6_000.0))
    low = mel_frequencies()[1:-1] < 6_000
    np.testing.assert_array_equal(limited[:, :, low], batch[:, :, low])
    assert (limited[:, :, ~low] == 0).all()


def test_augmented_stays_in_range(batch, rng):
    changed = augment.augment(batch, rng, augment.Augmentation())
    assert changed.dtype == np.float32
    assert changed.shape == batch.shape
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_silence_above_a_frequency_of_each_clip(batch):
    silenced = augment.silence_above(batch, np.array([500.0, 11_000, 15_000, 30_000, 30_000, 1]))
    centres = mel_frequencies()[1:-1]
    assert (silenced[1][:, centres >= 11_000] == 0).all()
    np.testing.assert_array_equal(silenced[1][:, centres < 11_000], batch[1][:, centres < 11_000])
    np.testing.assert_array_equal(silenced[3], batch[3])
    assert (silenced[5] == 0).all()


def test_noise_has_the_ratio_and_the_colour_that_it_should(rng):
    widths = (mel_frequencies()[2:] - mel_frequencies()[:-2]) / 2
    tone = np.zeros((2, 128, 128), dtype=np.float32)
    tone[:, :, 20] = 1.0
    noisy = augment.add_noise(tone, rng, np.array([20.0, 20.0]), np.array([0.0, 3.0]))
    power = 10.0 ** (8.0 * (noisy.astype(float) - 1.0))
    rest = np.arange(128) != 20
    for clip in power:
        ratio = (clip[:, 20] * widths[20]).mean() / (clip[:, rest] @ widths[rest]).mean()
        assert 10 * np.log10(ratio) == pytest.approx(20.0, abs=1.0)
    white, pink = 10 * np.log10(power.mean(axis=1))
    octaves = np.log2(mel_frequencies()[120] / mel_frequencies()[30])
    assert white[119] - white[29] == pytest.approx(0.0, abs=1.5)
    assert pink[119] - pink[29] == pytest.approx(-3.0 * octaves, abs=1.5)


def test_room_noise_raises_quiet_bins_in_a_share_of_the_clips(rng):
    quiet = np.full((200, 8, 128), 0.2, dtype=np.float32)
    quiet[:, 0, 10] = 1.0
    noisy = augment.room_noise(quiet, rng, share=0.5)
    touched = (noisy != quiet).any(axis=(1, 2))
    assert 60 <= touched.sum() <= 140
    assert (noisy[touched].mean(axis=(1, 2)) > quiet[touched].mean(axis=(1, 2))).all()
    assert noisy.min() >= 0
    assert noisy.max() <= 1
    assert noisy.dtype == np.float32
