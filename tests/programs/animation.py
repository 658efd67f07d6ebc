"""The moving picture at the top of the README: `python -m tests.programs.animation`.

A song is dragged onto the page, and answered. The page is the one that `app.py` serves; the pointer
and the file under it are drawn over it, as no browser lets a program drag a file from outside.
"""

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from songnet.examples import write_examples
from tests.programs.screenshots import page_running
from tests.support.paths import ROOT

OUTPUT = ROOT / "docs" / "pictures" / "drop.webp"
_SIZE = {"width": 1280, "height": 800}
_WIDTH = 960  # pixels of the picture
_LARGEST = 1_000_000  # bytes
_MOVES = 14
_STEP_MS = 60
_MOST_FRAMES = 100
_FIRST_MS, _LAST_MS = 900, 4000
_DROP_ZONE = "#song"
_INPUT = "#song input[type=file]"
_ANSWER = "#timeline .bars path"

# A pointer with a file under it, at the left upper corner of the page until it is moved.
_POINTER = """name => {
  const pointer = document.createElement("div");
  pointer.id = "dragged";
  pointer.style.cssText = "position: fixed; left: 0; top: 0; z-index: 10000; pointer-events: none";
  pointer.innerHTML = `<svg width="22" height="30" viewBox="0 0 22 30" style="display: block">
    <path d="M2 2v22l6-5 4 9 4-2-4-9h8z" fill="#fff" stroke="#111" stroke-width="1.5"/></svg>
    <span style="display: block; margin: -6px 0 0 18px; padding: 8px 14px; border-radius: 8px;
    font: 600 15px system-ui, sans-serif; color: #111; background: #fff; border: 1px solid #888;
    box-shadow: 0 6px 18px #0005">♪ ${name}</span>`;
  document.body.append(pointer);
}"""
_MOVE = """([x, y]) => {
  document.querySelector("#dragged").style.transform = `translate(${x}px, ${y}px)`;
}"""


class Film:
    """Frames of a tab, each with the time for which it is shown."""

    def __init__(self, tab: Page):
        self._tab = tab
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []

    def take(self, duration_ms: int) -> None:
        """Adds what the tab shows; the frame before lasts longer if nothing has changed."""
        with Image.open(BytesIO(self._tab.screenshot())) as shown:
            height = round(_SIZE["height"] * _WIDTH / _SIZE["width"])
            frame = shown.convert("RGB").resize((_WIDTH, height), Image.Resampling.LANCZOS)
        if self.frames and frame == self.frames[-1]:
            self.durations[-1] += duration_ms
        else:
            self.frames.append(frame)
            self.durations.append(duration_ms)


def act(tab: Page, song: Path) -> Film:
    """Drags a song onto the page, drops it and waits for the answer."""
    film = Film(tab)
    film.take(_FIRST_MS)
    zone = tab.locator(_DROP_ZONE).bounding_box()
    assert zone is not None
    target = zone["x"] + zone["width"] / 2, min(zone["y"] + zone["height"] / 2, _SIZE["height"] / 2)
    tab.evaluate(_POINTER, song.name)
    for move in range(_MOVES + 1):
        done = 1 - (1 - move / _MOVES) ** 2  # slower towards the end, as hands do it
        start = _SIZE["width"] * 0.98, _SIZE["height"] * 0.95
        place = [a + (b - a) * done for a, b in zip(start, target, strict=True)]
        tab.evaluate(_MOVE, place)
        film.take(_STEP_MS)
    tab.evaluate("() => document.querySelector('#dragged').remove()")
    tab.set_input_files(_INPUT, song)
    for _ in range(_MOST_FRAMES):
        if tab.locator(_ANSWER).count():
            break
        film.take(_STEP_MS)
    else:
        tab.screenshot(path=OUTPUT.with_suffix(".png"))
        raise AssertionError(f"no answer: {OUTPUT.with_suffix('.png')} shows the page")
    # What moves comes to rest.
    for _ in range(6):
        tab.wait_for_timeout(200)
        film.take(_STEP_MS)
    film.durations[-1] = _LAST_MS
    return film


def save(film: Film, path: Path) -> None:
    """Writes an animated WebP that begins again and again.

    Raises
    ------
    AssertionError
        If it is too large for a page that is read on a telephone.
    """
    first, *rest = film.frames
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=film.durations,
        loop=0,
        quality=88,
        method=6,
    )
    size = path.stat().st_size
    seconds = sum(film.durations) / 1000
    print(f"{path.relative_to(ROOT)}: {len(film.frames)} frames, {seconds:.1f} s, {size:,} bytes")
    assert size < _LARGEST, size


def main() -> None:
    """Writes the picture of what happens on the page."""
    OUTPUT.parent.mkdir(exist_ok=True)
    with (
        page_running() as address,
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
    ):
        song, *_ = write_examples(folder)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
        )
        tab = browser.new_page(viewport=_SIZE, color_scheme="light")
        tab.goto(address)
        tab.wait_for_selector(_INPUT, state="attached")
        tab.wait_for_timeout(1000)
        save(act(tab, song), OUTPUT)
        browser.close()


if __name__ == "__main__":
    main()
