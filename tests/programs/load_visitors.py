"""Visitors of a running page for `load.py`: what they send, and the answer that they should get."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from songnet.classifier import Classifier
from songnet.errors import AudioError
from songnet.ui.figures import cards
from songnet.ui.server.answers import BUSY
from tests.programs.load_server import Server
from tests.support import songs

# Who waits for longer than this is lost.
PATIENCE_S = 600.0


@dataclass
class Song:
    """A file to send, and what it gets alone.

    Attributes
    ----------
    path : Path
    answer : dict or None
        `Prediction.to_json`; None for a broken file.
    shown : str
        What the page shows for it: a verdict as HTML, or an alert.
    refusal : str
        The sentence that refuses a broken file.
    """

    path: Path
    answer: dict | None
    shown: str
    refusal: str = ""


class BusyError(Exception):
    """The queue was full, and the server answered with that."""


class WrongError(Exception):
    """An answer that is not the one that the file gets alone."""


def make_songs(folder: Path, long_s: float = 240.0) -> dict[str, Song]:
    """Writes a file of each kind, and classifies it here, alone."""
    clip = songs.synthesise(30, 44_100, 2)
    long = np.tile(songs.synthesise(30, 44_100, 2, seed=1), (round(long_s / 30), 1))
    paths = {
        "30 s MP3": songs.write(folder / "clip.mp3", clip),
        "4 min MP3": songs.write(folder / "long.mp3", long),
        "microphone": songs.write(folder / "microphone.webm", songs.synthesise(8, 48_000), 48_000),
        "cut off": folder / "cut off.mp3",
        "no audio": folder / "no audio.wav",
    }
    paths["cut off"].write_bytes(paths["30 s MP3"].read_bytes()[:200_000])
    paths["no audio"].write_bytes(b"La la la, said the cat to the mat.\n" * 3_000)
    classifier = Classifier.load()
    return {kind: _alone(classifier, path) for kind, path in paths.items()}


def _alone(classifier: Classifier, path: Path) -> Song:
    try:
        prediction = classifier.classify(path)
        return Song(path, prediction.to_json(), cards.verdict(prediction))
    except AudioError as error:
        return Song(path, None, cards.alert(str(error)), str(error))


def forwarded(number: int) -> dict[str, str]:
    """The header by which a proxy says which address a visitor has: each number has its own."""
    return {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250}"}


class Visitor:
    """Somebody with an address and a connection of their own."""

    def __init__(self, server: Server, number: int):
        self._http = httpx.AsyncClient(
            base_url=f"{server.address}/gradio_api/",
            headers=forwarded(number),
            timeout=PATIENCE_S,
            trust_env=False,
        )
        self._listen = server.listen
        self.random = random.Random(number)

    async def upload(self, song: Song) -> dict:
        """Sends a file, and gives what stands for it in a request."""
        files = {"files": (song.path.name, song.path.read_bytes())}
        answer = await self._http.post("upload", files=files)
        answer.raise_for_status()
        return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}

    async def ask_api(self, song: Song, *, sent: dict | None = None) -> None:
        """Uses `/classify` and compares."""
        sent = sent or await self.upload(song)
        joined = await self._http.post("call/classify", json={"data": [sent]})
        event = _joined(joined)
        async with self._http.stream("GET", f"call/classify/{event}") as stream:
            kind = ""
            async for line in stream.aiter_lines():
                name, _, text = line.partition(": ")
                if name == "event":
                    kind = text
                elif name == "data" and kind in ("complete", "error"):
                    answer = json.loads(text)
                    if kind == "complete" and answer[0] == song.answer:
                        return
                    if kind == "error" and (answer or {}).get("error") == (song.refusal or None):
                        return
                    raise WrongError(f"{song.path.name}: {text[:300]}")
        raise WrongError(f"{song.path.name}: the answer ended early")

    async def use_page(self, song: Song, *, leave: str | None = None) -> None:
        """Does what the page does when a song is chosen, and compares what it would show.

        ``leave="stop"`` presses the button that stops, ``leave="close"`` closes the tab.
        """
        session = f"{self.random.getrandbits(60):x}"
        # A song, and whether it was recorded.
        body = {"data": [await self.upload(song), False], "fn_index": self._listen}
        event = _joined(await self._http.post("queue/join", json=body | {"session_hash": session}))
        async with self._http.stream(
            "GET", "queue/data", params={"session_hash": session}
        ) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: "):
                    continue
                message = json.loads(line.removeprefix("data: "))
                if leave == "close" and message["msg"] == "estimation":
                    return
                if leave == "stop" and message["msg"] == "process_starts":
                    cancel = {"session_hash": session, "fn_index": self._listen, "event_id": event}
                    (await self._http.post("cancel", json=cancel)).raise_for_status()
                    return
                if message["msg"] in ("process_generating", "process_completed"):
                    shown = json.dumps(message["output"].get("data"))
                    if json.dumps(song.shown) in shown:
                        return
                    if message["msg"] == "process_completed":
                        raise WrongError(f"{song.path.name}, on the page: {shown[:300]}")
        raise WrongError(f"{song.path.name}, on the page: the answer ended early")

    async def close(self) -> None:
        await self._http.aclose()


def _joined(answer: httpx.Response) -> str:
    if answer.status_code == 503:
        if answer.json() != {"detail": BUSY}:
            raise WrongError(f"no clear sentence when busy: {answer.text[:300]}")
        raise BusyError
    answer.raise_for_status()
    return answer.json()["event_id"]
