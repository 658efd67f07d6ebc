"""A visitor who wants everything, for `load.py`: batches, floods and slow bodies at once."""

import asyncio
import contextlib
import time
from pathlib import Path

import httpx
import numpy as np

from tests.programs.load_server import HOST, Server
from tests.programs.load_visitors import PATIENCE_S, forwarded
from tests.support import songs

ADDRESS = forwarded(60_000)
# The longest song that is taken, in a batch that Gradio's queue gave a place until its end.
_SONG_S = 29 * 60
_BATCH = 14
_SLOW_BODIES = 30
_FLOODS = 6


class GreedyClient:
    """Does all at once, again and again, until it is cancelled.

    Parameters
    ----------
    server : Server
    folder : Path
        Where its song is written.

    Attributes
    ----------
    requests : int
        How many the server answered, by a refusal or not.
    """

    def __init__(self, server: Server, folder: Path):
        self._server = server
        minute = songs.synthesise(60, 8_000, 1, seed=9)
        long = np.tile(minute, (_SONG_S // 60, 1))
        self._song = songs.write(folder / "greedy.wav", long, 8_000, "ULAW")
        self.requests = 0

    async def run(self) -> None:
        """Asks for everything; ends by being cancelled."""
        async with httpx.AsyncClient(
            base_url=f"{self._server.address}/gradio_api/",
            headers=ADDRESS,
            timeout=PATIENCE_S,
            trust_env=False,
        ) as http:
            await asyncio.gather(
                *(self._batches(http) for _ in range(2)),
                *(self._flood(http) for _ in range(_FLOODS)),
                *(self._slow_body() for _ in range(_SLOW_BODIES)),
            )

    async def _batches(self, http: httpx.AsyncClient) -> None:
        files = {"files": (self._song.name, self._song.read_bytes())}
        sent = await http.post("upload", files=files)
        song = {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}
        while True:
            called = await http.post("call/classify_batch", json={"data": [[song] * _BATCH]})
            self.requests += 1
            if called.status_code != 200:
                await asyncio.sleep(0.1)
                continue
            event = called.json()["event_id"]
            async with http.stream("GET", f"call/classify_batch/{event}") as stream:
                async for _ in stream.aiter_lines():
                    pass

    async def _flood(self, http: httpx.AsyncClient) -> None:
        """Sessions that join and never come back, hostile bodies, and the page itself."""
        number = 0
        while True:
            number += 1
            body = {"data": [None, None], "fn_index": self._server.listen}
            session = {"session_hash": f"g{time.monotonic_ns()}"}
            hostile = b'{"data":[[' + b"{}," * 25_000 + b"{}]]}"
            with contextlib.suppress(httpx.HTTPError):
                await http.post("queue/join", json=body | session)
                await http.post("queue/join", content=hostile)
                await http.get(f"{self._server.address}/")
            self.requests += 3

    async def _slow_body(self) -> None:
        """An upload that comes a byte a second."""
        port = int(self._server.address.rpartition(":")[2])
        (forward,) = ADDRESS.items()
        head = (
            f"POST /gradio_api/upload HTTP/1.1\r\nHost: {HOST}:{port}\r\n{': '.join(forward)}\r\n"
            "Content-Length: 100000000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        while True:
            _, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(head.encode())
                while not writer.is_closing():
                    writer.write(b"-")
                    await writer.drain()
                    await asyncio.sleep(1)
            except OSError:
                await asyncio.sleep(1)
            finally:
                writer.close()
