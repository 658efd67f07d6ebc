"""Measures each file of a release: its size, its accuracy, and its time for a window."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from tqdm import tqdm

from songnet.spec import SPEC
from songnet.weights.release import NETWORK_FILE
from train.cost.timing import in_turns, processor_time, spread
from train.data.splits import Split

_REPEATS = 30


def measure(
    folder: str | Path,
    serving: keras.Model,
    network: keras.Model,
    networks_alone: dict[str, bytes],
    split: Split,
) -> dict[str, dict]:
    """Measures every file of a release.

    A split holds log-mel spectrograms and no audio. The accuracy is therefore measured without the
    front end: with the same network, exported and quantized in the same way, whose input is
    ``log_mel``. The time is that of the file itself, for a waveform of 30 s.

    Parameters
    ----------
    folder : path of a release
    serving : keras.Model
        The network with its front end.
    network : keras.Model
        The network alone.
    networks_alone : dict of str to bytes
        The network without its front end as TFLite or ONNX, by the name of the file with the same
        weights.
    split : Split

    Returns
    -------
    dict of str to dict
        By file: ``accuracy``; ``same_genre``, the share of the clips whose most probable genre is
        that of `songnet.keras`; ``max_dp``, the largest difference of a probability from its; and
        ``window_ms``, the processor time for a window as `timing.spread` has it.
    """
    log_mel = np.asarray(split.log_mel)
    outputs = network.predict(
        log_mel,
        batch_size=100,
        # Keras has no annotations: the default, "auto", is taken for the type.
        verbose=0,  # pyright: ignore[reportArgumentType]
    )
    reference = outputs["probabilities"]
    by_file = {NETWORK_FILE: reference}
    for name, content in networks_alone.items():
        by_file[name] = _probabilities(content, log_mel, name)
    waveform = np.random.default_rng(0).normal(0, 0.1, (1, SPEC.window_samples))
    waveform = waveform.astype(np.float32)
    windows = {NETWORK_FILE: lambda: serving.predict_on_batch(waveform)}
    for name in networks_alone:
        windows[name] = _window(Path(folder) / name, waveform)
    times = in_turns(
        {name: lambda task=task: processor_time(task) for name, task in windows.items()}, _REPEATS
    )
    return {
        name: {
            "accuracy": float(np.mean(probabilities.argmax(axis=1) == split.genre)),
            "same_genre": float(np.mean(probabilities.argmax(1) == reference.argmax(1))),
            "max_dp": float(np.abs(probabilities - reference).max()),
            "window_ms": spread(1000 * seconds for seconds in times[name]),
        }
        for name, probabilities in by_file.items()
    }


def _probabilities(content: bytes, log_mels: np.ndarray, name: str) -> np.ndarray:
    """The probabilities of a file's network: np.ndarray [shape=(n_clips, n_genres), float32]."""
    run = _runner(content, name)
    clips = tqdm(log_mels, desc=name, unit=" clips")
    return np.concatenate([run("log_mel", log_mel[None]) for log_mel in clips])


def _window(path: Path, waveform: np.ndarray) -> Callable[[], object]:
    """A function that classifies a waveform with a file."""
    run = _runner(path.read_bytes(), path.name)
    return lambda: run("waveform", waveform)


def _runner(content: bytes, name: str) -> Callable[[str, np.ndarray], np.ndarray]:
    """A function of an input's name and value that gives the probabilities, in one thread."""
    if name.endswith(".onnx"):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return lambda given, value: np.asarray(session.run(["probabilities"], {given: value})[0])
    run = Interpreter(model_content=content, num_threads=1).get_signature_runner("classify")
    return lambda given, value: run(**{given: value})["probabilities"]


def show(files: dict[str, dict], measured: dict[str, dict]) -> None:
    """Prints the size table; without measurements, names and sizes alone.

    Parameters
    ----------
    files : dict of str to dict
        As in `config.json`.
    measured : dict of str to dict
        As `measure` returns it, or empty.
    """
    titles = ("bytes", "accuracy", "same genre", "max |dp|", "window (quartiles)")
    print(f"{'file':24}" + "".join(f"{title:>12}" for title in titles[: 5 if measured else 1]))
    for name, identity in files.items():
        row = f"{name:24}{identity['bytes']:12,}"
        if name in measured:
            figures = measured[name]
            taken = figures["window_ms"]
            row += f"{figures['accuracy']:12.2%}{figures['same_genre']:12.2%}"
            row += f"{figures['max_dp']:12.2e}"
            row += f"  {taken['median']:.2f} ms ({taken['low']:.2f}..{taken['high']:.2f})"
        print(row)
