"""The wheel and the sdist, what they hold, and that the wheel works where it is installed alone."""

import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.support.environments import fresh_python, other_python
from tests.support.paths import ROOT
from tests.support.requirements import lowest, pins

pytestmark = pytest.mark.slow

EMBEDDED = {"config.json", "metrics.json", "songnet-index.npz", "songnet.tflite"}
HERE = "{}.{}".format(*sys.version_info)
PYTEST = str(pins("tests/requirements.txt")["pytest"])


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The folder of an sdist and of the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    (path,) = distributions.glob("*.whl")
    return path


def test_the_wheel_holds_what_serves_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as file:
        sizes = {info.filename: info.file_size for info in file.infolist()}
    tops = {name.split("/")[0] for name in sizes}
    information = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"
    assert tops == {"beetsplug", "songnet", information}
    # Without an `__init__.py`: the folder is shared with beets' own plugins.
    assert {name for name in sizes if name.startswith("beetsplug/")} == {"beetsplug/songnet.py"}
    embedded = {n.rpartition("/")[2]: size for n, size in sizes.items() if "/embedded/" in n}
    assert embedded.keys() == EMBEDDED
    assert sum(embedded.values()) < 2_000_000
    code = {name for name in sizes if name.startswith("songnet/") and "/embedded/" not in name}
    assert code == {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "songnet").rglob("*")
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts)
    }
    assert {"songnet/py.typed", "songnet/browser/page/index.html"} <= code
    assert {"songnet/ui/assets/base.css", "songnet/ui/assets/base.js"} <= code


def test_the_sdist_holds_what_trains_and_what_figures_rest_on(distributions):
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {
        *("pyproject.toml", "LICENSE-WEIGHTS", "CITATION.cff", "app.py", "requirements.txt"),
        *("train/network/fit.py", "train/requirements.txt", "train/release/model_card.md"),
        *("artifacts/songnet.keras", "artifacts/evidence/history.json", "artifacts/metrics.json"),
        *("tests/test_environments.py", "beetsplug/songnet.py", "docs/accuracy.md"),
        "hatch_build.py",
    } <= names


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_wheel_works_alone(wheel, version, tmp_path):
    python = sys.executable if version == HERE else other_python(version)
    pinned = ["--constraint", ROOT / "requirements.txt"]
    smoke(fresh_python(tmp_path / "environment", wheel, PYTEST, *pinned, python=python))


def test_the_wheel_works_with_the_lowest_versions(wheel, tmp_path):
    constraints = tmp_path / "lowest.txt"
    constraints.write_text("\n".join(lowest()))
    smoke(fresh_python(tmp_path / "environment", wheel, PYTEST, "--constraint", constraints))


def smoke(python):
    """Runs `tests/test_smoke.py`, whose processes start in folders of their own."""
    command = [python, "-m", "pytest", "--noconftest", "-p", "no:cacheprovider"]
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*command, "tests/test_smoke.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
