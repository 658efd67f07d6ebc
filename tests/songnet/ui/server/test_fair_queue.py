"""The queue under strangers: it goes on, forgets what they leave, and takes turns."""

import json
import threading
import time
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from songnet.settings import Settings
from songnet.ui import page as page_of_songnet
from songnet.ui.server import answers, fair_queue, gate, sessions
from tests.support import songs
from tests.support.page_visits import event_of, outcome, served

PROXIED = Settings(trusted_proxies=("127.0.0.1",))


@pytest.fixture
def proxied(analyser, examples, monkeypatch):
    """A page behind a proxy, so that every visitor can have an address of their own."""
    # Who asks too fast would only wait.
    monkeypatch.setattr(gate, "RATES", {})
    page = page_of_songnet.build(analyser, examples, settings=PROXIED)
    with served(page, page_of_songnet.launch_options(PROXIED)):
        yield page


@pytest.fixture
def visitor(proxied):
    """A visitor with an address: ``visitor("192.0.2.1")``."""
    opened = []

    def come(address):
        headers = {"X-Forwarded-For": address}
        url = f"{proxied.local_url}gradio_api/"
        opened.append(httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False))
        return opened[-1]

    yield come
    for client in opened:
        client.close()


@pytest.fixture
def long_song(tmp_path):
    """Two minutes, during which `patience` holds the network."""
    return songs.write(tmp_path / "long.wav", songs.synthesise(120, 8_000), 8_000)


def upload(http, path):
    with path.open("rb") as file:
        (uploaded,) = http.post("upload", files={"files": (path.name, file)}).json()
    return {"path": uploaded, "meta": {"_type": "gradio.FileData"}}


def fills_every_place(visitor, song):
    """Two visitors at work, for whom the network waits."""
    for address in ("192.0.2.101", "192.0.2.102"):
        other = visitor(address)
        other.post("call/classify", json={"data": [upload(other, song)]}).raise_for_status()


def wait_until(holds, timeout_s=60):
    until = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def running(page):
    return sum(job is not None for job in page._queue.active_jobs)


def listening(page):
    """The page's event that classifies a song."""
    config = httpx.get(f"{page.local_url}config", trust_env=False).json()
    return event_of(config, "listen", "click")


def kept(page):
    """How many entries the queue keeps of sessions and events."""
    queue = page._queue
    return (
        len(queue.pending_messages_per_session)
        + len(queue.pending_event_ids_session)
        + len(queue.event_ids_to_events)
        + len(queue.event_analytics)
        + len(queue._listeners)
        + len(queue._last_seen)
        + len(queue._last_heard)
        + len(queue._owners)
    )


def test_thousands_of_sessions_stop_nobody_s_song(
    proxied, visitor, patience, long_song, tmp_path, monkeypatch
):
    """Gradio drops a session of somebody who waits, and its queue dies of that."""
    fills_every_place(visitor, long_song)
    waiting = visitor("192.0.2.2")
    song = upload(waiting, songs.write(tmp_path / "tune.wav", songs.synthesise(1.5)))
    event = waiting.post("call/classify", json={"data": [song]}).json()["event_id"]
    flood = visitor("192.0.2.3")
    before = len(proxied._queue)
    statuses, event_of_page = set(), listening(proxied)
    for number in range(2_100):
        body = {"data": [None, False], "session_hash": f"x{number}", "fn_index": event_of_page}
        answer = flood.post("queue/join", json=body)
        statuses.add(answer.status_code)
        assert answer.status_code == 200 or answer.json() == {"detail": answers.BUSY}
    assert statuses == {200, 503}
    assert len(proxied._queue) <= before + proxied._queue.max_size // fair_queue.SHARE
    patience.set()
    stream = waiting.get(f"call/classify/{event}").text
    assert "event: complete" in stream
    monkeypatch.setattr(sessions, "LEFT_S", 0.0)
    monkeypatch.setattr(sessions, "KEEP_S", 0.0)
    wait_until(lambda: kept(proxied) == 0)
    assert proxied._queue.restarts == 0


