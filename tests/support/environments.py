"""Virtual environments in which nothing is installed but what a test puts there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_NO_NETWORK = r"NewConnectionError|ConnectionError|name resolution|timed out|Network is unreachable"


def fresh_python(folder: Path, *needed: str | Path, python: str | Path = sys.executable) -> Path:
    """Makes a virtual environment and installs into it; skips the test without a package index.

    Parameters
    ----------
    folder : path
        Where to make it.
    needed : str or path
        Arguments for ``pip install``.
    python : path of the interpreter to make it with

    Returns
    -------
    Path
        The environment's interpreter.
    """
    subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    (made,) = [*folder.glob("bin/python"), *folder.glob("Scripts/python.exe")]
    command = [made, "-m", "pip", "install", "--quiet", "--no-input", *needed]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and re.search(_NO_NETWORK, done.stderr):
        pytest.skip("pip reaches no package index, so there can be no fresh environment")
    assert done.returncode == 0, done.stderr
    return made


def other_python(version: str) -> str:
    """The path of an interpreter such as ``"3.12"``; skips the test where there is none.

    It is looked for on the path, and among those that pyenv has installed.
    """
    found = [shutil.which(f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found += map(str, pyenv.glob(f"versions/{version}.*/bin/python"))
    for path in filter(None, found):
        # What pyenv puts on the path may be a script that runs nothing.
        script = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([path, "-c", script], capture_output=True, text=True)
        if done.stdout.strip() == version:
            return path
    pytest.skip(f"Python {version} is not installed")
