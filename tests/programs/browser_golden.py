"""``python -m tests.programs.browser_golden``: what the page in the browser must do as Python does.

Windows, mixes and answers for a dozen kinds of audio, as JSON: tests of both languages read the
file (``songnet/browser/page/tests/golden.json``).
"""

import json
from dataclasses import asdict
from typing import Any

import av
import numpy as np

from songnet.audio.mono import mono_blocks
from songnet.audio.windows import windows
from songnet.browser.build import PAGE
from songnet.browser.release import section_rule
from songnet.classifier import Classifier
from songnet.spec import SPEC, AudioSpec
from songnet.window_prediction import WindowPrediction
from songnet.words import clock, percentages

GOLDEN = PAGE / "tests" / "golden.json"
# Lengths of songs, in samples: about one window, about two, and many.
_LENGTHS = [
    SPEC.min_samples,
    SPEC.window_samples - 1,
    *(SPEC.window_samples + more for more in (0, 1, SPEC.n_fft, SPEC.n_fft + 1, 500_000)),
    *(2 * SPEC.window_samples + more for more in (-1, 0, SPEC.n_fft, SPEC.n_fft + 1)),
    10 * SPEC.window_samples + 44_100,
]
# Small enough to write windows out: a second has 4 samples.
_SMALL = AudioSpec(sample_rate=4, window_seconds=3.0, n_fft=2)
# Which windows of a song are loud, and how far apart the scripted probabilities of genres are.
_SONGS = {
    "music": ([1, 1, 1], 9.0),
    "silence": ([0, 0, 0], 9.0),
    "a silent start": ([0, 1, 1], 9.0),
    "a short song": ([1], 9.0),
    "a close call": ([1, 1, 1], 0.5),
    "a change": ([1, 1, 0, 1, 1], 20.0),
    "many changes": ([1] * 9, 20.0),
    "hardly a change": ([1] * 6, 3.0),
}


def golden() -> dict[str, Any]:
    """The content of the file, computed by Python."""
    classifier = Classifier.load()
    return {
        "spec": {
            "window_samples": SPEC.window_samples,
            "n_fft": SPEC.n_fft,
            "silence_peak": SPEC.silence_peak,
        },
        "release": {
            "genres": list(classifier.genres),
            "abstain_below": classifier.weights.config.abstain_below,
            "sections": section_rule(),
        },
        "windows": [{"samples": n, "windows": _places(n)} for n in _LENGTHS],
        "repeated": [_repeated(n) for n in (4, 5, 11, 12)],
        "mono": [_mixed(layout) for layout in ("mono", "stereo", "quad", "5.1")],
        "answers": {name: _answer(classifier, *song) for name, song in _SONGS.items()},
        "percentages": [
            {"probabilities": p, "whole": percentages(p)}
            for p in (
                {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3},
                {"a": 0.995, "b": 0.005, "c": 0.0},
                {"a": 0.246, "b": 0.254, "c": 0.5},
            )
        ],
        "clock": [
            {"seconds": s, "text": clock(s)}
            for s in (0, 59.4, 59.6, 20.5, 26.5, 187, 3599.5, 3599.7, 3723)
        ],
    }


def _places(samples: int) -> list[list[int]]:
    block = np.zeros(samples, dtype=np.float32)
    return [
        [round(second * SPEC.sample_rate) for second in (window.start_s, window.end_s)]
        for window in windows([block])
    ]


def _repeated(samples: int) -> dict[str, Any]:
    stretch = np.arange(samples, dtype=np.float32)
    (window,) = windows([stretch], _SMALL)
    return {
        "stretch": stretch.tolist(),
        "size": _SMALL.window_samples,
        "window": window.waveform.tolist(),
    }


def _mixed(layout: str) -> dict[str, Any]:
    n_channels = av.AudioLayout(layout).nb_channels
    channels = np.random.default_rng(n_channels).uniform(-1, 1, (n_channels, 8)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
    frame.sample_rate = SPEC.sample_rate
    mix = np.concatenate(list(mono_blocks([frame], SPEC.sample_rate)))
    return {"channels": channels.tolist(), "mix": mix.tolist()}


def _answer(classifier: Classifier, loudness: list[int], sharpness: float) -> dict[str, Any]:
    """What Python answers where the network says certain things of a song's windows."""
    random = np.random.default_rng(len(loudness))
    scripted = []
    weights = np.empty(0)
    for i in range(len(loudness)):
        attention = random.dirichlet(np.full(16, 2.0))
        if i % 2 == len(loudness) % 2 or not weights.size:
            weights = np.exp(sharpness * random.random(len(classifier.genres)))
        probabilities = dict(
            zip(classifier.genres, (weights / weights.sum()).tolist(), strict=True)
        )
        scripted.append(
            WindowPrediction(30.0 * i, 30.0 * (i + 1), probabilities, attention.tolist())
        )
    answers = iter(scripted)
    scripted_classifier = Classifier(classifier.weights)
    scripted_classifier._classify_window = lambda _: _said(next(answers))
    blocks = [np.full(SPEC.window_samples, 0.5 * loud, dtype=np.float32) for loud in loudness]
    prediction = scripted_classifier.classify_blocks(blocks)
    told: dict[str, Any] = {**prediction.to_json()}
    return {
        "windows": [
            {**asdict(window), "silent": not loud}
            for window, loud in zip(scripted, loudness, strict=True)
        ],
        "expected": {
            "genre": prediction.genre,
            "abstained": prediction.abstained,
            "probabilities": prediction.probabilities,
            **{key: told[key] for key in ("verdict", "sections", "moments")},
        },
    }


def _said(window: WindowPrediction) -> tuple[WindowPrediction, np.ndarray, np.ndarray]:
    """What the classifier says of a window to itself: probabilities and an embedding besides."""
    probabilities = np.array(list(window.probabilities.values()))
    return window, probabilities, np.ones(1, np.float32)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(), indent=1) + "\n", encoding="utf-8")