def test_answers_that_nobody_fetches_keep_nobody_out(proxied, visitor, monkeypatch):
    monkeypatch.setattr(sessions, "SESSIONS_EACH", 4)
    monkeypatch.setattr(sessions, "SESSIONS", 8)
    event_of_page = listening(proxied)
    known = proxied._queue.pending_messages_per_session

    def join(client, session):
        body = {"data": [None, False], "session_hash": session, "fn_index": event_of_page}
        assert client.post("queue/join", json=body).status_code == 200
        wait_until(lambda: len(proxied._queue) == running(proxied) == 0)

    for name in "ab":
        flood = visitor(f"192.0.2.{ord(name)}")
        for number in range(6):
            join(flood, f"{name}{number}")
    assert list(known) == ["a2", "a3", "a4", "a5", "b2", "b3", "b4", "b5"]
    join(visitor("192.0.2.2"), "c0")
    assert "c0" in known
    assert len(known) == 8


@pytest.fixture
def join(proxied, visitor):
    """Has the page's event answered, and fetches nothing: ``join("session")`` gives the event."""
    event_of_page = listening(proxied)

    def ask(session, address="192.0.2.1"):
        body = {"data": [None, False], "session_hash": session, "fn_index": event_of_page}
        answer = visitor(address).post("queue/join", json=body)
        wait_until(lambda: len(proxied._queue) == running(proxied) == 0)
        return answer.json().get("event_id") if answer.is_success else answer.status_code

    return ask


def test_a_session_has_so_many_answers_that_nobody_fetched(visitor, join, monkeypatch):
    monkeypatch.setattr(sessions, "REQUESTS", 3)
    told = [join("a") for _ in range(4)]
    assert told[3] == 503
    assert isinstance(join("b"), str)
    fetched = visitor("192.0.2.1").get("queue/data?session_hash=a").text
    assert [event in fetched for event in told[:3]] == [True] * 3
    assert isinstance(join("a"), str)


@pytest.mark.parametrize("limit", ["BYTES", "BYTES_EACH"])
def test_answers_that_nobody_fetched_take_so_many_bytes(proxied, join, monkeypatch, limit):
    join("a")
    size = proxied._queue.pending_messages_per_session["a"].size
    assert size > 100
    monkeypatch.setattr(sessions, limit, size - 1)
    join("b", "192.0.2.1" if limit == "BYTES_EACH" else "192.0.2.2")
    assert list(proxied._queue.pending_messages_per_session) == ["b"]


def test_an_old_answer_is_forgotten_although_its_session_goes_on_asking(proxied, join, monkeypatch):
    monkeypatch.setattr(sessions, "SWEEP_S", 0.05)
    monkeypatch.setattr(sessions, "KEEP_S", 1.0)
    first = join("a")
    events = proxied._queue.pending_event_ids_session

    def is_forgotten():
        join("a")  # perhaps refused: a session has a limit
        return first not in events["a"]

    wait_until(is_forgotten)
    assert "a" in proxied._queue.pending_messages_per_session


@pytest.mark.usefixtures("patience")
def test_no_session_that_waits_makes_room(proxied, visitor, long_song, monkeypatch):
    fills_every_place(visitor, long_song)
    monkeypatch.setattr(sessions, "SESSIONS_EACH", 3)
    other = visitor("192.0.2.2")
    body = {"data": [upload(other, long_song)]}
    statuses = [other.post("call/classify", json=body).status_code for _ in range(4)]
    assert statuses == [200] * 3 + [503]
    assert len(proxied._queue) == 3


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("classify", None, answers.NO_SONG),
        ("similar", None, answers.NO_SONG),
        ("classify_batch", None, answers.NO_SONGS),
        ("classify_batch", [], answers.NO_SONGS),
    ],
)
def test_a_call_without_a_song_needs_no_place(http, name, data, sentence):
    refused = http.post(f"gradio_api/call/{name}", json={"data": [data]})
    assert (refused.status_code, refused.json()) == (400, {"detail": sentence})


