"""Spectrograms in 8 bits come back as they were, but for half a level."""

import numpy as np

from train.data.levels import Spectra, from_levels, relative_to_loudest, to_levels


def test_there_and_back_costs_half_a_level_at_most():
    log_mel = np.random.default_rng(0).random((4, 128, 128)).astype(np.float32)
    log_mel[:, 3, 5] = 1.0
    stored = to_levels(log_mel)
    assert stored.dtype == np.uint8
    back = from_levels(stored)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, log_mel, atol=0.5 / 255 + 1e-6)
    np.testing.assert_array_equal(to_levels(back), stored)


def test_levels_are_relative_to_the_loudest_bin_that_was_kept():
    levels = np.array([[[205, 100, 0]], [[255, 51, 0]]], np.uint8)
    expected = [[[1.0, 150 / 255, 50 / 255]], [[1.0, 51 / 255, 0.0]]]
    np.testing.assert_allclose(from_levels(levels), expected, atol=1e-6)
    louder = relative_to_loudest(np.array([[[2.0, 1.5, 0.0]]], np.float32))
    np.testing.assert_array_equal(louder, [[[1.0, 0.5, 0.0]]])


def test_of_spectra_on_disk_only_the_rows_asked_for_are_read(tmp_path):
    levels = np.random.default_rng(0).integers(0, 256, (6, 4, 3)).astype(np.uint8)
    np.save(tmp_path / "log_mel.npy", levels)
    spectra = Spectra(np.load(tmp_path / "log_mel.npy", mmap_mode="r"))
    assert len(spectra) == 6
    np.testing.assert_array_equal(spectra[np.array([4, 1])], from_levels(levels[[4, 1]]))
    np.testing.assert_array_equal(np.asarray(spectra), from_levels(levels))
