"""An endless choice of colours that lie far apart, for any number of genres.

`songnet.colours` begins with a sequence that was optimised for eight; this goes on from any such
start. Each new colour is the one that is farthest from all before it, to the eye of those who see
all colours and of those who lack a kind of cone: whichever of these sees the least difference
counts. The more genres, the nearer the nearest two, so that a name stands beside each colour.
"""

from functools import lru_cache

import numpy as np

# Machado et al. 2009: how a colour in linear RGB looks to those who lack one kind of cone.
_SIGHTS = np.array(
    [
        np.eye(3),
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ]
)
# Ottosson's OKLab: distances in it are distances to the eye.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_TO_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# Between these relative luminances a colour has 3:1 against the light page, or the dark one, and
# against the ground of its bars.
ON_LIGHT = (0.01, 0.25)
ON_DARK = (0.18, 0.85)
# Levels of a channel: 4,096 colours to choose from.
_LEVELS = np.arange(0, 256, 17)


@lru_cache(maxsize=4)
def continued(start: tuple[str, ...], count: int, between: tuple[float, float]) -> tuple[str, ...]:
    """More colours, each as far as can be from all before it.

    Parameters
    ----------
    start : tuple of str
        Colours, ``"#rrggbb"``, that are taken already; one or more.
    count : int
        How many more.
    between : tuple of (float, float), 0..1
        Their least and greatest relative luminance: `ON_LIGHT` or `ON_DARK`.

    Returns
    -------
    tuple of str
        ``"#rrggbb"``, always the same for the same start; the first ones do not depend on `count`.
    """
    taken = _linear(np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in start]))
    channels = np.stack(np.meshgrid(_LEVELS, _LEVELS, _LEVELS), axis=-1).reshape(-1, 3)
    luminance = _linear(channels) @ _TO_LUMINANCE
    channels = channels[(luminance > between[0]) & (luminance < between[1])]
    candidates = _seen(_linear(channels))
    distance = np.min([_distance(candidates, colour) for colour in _seen(taken)], axis=0)
    found = []
    for _ in range(count):
        farthest = int(distance.argmax())
        found.append("#" + bytes(channels[farthest].tolist()).hex())
        distance = np.minimum(distance, _distance(candidates, candidates[farthest]))
    return tuple(found)


def _linear(channels: np.ndarray) -> np.ndarray:
    """Channels 0..255 as linear RGB: [the same shape, 0..1]."""
    shares = channels / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def _seen(rgb: np.ndarray) -> np.ndarray:
    """Colours in linear RGB [shape=(n, 3)] in OKLab, for each kind of sight: [shape=(n, 4, 3)]."""
    sights = np.clip(np.einsum("sij,nj->nsi", _SIGHTS, rgb), 0, 1)
    return np.cbrt(sights @ _TO_CONES.T) @ _TO_LAB.T


def _distance(colours: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far colours [shape=(n, 4, 3)] are from another, to whom it is least: [shape=(n,)]."""
    return np.linalg.norm(colours - other, axis=-1).min(axis=-1)
