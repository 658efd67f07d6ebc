"""Runs the exported network with LiteRT, if it answers as SongNet does."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from songnet.errors import WeightsError
from songnet.spec import SPEC
from songnet.weights import Weights

_SILENCING = threading.Lock()


def started(weights: Weights) -> tuple[Callable[..., dict[str, np.ndarray]], int]:
    """Loads a network, and runs it once: a file may load and fail only then.

    Parameters
    ----------
    weights : Weights

    Returns
    -------
    function
        Of ``waveform`` [shape=(1, SPEC.window_samples), float32]; it gives ``probabilities``
        [1, G], ``attention`` [1, T] and ``embedding`` [1, D], by name. One thread may call it at a
        time.
    int
        The length of its embeddings, D.

    Raises
    ------
    WeightsError
        If there is no such function in the weights, or their `config.json` has not G genres.
    """
    try:
        # One thread: several processes and visitors share the processors. LiteRT's `CompiledModel`,
        # which is to follow, gives the same answers in more time and memory (benchmark.json).
        interpreter = Interpreter(model_content=weights.tflite, num_threads=1)
        run = interpreter.get_signature_runner("classify")
        with _silent_runtime():
            outputs = run(waveform=np.zeros((1, SPEC.window_samples), np.float32))
    except Exception as error:  # LiteRT raises nearly all that there is
        reason = " ".join(str(error).split()).rstrip(".") or repr(error)
        raise WeightsError(
            f"The weights ({weights.source}) do not run: {reason}. Download or export them again."
        ) from error
    if not _is_answer(outputs):
        raise WeightsError(
            f"The weights ({weights.source}) run, but do not answer as SongNet does: download or "
            "export them again."
        )
    told, named = outputs["probabilities"].shape[-1], len(weights.config.genres)
    if told != named:
        raise WeightsError(
            f"The weights ({weights.source}) tell {told} genres apart, and their config.json names "
            f"{named}: export them again."
        )
    return run, outputs["embedding"].shape[-1]


@contextmanager
def _silent_runtime() -> Iterator[None]:
    """Keeps off standard error what LiteRT reports of itself, for which it has no setting.

    Only its first run says so; what other threads write in these milliseconds is lost, too.
    """
    with _SILENCING, open(os.devnull, "wb") as nowhere:
        try:
            kept = os.dup(2)
        except OSError:  # There is no standard error.
            yield
            return
        try:
            os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _is_answer(outputs: Mapping[str, np.ndarray]) -> bool:
    """Whether outputs are probabilities and attention, which sum to 1, and an embedding."""
    names = ("probabilities", "attention", "embedding")
    if any(name not in outputs or outputs[name].shape[:-1] != (1,) for name in names):
        return False
    probabilities, attention, embedding = (outputs[name] for name in names)
    # NaN fails the comparisons, too.
    return bool(
        all(
            (share >= 0).all() and abs(share.sum() - 1) < 1e-2
            for share in (probabilities, attention)
        )
        and np.isfinite(embedding).all()
    )
