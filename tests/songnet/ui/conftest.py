"""One running page for all tests, a browser to use it, and a client for its API."""

import base64
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client
from mutagen.id3 import APIC, TALB, TCON, TDRC, TIT2, TPE1
from mutagen.wave import WAVE

from songnet.classifier import Classifier
from songnet.examples import write_examples
from songnet.known_tracks import Track
from songnet.sandbox import Sandbox
from songnet.similar import TrackIndex
from songnet.ui import page as page_of_songnet
from songnet.ui import server
from songnet.ui.analysis import Analyser
from tests.support import songs
from tests.support.page_visits import served

# Seconds by which a scripted song is known: the network hears no file names.
SCRIPTED = {"rock": 2.25, "unsure": 2.75, "mixed": 80.0}


class ScriptedClassifier(Classifier):
    """The real network, with an answer made up for songs of certain lengths (`SCRIPTED`).

    ``rock`` is Rock for certain; ``unsure`` is too close to call; in ``mixed`` every second window
    is Folk, the others Pop. What the network says of them would change with its weights.

    Attributes
    ----------
    go_on : threading.Event
        Until it is set, no song is classified beyond its first minute.
    """

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.go_on = threading.Event()
        self.go_on.set()

    def classify_blocks(self, blocks, path=None, on_window=None):
        def wait(window):
            if on_window is not None:
                on_window(window)
            if window.end_s >= 60:
                self.go_on.wait(120)

        prediction = super().classify_blocks(blocks, path, wait)
        seconds = round(prediction.duration_s, 2)
        if seconds == SCRIPTED["rock"]:
            return self._say(prediction, ["Rock"], 0.72)
        if seconds == SCRIPTED["mixed"]:
            return self._say(prediction, ["Pop", "Folk"], 0.65)
        if seconds == SCRIPTED["unsure"]:
            return replace(self._say(prediction, ["Hip-Hop"], 0.2), abstained=True)
        return prediction

    def _say(self, prediction, genres, share):
        windows = []
        for i, window in enumerate(prediction.windows):
            genre = genres[i % len(genres)]
            rest = dict.fromkeys(self.genres, (1 - share) / 7)
            windows.append(replace(window, probabilities=rest | {genre: share}))
        mean = {
            g: float(np.mean([window.probabilities[g] for window in windows])) for g in self.genres
        }
        best = max(mean, key=mean.get)
        return replace(
            prediction,
            genre=best,
            confidence=mean[best],
            probabilities=mean,
            windows=windows,
            abstained=False,
        )


@pytest.fixture(scope="session", autouse=True)
def prepared():
    """What `app.py` does to Gradio before it builds the page."""
    server.prepare()


@pytest.fixture(scope="session")
def classifier():
    """The network that comes with the project, scripted for some file names."""
    return ScriptedClassifier.load()


@pytest.fixture(scope="session")
def sandbox():
    """Two processes that open the songs of the tests."""
    with Sandbox(workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def analyser(classifier, sandbox):
    """What the page asks for its answers."""
    return Analyser(classifier, sandbox)


@pytest.fixture
def patience(classifier):
    """The network waits in a song's second minute until the test is over, or sets this."""
    classifier.go_on.clear()
    yield classifier.go_on
    classifier.go_on.set()


@pytest.fixture(scope="session")
def index(classifier):
    """Six tracks, of which 000123 is what `tagged` writes under a name of its own."""
    embedding = classifier.classify(songs.synthesise(3.0)[:, 0]).embedding
    noise = np.abs(np.random.default_rng(0).normal(0, 0.03, (6, len(embedding))))
    embeddings = (embedding + noise * np.arange(6)[:, None]).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    tracks = [
        Track(123 + i, f"Artist {i} & sons", f"Song <{i}>", classifier.genres[i]) for i in range(6)
    ]
    return TrackIndex(tracks, embeddings, "f" * 64)


@pytest.fixture(scope="session")
def examples(tmp_path_factory):
    """The songs that the page offers."""
    return write_examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="session")
