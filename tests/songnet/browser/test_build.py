"""Building the page: what it holds, what it refuses, and the checks of its sources."""

import errno
import os
import subprocess

import pytest

from songnet.browser import __main__ as command
from songnet.browser.build import BuildError, build
from songnet.colours import GENRE_COLOURS
from songnet.errors import OutputError


@pytest.mark.slow
def test_the_page_holds_the_weights_and_no_address_of_others(built, weights):
    assert (built / "network" / "songnet.tflite").read_bytes() == weights.tflite
    code = (built / "app.js").read_text(encoding="utf-8")
    assert weights.sha256 in code
    assert GENRE_COLOURS["Folk"].light in code
    html = (built / "index.html").read_text(encoding="utf-8")
    assert "default-src 'self'" in html
    assert "@" not in html.split("<body>")[0]
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.slow
def test_an_earlier_build_is_replaced(sources, weights, tmp_path):
    out = tmp_path / "site"
    build(out, weights, sources)
    (out / "left.js").touch()
    build(out, weights, sources)
    assert not (out / "left.js").exists()


@pytest.mark.slow
@pytest.mark.parametrize("step", ["check", "test"])
def test_the_sources_are_clean_and_do_as_python_does(sources, step):
    done = subprocess.run(["npm", "run", step], cwd=sources, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_with_other_files_is_kept(weights, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear ...")
    with pytest.raises(OutputError, match="holds other files: name a new folder, or empty this"):
        build(tmp_path, weights)
    assert (tmp_path / "letter.txt").read_text() == "Dear ..."


@pytest.mark.parametrize("earlier", [False, True])
def test_on_a_full_disk_nothing_is_left_and_an_earlier_build_stays(
    weights, tmp_path, monkeypatch, earlier
):
    def make(made, *_):
        (made / "network").mkdir()
        for name in ("app.js", "network/worker.js", "service_worker.js"):
            (made / name).write_text("new")

    def copy(source, place):
        if source.name == "worker.js":
            place.touch()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        place.write_bytes(source.read_bytes())

    monkeypatch.setattr("songnet.browser.build._make", make)
    out = tmp_path / "site"
    if earlier:
        build(out, weights, tmp_path)
        (out / "app.js").write_text("old")
    monkeypatch.setattr("shutil.copyfile", copy)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        build(out, weights, tmp_path)
    if not earlier:
        assert not out.exists()
        return
    assert (out / "app.js").read_text() == "old"
    assert {path.name for path in out.iterdir()} == {"app.js", "network", "service_worker.js"}


def test_without_node_it_says_what_is_needed(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"npm is missing: building the page needs Node 20"):
        build(tmp_path / "site", weights)


def test_the_command_says_it_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main(["build", str(tmp_path / "site")]) == 1
    assert capsys.readouterr().err.startswith("songnet.browser: npm is missing")
    (tmp_path / "letter.txt").touch()
    assert command.main(["build", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
