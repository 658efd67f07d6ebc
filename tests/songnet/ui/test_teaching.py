"""Teaching genres and answers in them, as a program sees it, and songs in the others' turns."""

import json
import os
import re
from dataclasses import replace

import httpx
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError

from songnet.errors import AudioError, OwnGenresError
from songnet.own_genres import OwnGenres
from songnet.ui import page as page_of_songnet
from songnet.ui import teaching
from songnet.ui.server import room, uploads
from tests.support import loops, songs
from tests.support.page_visits import bad_files, served
from tests.support.taught import shortened, song_of, taught, write_music

GENRES = ["Noise", "Tones"]


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Four songs of each genre."""
    return sorted(write_music(tmp_path_factory.mktemp("music") / "genres").rglob("*.wav"))


@pytest.fixture(scope="module")
def learned(client, music):
    """What `/teach` gives for these: the path of the file, and the JSON."""
    return teach(client, music)


@pytest.fixture
def new(tmp_path):
    """A song of Noise that was not taught."""
    return songs.write(tmp_path / "new.wav", song_of("Noise", 9))


def teach(client, paths, named=None, own_genres=None):
    named = named or [path.parent.name for path in paths]
    sent = [handle_file(path) for path in paths]
    return client.predict(sent, named, own_genres, api_name="/teach")


def test_answers_are_in_the_genres_that_were_taught(client, classifier, learned, new):
    path, summary = learned
    own = OwnGenres.load(path)
    assert summary["genres"] == own.counts == {"Noise": 4, "Tones": 4}
    assert summary["held_out"] == own.to_json()["held_out"]
    assert summary["held_out"]["accuracy"] == 1
    assert (summary["left_out"], summary["own_genres"]) == ([], own.digest)
    assert "fewer than 20 songs" in summary["remarks"][0]
    expected = classifier.with_genres(own).classify(new).to_json()
    assert (expected["genre"], list(expected["probabilities"])) == ("Noise", GENRES)
    sent = handle_file(path)
    assert client.predict(handle_file(new), sent, api_name="/classify") == expected
    answers, table = client.predict([handle_file(new)], sent, api_name="/classify_batch")
    assert answers == [expected]
    assert ",Noise,Tones," in table.splitlines()[0]
    # Another visitor's answers are in the network's own.
    other = client.predict(handle_file(new), api_name="/classify")
    assert other == classifier.classify(new).to_json()


def test_songs_are_added_and_what_teaches_nothing_is_named(client, learned, music, tmp_path):
    broken, sentence = bad_files(tmp_path)[0]
    silent = songs.write(tmp_path / "silent.wav", songs.synthesise(2) * 0)
    more = [songs.write(tmp_path / f"{n}.wav", song_of("Tones", 20 + n)) for n in range(3)]
    sent = [*more, broken, silent, music[0]]
    named = [*["Bells"] * 3, "Bells", "Noise", "Noise"]
    path, summary = teach(client, sent, named, handle_file(learned[0]))
    assert OwnGenres.load(path).counts == {"Bells": 3, "Noise": 4, "Tones": 4}
    assert [song["file"] for song in summary["left_out"]] == [broken.name, silent.name]
    assert re.match(sentence, summary["left_out"][0]["error"])
    assert "silent.wav is silent and teaches nothing" in summary["left_out"][1]["error"]
    assert summary["remarks"][0] == (
        f"Copies of songs in the same genre, which are left out: 1 ({music[0].name})."
    )


def test_why_nothing_is_learned_is_told_with_all_that_was_left_out(client, music, tmp_path):
    broken, sentence = bad_files(tmp_path)[0]
    copies = [songs.write(tmp_path / f"copy{n}.wav", song_of("Bells", 1)) for n in range(3)]
    sent, named = [*copies, broken, *music[:3]], ["Bells"] * 4 + ["Noise"] * 3
    with pytest.raises(AppError) as caught:
        teach(client, sent, named)
    told = str(caught.value)
    assert re.match(sentence, told)
    assert told.endswith(
        "Copies of songs in the same genre, which are left out: 2 (copy1.wav, copy2.wav). Bells "
        "has 1 song that can be learned from and needs 3: the genre is left out. SongNet learns 2 "
        "to 200 genres, of 3 songs or more each. Here is one, Noise: add songs of another."
    )


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        (["Dub"] * 7, "There are 7 genres for 8 songs"),
        (["Dub"] * 8, "SongNet learns 2 to 200 genres"),
        (["Dub"] * 4 + ["dub"] * 4, "differ by case alone"),
        (["Dub"] * 6 + ["Folk"] * 2, "Folk has 2 songs"),
        (["<b>"] * 4 + ["Folk"] * 4, "is no name for a genre"),
    ],
)
def test_names_that_cannot_be_taught_are_refused_before_a_song_is_heard(
    client, music, monkeypatch, named, sentence
):
    monkeypatch.setattr(teaching, "_after", None)
    with pytest.raises(AppError, match=sentence):
        teach(client, music, named)


def other_network(learned):
    return json.dumps(json.loads(learned) | {"network": "0" * 64}).encode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda _: b"no JSON", "damaged or was edited"),
        (lambda _: b"{}", "no file of own genres"),
        (lambda learned: learned.replace(b'"Noise"', b'"<b>"'), "is no name for a genre"),
        (other_network, "taught with other weights"),
        (shortened, "taught by 2 numbers a song, and the network gives 96"),
        (lambda learned: learned + b" " * teaching.MOST_BYTES, "is larger than 4 MB"),
        (lambda _: b"[" + b"[]," * 10**6 + b"[]]", "holds more than a file of own genres does"),
    ],
)
@pytest.mark.parametrize("endpoint", ["/classify", "/classify_batch", "/teach"])
def test_a_bad_file_of_genres_is_refused_in_a_sentence(
    client, learned, new, music, tmp_path, content, sentence, endpoint
):
    bad = tmp_path / "bad.genres"
    with open(learned[0], "rb") as file:
        bad.write_bytes(content(file.read()))
    song, songs_and_genres = handle_file(new), ([handle_file(path) for path in music], GENRES * 4)
    sent = {"/classify": [song], "/classify_batch": [[song]], "/teach": songs_and_genres}[endpoint]
    with pytest.raises(AppError, match=sentence) as caught:
        client.predict(*sent, handle_file(bad), api_name=endpoint)
    assert str(tmp_path) not in str(caught.value)


def test_the_file_is_a_visitors_and_is_deleted_as_all_are(
    analyser, index, examples, music, monkeypatch
):
    """As a program of plain HTTP sees it."""
    page = page_of_songnet.build(analyser, examples, index)
    with served(page, page_of_songnet.launch_options()):
        api = f"{page.local_url}gradio_api"
        sent = [("files", (path.name, path.read_bytes())) for path in music]
        files = [{"path": path} for path in httpx.post(f"{api}/upload", files=sent).json()]
        songs_and_genres = {"songs": files, "genres": [path.parent.name for path in music]}

        def ask():
            event = httpx.post(f"{api}/call/v2/teach", json=songs_and_genres).json()["event_id"]
            answer = httpx.get(f"{api}/call/teach/{event}", timeout=120).text
            kind, data = answer.strip().splitlines()[-2:]
            return kind, json.loads(data.removeprefix("data: "))

        kind, answer = ask()
        assert kind == "event: complete", answer
        file, _ = answer
        fetched = httpx.get(f"{api}/file={file['path']}")
        assert OwnGenres.from_bytes(fetched.content).names == ("Noise", "Tones")
        uploads.delete_old_files(page, 1_000)
        assert os.path.exists(file["path"])
        monkeypatch.setattr(room, "free", lambda _: (1_000, None))
        kind, refused = ask()
        assert kind == "event: error"
        assert room.NO_ROOM in str(refused)
        uploads.delete_old_files(page, None)
        assert not os.path.exists(file["path"])


def test_others_go_first_between_two_songs(analyser, music, monkeypatch):
    turns = []

    async def next_turn():
        turns.append(1)
        return len(turns) < 3

    async def hear():
        pairs = [(path.parent.name, path) for path in music]
        return [heard.append(lesson.heard) async for lesson in teaching.hear(analyser, pairs)]

    heard = []
    monkeypatch.setattr(teaching, "next_turn", next_turn)
    with pytest.raises(AudioError, match="their visitor has left"):
        loops.run(hear())
    assert heard == [1, 2, 3]


def test_genres_whose_songs_cannot_be_heard_are_left_out(classifier):
    weights = classifier.weights
    heard = tuple(taught(n_genres=2, n_songs=3))
    lesson = teaching.Lesson((*(song.genre for song in heard), *["Broken"] * 3), heard)
    learned = teaching.learn(lesson, weights)
    assert learned.genres.names == ("Genre 0", "Genre 1")
    assert learned.remarks[0].startswith("Broken has 0 songs that can be learned from")
    with pytest.raises(OwnGenresError, match="SongNet learns 2 to 200 genres"):
        teaching.learn(replace(lesson, songs=lesson.songs[:3]), weights)