def address(analyser, index, examples):
    """The address of a page that is served while the tests run."""
    page = page_of_songnet.build(analyser, examples, index)
    with served(page, page_of_songnet.launch_options()):
        yield page.local_url


@pytest.fixture(scope="session")
def client(address):
    """A program that uses the page's API."""
    return Client(address, verbose=False)


@pytest.fixture
def http(address):
    """Plain HTTP to the page, for what no browser sends."""
    with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
        yield client


class Visit:
    """A visitor's tab, which remembers what went wrong in it.

    Attributes
    ----------
    tab : playwright.sync_api.Page
    complaints : list of str
        Errors of the console and of scripts, and requests to other addresses.
    """

    def __init__(self, tab, address):
        self.tab = tab
        self.complaints = []
        tab.on("console", self._on_console)
        tab.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        tab.on("request", lambda request: self._on_request(request, address))
        tab.goto(address)
        tab.wait_for_selector("#song input[type=file]", state="attached")

    def _on_console(self, message):
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _on_request(self, request, address):
        if not request.url.startswith((address, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")

    def upload(self, path):
        """Hands a file to the page and waits until there is an answer or an alert."""
        self.tab.set_input_files("#song input[type=file]", path)
        self.heard()

    def heard(self):
        """Waits until the song that was given last has its answer or its alert."""
        self.tab.wait_for_selector(".main:is([data-stage=answer], [data-stage=wrong])")
        self.tab.wait_for_selector(".sn-bars:visible, .sn-alert:visible")
        # The server has no more to say: all parts of the answer are this song's.
        self.tab.wait_for_selector("#verdict .wrap.hide", state="attached")

    def drop(self, *files, on="body"):
        """Drops files, as pairs of name and content, on an element.

        Returns
        -------
        bool
            Whether the browser would have opened them.
        """
        encoded = [(name, base64.b64encode(content).decode()) for name, content in files]
        return self.tab.evaluate(
            """([files, on]) => {
                const transfer = new DataTransfer();
                for (const [name, content] of files) {
                    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                    transfer.items.add(new File([bytes], name));
                }
                const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
                return document.querySelector(on).dispatchEvent(new DragEvent("drop", options));
            }""",
            [encoded, on],
        )

    def classify_all(self, paths):
        """Hands files to the tab for many songs, which hears them by itself."""
        self.tab.get_by_role("tab", name="Many songs").click()
        self.tab.set_input_files("#songs input[type=file]", paths)

    def says(self, selector, text):
        """Waits until a text, or what matches a pattern, is written in the first that matches."""
        self.tab.locator(selector, has_text=text).first.wait_for()

    def hides(self, selector):
        """Waits until nothing is seen that matches."""
        self.tab.locator(f"{selector} >> visible=true").first.wait_for(state="hidden")

    def holds(self, condition, value=None):
        """Waits until a condition holds in the page: ``holds("(x) => innerWidth > x", 300)``."""
        self.tab.wait_for_function(condition, arg=value)

    def text(self, selector):
        """What is written in the first element that matches."""
        return self.tab.locator(selector).first.inner_text()


@pytest.fixture
def visit(browser, address):
    """Opens the page in a fresh context: ``visit(width=390, color_scheme="dark")``."""
    contexts = []

    def open_page(width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(120_000)
        contexts.append(context)
        return Visit(context.new_page(), address)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def tagged(tmp_path):
    """Writes a WAV with tags: ``tagged("tune.wav", title="Tune")`` gives its path.

    One of a name in `SCRIPTED` is such a song.
    """

    def make(name: str, cover: bytes | None = None, **tags: str) -> Path:
        seconds = SCRIPTED.get(Path(name).stem, 3.0)
        path = songs.write(tmp_path / name, songs.synthesise(seconds))
        file = WAVE(path)
        file.add_tags()
        kinds = {"title": TIT2, "artist": TPE1, "album": TALB, "year": TDRC, "genre": TCON}
        for tag, text in tags.items():
            file.tags.add(kinds[tag](encoding=3, text=text))
        if cover is not None:
            file.tags.add(APIC(encoding=3, mime="image/png", type=3, desc="", data=cover))
        file.save()
        return path

    return make
