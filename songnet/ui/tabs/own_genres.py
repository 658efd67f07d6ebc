"""The tab for one's own genres: a few songs of each teach them, and a file keeps them."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from anyio.to_thread import run_sync

from songnet.errors import NotLearnedError, OwnGenresError
from songnet.own_genres import OwnGenres
from songnet.own_genres.songs import LONGEST_NAME
from songnet.ui import teaching
from songnet.ui.analysis import Analyser, request_end, too_many
from songnet.ui.events import IMMEDIATELY, NETWORK, Update
from songnet.ui.figures import cards, own_genres
from songnet.ui.server.turns import next_turn
from songnet.ui.shelf import Shelf
from songnet.ui.tabs.in_use import InUse

_ADD = (
    "<h3>Teach SongNet your genres</h3><ol class='sn-hint sn-steps'><li>Name a genre.</li>"
    "<li>Choose 3 songs of it or more, better 10 by several artists, and add them.</li>"
    "<li>Once there are two genres or more, press Teach: SongNet tells them apart.</li></ol>"
)
_LIST = "<h3>Your genres</h3>"
_KEPT = (
    "<p class='sn-hint'>They are gone once you close or reload the page: save them before. The "
    "file holds titles and numbers, no sound, and <code>songnet --genres</code> takes it, too.</p>"
)
_NOTHING_YET = "Name a genre first, and choose songs of it."
_NOT_NAMED = "Name the genre first."
_NO_SONGS = "Choose songs of the genre first."
_TOO_FEW = "SongNet needs two genres to tell apart: until there are more, it answers in its own 8."
# What `own_genres.js` says of the button in the list that was pressed: no component has these.
_PRESSED = "() => [null, null, window.songnetGenre]"
_PRESSED_NAME = "() => window.songnetGenre"


@dataclass(frozen=True)
class _Tab:
    """The components of the tab.

    Attributes
    ----------
    shelf : gr.State
        A `Shelf`.
    name : gr.Textbox
    songs : gr.File
    add, teach, stop, load : buttons
    trouble : gr.HTML
        Why songs were not added, below the button; hidden without one.
    listed : gr.HTML
        The genres on the shelf.
    status : gr.HTML
    save, kept, quality : gr.HTML
        Visible once genres were taught: the button that saves them, why one should, and how good
        they are.
    """

    shelf: gr.State
    name: gr.Textbox
    songs: gr.File
    add: gr.Button
    trouble: gr.HTML
    listed: gr.HTML
    teach: gr.Button
    stop: gr.Button
    load: gr.UploadButton
    save: gr.HTML
    kept: gr.HTML
    status: gr.HTML
    quality: gr.HTML

    def shown(self, shelf: Shelf) -> Update:
        """The update that shows what is on the shelf, with nothing at work."""
        taught = shelf.taught is not None
        save = own_genres.save_button(shelf.taught) if shelf.taught else ""
        quality = own_genres.quality(shelf.taught) if shelf.taught else ""
        return {
            self.shelf: shelf,
            self.listed: own_genres.shelf(shelf),
            self.add: gr.Button(interactive=True),
            self.trouble: gr.HTML(visible=False),
            self.teach: gr.Button(interactive=shelf.ready, visible=True),
            self.stop: gr.Button(visible=False),
            self.load: gr.UploadButton(interactive=True),
            self.save: gr.HTML(save, visible=taught),
            self.kept: gr.HTML(visible=taught),
            self.quality: gr.HTML(quality, visible=taught),
        }

    def busy(self, shelf: Shelf) -> Update:
        """The update before the first song is heard: what would change the shelf has to wait."""
        return {
            self.shelf: shelf,
            self.listed: own_genres.shelf(shelf, busy=True),
            self.add: gr.Button(interactive=False),
            self.trouble: gr.HTML(visible=False),
            self.teach: gr.Button(visible=False),
            self.stop: gr.Button(visible=True),
            self.load: gr.UploadButton(interactive=False),
            self.status: cards.notice("Listening…"),
        }


def build(analyser: Analyser, max_songs: int, using: InUse) -> None:
    """Adds the tab's components and events to the page that is being built.

    Parameters
    ----------
    analyser : Analyser
    max_songs : int > 0
        Most songs that may wait to be heard.
    using : InUse
    """
    tab = _components()
    everything = [getattr(tab, name) for name in tab.__dataclass_fields__]
    sign = using.components()
    changes = _Changes(analyser, tab, using, max_songs)

    tab.add.click(changes.add, [tab.shelf, tab.name, tab.songs], everything, **IMMEDIATELY)
    tab.load.upload(changes.load, [tab.shelf, tab.load], [*everything, *sign], **IMMEDIATELY)
    pressed, removed, more = _pressed()
    removed.click(
        changes.remove,
        [tab.shelf, using.genres, pressed],
        [*everything, *sign],
        js=_PRESSED,
        **IMMEDIATELY,
    )
    more.click(None, None, tab.name, js=_PRESSED_NAME, **IMMEDIATELY)

    hearing = tab.teach.click(
        changes.hear,
        [tab.shelf, using.genres],
        [*everything, *sign],
        show_progress_on=tab.status,
        api_visibility="private",
        **NETWORK,
    )
    hearing.failure(changes.interrupted, tab.shelf, everything, **IMMEDIATELY)
    tab.stop.click(None, cancels=hearing, **IMMEDIATELY).then(
        changes.interrupted, tab.shelf, everything, **IMMEDIATELY
    )

    def switched(shelf: Shelf, genres: OwnGenres | None) -> Update:
        return using.shown(shelf.taught if genres is None else None, shelf.taught)

    using.switch.click(switched, [tab.shelf, using.genres], sign, **IMMEDIATELY)


def _components() -> _Tab:
    shelf = gr.State(Shelf())
    with gr.Row(elem_classes="sn-teach"):
        with gr.Column(scale=5, min_width=300, elem_classes="sn-card"):
            gr.HTML(_ADD, apply_default_css=False)
            name = gr.Textbox(
                label="Genre",
                placeholder="Dub, say",
                max_lines=1,
                max_length=LONGEST_NAME,
                elem_id="genre",
            )
            songs = gr.File(
                label="Its songs", file_count="multiple", height=150, elem_id="genre-songs"
            )
            with gr.Row(elem_classes="sn-buttons"):
                add = gr.Button("Add these songs", elem_id="add-songs")
            trouble = gr.HTML(visible=False, elem_id="not-added", apply_default_css=False)
        with gr.Column(scale=6, min_width=300, elem_classes="sn-card"):
            gr.HTML(_LIST, apply_default_css=False)
            listed = gr.HTML(own_genres.shelf(Shelf()), elem_id="shelf", apply_default_css=False)
            with gr.Row(elem_classes="sn-buttons"):
                teach = gr.Button("Teach", variant="primary", interactive=False, elem_id="teach")
                stop = gr.Button("Stop", visible=False, elem_id="stop-teaching")
                load = gr.UploadButton("Load a file", elem_id="load-genres")
                save = gr.HTML(visible=False, apply_default_css=False, min_width=150)
            kept = gr.HTML(_KEPT, visible=False, apply_default_css=False)
    status = gr.HTML(elem_id="taught", apply_default_css=False)
    quality = gr.HTML(visible=False, apply_default_css=False)
    return _Tab(
        shelf=shelf,
        name=name,
        songs=songs,
        add=add,
        trouble=trouble,
        listed=listed,
        teach=teach,
        stop=stop,
        load=load,
        save=save,
        kept=kept,
        status=status,
        quality=quality,
    )


def _pressed() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """What `own_genres.js` presses for the list: a genre's name, to remove it, to add to it.

    They are in the page but never seen.
    """
    pressed = gr.Textbox(max_length=LONGEST_NAME, visible="hidden", show_label=False)
    removed = gr.Button("Remove", visible="hidden", elem_id="shelf-remove")
    more = gr.Button("Add songs", visible="hidden", elem_id="shelf-more")
    return pressed, removed, more


@dataclass(frozen=True)
class _Changes:
    """The event handlers: each takes a visitor's shelf, and gives the update that shows the next.

    Attributes
    ----------
    analyser : Analyser
    tab : _Tab
    using : InUse
    max_songs : int
    """

    analyser: Analyser
    tab: _Tab
    using: InUse
    max_songs: int

    def add(self, shelf: Shelf, name: str | None, paths: list[str] | None) -> Update:
        """Puts songs on the shelf; they are heard later."""
        if not (name or "").strip():
            return self.not_added(_NOT_NAMED if paths else _NOTHING_YET)
        if not paths:
            return self.not_added(_NO_SONGS)
        try:
            after = shelf.with_songs(
                name or "", paths, most=self.max_songs, too_many=too_many(self.max_songs)
            )
        except OwnGenresError as error:
            return self.not_added(str(error))
        return {
            **self.tab.shown(after),
            self.tab.name: "",
            self.tab.songs: None,
            self.tab.status: "",
        }

    def not_added(self, why: str) -> Update:
        """The update that says below the button why songs were not added."""
        return {self.tab.trouble: gr.HTML(cards.alert(why), visible=True), self.tab.status: ""}

    def load(self, shelf: Shelf, path: str | None) -> Update:
        """Takes what is in a visitor's file, which goes; it replaces what is on the shelf."""
        if path is None:
            return {self.tab.status: ""}
        try:
            genres = teaching.load(path, self.analyser.classifier)
            after = Shelf.of(genres)
        except OwnGenresError as error:
            return {
                self.tab.trouble: gr.HTML(visible=False),
                self.tab.status: cards.alert(str(error)),
            }
        finally:
            # What it held is the visitor's session's from now on.
            Path(path).unlink(missing_ok=True)
        replaced = ", and replace what was here" if shelf.counts else ""
        message = (
            f"{len(genres.names)} genres with {len(genres.songs)} songs are loaded{replaced}. "
            "“One song” and “Many songs” answer in them now."
        )
        return {
            **self.tab.shown(after),
            **self.using.shown(genres, genres),
            self.tab.status: own_genres.status(message),
        }

    def remove(self, shelf: Shelf, genres: OwnGenres | None, name: str | None) -> Update:
        """Takes a genre from the shelf, and from what was learned."""
        try:
            after = shelf.without(name or "")
        except OwnGenresError as error:
            return {self.tab.status: cards.alert(str(error))}
        return {
            **self.tab.shown(after),
            **self.using.shown(genres and after.taught, after.taught),
            self.tab.status: own_genres.status(_TOO_FEW) if genres and not after.taught else "",
        }

    async def hear(
        self, shelf: Shelf, genres: OwnGenres | None, progress: gr.Progress = gr.Progress()
    ) -> AsyncIterator[Update]:
        """Hears what waits, learns from all that was heard, and answers in it from then on."""
        yield self.tab.busy(shelf)
        until, sentences, total = request_end(), [], len(shelf.waiting)
        named = list(shelf.counts)
        while shelf.waiting:
            heard = total - len(shelf.waiting)
            if heard and not await next_turn():
                return
            if time.monotonic() >= until:
                yield self.interrupted(shelf)
                return
            hearing = f"Hearing {shelf.waiting[0][0]}: {heard + 1} of {total}"
            progress(heard / total, desc=hearing)
            shelf, told = await run_sync(shelf.after_hearing, self.analyser)
            sentences += told
            # What was heard stays so, also if the visitor stops the work.
            yield {self.tab.shelf: shelf}
        try:
            shelf, told = await run_sync(shelf.learned, self.analyser.classifier.weights, named)
        except OwnGenresError as error:
            reason, left_out = str(error), ()
            if isinstance(error, NotLearnedError):
                reason, left_out = error.reason, error.left_out
            yield {
                # Copies are told of and go, so that the list says how many songs are missing.
                **self.tab.shown(shelf.without_copies()),
                self.tab.status: own_genres.status(reason, [*left_out, *sentences], wrong=True),
            }
            return
        counts = shelf.taught.counts if shelf.taught else {}
        message = (
            f"{len(counts)} genres are taught, by {sum(counts.values())} songs. “One song” and "
            "“Many songs” answer in them now."
        )
        yield {
            **self.tab.shown(shelf),
            **self.using.shown(shelf.taught, shelf.taught),
            self.tab.status: own_genres.status(message, [*told, *sentences]),
        }

    def interrupted(self, shelf: Shelf) -> Update:
        """Shows what is on the shelf after the work was stopped."""
        left = len(shelf.waiting)
        message = f"Stopped. {left} song{'' if left == 1 else 's'} still to hear: Teach goes on."
        return {**self.tab.shown(shelf), self.tab.status: own_genres.status(message)}
