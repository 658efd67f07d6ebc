"""`python app.py` as a process of its own, for tests that are hard on it."""

import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.support.page_visits import event_of
from tests.support.paths import ROOT

HOST = "127.0.0.1"
_START_S = 600.0
_END_S = 60.0


class Server:
    """A running page, ended with SIGTERM, as a Space is.

    Parameters
    ----------
    folder : Path
        Its temporary files and its log go below this.
    queue_size : int
    largest_file : int or None [bytes]
        The system lets the server write no larger file, as on a full disk.
    environment : dict of str to str
        Further variables.

    Attributes
    ----------
    address : str
    listen : int
        Number of the page's event that classifies a song.
    """

    def __init__(
        self,
        folder: Path,
        queue_size: int = 100,
        largest_file: int | None = None,
        environment: dict[str, str] | None = None,
    ):
        self.queue_size = queue_size
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        self._log = folder / "log"
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        self.address = f"http://{HOST}:{port}"
        settings = {
            "GRADIO_SERVER_NAME": HOST,
            "GRADIO_SERVER_PORT": str(port),
            "SONGNET_QUEUE_SIZE": str(queue_size),
            # So that a visitor may say which address is theirs.
            "SONGNET_TRUSTED_PROXIES": HOST,
            "TMPDIR": str(self._temporary),
            **(environment or {}),
        }
        limits = (largest_file, largest_file)
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env=os.environ | settings,
                stdout=output,
                stderr=output,
                preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits))
                if largest_file
                else None,
            )

    def __enter__(self) -> "Server":
        try:
            self.listen = self._wait()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.end()

    def _wait(self) -> int:
        until = time.monotonic() + _START_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                config = httpx.get(f"{self.address}/config", trust_env=False, timeout=30).json()
                return event_of(config, "listen", "click")
            except httpx.HTTPError:
                time.sleep(0.2)
        raise RuntimeError(f"app.py does not serve: {self.log()}")

    def end(self) -> int:
        """Ends the server and gives its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def use(self) -> tuple[float, float, int, float]:
        """Memory of the app and of its children [MB], and its temporary files [number, MB]."""
        app = psutil.Process(self.process.pid)
        children = 0
        for child in app.children(recursive=True):
            try:
                children += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        sizes = []
        for path in self._temporary.rglob("*"):
            try:
                if path.is_file():
                    sizes.append(path.stat().st_size)
            except FileNotFoundError:
                continue
        rss = app.memory_info().rss
        return round(rss / 2**20, 1), round(children / 2**20, 1), len(sizes), sum(sizes) / 2**20

    def leftovers(self) -> list[str]:
        """Temporary files that are there, as paths below their folder."""
        return [str(p.relative_to(self._temporary)) for p in self._temporary.rglob("*")]

    def log(self) -> str:
        """The server's log."""
        return self._log.read_text(encoding="utf-8", errors="replace")