def test_a_visitor_who_has_the_answer_leaves_nothing(proxied, visitor, tmp_path):
    song = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    client = Client(proxied.local_url, verbose=False)
    for _ in range(3):
        client.predict(handle_file(song), api_name="/classify")
        with httpx.Client(base_url=proxied.local_url, timeout=120) as http:
            assert outcome(http, upload(visitor("192.0.2.9"), song)["path"])[0] == "complete"
    client.close()
    wait_until(lambda: kept(proxied) == 0)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("ended", ["disconnect", "never listens"])
def test_a_request_that_was_left_is_not_worked_on(proxied, visitor, long_song, monkeypatch, ended):
    fills_every_place(visitor, long_song)
    other = visitor("192.0.2.2")
    song = upload(other, long_song)
    event = other.post("call/classify", json={"data": [song]}).json()["event_id"]
    assert len(proxied._queue) == 1
    if ended == "disconnect":
        with other.stream("GET", f"call/classify/{event}"):
            wait_until(lambda: proxied._queue._listeners)
    else:
        monkeypatch.setattr(sessions, "LEFT_S", 0.1)
    wait_until(lambda: len(proxied._queue) == 0)


def test_a_batch_ends_when_its_visitor_has_left(
    proxied, visitor, analyser, patience, long_song, monkeypatch
):
    heard = []
    predict = type(analyser).predict
    monkeypatch.setattr(
        type(analyser), "predict", lambda self, *path: heard.append(path) or predict(self, *path)
    )
    greedy = visitor("192.0.2.1")
    song = upload(greedy, long_song)
    event = greedy.post("call/classify_batch", json={"data": [[song] * 20]}).json()["event_id"]
    with greedy.stream("GET", f"call/classify_batch/{event}"):
        wait_until(lambda: heard)
    wait_until(lambda: not proxied._queue._listeners)
    patience.set()
    wait_until(lambda: running(proxied) == 0)
    assert len(heard) == 1


def test_others_go_between_the_songs_of_batches(proxied, visitor, tmp_path):
    """Two of them fill both places; a song that comes later does not wait for their end."""
    path = songs.write(tmp_path / "b.wav", songs.synthesise(30, 8_000), 8_000)
    genres = {"classify_batch": [], "teach": [["A", "B"] * 30]}
    ends = {}

    def batch(name):
        greedy = visitor(f"192.0.2.10{len(name)}")
        data = [[upload(greedy, path)] * 60, *genres[name]]
        event = greedy.post(f"call/{name}", json={"data": data}).json()["event_id"]
        ends[name] = greedy.get(f"call/{name}/{event}").text, time.monotonic()

    threads = [threading.Thread(target=batch, args=[name]) for name in genres]
    for thread in threads:
        thread.start()
    wait_until(lambda: running(proxied) == 2)
    other = visitor("192.0.2.2")
    song = upload(other, songs.write(tmp_path / "a.wav", songs.synthesise(1.5)))
    for _ in range(3):
        event = other.post("call/classify", json={"data": [song]}).json()["event_id"]
        assert "event: complete" in other.get(f"call/classify/{event}").text
    answered = time.monotonic()
    for thread in threads:
        thread.join()
    assert min(ended for _, ended in ends.values()) > answered
    (rows, _) = json.loads(ends["classify_batch"][0].rpartition("data: ")[2])
    assert len(rows) == 60
    assert all("genre" in row for row in rows)
    # All songs of a genre are one.
    assert "SongNet learns 2 to 200 genres" in ends["teach"][0]


@pytest.mark.usefixtures("patience")
def test_a_client_has_a_share_of_the_waiting_songs(visitor, long_song):
    fills_every_place(visitor, long_song)
    greedy, other = visitor("192.0.2.101"), visitor("192.0.2.2")
    body = {"data": [upload(greedy, long_song)]}
    statuses = [greedy.post("call/classify", json=body).status_code for _ in range(27)]
    assert statuses == [200] * 25 + [503] * 2
    assert other.post("call/classify", json=body).status_code == 200


