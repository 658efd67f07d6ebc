"""Measures LiteRT's two ways to run a network: `Interpreter`, and its successor `CompiledModel`.

Each runs in processes of its own, in turns with the other. ``python -m train.cost.runtimes`` is one
of these processes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from songnet.spec import SPEC
from train.cost.timing import peak_mb, processor_time, spread

_SIGNATURE = "classify"
_WINDOWS = 20  # in each process; the first counts as its start

Runner = Callable[[np.ndarray], dict[str, np.ndarray]]


def interpreter(path: str) -> Runner:
    """Loads a network for `Interpreter`, which runs it in one thread."""
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(path, num_threads=1).get_signature_runner(_SIGNATURE)
    return lambda waveform: run(waveform=waveform)


def compiled_model(path: str) -> Runner:
    """Loads a network for `CompiledModel`, which runs it on the processor in one thread."""
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.cpu_options import CpuOptions
    from ai_edge_litert.hardware_accelerator import HardwareAccelerator
    from ai_edge_litert.options import Options

    options = Options(
        hardware_accelerators=HardwareAccelerator.CPU, cpu_options=CpuOptions(num_threads=1)
    )
    model = CompiledModel.from_file(path, options=options)
    shapes = {
        name: details["shape"]
        for name, details in model.get_output_tensor_details(_SIGNATURE).items()
    }
    given = model.create_input_buffer_by_name(_SIGNATURE, "waveform")
    answers = {name: model.create_output_buffer_by_name(_SIGNATURE, name) for name in shapes}

    def run(waveform: np.ndarray) -> dict[str, np.ndarray]:
        given.write(waveform)
        model.run_by_name(_SIGNATURE, {"waveform": given}, answers)
        return {
            name: np.reshape(buffer.read(int(np.prod(shapes[name])), np.float32), shapes[name])
            for name, buffer in answers.items()
        }

    return run


RUNTIMES = {"Interpreter": interpreter, "CompiledModel": compiled_model}


def measure(path: Path, repeats: int) -> dict[str, dict]:
    """Times each runtime in new processes, in turns; the first turn does not count.

    Parameters
    ----------
    path : path of a `.tflite` file with the signature ``classify``
    repeats : int > 0

    Returns
    -------
    dict of str to dict
        By runtime: the `timing.spread` of its ``start`` (loading and the first window) and of a
        ``window`` [ms of processor time], the most ``memory_mb`` that they add to the process, and
        ``difference``, the largest one of an output from that of `Interpreter`.
    """
    turns = [{name: _process(name, path) for name in RUNTIMES} for _ in range(repeats + 1)][1:]
    result = {}
    for name in RUNTIMES:
        runs = [turn[name] for turn in turns]
        apart = np.subtract(runs[0]["answer"], turns[0]["Interpreter"]["answer"])
        result[name] = {
            "start": spread(run["start_ms"] for run in runs),
            "window": spread(run["window_ms"] for run in runs),
            "memory_mb": round(max(run["memory_mb"] for run in runs), 1),
            "difference": float(np.abs(apart).max()),
        }
    return result


def _process(name: str, path: Path) -> dict:
    command = [sys.executable, "-m", __spec__.name, name, str(path)]
    project = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main(name: str, path: str) -> dict:
    """Loads a network and runs it on noise, in this process.

    Returns
    -------
    dict
        ``start_ms`` and ``window_ms`` (the median) of processor time, the ``memory_mb`` that both
        add, and the ``answer``: all outputs one after another.
    """
    noise = np.random.default_rng(0).normal(0, 0.1, (1, SPEC.window_samples)).astype(np.float32)
    before, start = peak_mb(), time.process_time()
    run = RUNTIMES[name](path)
    answer = run(noise)
    started = time.process_time() - start
    taken = [processor_time(lambda: run(noise)) for _ in range(_WINDOWS)]
    return {
        "start_ms": 1000 * started,
        "window_ms": 1000 * float(np.median(taken)),
        "memory_mb": peak_mb() - before,
        "answer": np.concatenate([answer[key].ravel() for key in sorted(answer)]).tolist(),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
