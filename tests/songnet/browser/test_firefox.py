"""The page in a real Firefox: the same answers, and a microphone or a sentence."""

import shutil

import pytest

from songnet.classifier import Classifier
from tests.support import songs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_DONE = "document.querySelectorAll('#list tbody tr:not(.waiting)').length === {n}"
# What the page saves as JSON.
_ANSWERS = """new Promise((resolve) => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { resolve(blob.text()); return make.call(URL, blob); };
    document.getElementById("save-json").click();
}).then(JSON.parse)"""


@pytest.fixture
def tab(built, serve, tmp_path):
    """Firefox on the page, with the network loaded."""
    drivers = pytest.importorskip("tests.support.firefox", reason="websockets is not installed")
    executable = shutil.which("firefox-esr") or shutil.which("firefox")
    if executable is None:
        pytest.skip("there is no Firefox on this machine")
    (tmp_path / "profile").mkdir()
    address, _ = serve(built.parent.parent)
    with drivers.firefox(executable, tmp_path / "profile") as opened:
        opened.goto(f"{address}below/songnet/")
        opened.wait_for("document.body.dataset.ready")
        yield opened


def test_the_same_answers_as_on_the_command_line(tab, weights, tmp_path):
    wave = songs.synthesise(31.0, channels=2)
    paths = [songs.write(tmp_path / f"song.{kind}", wave) for kind in ("wav", "mp3", "flac", "ogg")]
    tab.set_files("#files", paths)
    tab.wait_for(_DONE.format(n=len(paths)))
    classifier = Classifier(weights)
    for path, answer in zip(paths, tab.evaluate(_ANSWERS), strict=True):
        expected = classifier.classify(path)
        most = 1e-3 if path.suffix == ".wav" else 0.02
        assert answer["genre"] == expected.genre
        for genre, probability in expected.probabilities.items():
            assert answer["probabilities"][genre] == pytest.approx(probability, abs=most), path.name
    assert tab.errors == []


def test_the_microphone(tab):
    """Without a device that plays sound, as most machines of tests, Firefox starts no clock."""
    tab.evaluate("document.getElementById('listen').click()")
    tab.wait_for("document.querySelector('.verdict h2, #problem:not([hidden])')")
    problem = tab.evaluate("document.getElementById('problem').textContent")
    assert problem in ("", "No sound comes from the microphone: check the device's sound settings.")
    if problem:
        assert tab.evaluate("document.getElementById('listen').textContent.startsWith('Listen')")
    assert tab.errors == []
