"""A real Firefox, driven over WebDriver BiDi: as much of it as the tests need."""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

# No contact with its makers, and a microphone that plays a tone and asks nobody.
_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.autoplay.blocking_policy": 0,
    "media.autoplay.default": 0,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
_TIMEOUT_S = 120


class Tab:
    """A tab of Firefox.

    Attributes
    ----------
    errors : list of str
        What was written to its console as an error.
    """

    def __init__(self, socket: ClientConnection):
        self.errors: list[str] = []
        self._socket = socket
        self._sent = 0
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        (first, *_) = self._ask("browsingContext.getTree")["contexts"]
        self._context = first["context"]

    def goto(self, address: str) -> None:
        """Opens an address, and waits until it is loaded."""
        self._ask("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """What a script says, through JSON; a promise is waited for."""
        answer = self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((x) => JSON.stringify(x ?? null))",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition: str) -> None:
        """Waits until an expression is true."""
        self.evaluate(
            "new Promise((resolve, reject) => {"
            f"setTimeout(() => reject(new Error('still waits')), {1000 * _TIMEOUT_S});"
            f"setInterval(() => {{ if ({condition}) resolve(true); }}, 50); }})"
        )

    def set_files(self, selector: str, paths: list[Path]) -> None:
        """Hands files to an input."""
        (node,) = self._ask(
            "browsingContext.locateNodes",
            context=self._context,
            locator={"type": "css", "value": selector},
        )["nodes"]
        self._ask(
            "input.setFiles",
            context=self._context,
            element={"sharedId": node["sharedId"]},
            files=[str(path) for path in paths],
        )

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=2 * _TIMEOUT_S))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(message["params"]["text"])
            if message.get("id") == self._sent:
                if "result" not in message:
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]


@contextlib.contextmanager
def firefox(executable: str, profile: Path) -> Iterator[Tab]:
    """Runs Firefox without a window for a ``with`` block.

    Parameters
    ----------
    executable : path of the program
    profile : path of an empty folder
    """
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [executable, "--headless", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(
        [*command, "--remote-debugging-port", "0", "about:blank"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        found = (re.search(r"BiDi listening on (ws://\S+)", line) for line in process.stderr)
        address = next(match[1] for match in found if match)
        with connect(f"{address}/session", max_size=2**26, open_timeout=_TIMEOUT_S) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        process.wait(_TIMEOUT_S)
