"""How far two sounds are apart, as the network hears them."""

import numpy as np

from songnet.features import log_mel
from songnet.spec import SPEC


def decibels_apart(decoded, expected, bands=slice(None)):
    """Mean absolute difference of two waveforms' log-mel spectrograms [dB]."""
    n = min(len(decoded), len(expected))
    difference = log_mel(decoded[:n])[:, bands] - log_mel(expected[:n])[:, bands]
    return SPEC.db_range * float(np.abs(difference).mean())
