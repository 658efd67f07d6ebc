"""Publishing the Space: its tree, the model that it is pinned to, and what a failure leaves."""

import json
import subprocess
import sys

import pytest
from huggingface_hub import SpaceCard

from songnet.weights.release import INDEX
from tests.support.hub_cards import complaints
from tests.support.paths import ROOT
from tests.support.releases import release
from tests.support.sentences import assert_one_sentence
from train.errors import PublishError, ReleaseError
from train.release.contents import space_files
from train.release.publish import publish_space

pytestmark = pytest.mark.usefixtures("hub_client")

SPACE, MODEL = "ada/songnet-page", "ada/songnet"


@pytest.fixture
def model(hub):
    return hub.add("model", MODEL, release())


@pytest.fixture
def project(tmp_path):
    """A project with a file of every kind."""
    root = tmp_path / "project"
    files = {
        "app.py": "print()",
        "requirements.txt": "gradio==6.31.0\n",
        "songnet/spec.py": "VERSION = 1",
        "songnet/ui/assets/base.css": "p {}",
        "songnet/__pycache__/spec.pyc": "",
        "songnet/browser/page/node_modules/esbuild/main.js": "",
        "songnet/.hidden": "",
        "tests/test_all.py": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_tree_and_variables(hub, model, project):
    result = publish_space(SPACE, MODEL, project)
    space = hub.hub.repositories["space", SPACE]
    assert space.sdk == "gradio"
    assert space.files.keys() == {
        *("app.py", "requirements.txt", "README.md", ".gitattributes"),
        *("songnet/spec.py", "songnet/ui/assets/base.css"),
    }
    assert space.variables == {"SONGNET_HUB_REPO": MODEL, "SONGNET_HUB_REVISION": model.head}
    assert len(space.commits) == 2
    assert result == {
        "repository": SPACE,
        "commit": space.head,
        "url": f"{hub.url}/spaces/{SPACE}/commit/{space.head}",
        "changed": True,
        "model": f"{MODEL}@{model.head}",
    }


def test_readme_of_the_project_itself(model):
    files = space_files(MODEL, model.head)
    readme = files["README.md"].decode()
    assert complaints(readme, "space") == []
    data = SpaceCard(readme).data
    assert f"gradio=={data.sdk_version}\n" in (ROOT / "requirements.txt").read_text()
    assert data.preload_from_hub == [f"{MODEL} config.json,songnet.tflite {model.head}"]


def test_it_is_built_with_the_index_of_a_model_that_has_one(hub, project):
    model = hub.add("model", MODEL, release(index=b"index"))
    publish_space(SPACE, MODEL, project)
    readme = hub.hub.repositories["space", SPACE].files["README.md"].decode()
    names = f"config.json,songnet.tflite,{INDEX}"
    assert SpaceCard(readme).data.preload_from_hub == [f"{MODEL} {names} {model.head}"]


@pytest.mark.usefixtures("model")
def test_again_with_nothing_changed_does_nothing(hub, project):
    first = publish_space(SPACE, MODEL, project)
    hub.requests.clear()
    assert publish_space(SPACE, MODEL, project) == first | {"changed": False}
    assert hub.count("POST", "/commit/|/variables|/preupload/") == 0


def test_stays_with_the_model_commit_that_it_is_given(hub, model, project):
    old = model.head
    model.commit(dict(model.commits[old]), "newer")
    publish_space(SPACE, f"{MODEL}@{old}", project)
    space = hub.hub.repositories["space", SPACE]
    assert space.variables["SONGNET_HUB_REVISION"] == old
    publish_space(SPACE, MODEL, project)
    assert space.variables["SONGNET_HUB_REVISION"] == model.head != old
    assert model.head in space.files["README.md"].decode()


@pytest.mark.parametrize("named", ["ada/none", f"{MODEL}@none", "none of these"])
@pytest.mark.usefixtures("model")
def test_model_that_is_not_there(hub, project, named):
    with pytest.raises(PublishError) as raised:
        publish_space(SPACE, named, project)
    assert_one_sentence(raised.value)
    assert ("space", SPACE) not in hub.hub.repositories


def test_model_that_is_no_songnet(hub, project):
    hub.add("model", "ada/other", {"model.safetensors": b""})
    with pytest.raises(PublishError, match="is no SongNet"):
        publish_space(SPACE, "ada/other", project)


@pytest.mark.usefixtures("model")
def test_name_taken_by_another_space(hub, project):
    other = hub.add("space", SPACE, {"app.py": b"", "README.md": b""})
    before = other.head
    with pytest.raises(PublishError, match="is taken by a space that is no SongNet"):
        publish_space(SPACE, MODEL, project)
    assert other.head == before


@pytest.mark.usefixtures("model")
def test_missing_file(hub, project):
    (project / "app.py").unlink()
    with pytest.raises(ReleaseError, match=r"app\.py cannot be read"):
        publish_space(SPACE, MODEL, project)
    assert ("space", SPACE) not in hub.hub.repositories


STAGES = {
    "create": ("POST", "/api/repos/create"),
    "variables": ("GET", "/variables"),
    "commit": ("POST", "/commit/"),
}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize("failure", [{"status": 500}, {"how": "hang up"}], ids=["500", "cut"])
def test_failure_leaves_the_old_state(hub, model, project, stage, failure):
    publish_space(SPACE, MODEL, project)
    space = hub.hub.repositories["space", SPACE]
    before, variables = space.head, dict(space.variables)
    model.commit(dict(model.commits[model.head]), "newer")
    hub.fail(*stage, **failure)
    with pytest.raises(PublishError) as raised:
        publish_space(SPACE, MODEL, project)
    assert_one_sentence(raised.value)
    assert (space.head, space.variables) == (before, variables)


def test_variable_that_fails_is_set_the_next_time(hub, model, project):
    publish_space(SPACE, MODEL, project)
    model.commit(dict(model.commits[model.head]), "newer")
    hub.fail("POST", "/variables", 500, times=1)
    with pytest.raises(PublishError, match="but not every variable is"):
        publish_space(SPACE, MODEL, project)
    assert not publish_space(SPACE, MODEL, project)["changed"]
    space = hub.hub.repositories["space", SPACE]
    assert space.variables["SONGNET_HUB_REVISION"] == model.head


@pytest.mark.usefixtures("model")
def test_command_line(hub, environment):
    arguments = ["publish", "--json", "space", SPACE, "--model", MODEL, "--dry-run"]
    command = [sys.executable, "-m", "train", *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout)["files"]
    assert {"app.py", "README.md", "songnet/spec.py", "songnet/ui/assets/base.css"} <= files.keys()
    assert not [name for name in files if "__pycache__" in name]
    assert ("space", SPACE) not in hub.hub.repositories
