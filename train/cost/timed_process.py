"""A process in which one way from an audio file to an answer is timed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from train.errors import DataError

PROJECT = Path(__file__).resolve().parents[2]


class TimedProcess:
    """A process that runs one of the ways of `train.cost.contenders` on files.

    Parameters
    ----------
    name : str
        A key of `CONTENDERS` or `HEARING`.

    Attributes
    ----------
    peak_mb : float [MiB]
        The most memory that it has had so far.
    missing : str or None
        The import error of a contender that is not installed; None for one that runs.
    """

    def __init__(self, name: str):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "train.cost.contenders", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._name = name
        self.peak_mb = 0.0
        self.missing = self._answer().get("missing")

    def __enter__(self) -> "TimedProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.close()
        self._process.wait()

    def seconds(self, path: Path) -> float:
        """Processor time for a file [s]."""
        self._requests.write(f"{path.resolve()}\n")
        self._requests.flush()
        answer = self._answer()
        self.peak_mb = answer["peak_mb"]
        return answer["seconds"]

    def _answer(self) -> dict:
        line = self._answers.readline()
        if not line:
            raise DataError(
                f"{self._name} failed: `python -m train.cost.contenders '{self._name}'` says why."
            )
        return json.loads(line)
