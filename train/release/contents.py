"""The files of a release: of the model repository and of the two Spaces."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from songnet.browser.build import build
from songnet.errors import WeightsError
from songnet.weights import load_weights
from songnet.weights.metrics import METRICS_FILE, Metrics, read_metrics
from songnet.weights.release import FILES, INDEX, NETWORK_FILE, ReleaseConfig, sha256
from train.cost import training
from train.data import licences
from train.errors import ReleaseError
from train.evidence import before_after
from train.evidence.names import is_evidence
from train.network.history import HISTORY_FILE
from train.release.card import browser_card, model_card, space_card

ROOT = Path(__file__).resolve().parents[2]

# Other files beside the evidence are of the page, of own genres and of trials, which stay in the
# project.
_MORE_EVIDENCE = {
    before_after.FILE,
    before_after.STARTS_FILE,
    HISTORY_FILE,
    licences.FILE,
    training.FILE,
}
# Folders that programs make beside the sources.
_MADE = ("__pycache__", "node_modules")


def model_files(repository: str, artifacts: str | Path) -> dict[str, bytes]:
    """Collects the files of the model repository, and checks that they are one complete release.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"``
    artifacts : path of the release's folder

    Returns
    -------
    dict of str to bytes
        Contents by their path in the repository.

    Raises
    ------
    ReleaseError
        If a file is missing, or the files do not belong together.
    MetricsError
        If `metrics.json` lacks a figure.
    """
    artifacts = Path(artifacts)
    config = _config(artifacts)
    metrics = read_metrics(artifacts)
    if metrics is None:
        raise ReleaseError(f"{artifacts} has no {METRICS_FILE}: run python -m train report.")
    names = {*FILES, NETWORK_FILE, METRICS_FILE}
    names |= {path.name for path in artifacts.iterdir() if path.suffix in (".onnx", ".tflite")}
    names |= {INDEX} & {path.name for path in artifacts.iterdir()}
    for folder, belongs in (("evidence", _is_evidence), ("plots", _is_plot)):
        found = {f"{folder}/{p.name}" for p in (artifacts / folder).glob("*") if belongs(p.name)}
        if not found:
            raise ReleaseError(
                f"There is nothing in {artifacts / folder}: a release shows what its figures rest "
                "on, so measure it first."
            )
        names |= found
    files = {name: _read(artifacts / name) for name in sorted(names)}
    _check_release(files, config, metrics)
    plots = [name for name in files if name.endswith(".png")]
    card = model_card(repository, config, metrics, plots)
    return files | {"README.md": str(card).encode()}


def _is_evidence(file: str) -> bool:
    return is_evidence(file) or file in _MORE_EVIDENCE


def _is_plot(file: str) -> bool:
    return file.endswith(".png")


def _config(artifacts: Path) -> ReleaseConfig:
    try:
        return ReleaseConfig.read(artifacts)
    except WeightsError as error:
        raise ReleaseError(str(error)) from error


def _check_release(files: dict[str, bytes], config: ReleaseConfig, metrics: Metrics) -> None:
    """Raises a `ReleaseError` unless weights, `config.json` and figures are of one release."""
    for name, data in files.items():
        if not name.endswith((".keras", ".onnx", ".tflite", INDEX)):
            continue
        known = config.files[name].sha256 if name in config.files else None
        if known != sha256(data):
            again = (
                "run python -m train index, or delete it" if name == INDEX else "export it again"
            )
            raise ReleaseError(f"{name} is not the file that config.json names: {again}.")
        measured = metrics.get("sizes", {}).get(name)
        if measured is not None and measured["sha256"] != known:
            raise ReleaseError(f"{METRICS_FILE} is of another {name}: measure this one.")
    if metrics["version"] != config.version:
        raise ReleaseError(
            f"{METRICS_FILE} is of version {metrics['version']}, config.json of version "
            f"{config.version}: export and measure one of them."
        )


def space_files(
    model: str, revision: str, root: str | Path = ROOT, preload: Iterable[str] = FILES
) -> dict[str, bytes]:
    """Collects the files of the Space: the page, the package and a README that pins the model.

    Parameters
    ----------
    model : str
        ``"OWNER/NAME"`` of the model repository.
    revision : str
        Its commit.
    root : path of the project
    preload : iterable of str
        The model's files that the Space is built with.

    Returns
    -------
    dict of str to bytes
        Contents by their path in the Space.

    Raises
    ------
    ReleaseError
        If a file is missing.
    """
    root = Path(root)
    names = ["app.py", "requirements.txt"]
    names += [p.relative_to(root).as_posix() for p in _all_files(root / "songnet")]
    files = {name: _read(root / name) for name in names}
    card = space_card(model, revision, files["requirements.txt"].decode(), preload)
    return files | {"README.md": str(card).encode()}


def browser_files(model: str, revision: str) -> dict[str, bytes]:
    """Builds the page for the browser, with a README that makes it a static Space.

    Parameters
    ----------
    model : str
        ``"OWNER/NAME"`` of the model repository.
    revision : str
        Its commit: the weights are downloaded and checked.

    Returns
    -------
    dict of str to bytes
        Contents by their path in the Space.

    Raises
    ------
    BuildError
        If Node is missing, or its packages cannot be installed.
    WeightsError
        If the weights cannot be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page"
        build(page, load_weights(hub=f"{model}@{revision}"))
        files = {p.relative_to(page).as_posix(): _read(p) for p in _all_files(page)}
    return files | {"README.md": str(browser_card(model, revision)).encode()}


def _all_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part in _MADE or part.startswith(".") for part in path.parts)
        if path.is_file() and not hidden:
            yield path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}.") from error
