"""The figures of a release's files that `train export` measured, on disk and as a table."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songnet.weights.metrics import FileFigures
from songnet.weights.release import FileIdentity
from train import markdown

FILE = "sizes.json"
_NETWORKS = (".keras", ".onnx", ".tflite")
_COLUMNS = ("File", "Bytes", "Accuracy", "Same top genre", "Largest difference", "30 s window")


def write(
    artifacts: str | Path,
    files: Mapping[str, FileIdentity],
    measured: Mapping[str, Mapping[str, Any]],
) -> None:
    """Writes ``sizes.json``: the SHA-256, size and figures of each file.

    Parameters
    ----------
    artifacts : path of the folder of a release
    files : dict of str to FileIdentity
        Size and SHA-256, as in `config.json`.
    measured : dict of str to dict
        As `train.cost.sizes.measure` returns it.
    """
    rows = {name: {**identity.to_json(), **measured[name]} for name, identity in files.items()}
    (Path(artifacts) / FILE).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def read(artifacts: str | Path, files: Mapping[str, FileIdentity]) -> dict[str, FileFigures]:
    """Reads the figures of these files; empty if none, or those of other files, are there.

    Parameters
    ----------
    artifacts, files
        As in `write`.

    Returns
    -------
    dict of str to FileFigures
    """
    path = Path(artifacts) / FILE
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    networks = {name: files[name].sha256 for name in files if name.endswith(_NETWORKS)}
    measured = {name: row["sha256"] for name, row in rows.items()}
    return rows if measured == networks else {}


def to_markdown(rows: Mapping[str, FileFigures]) -> str:
    """The figures as a Markdown table, the largest file first; empty where there are none.

    Parameters
    ----------
    rows : dict of str to FileFigures
        As `read` returns them.

    Returns
    -------
    str
    """
    if not rows:
        return ""
    cells = [
        [
            f"`{name}`",
            f"{row['bytes']:,}",
            f"{row['accuracy']:.1%}",
            f"{row['same_genre']:.1%}",
            f"{row['max_dp']:.1g}",
            f"{row['window_ms']['median']:.1f} ms",
        ]
        for name, row in sorted(rows.items(), key=lambda item: -item[1]["bytes"])
    ]
    caption = (
        "Each file on the validation split, which flatters (the README's figures are of the test "
        "split). Accuracy is how often the best guess is right, also where SongNet would say “not "
        "sure”. Beside `songnet.keras`: how often the most probable genre is the same, and how far "
        "a probability is off at most. Times are processor time, in one thread."
    )
    return f"{markdown.table(_COLUMNS, cells)}\n\n{caption}"
