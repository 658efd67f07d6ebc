"""Ways from an audio file to an answer, each in a process of its own, to be timed beside others.

Run as ``python -m train.contenders NAME``: the process gets ready, then takes one path a line on
standard input, and answers each with a line of JSON.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from train.cost.timing import processor_time

# An hour of music is beyond what the page accepts.
_MAX_SECONDS = 2 * 3600.0
_MAX_BYTES = 2**30


def _decode() -> Callable[[str], object]:
    """FFmpeg opens and decodes; the samples stay as they come."""
    import av

    def run(path: str) -> None:
        with av.open(path) as container:
            for _ in container.decode(audio=0):
                pass

    return run


def _read() -> Callable[[str], object]:
    """Decodes to mono at 44.1 kHz, with all checks."""
    from songnet import audio

    limits = audio.Limits(max_seconds=_MAX_SECONDS, max_bytes=_MAX_BYTES)
    return lambda path: [None for _ in audio.read_blocks(path, limits=limits)]


def _songnet() -> Callable[[str], object]:
    """All of it: opens, decodes, resamples and classifies."""
    from songnet import audio
    from songnet.classifier import Classifier

    classifier = Classifier.load()
    limits = audio.Limits(max_seconds=_MAX_SECONDS, max_bytes=_MAX_BYTES)
    return lambda path: classifier.classify(path, limits)


def _librosa(backend: str) -> Callable[[str], object]:
    """What SongNet did once: librosa's features, then Keras. The first 30 s of a file."""
    os.environ["KERAS_BACKEND"] = backend
    import keras
    import librosa
    import numpy as np

    from songnet.spec import SPEC
    from songnet.weights import EMBEDDED

    network = keras.saving.load_model(EMBEDDED / "songnet.keras", compile=False)
    kept = list(SPEC.kept_frames(SPEC.window_samples))

    def run(path: str) -> None:
        waveform, rate = librosa.load(path, sr=SPEC.sample_rate, duration=SPEC.window_seconds)
        power = librosa.feature.melspectrogram(
            y=waveform, sr=rate, n_fft=SPEC.n_fft, hop_length=SPEC.hop_length, n_mels=SPEC.n_mels
        )
        level = librosa.power_to_db(power, ref=np.max, top_db=SPEC.db_range)
        log_mel = (level / SPEC.db_range + 1).T[np.minimum(kept, level.shape[1] - 1)]
        network.predict_on_batch(log_mel[None].astype(np.float32))

    return run


def _musicnn() -> Callable[[str], object]:
    try:
        from musicnn.tagger import top_tags
    except ImportError as error:
        reason = "its only release, 0.1.0, wants NumPy < 1.17, which ends at Python 3.7"
        raise ImportError(f"{error}: {reason}") from error

    return lambda path: top_tags(path, model="MTT_musicnn", topN=1)


CONTENDERS = {
    "decoding alone": _decode,
    "decoding to mono 44.1 kHz": _read,
    "SongNet": _songnet,
    "librosa + Keras on JAX": lambda: _librosa("jax"),
    "librosa + Keras on TensorFlow": lambda: _librosa("tensorflow"),
    "musicnn": _musicnn,
}


def main(name: str) -> None:
    """Serves paths until standard input ends.

    Parameters
    ----------
    name : str
        Of `CONTENDERS`. The first answer is ``{"ready": true}``, or ``{"missing": ...}`` with what
        is not installed; after each path comes ``{"seconds": ..., "peak_mb": ...}``: the processor
        time, and the most memory that the process has had so far.
    """
    # Libraries that print must not print between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        run = CONTENDERS[name]()
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        path = str(Path(line.rstrip("\n")))
        seconds = processor_time(lambda path=path: run(path))
        answer = {"seconds": seconds, "peak_mb": _peak_mb()}
        print(json.dumps(answer), file=answers, flush=True)


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    # Of this program alone: what getrusage says on Linux counts the parent before it, too.
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1])
