"""The page as a process of its own."""

import contextlib
import socket
import subprocess
import time
import urllib.request

import pytest


@contextlib.contextmanager
def running(command, folder, environment, log):
    """Starts the page on a free port, waits until it answers, and gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment | settings, stdout=output, stderr=output
        )
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=5).close()
                break
            time.sleep(0.2)
        else:
            pytest.fail(f"the page does not answer: {log.read_text()}")
        yield address
    finally:
        process.terminate()
        process.wait()
