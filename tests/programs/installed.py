"""What SongNet and others weigh once installed: `python -m tests.programs.installed`.

Each is installed by pip, from the package index, into a fresh virtual environment, and hears one of
the songs that the page offers if it comes with all that it needs for that. The figures go to
`artifacts/evidence/installed.json`; the README quotes them, as a test sees to.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from songnet.examples import write_examples
from tests.support.paths import ROOT

OUTPUT = ROOT / "artifacts" / "evidence" / "installed.json"
# What pip installs, and the command that hears a song: SONG is its path, OUT an empty folder.
TOOLS = {
    "songnet": (str(ROOT), ["songnet", "SONG"]),
    "birdnet-analyzer": ("birdnet-analyzer", None),
    "basic-pitch": ("basic-pitch", ["basic-pitch", "OUT", "SONG"]),
    "essentia-tensorflow": ("essentia-tensorflow", None),
    "musicnn": ("musicnn", ["python", "-m", "musicnn.tagger", "SONG", "--print"]),
}


def size_mb(folder: Path) -> float:
    """How much the files of a folder weigh, each counted once."""
    files = {
        (found.st_dev, found.st_ino): found.st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
        for found in [path.stat()]
    }
    return sum(files.values()) / 1e6


def measure(requirement: str, command: list[str] | None, song: Path) -> dict[str, Any]:
    """Installs a tool and has it hear a song.

    Parameters
    ----------
    requirement : str
        What ``pip install`` is given.
    command : list of str, or None
        None for what must download a network first.
    song : path

    Returns
    -------
    dict
        ``version``, ``installed_mb``, and ``peak_mb``, the resident memory of its largest process;
        null where there is none; ``failed``, pip's last error, where it cannot be installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder, "environment")
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        programs, library = environment / "bin", environment / "lib"
        before = size_mb(library)
        pip = [programs / "pip", "install", "--quiet", "--no-input", requirement]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            (*_, last) = re.findall(r"\w*(?:Error|ERROR): .+", done.stderr)
            return {"failed": last}
        installed = round(size_mb(library) - before)
        name = requirement if requirement != str(ROOT) else "songnet"
        ask = f"import importlib.metadata as m; print(m.version({name!r}))"
        version = subprocess.run([programs / "python", "-c", ask], capture_output=True, text=True)
        return {
            "version": version.stdout.strip(),
            "installed_mb": installed,
            "peak_mb": command and peak_mb(command, programs, song, folder),
        }


def peak_mb(command: list[str], programs: Path, song: Path, folder: str) -> int | None:
    """The largest resident memory of a command, in MB; None if it fails."""
    places = {"SONG": str(song), "OUT": tempfile.mkdtemp(dir=folder)}
    first, *rest = [places.get(word, word) for word in command]
    process = subprocess.Popen(
        [programs / first, *rest], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    return round(used.ru_maxrss / 1000) if status == 0 else None


def main() -> None:
    """Measures all of them, or those that are named, and writes what was measured."""
    found = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.is_file() else {"tools": {}}
    with tempfile.TemporaryDirectory() as folder:
        song, *_ = write_examples(folder)
        for name in sys.argv[1:] or TOOLS:
            found["tools"][name] = measure(*TOOLS[name], song)
            print(name, found["tools"][name])
    found["machine"] = (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
