"""Weights from the Hub: which are used, when, and the messages when the Hub fails."""

import logging
import subprocess
import sys

import pytest

from songnet.errors import WeightsError
from songnet.settings import Settings
from songnet.weights import load_weights
from songnet.weights.release import INDEX
from tests.support.releases import release
from tests.support.sentences import assert_one_sentence

pytestmark = pytest.mark.usefixtures("hub_client", "embedded", "impatient")

REPO = "ada/songnet"
FILES = release()


@pytest.fixture
def model(hub):
    return hub.add("model", REPO, FILES)


def test_pinned_commit(model, caplog):
    weights = load_weights(hub=f"{REPO}@{model.head}")
    assert weights.tflite == FILES["songnet.tflite"]
    assert weights.source == f"Hugging Face Hub, {REPO}@{model.head}"
    assert not caplog.records


def test_pinned_commit_in_the_cache_needs_no_network(hub, model):
    load_weights(hub=f"{REPO}@{model.head}")
    hub.requests.clear()
    assert load_weights(hub=f"{REPO}@{model.head}").tflite == FILES["songnet.tflite"]
    assert hub.requests == []


def test_an_index_comes_with_the_weights_that_name_it(hub, model):
    assert load_weights(hub=f"{REPO}@{model.head}").index is None
    indexed = hub.add("model", "ada/indexed", release(index=b"index"))
    assert load_weights(hub=f"ada/indexed@{indexed.head}").index == b"index"
    hub.requests.clear()
    assert load_weights(hub=f"ada/indexed@{indexed.head}").index == b"index"
    assert hub.requests == []


def test_an_index_that_config_json_does_not_name_is_not_used(embedded):
    (embedded / INDEX).write_bytes(b"of other weights")
    assert load_weights(folder=embedded).index is None


def test_a_damaged_index_is_refused(tmp_path):
    for name, data in release(index=b"index").items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / INDEX).write_bytes(b"other")
    with pytest.raises(WeightsError, match=rf"{INDEX} is damaged") as raised:
        load_weights(folder=tmp_path)
    assert_one_sentence(raised.value)
    (tmp_path / INDEX).unlink()
    assert load_weights(folder=tmp_path).index is None


def test_environment_names_the_repository(model, monkeypatch):
    monkeypatch.setenv("SONGNET_HUB_REPO", REPO)
    monkeypatch.setenv("SONGNET_HUB_REVISION", model.head)
    assert load_weights(hub=Settings.from_environment().hub).tflite == FILES["songnet.tflite"]


def test_order_folder_then_argument_then_environment(hub, embedded, monkeypatch):
    hub.add("model", "ada/first", release(tflite=b"first"))
    second = hub.add("model", "ada/second", release(tflite=b"second"))
    monkeypatch.setenv("SONGNET_HUB_REPO", "ada/second")
    monkeypatch.setenv("SONGNET_HUB_REVISION", second.head)
    assert load_weights(folder=embedded, hub="ada/first").tflite == b"embedded"
    assert load_weights(hub="ada/first").tflite == b"first"
    assert load_weights(hub=Settings.from_environment().hub).tflite == b"second"
    monkeypatch.delenv("SONGNET_HUB_REPO")
    monkeypatch.delenv("SONGNET_HUB_REVISION")
    assert load_weights(hub=Settings.from_environment().hub).tflite == b"embedded"


