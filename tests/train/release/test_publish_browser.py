"""Publishing the page for the browser: a static Space, built from one commit of the model."""

import json
import shutil
import subprocess
import sys

import pytest

from songnet.browser.build import BuildError
from tests.support.hub_cards import complaints
from tests.support.paths import ROOT
from tests.support.releases import release
from tests.support.sentences import assert_one_sentence
from train.errors import PublishError
from train.release import publish
from train.release.card import browser_card
from train.release.publish import publish_browser

pytestmark = pytest.mark.usefixtures("hub_client")

SPACE, MODEL = "ada/songnet-in-the-browser", "ada/songnet"


@pytest.fixture
def model(hub):
    return hub.add("model", MODEL, release())


@pytest.fixture
def scripted(monkeypatch):
    """Files of a page that are made up: nothing is built."""
    readme = str(browser_card(MODEL, "main")).encode()
    files = {"README.md": readme, "index.html": b"<p>", "network/songnet.tflite": b"TFL3"}
    monkeypatch.setattr(publish, "browser_files", lambda *_: files)
    return files


@pytest.mark.slow
def test_the_built_page_with_the_pinned_weights(hub, model):
    if shutil.which("npm") is None:
        pytest.skip("building the page needs Node, which is not on this machine")
    old = model.head
    model.commit(dict(model.commits[old]), "newer")
    try:
        result = publish_browser(SPACE, f"{MODEL}@{old}")
    except BuildError as error:
        pytest.skip(f"Node's packages cannot be installed here: {error}")
    space = hub.hub.repositories["space", SPACE]
    assert space.sdk == "static"
    assert {"index.html", "app.js", "service_worker.js", "licences.txt"} <= space.files.keys()
    assert space.files["network/songnet.tflite"] == release()["songnet.tflite"]
    readme = space.files["README.md"].decode()
    assert complaints(readme, "space") == []
    assert "sdk: static" in readme
    assert old in readme
    assert result["model"] == f"{MODEL}@{old}"
    # The same weights make the same page, byte for byte.
    assert publish_browser(SPACE, f"{MODEL}@{old}") == result | {"changed": False}


@pytest.mark.usefixtures("model", "scripted")
def test_again_with_nothing_changed_makes_no_commit(hub):
    first = publish_browser(SPACE, MODEL)
    hub.requests.clear()
    assert publish_browser(SPACE, MODEL) == first | {"changed": False}
    assert hub.count("POST", "/commit/|/preupload/") == 0


@pytest.mark.parametrize("named", ["ada/none", f"{MODEL}@none"])
@pytest.mark.usefixtures("model", "scripted")
def test_model_that_is_not_there(hub, named):
    with pytest.raises(PublishError) as raised:
        publish_browser(SPACE, named)
    assert_one_sentence(raised.value)
    assert ("space", SPACE) not in hub.hub.repositories


@pytest.mark.usefixtures("model", "scripted")
def test_name_taken_by_another_space(hub):
    other = hub.add("space", SPACE, {"app.py": b"", "README.md": b""})
    before = other.head
    with pytest.raises(PublishError, match="is taken by a space that is no SongNet"):
        publish_browser(SPACE, MODEL)
    assert other.head == before


@pytest.mark.parametrize("stage", [("POST", "/api/repos/create"), ("POST", "/commit/")])
@pytest.mark.usefixtures("model")
def test_failure_leaves_the_old_state(hub, scripted, stage):
    publish_browser(SPACE, MODEL)
    space = hub.hub.repositories["space", SPACE]
    before = space.head
    scripted["index.html"] = b"<p>new"
    hub.fail(*stage, status=500)
    with pytest.raises(PublishError) as raised:
        publish_browser(SPACE, MODEL)
    assert_one_sentence(raised.value)
    assert space.head == before


@pytest.mark.usefixtures("model")
def test_without_node_nothing_is_published_and_one_line_says_why(hub, environment, tmp_path):
    command = [sys.executable, "-m", "train", "publish", "browser", SPACE, "--model", MODEL]
    environment["PATH"] = str(tmp_path)
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "npm is missing: building the page needs Node" in done.stderr
    assert "Traceback" not in done.stderr
    assert ("space", SPACE) not in hub.hub.repositories


@pytest.mark.usefixtures("model")
def test_a_dry_run_only_lists(hub, scripted, capsys):
    from train.__main__ import main

    arguments = ["browser", SPACE, "--model", MODEL, "--dry-run", "--json"]
    assert main(["publish", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["files"].keys() == scripted.keys()
    assert ("space", SPACE) not in hub.hub.repositories
