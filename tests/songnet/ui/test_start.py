"""A visitor waits for little of what only happens once."""

import subprocess
import sys

import pytest

from songnet.ui import page


@pytest.fixture
def heard(classifier, monkeypatch):
    """Ends of the windows that the network judges."""
    ends = []
    judge = classifier.classify_blocks

    def remember(blocks, path=None, on_window=None):
        def also(window):
            ends.append(window.end_s)
            on_window(window)

        return judge(blocks, path, also)

    monkeypatch.setattr(classifier, "classify_blocks", remember)
    return ends


def test_gradio_writes_no_stubs():
    script = (
        "import ast, inspect; parsed = []; parse, find = ast.parse, inspect.getfile\n"
        "ast.parse = lambda *a, **named: parsed.append(a) or parse(*a, **named)\n"
        "import songnet.ui.page; print(len(parsed), inspect.getfile is find)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    parsed, restored = told.stdout.split()
    assert int(parsed) < 40  # of some 80 components, each twice
    assert restored == "True"


def test_an_example_is_judged_before_anybody_comes(analyser, examples, heard):
    page.rehearse(analyser, examples[0])
    assert heard == [30.0]


def test_a_refused_example_stops_nothing(analyser, tmp_path, heard):
    page.rehearse(analyser, tmp_path / "missing.wav")
    assert heard == []


def test_plotly_is_compiled_while_a_file_is_chosen(browser, address):
    tab = browser.new_page()
    tab.route(
        "**/PlotlyPlot-*.js",
        lambda route: route.fulfill(body="window.compiled = true", content_type="text/javascript"),
    )
    tab.goto(address)
    with tab.expect_file_chooser():
        tab.locator("#song .upload-container").click()
    tab.wait_for_function("window.compiled")
    tab.close()
