"""The page for the browser, built once, and served as any static server does it."""

import functools
import http.server
import json
import shutil
import threading

import pytest

from songnet.browser.build import BuildError, build, install
from songnet.weights import load_weights
from tests.support.page_visits import HOST


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """The page's sources with Node's packages."""
    if shutil.which("npm") is None:
        pytest.skip("building the page needs Node, which is not on this machine")
    try:
        return install(tmp_path_factory.mktemp("sources"))
    except BuildError as error:
        pytest.skip(f"Node's packages cannot be installed here: {error}")


@pytest.fixture(scope="session")
def weights():
    return load_weights()


@pytest.fixture(scope="session")
def built(sources, weights, tmp_path_factory):
    """A folder with the built page, below another one: the page is not at a server's root."""
    out = tmp_path_factory.mktemp("site") / "below" / "songnet"
    build(out, weights, sources)
    return out


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Remembers what it is asked for, in a list of its server."""

    def log_message(self, *_):
        pass

    def log_request(self, *_):
        self.server.asked.append(f"{self.command} {self.path}")


@pytest.fixture
def serve():
    """Serves a folder: ``serve(folder)`` gives its address and the list of what is asked for."""
    servers = []

    def start(folder):
        server = http.server.ThreadingHTTPServer(
            (HOST, 0), functools.partial(_Handler, directory=folder)
        )
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def stop():
            server.shutdown()
            thread.join()
            server.server_close()

        servers.append(stop)
        return f"http://{HOST}:{server.server_port}/", server.asked

    yield start
    for stop in servers:
        stop()


class Visit:
    """A visitor's tab on the page in the browser.

    Attributes
    ----------
    tab : playwright.sync_api.Page
    complaints : list of str
        Errors of the console and of scripts.
    requests : list of (str, str)
        Method and address of all that the page asked for.
    asked : list of str
        What reached the server.
    """

    def __init__(self, tab, address, asked):
        self.tab = tab
        self.asked = asked
        self.complaints, self.requests = [], []
        tab.on("console", self._on_console)
        tab.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        tab.context.on("request", lambda r: self.requests.append((r.method, r.url)))
        tab.goto(address)

    def _on_console(self, message):
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def ready(self):
        """Waits until the network is loaded."""
        self.tab.wait_for_selector("body[data-ready]")
        return self

    def hear(self, *paths):
        """Hands files to the page, and waits until all are answered or refused."""
        before = self.tab.locator("#list tbody tr").count()
        self.tab.set_input_files("#files", [str(path) for path in paths])
        last = self.tab.locator("#list tbody tr").nth(before + len(paths) - 1)
        last.wait_for(state="attached")
        self.tab.wait_for_selector("#list tbody:not(:has(.waiting))", state="attached")

    def answers(self):
        """The JSON that the page saves."""
        with self.tab.expect_download() as download:
            self.tab.locator("#save-json").evaluate("button => button.click()")
        return json.loads(download.value.path().read_text(encoding="utf-8"))

    def text(self, selector):
        """What is written in the first element that matches."""
        return self.tab.locator(selector).first.inner_text()


@pytest.fixture
def visit(browser, built, serve):
    """Opens the page in a fresh context: ``visit(width=390)``.

    ``folder=`` is another folder than the built page, ``chromium=`` another browser, and
    ``before=`` is called with tab and address.
    """
    contexts = []

    def open_page(width=1280, height=900, folder=built, before=None, chromium=browser, **options):
        address, asked = serve(folder.parent.parent)
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(120_000)
        contexts.append(context)
        tab = context.new_page()
        if before:
            before(tab, address)
        return Visit(tab, f"{address}below/songnet/", asked)

    yield open_page
    for context in contexts:
        context.close()
