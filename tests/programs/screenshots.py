"""The pictures of the pages in the README: `python -m tests.programs.screenshots`.

Made of the page that `app.py` serves and of the one in the browser, with the same examples.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from songnet.browser.build import build
from songnet.examples import write_examples
from songnet.weights import load_weights
from tests.programs.browser_times import served
from tests.support.page_visits import HOST
from tests.support.paths import ROOT

_PICTURES = ROOT / "docs" / "pictures"
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]


def one_song(tab: Page, _: Path) -> None:
    """The whole answer to an example."""
    tab.get_by_role("button", name="Armygeddon").click()
    tab.wait_for_selector("#timeline .bars path")


def spectrogram(tab: Page, folder: Path) -> None:
    """The same with the other figure."""
    one_song(tab, folder)
    tab.get_by_role("tab", name="Spectrogram").click()
    tab.wait_for_selector("#spectrogram .hm image", state="attached")


def many_songs(tab: Page, folder: Path) -> None:
    """A table of three songs and a file that is none."""
    broken = folder / "lyrics.mp3"
    broken.write_text("La la la, said the cat to the mat.\n" * 300, encoding="utf-8")
    tab.get_by_role("tab", name="Many songs").click()
    tab.set_input_files("#songs input[type=file]", [*write_examples(folder), broken])
    tab.wait_for_selector("#batch-csv:not([disabled])")


# Name, width in pixels, scheme, and what is done on the page.
PICTURES = [
    ("page", 1280, "light", one_song),
    ("page-phone", 390, "dark", one_song),
    ("page-spectrogram", 1280, "dark", spectrogram),
    ("page-many", 1280, "light", many_songs),
]


@contextlib.contextmanager
def page_running() -> Iterator[str]:
    """The address of the page that `app.py` serves, for a ``with`` block."""
    server = subprocess.Popen(
        [sys.executable, "-u", "app.py"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        yield next(found[0] for line in server.stderr if (found := re.search(r"http\S+", line)))
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Writes every picture into `docs/pictures/`."""
    with (
        page_running() as address,
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
    ):
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=_OPTIONS)
        for name, width, scheme, act in PICTURES:
            viewport = {"width": width, "height": 844}
            tab = browser.new_page(viewport=viewport, color_scheme=scheme)
            tab.goto(address)
            tab.wait_for_selector("#song input[type=file]", state="attached")
            act(tab, Path(folder))
            # What moves comes to rest: tabs' underlines, Gradio's table.
            tab.wait_for_timeout(2000)
            _save(tab, _PICTURES / f"{name}.png")
            tab.close()
        browser.close()
    in_the_browser()


def in_the_browser() -> None:
    """The answer to an example on the page that runs in the browser."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        build(folder / "site", load_weights())
        (folder / "examples").mkdir()
        (example, *_) = write_examples(folder / "examples")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=_OPTIONS)
        with served(folder / "site") as server:
            tab = browser.new_page(viewport={"width": 1280, "height": 844})
            tab.goto(f"http://{HOST}:{server.server_port}/")
            tab.set_input_files("#files", example)
            tab.wait_for_selector(".metadata")
            tab.wait_for_timeout(1000)
            _save(tab, _PICTURES / "browser.png")
        browser.close()


def _save(tab: Page, path: Path) -> None:
    tab.screenshot(path=path, full_page=True)
    with Image.open(path) as picture:
        # Not with a palette, which changes the colour of the ground.
        whole = picture.convert("RGB")
    whole.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {os.path.getsize(path) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
