"""Augmentations change what they may and keep the range."""

import numpy as np
import pytest

from songnet.features import mel_frequencies
from train import augment


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


def test_band_limit_silences_only_high_bands(batch, rng):
    limited = augment.band_limit(batch, rng, share=1.0)
    centres = mel_frequencies()[1:-1]
    np.testing.assert_array_equal(limited[:, :, centres < 8_000], batch[:, :, centres < 8_000])
    assert (limited[:, :, centres > 20_000] == 0).all()
    np.testing.assert_array_equal(augment.band_limit(batch, rng, share=0.0), batch)


def test_augmented_stays_in_range(batch, rng):
    changed = augment.augment(batch, rng, augment.Augmentation())
    assert changed.dtype == np.float32
    assert changed.shape == batch.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
