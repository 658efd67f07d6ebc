"""What a request to the page's events may be, and that what it may not be costs nothing."""

import json

import gradio as gr
import orjson
import pytest
from gradio.utils import get_upload_folder

from songnet.ui import page as page_of_songnet
from songnet.ui.analysis import too_many
from songnet.ui.server import answers, inputs, requests
from songnet.ui.server.inputs import Files, Flag, OneFile, RequestError
from songnet.ui.server.requests import Schema

MANY = "too many"
SONG = f"{get_upload_folder()}/0123/tune.wav"


@pytest.fixture(scope="module")
def schema(analyser, index, examples):
    """That of the page, which takes three songs at once."""
    return Schema(page_of_songnet.build(analyser, examples, index).fns, 3, MANY)


@pytest.fixture(scope="module")
def numbers(schema):
    """The page's events by what they take: ``"song"``, ``"songs"``, and ``"unqueued"``."""
    found = {}
    for number, event in schema._events.items():
        if event.queued and event.inputs == (OneFile(), Flag(), None):
            found["song"] = number
        elif (
            event.queued
            and event.inputs == (Files(3, MANY), None, None)
            and number not in schema._numbers.values()
        ):
            found["songs"] = number
        elif not event.queued and event.inputs == ():
            found["unqueued"] = number
    return found


def understood(schema, route, body):
    return json.loads(schema.written_anew(route, orjson.dumps(body)))


def file(**changes):
    return {"path": SONG, "meta": {"_type": "gradio.FileData"}} | changes


def test_what_the_page_sends_passes_without_what_nobody_needs(schema, numbers):
    body = {
        "data": [
            file(url="http://example.org", orig_name="tune.wav", size=3, is_stream=True),
            True,
            {},
        ],
        "fn_index": numbers["song"],
        "event_data": {"deep": [[[1]]]},
        "trigger_id": 4,
        "session_hash": "abc-1_D",
        "oauth_token": "x",
        "batched": True,
        "simple_format": True,
        "event_id": "y" * 5_000,
    }
    assert understood(schema, "queue/join", body) == {
        "data": [file(orig_name="tune.wav", size=3), True, None],
        "fn_index": numbers["song"],
        "trigger_id": 4,
        "session_hash": "abc-1_D",
    }


def test_what_programs_send_passes(schema):
    called = understood(schema, "call/classify", {"data": [{"path": SONG}]})
    assert called == {"data": [file(), None], "session_hash": None}
    by_name = understood(schema, "call/v2/classify_batch", {"songs": [{"path": SONG}], "x": [[1]]})
    assert by_name == {"songs": [file()], "own_genres": None}
    with pytest.raises(RequestError, match=answers.NO_SONG):
        understood(schema, "call/v2/classify", {})


def test_what_is_optional_may_be_missing(schema):
    """Programs that were written when there was one parameter work as before."""
    one = {"data": [{"path": SONG}]}
    assert understood(schema, "call/classify", one)["data"] == [file(), None]
    both = {"data": [{"path": SONG}, {"path": SONG}]}
    assert understood(schema, "call/classify", both)["data"] == [file(), file()]
    number = schema._numbers["classify"]
    joined = understood(schema, "queue/join", one | {"fn_index": number, "session_hash": "a"})
    assert joined["data"] == [file(), None]
    with pytest.raises(RequestError, match=answers.NO_TEXT):
        understood(schema, "call/v2/teach", {"songs": [{"path": SONG}]})
    with pytest.raises(RequestError, match=answers.NOT_UNDERSTOOD):
        understood(schema, "call/teach", {"data": [[{"path": SONG}]]})


@pytest.fixture(scope="module")
def fields():
    """The schema of a page with a component of each kind that holds more than files."""
    with gr.Blocks() as page:
        kinds = [
            *(gr.Textbox(max_length=5), gr.Radio(["a"]), gr.Dropdown(["a"]), gr.JSON()),
            *(gr.Checkbox(), gr.State(), gr.HTML()),
        ]
        gr.Button().click(lambda *_: None, kinds, queue=False)
    return Schema(page.fns, 3, MANY)


FIELDS = ["abcde", "b", "c", ["d", "e"], True, None, None]


def test_texts_choices_and_lists_pass_and_states_do_not(fields):
    assert understood(fields, "run/x", {"fn_index": 0, "data": FIELDS})["data"] == FIELDS
    held = [*FIELDS[:5], {"a": 1}, "<b>"]
    assert understood(fields, "run/x", {"fn_index": 0, "data": held})["data"] == FIELDS


@pytest.mark.parametrize(
    ("number", "value", "sentence"),
    [
        *((0, "abcdef", inputs.TOO_LONG), (1, "a" * 201, inputs.TOO_LONG)),
        *((3, ["a" * 201], inputs.TOO_LONG), (3, ["a"] * 4, MANY)),
        *((place, 1, answers.NOT_UNDERSTOOD) for place in range(5)),
        *((place, {"a": "b"}, answers.NOT_UNDERSTOOD) for place in range(5)),
        *((place, [["a"]], answers.NOT_UNDERSTOOD) for place in range(5)),
    ],
)
def test_a_text_has_a_length_and_a_list_holds_texts_alone(fields, number, value, sentence):
    data = [value if place == number else kept for place, kept in enumerate(FIELDS)]
    with pytest.raises(RequestError, match=sentence):
        understood(fields, "run/x", {"fn_index": 0, "data": data})