@pytest.mark.usefixtures("patience")
def test_few_clients_with_a_full_share_each_keep_nobody_out(proxied, visitor, long_song):
    fills_every_place(visitor, long_song)
    proxied._queue.max_size = 8
    body = {"data": [upload(visitor("192.0.2.2"), long_song)]}
    greedy = [visitor(f"192.0.2.{number}") for number in range(10, 14)]
    joined = [
        client.post("call/classify", json=body).json()["event_id"]
        for client in greedy
        for _ in range(2)
    ]
    other = visitor("192.0.2.2")
    assert other.post("call/classify", json=body).status_code == 200
    assert len(proxied._queue) == 8
    # Who has as much as the others, or nearly, is told that all is full.
    assert other.post("call/classify", json=body).status_code == 503
    # So is who had to give a request up: the last one, as the first may be next.
    told = greedy[0].get(f"call/classify/{joined[1]}").text
    assert told.startswith("event: error")
    assert answers.BUSY in told
    assert joined[1] not in proxied._queue.event_ids_to_events
    assert joined[0] in proxied._queue.event_ids_to_events


@pytest.mark.usefixtures("patience")
def test_one_client_never_has_all_places(proxied, visitor, long_song):
    greedy, other = visitor("192.0.2.1"), visitor("192.0.2.2")
    for client, at_work in ((greedy, 1), (greedy, 1), (other, 2)):
        client.post("call/classify", json={"data": [upload(client, long_song)]}).raise_for_status()
        wait_until(lambda at_work=at_work: running(proxied) == at_work)
    assert len(proxied._queue) == 1


def test_an_address_that_no_proxy_forwarded_is_not_believed(http, long_song):
    sent = {"files": long_song.read_bytes()}
    (path,) = http.post("gradio_api/upload", files=sent).json()
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}
    statuses = []
    for number in range(30):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        answer = http.post("gradio_api/call/classify", json=body, headers=headers)
        statuses.append(answer.status_code)
    assert 503 in statuses


def test_a_queue_that_fails_says_so_and_goes_on(proxied, visitor, tmp_path, monkeypatch, caplog):
    queue = proxied._queue
    get_events = queue.get_events
    failures = iter([KeyError("x"), OSError("y")])

    def fail():
        for failure in failures:
            raise failure
        return get_events()

    monkeypatch.setattr(queue, "get_events", fail)
    song = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    other = visitor("192.0.2.2")
    event = other.post("call/classify", json={"data": [upload(other, song)]}).json()["event_id"]
    assert "event: complete" in other.get(f"call/classify/{event}").text
    assert queue.restarts == 2
    assert caplog.text.count("The queue failed and goes on") == 2


def test_a_song_that_is_cancelled_before_it_begins_gives_its_place_back(proxied, visitor, tmp_path):
    song = songs.write(tmp_path / "tune.wav", songs.synthesise(1.5))
    other = visitor("192.0.2.2")
    sent = upload(other, song)
    event_of_page = listening(proxied)
    for number in range(10):
        names = {"session_hash": f"s{number}", "fn_index": event_of_page}
        event = other.post("queue/join", json={"data": [sent, False], **names}).json()["event_id"]
        other.post("cancel", json={**names, "event_id": event}).raise_for_status()
    wait_until(lambda: running(proxied) == 0)
    for events in proxied._queue.event_queue_per_concurrency_id.values():
        assert events.current_concurrency == 0


def test_an_error_of_a_validator_tells_nothing_of_the_server(http):
    """The event with a validator: Gradio answers with the text of whatever it raised."""
    config = http.get("config").json()
    start = event_of(config, "songs", "upload")
    path = str(Path(page_of_songnet.__file__))
    song = {"path": path, "meta": {"_type": "gradio.FileData"}}
    for data in ([[song]], [song], [[[song]]], ["x"], [1], []):
        body = {"data": data, "fn_index": start, "session_hash": "a"}
        refused = http.post("gradio_api/queue/join", json=body)
        assert refused.status_code == 422
        (told,) = refused.json()["detail"]
        assert told["message"] == answers.NOT_UNDERSTOOD
