"""Ways from an audio file to an answer, each timed in a process of its own.

Run as ``python -m train.cost.contenders NAME``: the process gets ready, then takes one path a line
on standard input, and answers each with a line of JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from songnet.weights.release import NETWORK_FILE
from train.cost.timing import peak_mb, processor_time
from train.errors import DataError
from train.evidence import few_windows

Run = Callable[[str], object]  # takes the path of a file

# The names of the ways that `train.cost.benchmark` measures one by one.
DECODING, MONO, SONGNET = "decoding alone", "decoding to mono 44.1 kHz", "SongNet"

# The ways that `train.cost.hearing` measures, and how many windows of a song each hears.
HEARING = {f"{SONGNET}, {count} of the windows": count for count in few_windows.COUNTS}
# An hour of music is beyond what the page accepts.
_MAX_SECONDS = 2 * 3600.0
_MAX_BYTES = 2**30


def _decode() -> Run:
    """FFmpeg opens and decodes a file; the samples are not converted."""
    import av

    def run(path: str) -> None:
        with av.open(path) as container:
            for _ in container.decode(audio=0):
                pass

    return run


def _read() -> Run:
    """Decodes to mono at 44.1 kHz, with all checks."""
    from songnet import audio

    limits = audio.Limits(max_seconds=_MAX_SECONDS, max_bytes=_MAX_BYTES)
    return lambda path: [None for _ in audio.read_blocks(path, limits=limits)]


def _songnet(hear: int | None = None) -> Run:
    """SongNet end to end: opens, decodes, resamples and classifies all of a song, or windows."""
    from songnet import audio
    from songnet.classifier import Classifier

    classifier = Classifier.load()
    limits = audio.Limits(max_seconds=_MAX_SECONDS, max_bytes=_MAX_BYTES)
    return lambda path: classifier.classify(path, limits, hear=hear)


def _librosa(backend: str) -> Run:
    """librosa's features, then Keras, as SongNet once did; only the first 30 s of a file."""
    os.environ["KERAS_BACKEND"] = backend
    import keras
    import librosa
    import numpy as np

    from songnet.spec import SPEC
    from songnet.weights import EMBEDDED

    network = keras.saving.load_model(EMBEDDED / NETWORK_FILE, compile=False)
    assert isinstance(network, keras.Model)
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


def _musicnn() -> Run:
    """musicnn's tags of all of a song, in patches of 3 s."""
    from songnet import audio
    from train.teachers.musicnn import Musicnn
    from train.teachers.teacher import resampled

    network = Musicnn()
    limits = audio.Limits(max_seconds=_MAX_SECONDS, max_bytes=_MAX_BYTES)
    return lambda path: network.hear(
        resampled(audio.read(path, limits=limits), network.sample_rate)
    )


CONTENDERS: dict[str, Callable[[], Run]] = {
    DECODING: _decode,
    MONO: _read,
    SONGNET: _songnet,
    "librosa + Keras on JAX": lambda: _librosa("jax"),
    "librosa + Keras on TensorFlow": lambda: _librosa("tensorflow"),
    "musicnn": _musicnn,
}


def main(name: str) -> None:
    """Serves paths until standard input ends.

    Parameters
    ----------
    name : str
        A key of `CONTENDERS` or `HEARING`. The first answer is ``{"ready": true}``, or
        ``{"missing": ...}`` with what is not installed; after each path comes ``{"seconds": ...,
        "peak_mb": ...}``: the processor time, and the most memory that the process has had so far.
    """
    # Libraries that print must not print between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        run = _songnet(HEARING[name]) if name in HEARING else CONTENDERS[name]()
    except (ImportError, DataError) as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        path = str(Path(line.rstrip("\n")))
        seconds = processor_time(lambda path=path: run(path))
        answer = {"seconds": seconds, "peak_mb": peak_mb()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
