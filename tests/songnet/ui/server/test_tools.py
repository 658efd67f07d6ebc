"""The API as an assistant sees it: tools of the Model Context Protocol."""

import asyncio
import base64
import importlib.util
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio.mcp
import httpx
import pytest
from gradio.utils import get_upload_folder

from songnet.errors import SettingsError
from songnet.own_genres import OwnGenres
from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.ui.analysis import too_many
from songnet.ui.server import answers, inputs, room, tool_requests, tools, uploads
from tests.support import readme, songs
from tests.support.page_visits import bad_files, served
from tests.support.paths import ROOT
from tests.support.taught import song_of, write_music

needs_mcp = pytest.mark.skipif(
    importlib.util.find_spec("mcp") is None, reason=f"{tools.PACKAGE} is not installed"
)


@pytest.fixture(scope="module")
def tooled(analyser, index, examples):
    """A page that offers the tools."""
    settings = Settings.from_environment({"SONGNET_MCP": "1"})
    page = page_of_songnet.build(analyser, examples, index, settings)
    with served(page, page_of_songnet.launch_options(settings)):
        yield page


@pytest.fixture
def session(tooled):
    """Does something with a client of the tools: ``session(lambda s: s.list_tools())``."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def use(what):
        url = f"{tooled.local_url}gradio_api/mcp/"
        async with (
            streamable_http_client(url) as (read, write, *_),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            return await what(client)

    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        yield lambda what: thread.submit(lambda: asyncio.run(use(what))).result()


@pytest.fixture
def call(session):
    """Calls a tool: ``call("classify", song=...)`` gives what it says."""
    return lambda name, **arguments: session(lambda client: client.call_tool(name, arguments))


def as_data(path):
    return "data:audio/wav;base64," + base64.b64encode(path.read_bytes()).decode()


def upload(page, path):
    with path.open("rb") as file:
        answer = httpx.post(f"{page.local_url}gradio_api/upload", files={"files": file})
    return answer.json()[0]


@needs_mcp
def test_the_tools_are_the_api(session):
    listed = {tool.name: tool for tool in session(lambda client: client.list_tools()).tools}
    assert listed.keys() == {"classify", "classify_batch", "similar", "teach"}
    for tool in listed.values():
        assert tool.description
        parameter, *others = tool.inputSchema["required"]
        assert others == (["genres"] if tool.name == "teach" else [])
        description = tool.inputSchema["properties"][parameter]["description"]
        assert description.startswith(("an audio file", "audio files"))
        assert "base64" in description
    assert listed["classify"].inputSchema["properties"]["song"]["type"] == "string"
    names = listed["teach"].inputSchema["properties"]["genres"]
    assert (names["type"], names["items"]) == ("array", {"type": "string"})


@needs_mcp
def test_an_assistant_teaches_and_is_answered_in_these_genres(call, tmp_path):
    music = write_music(tmp_path / "music", per_genre=3)
    paths = sorted(music.rglob("*.wav"))
    named = [path.parent.name for path in paths]
    path, text, learned = call("teach", songs=[as_data(p) for p in paths], genres=named).content
    own = OwnGenres.from_bytes(text.text.encode())
    assert own.names == ("Noise", "Tones")
    assert json.loads(learned.text)["own_genres"] == own.digest
    song = as_data(songs.write(tmp_path / "new.wav", song_of("Tones", 9)))
    base64_text = base64.b64encode(text.text.encode()).decode()
    for form in (path.text, text.text, f"data:application/json;base64,{base64_text}"):
        (content,) = call("classify", song=song, own_genres=form).content
        answer = json.loads(content.text)
        assert (answer["genre"], list(answer["probabilities"])) == ("Tones", ["Noise", "Tones"])
    answers, _ = call("classify_batch", songs=[song], own_genres=path.text).content
    assert json.loads(answers.text) == [answer]
    copies = [as_data(paths[0])] * 3 + [as_data(path) for path in paths[3:]]
    refused = call("teach", songs=copies, genres=named)
    assert refused.isError
    assert "which are left out: 2 (song 2, song 3). Noise has 1 song" in refused.content[0].text
    refused = call("classify", song=song, own_genres="{}")
    assert refused.isError
    assert "no file of own genres" in refused.content[0].text


@needs_mcp
def test_a_song_inside_the_call(call, classifier, tagged):
    path = tagged("tune.wav", title="Tune", artist="Nobody")
    (content,) = call("classify", song=as_data(path)).content
    answer = json.loads(content.text)
    assert answer == classifier.classify(path).to_json() | {"file": "song"}
    assert answer["metadata"]["artist"] == "Nobody"


@needs_mcp
@pytest.mark.parametrize("form", ["{path}", "{server}gradio_api/file={path}"])
def test_an_uploaded_song(call, tooled, tagged, form):
    path = upload(tooled, tagged("rock.wav"))
    (content,) = call("classify", song=form.format(path=path, server=tooled.local_url)).content
    answer = json.loads(content.text)
    assert (answer["file"], answer["genre"]) == ("rock.wav", "Rock")


@needs_mcp
def test_many_songs_and_what_sounds_alike(call, tooled, tagged, tmp_path):
    song, bad = as_data(tagged("rock.wav")), bad_files(tmp_path)[0][0]
    answers, table = call("classify_batch", songs=[song, upload(tooled, bad)]).content
    answers = json.loads(answers.text)
    assert answers[0]["genre"] == "Rock"
    assert answers[1]["file"] == bad.name
    assert answers[1]["error"] in table.text
    (found,) = call("similar", song=song).content
    assert len(json.loads(found.text)) == 5


@needs_mcp
def test_progress_changes_no_answer(session, tagged):
    arguments = {"songs": [as_data(tagged("rock.wav"))]}

    async def note(*_):
        notes.append(_)

    notes = []
    result = session(lambda c: c.call_tool("classify_batch", arguments, progress_callback=note))
    assert json.loads(result.content[0].text)[0]["genre"] == "Rock"
    assert len(result.content) == 2
    assert notes


@needs_mcp
@pytest.mark.parametrize(
    ("song", "sentence"),
    [
        ("http://example.org/song.mp3", re.escape(inputs.NO_ADDRESSES)),
        ("https://huggingface.co/song.mp3", re.escape(inputs.NO_ADDRESSES)),
        ("file:///etc/hostname", re.escape(inputs.NO_ADDRESSES)),
        ("/etc/hostname", "There is no such file here"),
        ("http://a/gradio_api/file=/etc/hostname", "There is no such file here"),
        (f"{get_upload_folder()}/../../etc/hostname", "There is no such file here"),
        (f"{get_upload_folder()}/{'x' * 5_000}", "There is no such file here"),
        (f"{get_upload_folder()}/a\0b", "There is no such file here"),
        ("", "There is no such file here"),
        ("data:audio/wav;base64,!", "That is no base64"),
        ("data:audio/wav;base64,", "song is empty"),
        ("data:audio/wav;base64,TGEgbGEgbGE=", "song is not audio"),
    ],
)
def test_what_is_no_song_gets_one_sentence(call, song, sentence):
    result = call("classify", song=song)
    assert result.isError
    (content,) = result.content
    assert re.search(sentence, content.text)
    assert "Traceback" not in content.text
    assert str(Path(get_upload_folder()).parent) not in content.text


@needs_mcp
def test_a_song_inside_a_call_is_deleted_with_the_others(
    call, tooled, tagged, tmp_path, monkeypatch
):
    # Other tests, which may run meanwhile, fill the folder that all share.
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    before = set(Path(get_upload_folder()).rglob("song"))
    call("classify", song=as_data(tagged("tune.wav")))
    kept = {str(path) for path in set(Path(get_upload_folder()).rglob("song")) - before}
    assert kept
    assert kept <= tooled.upload_file_set


@needs_mcp
def test_no_room_on_the_disk(call, monkeypatch, tagged):
    song = as_data(tagged("tune.wav"))
    monkeypatch.setattr(room, "free", lambda _: (1_000, None))
    result = call("classify", song=song)
    assert (result.isError, result.content[0].text) == (True, room.NO_ROOM)


@needs_mcp
def test_thousands_of_paths_are_refused_before_any_is_looked_at(call, tooled, tagged, monkeypatch):
    path = upload(tooled, tagged("tune.wav"))
    looked_at = []
    monkeypatch.setattr(uploads, "is_visitors_file", looked_at.append)
    result = call("classify_batch", songs=[path] * 5_000)
    assert (result.isError, result.content[0].text) == (True, too_many(100))
    assert looked_at == []


@needs_mcp
def test_an_uploaded_song_is_not_stored_once_more(call, tooled, tagged):
    path = upload(tooled, tagged("stored once.wav"))
    call("classify_batch", songs=[path] * 5)
    assert [str(file) for file in Path(get_upload_folder()).rglob("stored once.wav")] == [path]


@needs_mcp
@pytest.mark.parametrize(
    "arguments",
    [
        *({}, {"song": 1}, {"song": ["a"]}, {"song": {"path": "a"}}, {"song": None}),
        *({"other": "a"}, {"song": "a", "other": "b"}, {"song": [["a"]]}, []),
    ],
    ids=repr,
)
@pytest.mark.parametrize("tool", ["classify", "classify_batch", "no such tool"])
def test_what_is_no_call_tells_nothing_of_the_server(tooled, tool, arguments):
    parameters = {"name": tool, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": parameters}
    kind = {"Accept": "application/json, text/event-stream"}
    answer = httpx.post(f"{tooled.local_url}gradio_api/mcp/", json=body, headers=kind, timeout=60)
    message = json.loads(answer.text[answer.text.index("{") :])
    assert message["id"] == 7
    assert message["result"]["isError"] is True
    (content,) = message["result"]["content"]
    assert content["text"].endswith(".") or "alidation error" in content["text"]
    for secret in ("Traceback", "Error:", "site-packages", get_upload_folder(), "http"):
        assert secret not in content["text"]


@needs_mcp
@pytest.mark.parametrize("body", [b"", b"[]", b"[" * 100_000, b"1", b'{"id": {}}', b"\xff"])
def test_what_is_no_message_is_refused(tooled, body):
    answer = httpx.post(f"{tooled.local_url}gradio_api/mcp/", content=body)
    assert answer.status_code in (400, 406)
    assert "Traceback" not in answer.text


@needs_mcp
def test_a_call_that_waits_holds_none_of_the_threads_that_all_use(call, tagged, monkeypatch):
    """There are 40 of them; Gradio has each call wait in one."""
    in_threads = []
    run_sync = gradio.mcp.run_sync

    def note(function, *arguments, **named):
        in_threads.append(function.__name__)
        return run_sync(function, *arguments, **named)

    monkeypatch.setattr(gradio.mcp, "run_sync", note)
    assert not call("classify", song=as_data(tagged("tune.wav"))).isError
    assert in_threads == ["_get_or_create_client"]


@needs_mcp
def test_a_call_has_a_size(tooled):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"a": "b" * 5_000_000}}
    answer = httpx.post(f"{tooled.local_url}gradio_api/mcp/", json=body)
    assert answer.status_code == 413


@needs_mcp
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_tools_are_called_by_post_alone(tooled, method):
    answer = httpx.request(method, f"{tooled.local_url}gradio_api/mcp/")
    assert answer.status_code == 405


@needs_mcp
@pytest.mark.parametrize("route", ["sse", "schema", "messages/", "http/"])
def test_gradio_s_other_routes_for_tools_are_closed(tooled, route):
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{tooled.local_url}gradio_api/mcp/{route}")
        assert answer.status_code == 404


def test_without_the_setting_there_are_no_tools(address):
    settings = Settings.from_environment({})
    assert page_of_songnet.launch_options(settings)["mcp_server"] is False
    for method in ("GET", "POST"):
        assert httpx.request(method, f"{address}gradio_api/mcp/").status_code == 404


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=re.escape(f"pip install {tools.PACKAGE}")):
        page_of_songnet.launch_options(Settings(tools=True))


def test_the_package_is_the_one_that_is_tested():
    assert tools.PACKAGE in (ROOT / "tests" / "requirements.txt").read_text().splitlines()
    assert tools.PACKAGE in readme.text()


@pytest.mark.parametrize(
    "message",
    [
        {"method": "tools/call", "params": {"name": "z" * 2**20, "arguments": {"song": ""}}},
        {"method": "tools/call", "params": {"name": None, "arguments": {"song": ""}}},
        {"method": "z" * 2**20},
        {"method": "ping", "params": {"x": "z" * 2**20}},
    ],
    ids=lambda message: str(message)[:50],
)
def test_a_long_name_is_refused_in_a_sentence(message):
    body = json.dumps({"jsonrpc": "2.0", "id": 1} | message).encode()
    with pytest.raises(tool_requests.ToolError) as caught:
        tool_requests.check(body, 3, "")
    assert str(caught.value) in (answers.NOT_UNDERSTOOD, answers.TOO_MUCH)