def test_branch_works_and_warns_which_commit_to_pin(model, caplog):
    assert load_weights(hub=REPO).tflite == FILES["songnet.tflite"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "is a branch" in caplog.text
    assert model.head in caplog.text


def test_tag_works_without_a_warning(model, caplog):
    model.tags["v1"] = model.head
    assert load_weights(hub=f"{REPO}@v1").source.endswith(model.head)
    assert not caplog.records


def test_branch_that_moves_between_two_downloads_gives_one_commit(hub, model):
    before = model.head
    answer = hub.answer

    def move_after_config(request):
        response = answer(request)
        if request.method == "GET" and request.path.endswith("config.json"):
            hub.add("model", REPO, release(tflite=b"newer")).commits.update(model.commits)
        return response

    hub.answer = move_after_config
    assert load_weights(hub=REPO).source.endswith(before)


UNREACHABLE = {
    "429": ({"status": 429, "Retry_After": "7"}, "asks to wait 7 s (429)"),
    "500": ({"status": 500}, "trouble of its own (500)"),
    "cut": ({"how": "hang up"}, "the connection failed or was lost"),
    "slow": ({"how": "stall"}, "did not answer in time"),
}


@pytest.mark.parametrize(("failure", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_unreachable_hub_leaves_the_embedded_weights(hub, model, caplog, capfd, failure, why):
    hub.fail("GET", "/api/models/", **failure)
    weights = load_weights(hub=f"{REPO}@{model.head}")
    assert weights.tflite == b"embedded"
    assert weights.source.startswith("embedded in this installation, in place of ada/songnet@")
    assert why in weights.source
    assert [record.getMessage() for record in caplog.records] == [
        f"The weights in use are {weights.source}."
    ]
    assert capfd.readouterr().err.count("\n") <= 1


@pytest.mark.parametrize(("failure", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_unreachable_hub_prefers_what_it_gave_before(hub, model, caplog, failure, why):
    load_weights(hub=f"{REPO}@main")
    hub.fail("GET", "/api/models/", **failure)
    weights = load_weights(hub=f"{REPO}@main")
    assert weights.tflite == FILES["songnet.tflite"]
    assert weights.source.startswith(f"stored here earlier from {REPO}@{model.head} (")
    assert why in caplog.text


@pytest.mark.parametrize(("failure", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
@pytest.mark.usefixtures("nothing_embedded")
def test_unreachable_hub_and_nothing_here(hub, model, failure, why):
    hub.fail("GET", "/api/models/", **failure)
    with pytest.raises(WeightsError) as raised:
        load_weights(hub=f"{REPO}@{model.head}")
    assert why in str(raised.value)
    assert_one_sentence(raised.value)


def test_no_hub_at_all(hub, model):
    hub.__exit__()
    weights = load_weights(hub=f"{REPO}@{model.head}")
    assert weights.tflite == b"embedded"
    assert "the connection failed" in weights.source


@pytest.mark.usefixtures("model")
def test_offline_uses_the_cache_then_the_embedded_weights(hub, monkeypatch):
    load_weights(hub=REPO)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert load_weights(hub=REPO).tflite == FILES["songnet.tflite"]
    other = load_weights(hub="ada/other@" + "0" * 40)
    assert other.tflite == b"embedded"
    assert "HF_HUB_OFFLINE forbids it" in other.source
    assert hub.requests == []


REFUSALS = {
    "401": (401, "does not know the token"),
    "403": (403, "no permission"),
    "404": (404, "no such repository"),
}


@pytest.mark.parametrize(("status", "why"), REFUSALS.values(), ids=REFUSALS)
def test_hub_that_refuses_is_an_error_not_a_reason_for_other_weights(hub, model, status, why):
    hub.fail("GET", "/api/models/", status)
    with pytest.raises(WeightsError, match=why) as raised:
        load_weights(hub=f"{REPO}@{model.head}")
    assert_one_sentence(raised.value)


@pytest.mark.parametrize("named", ["ada/none", f"{REPO}@none", f"{REPO}@{'0' * 40}", "a/b/c"])
@pytest.mark.usefixtures("model")
def test_wrong_names(named):
    with pytest.raises(WeightsError) as raised:
        load_weights(hub=named)
    assert_one_sentence(raised.value)


def test_repository_without_a_classifier(hub):
    hub.add("model", "ada/text", {"config.json": b"{}"})
    with pytest.raises(WeightsError, match="no such repository, revision or file"):
        load_weights(hub="ada/text")
    hub.add("model", "ada/other", {"config.json": b'{"files": {}}', "songnet.tflite": b"x"})
    with pytest.raises(WeightsError, match=r"config\.json is not SongNet's"):
        load_weights(hub="ada/other")


def test_download_goes_on_after_a_busy_answer_and_a_cut(hub, hub_client, model):
    hub.fail("GET", "/resolve/.*tflite", 429, times=1, Retry_After="3")
    hub.fail("GET", "/resolve/.*tflite", how="break off", times=1)
    weights = load_weights(hub=f"{REPO}@{model.head}")
    assert weights.tflite == FILES["songnet.tflite"]
    assert 4.0 in hub_client.waits  # what Retry-After asks for, and a second more


def test_download_that_keeps_breaking_off(hub, model):
    hub.fail("GET", "/resolve/.*tflite", how="hang up")
    weights = load_weights(hub=f"{REPO}@{model.head}")
    assert weights.tflite == b"embedded"
    assert "the connection failed or was lost" in weights.source


@pytest.mark.parametrize("how", ["hang up", "break off"])
def test_refresh_that_breaks_off_leaves_what_was_there(hub, model, how):
    load_weights(hub=f"{REPO}@main")
    before = model.head
    hub.add("model", REPO, release(tflite=b"newer")).commits.update(model.commits)
    hub.fail("GET", "/resolve/.*tflite", how=how)
    weights = load_weights(hub=f"{REPO}@main")
    assert weights.tflite == FILES["songnet.tflite"]
    assert f"stored here earlier from {REPO}@{before}" in weights.source


def test_corrupted_download_is_refused_and_never_used(hub, model):
    hub.fail("GET", "/resolve/.*tflite", how="corrupt")
    with pytest.raises(WeightsError, match="is damaged") as raised:
        load_weights(hub=f"{REPO}@{model.head}")
    assert_one_sentence(raised.value)


def test_corrupted_download_heals_itself(hub, model):
    hub.fail("GET", "/resolve/.*tflite", how="corrupt", times=1)
    assert load_weights(hub=f"{REPO}@{model.head}").tflite == FILES["songnet.tflite"]
    hub.requests.clear()
    assert load_weights(hub=f"{REPO}@{model.head}").tflite == FILES["songnet.tflite"]
    assert hub.requests == []


def test_damaged_cache_without_a_hub_is_refused(hub, model, tmp_path):
    load_weights(hub=f"{REPO}@{model.head}")
    for file in (tmp_path / "cache").rglob("songnet.tflite"):
        file.resolve().write_bytes(b"other")
    hub.fail("GET", "/api/models/", 500)
    with pytest.raises(WeightsError, match="is damaged"):
        load_weights(hub=f"{REPO}@{model.head}")


def test_client_library_is_left_as_it_was(hub, model):
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    hub.fail("GET", "/api/models/", 500)
    load_weights(hub=f"{REPO}@{model.head}")
    assert logger.level == level


def test_serving_does_not_import_the_hub_client_without_need():
    code = (
        "import sys, songnet.weights, songnet.classifier\n"
        "sys.exit(any(m.split('.')[0] in ('huggingface_hub', 'httpx2') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_command_line_takes_a_repository(environment, tmp_path):
    command = [sys.executable, "-m", "songnet", "--json", "--hub", "ada/none", str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.startswith("songnet: The weights ada/none@main cannot be had from the Hub")
    assert run.stderr.count("\n") == 1
