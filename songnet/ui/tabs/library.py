"""The tab with the map of the user's own library."""

import threading
from html import escape

import gradio as gr

from songnet.errors import SongNetError
from songnet.library.index import LibraryIndex
from songnet.library.library_map import draw
from songnet.ui.events import IMMEDIATELY
from songnet.ui.figures import cards

_WAIT = cards.notice("Drawing the map of your library. With many songs it takes some minutes.")
# How often an open page looks whether the map is there [s].
_LOOK_S = 2.0


class DrawnMap:
    """The map of a library, which is drawn in a thread of its own, and anew when songs have come.

    Threads may share one.

    Parameters
    ----------
    index : LibraryIndex
    """

    def __init__(self, index: LibraryIndex):
        self._index = index
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        # The songs of which there is a map, by their ids.
        self._of: bytes | None = None
        self._html = ""

    def html(self) -> str | None:
        """The map, or a sentence in its place, as HTML; None while it is being drawn."""
        with self._lock:
            if self._worker is not None and self._worker.is_alive():
                return None
            try:
                with self._index.open() as library:
                    now = library.embeddings()[0].tobytes()
            except SongNetError as error:
                return cards.alert(str(error))
            if now == self._of:
                return self._html
            self._worker = threading.Thread(target=self._draw, args=(now,), daemon=True)
            self._worker.start()
            return None

    def _draw(self, of: bytes) -> None:
        try:
            with self._index.open() as library:
                page, _ = draw(library, plays=False)
        except SongNetError as error:
            self._html = cards.alert(str(error))
        else:
            # In a frame of no origin: whatever its texts say cannot reach this page.
            self._html = (
                '<iframe class="sn-map" sandbox="allow-scripts" title="Map of your library" '
                f'srcdoc="{escape(page)}"></iframe>'
            )
        self._of = of


def build(tab: gr.Tab, index: LibraryIndex) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    tab : gr.Tab
        The tab itself: when it is chosen, the map is drawn.
    index : LibraryIndex
    """
    drawn = DrawnMap(index)
    shown = gr.HTML(_WAIT, elem_id="library-map", apply_default_css=False)
    clock = gr.Timer(_LOOK_S, active=False)

    def look():
        html = drawn.html()
        return gr.skip() if html is None else html, gr.Timer(active=html is None)

    for event in (tab.select, clock.tick):
        event(look, outputs=[shown, clock], show_progress="hidden", **IMMEDIATELY)