def test_three_songs_are_three_and_four_are_too_many(schema, numbers):
    body = {"fn_index": numbers["songs"], "session_hash": "a"}
    assert (
        len(
            understood(schema, "queue/join", body | {"data": [[file()] * 3, None, None]})["data"][0]
        )
        == 3
    )
    with pytest.raises(RequestError, match=MANY):
        understood(schema, "queue/join", body | {"data": [[file()] * 4, None, None]})
    with pytest.raises(RequestError, match=MANY):
        understood(schema, "call/classify_batch", {"data": [[file()] * 4]})


@pytest.mark.parametrize(
    "changes",
    [
        *({"session_hash": "x" * 65}, {"session_hash": "a/b"}, {"session_hash": ""}),
        *({"session_hash": None}, {"session_hash": ["a"]}, {"session_hash": "é"}),
        *({"fn_index": "0"}, {"fn_index": True}, {"fn_index": 0.5}, {"fn_index": -1}),
        *({"trigger_id": 2**60}, {"trigger_id": "x"}),
        *({"data": []}, {"data": [None] * 4}, {"data": {}}, {"data": [[None], False]}),
        *({"data": [file(path=path), False]} for path in ("", "/etc/passwd", "a", 1, None)),
        *(
            {"data": [file(path=f"{get_upload_folder()}/{p}"), False]}
            for p in ("../x", "x" * 5_000)
        ),
        *({"data": [file(orig_name="x" * 2_000), False]}, {"data": [file(size=-1), False]}),
        {"data": [file(mime_type="x" * 200), False]},
    ],
    ids=lambda changes: repr(changes)[:60],
)
def test_what_does_not_fit_is_refused(schema, numbers, changes):
    body = {"data": [file(), False], "fn_index": numbers["song"], "session_hash": "a"}
    understood(schema, "queue/join", body)
    with pytest.raises(RequestError, match=answers.NOT_UNDERSTOOD) as caught:
        understood(schema, "queue/join", body | changes)
    assert caught.value.status == 400


def test_an_event_is_reached_by_its_own_way_alone(schema, numbers):
    body = {"data": [], "fn_index": numbers["unqueued"], "session_hash": "a"}
    understood(schema, "run/predict", body)
    with pytest.raises(RequestError, match=requests.NO_QUEUE):
        understood(schema, "queue/join", body)
    queued = {"data": [None, False], "fn_index": numbers["song"], "session_hash": "a"}
    for route in ("run/predict", "run/classify"):
        with pytest.raises(RequestError, match=requests.NO_QUEUE):
            understood(schema, route, queued)
    for route, known in (("queue/join", {"fn_index": 9_999}), ("call/nothing", {})):
        with pytest.raises(RequestError, match=answers.NO_PAGE) as caught:
            understood(schema, route, {"data": [], "session_hash": "a"} | known)
        assert caught.value.status == 404


HOSTILE = {
    "lists in lists": b"[" * 50_000,
    "objects in objects": b'{"a":' * 20_000,
    "many files": b'{"data":[[' + b"{}," * 30_000 + b"{}]]}",
    "many numbers": b'{"data":[' + b"1," * 50_000 + b"1]}",
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(10_000)) + b"}",
    "a long text": b'{"data":["' + b"x" * 100_000 + b'"]}',
    "a long number": b'{"data":[' + b"9" * 100_000 + b"]}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("route", ["queue/join", "call/classify_batch", "run/x", "cancel", "reset"])
def test_no_more_is_looked_at_of_a_hostile_body_than_of_a_right_one(
    schema, monkeypatch, route, body
):
    looked_at = []
    monkeypatch.setattr(inputs, "uploaded_file", looked_at.append)
    with pytest.raises(RequestError):
        schema.written_anew(route, body)
    assert looked_at == []


def test_a_hundred_songs_with_long_names_fit():
    name = "ö" * 100 + ".mp3"
    path = f"/tmp/songnet-abcdefgh/uploads/{'0' * 64}/{name}"
    song = {"path": path, "url": f"http://localhost:7860/gradio_api/file={path}"}
    song |= {"orig_name": name, "size": 10**8, "mime_type": "audio/mpeg"}
    song["meta"] = {"_type": "gradio.FileData"}
    names = ["ö" * 60] * 100
    body = {"data": [[song] * 100, names], "fn_index": 5, "session_hash": "x" * 11}
    allowed = requests.BODY_BYTES + 100 * requests.BYTES_A_SONG
    assert len(json.dumps(body, ensure_ascii=False).encode()) < allowed < 2**17


@pytest.mark.parametrize("route", ["queue/join", "run/predict", "call/classify", "cancel", "reset"])
def test_a_body_has_a_size(http, route):
    answer = http.post(f"gradio_api/{route}", json={"data": [], "session_hash": "x" * 2**20})
    assert (answer.status_code, answer.json()) == (413, {"detail": answers.TOO_MUCH})


@pytest.mark.parametrize(
    "route",
    [
        "queue/data?session_hash={}",
        "call/classify/{}",
        "heartbeat/{}",
        "upload_progress?upload_id={}",
        "queue/data",
        "upload_progress",
    ],
)
@pytest.mark.parametrize("name", ["x" * 65, "a%2Fb", "%00", "é"])
def test_a_name_has_a_size(http, route, name):
    answer = http.get(f"gradio_api/{route.format(name)}")
    assert answer.status_code in (400, 404)
    assert answer.json()["detail"] in (answers.NOT_UNDERSTOOD, answers.NO_PAGE)


def test_the_sentence_for_too_many_songs_reaches_programs_and_pages(http):
    songs = [file()] * 101
    called = http.post("gradio_api/call/classify_batch", json={"data": [songs]})
    assert (called.status_code, called.json()) == (400, {"detail": too_many(100)})
