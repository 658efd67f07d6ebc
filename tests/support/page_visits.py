"""What the tests of the page and of its API have in common."""

import contextlib
import json
import re
import socket

import numpy as np

from tests.support import songs

HOST = "127.0.0.1"
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]

# Fills what a tab may keep, until there is no room for a character more.
FILL_SESSION = """() => {
    for (let size = 2 ** 22, number = 0; size >= 1; number++) {
        try { sessionStorage.setItem(`full${number}`, "x".repeat(size)); } catch { size /= 2; }
    }
}"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def event_of(config, elem_id, trigger):
    """The number of a page's queued event, by the component that triggers it.

    Parameters
    ----------
    config : dict
        What the page answers to ``/config``.
    elem_id, trigger : str
        As ``"listen"`` and ``"click"``.
    """
    (block,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == elem_id)
    (event,) = (
        d["id"]
        for d in config["dependencies"]
        if [block, trigger] in d["targets"] and d["backend_fn"] and d["queue"]
    )
    return event


@contextlib.contextmanager
def served(page, options):
    """Has a page served, as `songnet.ui.page.launch_options` says, for a ``with`` block."""
    page.launch(
        **options,
        prevent_thread_lock=True,
        quiet=True,
        server_name=HOST,
        server_port=free_port(),
    )
    yield page
    page.close()


def bad_files(folder):
    """Files that cannot be classified.

    Returns
    -------
    list of (Path, str)
        Each with a pattern of the sentence that refuses it.
    """
    text = folder / "notes.mp3"
    text.write_text("La la la, said the cat to the mat.\n" * 300)
    empty = folder / "empty.wav"
    empty.write_bytes(b"")
    short = songs.write(folder / "short.wav", np.zeros((4_410, 1), dtype=np.float32))
    nothing = songs.write(folder / "nothing.wav", np.zeros((0, 1), dtype=np.float32))
    return [
        (text, r"notes\.mp3 is not audio"),
        (empty, r"empty\.wav is empty"),
        (short, r"short\.wav holds less than 1 s"),
        (nothing, r"nothing\.wav "),
    ]


def half_a_song(folder):
    """A file of which a part is missing, and the warning with which it is answered."""
    half = songs.write(folder / "half.wav", songs.synthesise(5.0))
    half.write_bytes(half.read_bytes()[: 44 + 2 * 88_200])
    return half, "The file says 0:05, but only 0:02 of it is there."


def outcome(http, path):
    """Event and text with which `/classify` ends for a file that stands at a path."""
    song = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    joined = http.post("gradio_api/call/classify", json={"data": [song]})
    stream = http.get(f"gradio_api/call/classify/{joined.json()['event_id']}").text
    event, data = re.search(r"event: (complete|error)\ndata: (.*)", stream).groups()
    return event, json.loads(data)
