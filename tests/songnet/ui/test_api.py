"""The page's API as a program sees it, through gradio_client."""

import csv
import io
import json
import threading
from pathlib import Path

import httpx
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError

from songnet import GENRES
from songnet.audio import Limits
from songnet.table import table_columns
from songnet.ui.analysis import Analyser
from songnet.ui.server import answers, uploads
from songnet.ui.visitor import has_left
from tests.support.command import wait_until
from tests.support.page_visits import bad_files, half_a_song


def test_classify_answers_with_the_whole_prediction(client, classifier, tagged):
    path = tagged("tune.wav", title="Tune", artist="Nobody", album="Nothing", year="1999")
    answer = client.predict(handle_file(path), api_name="/classify")
    assert answer == classifier.classify(path).to_json()
    assert answer["file"] == "tune.wav"
    assert answer["metadata"]["artist"] == "Nobody"
    assert set(answer["probabilities"]) == set(GENRES)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_classify_a_real_song(client, shared_audio):
    answer = client.predict(handle_file(shared_audio / "000005.mp3"), api_name="/classify")
    metadata = answer["metadata"]
    assert (metadata["artist"], metadata["title"], metadata["year"]) == ("AWOL", "This World", 2008)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_classify_refuses_bad_files_in_one_sentence_and_goes_on(client, tmp_path, tagged):
    for path, sentence in bad_files(tmp_path):
        with pytest.raises(AppError, match=sentence) as caught:
            client.predict(handle_file(path), api_name="/classify")
        assert str(tmp_path) not in str(caught.value)
    assert client.predict(handle_file(tagged("rock.wav")), api_name="/classify")["genre"] == "Rock"


def test_classify_wants_a_song(client):
    with pytest.raises(AppError, match="No song was sent"):
        client.predict(None, api_name="/classify")


@pytest.mark.parametrize("path", ["/etc/hostname", "/etc", "/no/such/file.mp3", ""])
def test_the_servers_own_files_are_none_of_a_visitors_business(address, path):
    """Over plain HTTP: gradio_client would look for the file on its own side."""
    calls = f"{address}gradio_api/call/classify"
    song = {"path": path, "meta": {"_type": "gradio.FileData"}}
    refused = httpx.post(calls, json={"data": [song]})
    assert (refused.status_code, refused.json()) == (400, {"detail": answers.NOT_UNDERSTOOD})


def test_a_file_above_the_limit_is_refused(client, address, tmp_path):
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(Limits().max_bytes + 2**20)
    with pytest.raises(ValueError, match="exceeds the maximum file size"):
        client.predict(handle_file(huge), api_name="/classify")
    with huge.open("rb") as file:
        refused = httpx.post(f"{address}gradio_api/upload", files={"files": file}, timeout=60)
    assert refused.status_code == 413
    assert refused.text == uploads.too_large(Limits().max_bytes)


def test_a_batch_is_a_list_and_a_table_in_which_bad_files_are_rows(client, tmp_path, tagged):
    bad = [path for path, _ in bad_files(tmp_path)]
    good = tagged("rock.wav", title="Stone, rolling", artist="Nobody")
    half, warning = half_a_song(tmp_path)
    answers, table = client.predict(
        [handle_file(path) for path in [good, half, *bad]], api_name="/classify_batch"
    )
    assert answers[0]["genre"] == "Rock"
    assert answers[1]["warnings"] == [warning]
    assert [answer["file"] for answer in answers[2:]] == [path.name for path in bad]
    assert all(set(answer) == {"file", "error"} for answer in answers[2:])
    rows = list(csv.DictReader(io.StringIO(table)))
    assert list(rows[0]) == table_columns()
    assert [row["file"] for row in rows] == [answer["file"] for answer in answers]
    assert rows[0]["title"] == "Stone, rolling"
    assert (rows[1]["warnings"], rows[1]["error"]) == (warning, "")
    assert rows[2]["error"] == answers[2]["error"]


def test_what_sounds_like_a_song(client, index, tmp_path, tagged):
    found = client.predict(handle_file(tagged("tune.wav")), api_name="/similar")
    assert len(found) == 5
    assert set(found[0]) == {
        "track_id",
        "artist",
        "title",
        "genre",
        "similarity",
        "closeness",
        "url",
    }
    assert {track["artist"] for track in found} <= {track.artist for track in index.tracks}
    path, sentence = bad_files(tmp_path)[0]
    with pytest.raises(AppError, match=sentence):
        client.predict(handle_file(path), api_name="/similar")


def test_the_api_is_the_one_that_programs_were_written_against(client):
    """A change here breaks programs: change api.json on purpose, and the version with it."""
    frozen = json.loads(Path(__file__).with_name("api.json").read_text(encoding="utf-8"))
    shown = client.view_api(return_format="dict")
    assert shown == {"named_endpoints": frozen, "unnamed_endpoints": {}}


def test_a_song_is_given_up_when_its_visitor_has_left(address, song, monkeypatch):
    api = f"{address}gradio_api"
    begun, given_up = threading.Event(), []
    classify = Analyser.classify

    def classify_when_left(self, path, *until):
        begun.set()
        wait_until(has_left)
        given_up.append(classify(self, path, *until))
        return given_up[-1]

    monkeypatch.setattr(Analyser, "classify", classify_when_left)
    with song("tune.wav").open("rb") as file:
        (uploaded,) = httpx.post(f"{api}/upload", files={"files": file}).json()
    data = [[{"path": uploaded, "meta": {"_type": "gradio.FileData"}}] * 3]
    event = httpx.post(f"{api}/call/classify_batch", json={"data": data}).json()["event_id"]
    with httpx.stream("GET", f"{api}/call/classify_batch/{event}"):
        assert begun.wait(60)
    wait_until(lambda: given_up)
    assert "its visitor has left" in given_up[0]["error"]
