"""What it takes to train a network: processor time, which is measured, and energy, an estimate."""

import json
import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from songnet.weights.metrics import TrainingCost
from train.errors import DataError

FILE = "training.json"
# Assumed, not measured: a core of a server at work, with its share of memory, supply and cooling.
WATTS_A_CORE = 20.0
_J_A_KWH = 3.6e6


@contextmanager
def measured(evidence: Path, network: str) -> Iterator[None]:
    """Notes the processor time of the child processes that end in a ``with`` block.

    Parameters
    ----------
    evidence : path of the folder whose `FILE` is written
    network : str
        Name of what is trained; an earlier note of it is replaced if this took longer: a training
        that goes on where it was takes less than it would as a whole.
    """
    began, before = time.monotonic(), _of_children()
    yield
    wall_s, processor_s = time.monotonic() - began, _of_children() - before
    record(evidence, network, processor_s=processor_s, wall_s=wall_s)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def record(evidence: Path, network: str, *, processor_s: float, wall_s: float) -> None:
    """Notes the times of one training in a folder of evidence, as `measured` does."""
    path = evidence / FILE
    stored = _read(path) or {"networks": {}}
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    noted = stored["networks"].get(network, {"processor_s": 0.0})
    if processor_s >= noted["processor_s"]:
        times = {"processor_s": round(processor_s, 1), "wall_s": round(wall_s, 1)}
        stored["networks"][network] = times | {"machine": machine}
    evidence.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def read(evidence: Path) -> TrainingCost | None:
    """What a training took in the mean; None where none was noted.

    Raises
    ------
    DataError
        If the file is not what `record` writes.
    """
    stored = _read(evidence / FILE)
    if not stored:
        return None
    networks = list(stored["networks"].values())
    seconds = float(np.mean([times["processor_s"] for times in networks]))
    return {
        "networks": len(networks),
        "processor_s": seconds,
        "machine": networks[-1]["machine"],
        "assumed_watts_a_core": WATTS_A_CORE,
        "kwh": seconds * WATTS_A_CORE / _J_A_KWH,
    }


def _read(path: Path) -> dict | None:
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        for times in stored["networks"].values():
            _ = float(times["processor_s"]), str(times["machine"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no table of training times: delete it.") from error
    return stored
