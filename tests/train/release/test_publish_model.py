"""Publishing the model: what is there afterwards, and what a failure leaves."""

import json
import subprocess
import sys

import pytest

from songnet.spec import VERSION
from songnet.weights import load_weights
from songnet.weights.release import INDEX
from tests.support.hub_cards import complaints
from tests.support.releases import release, write_release
from tests.support.sentences import assert_one_sentence
from train.errors import PublishError, ReleaseError
from train.release.contents import model_files
from train.release.publish import publish_model

pytestmark = pytest.mark.usefixtures("hub_client")

REPO = "ada/songnet"
EVIDENCE = "official-validation-songnet-seed0.csv"
PATHS = {
    *("songnet.keras", "songnet.tflite", "config.json", "metrics.json", "README.md"),
    *(f"evidence/{EVIDENCE}", "plots/training_history.png", ".gitattributes"),
}


@pytest.fixture
def artifacts(tmp_path):
    return write_release(tmp_path / "artifacts")


def test_everything_goes_in_one_commit_with_a_tag(hub, artifacts):
    result = publish_model(REPO, artifacts)
    repository = hub.hub.repositories["model", REPO]
    assert repository.files.keys() == PATHS
    assert repository.files["songnet.tflite"] == release()["songnet.tflite"]
    assert len(repository.commits) == 2  # the Hub's own first one, and this
    assert repository.tags == {f"v{VERSION}": repository.head}
    assert complaints(repository.files["README.md"].decode(), "model") == []
    assert result == {
        "repository": REPO,
        "commit": repository.head,
        "url": f"{hub.url}/{REPO}/commit/{repository.head}",
        "changed": True,
        "tag": f"v{VERSION}",
    }


def test_what_is_no_evidence_of_the_network_stays(hub, artifacts):
    evidence = artifacts / "evidence"
    (evidence / "trials").mkdir()
    for other in ("trials/wider.csv", "page.json", "own-genres.csv", EVIDENCE + ".part"):
        (evidence / other).write_text("of something else\n")
    (artifacts / "plots" / "notes.txt").write_text("mine\n")
    publish_model(REPO, artifacts)
    assert hub.hub.repositories["model", REPO].files.keys() == PATHS


def test_what_the_tables_of_the_card_come_from_goes_along(artifacts):
    names = {"robustness.csv", "starts.csv", "training.json", "licences.json", "history.json"}
    for name in names:
        (artifacts / "evidence" / name).write_text("of the network\n")
    assert {f"evidence/{name}" for name in names} <= model_files(REPO, artifacts).keys()


def test_what_is_published_can_be_loaded(artifacts):
    commit = publish_model(REPO, artifacts)["commit"]
    assert load_weights(hub=f"{REPO}@{commit}").tflite == release()["songnet.tflite"]


def test_again_with_nothing_changed_makes_no_commit(hub, artifacts):
    first = publish_model(REPO, artifacts)
    hub.requests.clear()
    assert publish_model(REPO, artifacts) == first | {"changed": False}
    assert hub.count("POST", "/commit/|/tag/|/preupload/|/batch") == 0


def test_removed_and_changed_files_are_so_on_the_hub(hub, artifacts):
    publish_model(REPO, artifacts)
    (artifacts / "plots" / "training_history.png").rename(artifacts / "plots" / "history.png")
    publish_model(REPO, artifacts)
    repository = hub.hub.repositories["model", REPO]
    changed = {"plots/training_history.png", "plots/history.png"}
    assert repository.files.keys() == PATHS ^ changed
    assert len(repository.commits) == 3
    assert repository.tags[f"v{VERSION}"] != repository.head


def test_every_tflite_goes(hub, artifacts):
    config = json.loads((artifacts / "config.json").read_text())
    config["files"]["songnet-float32.tflite"] = config["files"]["songnet.tflite"]
    (artifacts / "config.json").write_text(json.dumps(config))
    (artifacts / "songnet-float32.tflite").write_bytes(release()["songnet.tflite"])
    publish_model(REPO, artifacts)
    assert "songnet-float32.tflite" in hub.hub.repositories["model", REPO].files


def test_the_index_goes_where_config_json_names_it(hub, artifacts):
    (artifacts / INDEX).write_bytes(b"of other weights")
    with pytest.raises(ReleaseError, match="python -m train index"):
        publish_model(REPO, artifacts)
    write_release(artifacts, index=b"index")
    publish_model(REPO, artifacts)
    repository = hub.hub.repositories["model", REPO]
    assert repository.files[INDEX] == b"index"
    assert INDEX in repository.files["README.md"].decode()


