"""A visitor waits for little of what only happens once."""

import subprocess
import sys

import pytest

from songnet.ui import page


@pytest.fixture
def classified_s(classifier, monkeypatch):
    """Ends of the windows that the network classifies [s]."""
    ends = []
    classify_blocks = classifier.classify_blocks

    def remember(blocks, path=None, on_window=None):
        def also(window):
            ends.append(window.end_s)
            on_window(window)

        return classify_blocks(blocks, path, also)

    monkeypatch.setattr(classifier, "classify_blocks", remember)
    return ends


def test_gradio_writes_no_stubs():
    script = (
        "import ast, inspect; parsed = []; parse, find = ast.parse, inspect.getfile\n"
        "ast.parse = lambda *a, **named: parsed.append(a) or parse(*a, **named)\n"
        "import songnet.ui.page; print(len(parsed), inspect.getfile is find)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    parsed, restored = done.stdout.split()
    assert int(parsed) < 40  # of some 80 components, each twice
    assert restored == "True"


def test_an_example_is_classified_before_the_first_visitor(analyser, examples, classified_s):
    page.rehearse(analyser, examples[0])
    assert classified_s == [30.0]


def test_a_refused_example_stops_nothing(analyser, tmp_path, classified_s):
    page.rehearse(analyser, tmp_path / "missing.wav")
    assert classified_s == []


def test_plotly_is_compiled_while_a_file_is_chosen(browser, address):
    tab = browser.new_page()
    tab.set_default_timeout(120_000)
    tab.route(
        "**/PlotlyPlot-*.js",
        lambda route: route.fulfill(body="window.compiled = true", content_type="text/javascript"),
    )
    tab.goto(address)
    with tab.expect_file_chooser():
        tab.locator("#song [data-song=choose]:visible").click()
    tab.wait_for_function("window.compiled")
    tab.close()


def test_the_page_links_to_the_one_in_the_browser_where_its_address_is_set():
    assert "<a " not in page.header(None)
    shown = page.header('https://ada.example/?a="b"&c')
    assert 'href="https://ada.example/?a=&quot;b&quot;&amp;c"' in shown