def test_other_weights_need_a_new_version(hub, artifacts):
    publish_model(REPO, artifacts)
    before = hub.hub.repositories["model", REPO].head
    write_release(artifacts, tflite=b"trained again")
    with pytest.raises(PublishError, match="new VERSION"):
        publish_model(REPO, artifacts)
    assert hub.hub.repositories["model", REPO].head == before


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "songnet.keras", "songnet.tflite"])
def test_missing_file(hub, artifacts, name):
    (artifacts / name).unlink()
    with pytest.raises(ReleaseError, match=name):
        publish_model(REPO, artifacts)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("config.json", '"sha256": "', '"sha256": "0', "is not the file that config.json names"),
        ("metrics.json", VERSION, "9.9.9", "of version 9.9.9"),
        ("metrics.json", '"accuracy"', '"acuracy"', "metrics.json has no"),
        ("metrics.json", "{", "", "is no JSON"),
    ],
)
def test_files_that_do_not_belong_together(hub, artifacts, name, old, new, why):
    path = artifacts / name
    path.write_text(path.read_text().replace(old, new, 1) if new else "no JSON")
    with pytest.raises(Exception, match=why) as raised:
        publish_model(REPO, artifacts)
    assert_one_sentence(raised.value)
    assert hub.requests == []


def test_figures_of_another_file_are_refused(hub, artifacts):
    metrics = json.loads((artifacts / "metrics.json").read_text())
    times = {"median": 5.0, "low": 4.0, "high": 6.0, "min": 4.0}
    measured = {"accuracy": 0.6, "same_genre": 1.0, "max_dp": 0.0, "window_ms": times}
    metrics["sizes"] = {"songnet.tflite": {"sha256": "0" * 64, "bytes": 9, **measured}}
    (artifacts / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(ReleaseError, match=r"is of another songnet\.tflite"):
        publish_model(REPO, artifacts)
    assert hub.requests == []


def test_no_token(hub, artifacts, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(PublishError, match="There is no token"):
        publish_model(REPO, artifacts)
    assert hub.hub.repositories == {}


@pytest.mark.parametrize(
    ("token", "why"),
    [("hf_unknown", "does not know the token"), ("hf_ada_read", "no permission")],
)
def test_token_that_may_not(hub, artifacts, monkeypatch, token, why):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(PublishError, match=why) as raised:
        publish_model(REPO, artifacts)
    assert_one_sentence(raised.value)
    assert hub.hub.repositories == {}


def test_name_of_somebody_else(hub, artifacts):
    other = hub.add("model", "bob/songnet", release())
    before = other.head
    with pytest.raises(PublishError, match="no permission"):
        publish_model("bob/songnet", artifacts)
    assert other.head == before


def test_name_taken_by_another_model(hub, artifacts):
    other = hub.add("model", REPO, {"model.safetensors": b"", "README.md": b""})
    before = other.head
    with pytest.raises(PublishError, match="is taken by a model that is no SongNet"):
        publish_model(REPO, artifacts)
    assert other.head == before


STAGES = {
    "list": ("GET", "/api/models/.*/tree"),
    "card": ("POST", "/api/validate-yaml"),
    "preupload": ("POST", "/preupload/"),
    "batch": ("POST", "/objects/batch"),
    "upload": ("PUT", "/lfs/"),
    "verify": ("POST", "/verify"),
    "commit": ("POST", "/commit/"),
}
FAILURES = {
    "401": ({"status": 401}, "does not know the token"),
    "403": ({"status": 403}, "no permission"),
    "404": ({"status": 404}, "no such repository"),
    "429": ({"status": 429, "Retry_After": "2"}, "too many requests and asks to wait 2 s"),
    "500": ({"status": 500}, "trouble of its own"),
    "cut": ({"how": "hang up"}, "the connection failed or was lost"),
}


@pytest.mark.parametrize(("failure", "why"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_failure_leaves_the_old_state_and_mending_it_the_new(
    hub, artifacts, stage, failure, why, capfd
):
    publish_model(REPO, write_release(artifacts, tflite=b"old"))
    repository = hub.hub.repositories["model", REPO]
    repository.tags.clear()  # as if the old state were of another version
    before = repository.head
    write_release(artifacts)
    hub.fail(*stage, **failure)
    with pytest.raises(PublishError, match=why) as raised:
        publish_model(REPO, artifacts)
    assert_one_sentence(raised.value)
    assert capfd.readouterr() == ("", "")
    assert (repository.head, repository.tags) == (before, {})

    hub.failures.clear()
    publish_model(REPO, artifacts)
    assert repository.files["songnet.tflite"] == release()["songnet.tflite"]
    assert repository.tags == {f"v{VERSION}": repository.head}


@pytest.mark.parametrize(("failure", "why"), FAILURES.values(), ids=FAILURES)
def test_repository_that_cannot_be_made(hub, artifacts, failure, why):
    hub.fail("POST", "/api/repos/create", **failure)
    with pytest.raises(PublishError, match=why) as raised:
        publish_model(REPO, artifacts)
    assert_one_sentence(raised.value)


def test_token_that_may_write_but_not_create(hub, artifacts):
    repository = hub.add("model", REPO, release())
    hub.fail("POST", "/api/repos/create", 403)
    publish_model(REPO, artifacts)
    assert repository.files.keys() == PATHS - {".gitattributes"}


def test_passing_trouble_is_waited_for(hub, hub_client, artifacts):
    hub.fail("POST", "/preupload/", 429, times=1, Retry_After="5")
    hub.fail("PUT", "/lfs/", how="hang up", times=1)
    hub.fail("PUT", "/lfs/", 500, times=1)
    publish_model(REPO, artifacts)
    assert hub.hub.repositories["model", REPO].files.keys() == PATHS
    assert 6.0 in hub_client.waits  # what Retry-After asks for, and a second more


def test_corrupted_upload_is_not_published(hub, artifacts):
    announced = hub.hub.answer

    def garble(request):
        request.body = request.body[::-1] if request.method == "PUT" else request.body
        return announced(request)

    hub.hub.answer = garble
    with pytest.raises(PublishError, match="not the one that was announced"):
        publish_model(REPO, artifacts)
    assert hub.hub.repositories["model", REPO].files.keys() == {".gitattributes"}


def test_commit_whose_answer_is_lost_is_found_the_next_time(hub, artifacts):
    hub.fail("POST", "/commit/", how="answer lost", times=1)
    with pytest.raises(PublishError, match="Either all of it is published or nothing"):
        publish_model(REPO, artifacts)
    result = publish_model(REPO, artifacts)
    repository = hub.hub.repositories["model", REPO]
    assert not result["changed"]
    assert repository.files.keys() == PATHS
    assert repository.tags == {f"v{VERSION}": repository.head}


def test_tag_that_fails_is_made_the_next_time(hub, artifacts):
    hub.fail("POST", "/tag/", 500, times=1)
    with pytest.raises(PublishError, match=r"but the tag v.* is not"):
        publish_model(REPO, artifacts)
    result = publish_model(REPO, artifacts)
    assert hub.hub.repositories["model", REPO].tags == {result["tag"]: result["commit"]}


def test_somebody_who_publishes_at_the_same_time_is_not_overwritten(hub, artifacts):
    publish_model(REPO, artifacts)
    repository = hub.hub.repositories["model", REPO]
    (artifacts / "evidence" / EVIDENCE).write_text("new\n")
    answer = hub.hub.answer

    def commit_before(request):
        if "/preupload/" in request.path:
            repository.commit(dict(repository.commits[repository.head]), "somebody else's")
        return answer(request)

    hub.hub.answer = commit_before
    with pytest.raises(PublishError, match="somebody else published in the meantime"):
        publish_model(REPO, artifacts)


def run(environment, *arguments):
    command = [sys.executable, "-m", "train", "publish", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_command_line(hub, environment, artifacts):
    done = run(environment, "model", REPO, "--artifacts", artifacts, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["commit"] == hub.hub.repositories["model", REPO].head
    output = run(environment, "model", REPO, "--artifacts", artifacts).stdout
    assert f"commit: {result['commit']}\nurl: {result['url']}\nchanged: False\n" in output


def test_command_line_dry_run_lists_and_asks_nothing(hub, environment, artifacts):
    del environment["HF_TOKEN"]
    done = run(environment, "model", REPO, "--artifacts", artifacts, "--dry-run")
    assert done.returncode == 0, done.stderr
    listed = {line.split(":")[0].strip() for line in done.stdout.splitlines()}
    assert listed >= PATHS - {".gitattributes"}
    assert hub.requests == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["model", "songnet"], 2, "write OWNER/NAME"),
        (["space", REPO], 2, "--model"),
        (["model", REPO, "--artifacts", "nowhere"], 1, "config.json cannot be read"),
    ],
)
def test_command_line_says_what_is_wrong(environment, arguments, status, message):
    done = run(environment, *arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
