"""Puts the page together from its tabs."""

import contextlib
import html
import sys
import time
from collections.abc import Callable, Collection
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import gradio as gr

from songnet import logo
from songnet.errors import AudioError, PageError
from songnet.library.index import LibraryIndex
from songnet.settings import Settings
from songnet.similar import TrackIndex
from songnet.ui import api
from songnet.ui.analysis import Analyser, Analysis, too_many
from songnet.ui.figures import song_credits, spectrogram, timeline
from songnet.ui.server import gate, health, tools
from songnet.ui.tabs import about, library, many_songs, own_genres, song
from songnet.ui.tabs.in_use import InUse
from songnet.ui.theme import theme

_ASSETS = Path(str(resources.files("songnet.ui") / "assets"))
# How often Gradio looks for visitors' files that are old enough to be deleted [s].
_LOOK_S = 600
# How often the server is looked after [s].
_WATCH_S = 1.0
# Open pages whose state the server keeps; a page beyond these still works.
_SESSIONS = 200
_HEADER = (
    f'<header class="sn-header"><p class="sn-logo">{logo.svg()}SongNet</p>'
    "<h1>Which genre is this song?</h1>"
    "<p>A small neural network listens and says what it hears, how sure it is, "
    "and which moments told it so.{more}</p></header>"
)
# What Gradio tells screen readers when an event is over: it lacks the word, and told them its key.
_WORDS = {"common.complete": "Done"}
_IN_THE_BROWSER = (
    ' <a href="{address}">In the browser</a> your songs stay on your device, and it hears the room.'
)


def build(
    analyser: Analyser,
    examples: list[Path],
    index: TrackIndex | None = None,
    settings: Settings = Settings(),
) -> gr.Blocks:
    """The whole page and its API.

    Parameters
    ----------
    analyser : Analyser
    examples : list of Path
        What `songnet.examples.write_examples` wrote.
    index : TrackIndex or None
        Without one, the page shows no similar tracks.
    settings : Settings

    Returns
    -------
    gr.Blocks
        To be launched with `launch_options`.
    """
    delete = (min(_LOOK_S, settings.keep_seconds), settings.keep_seconds)
    with gr.Blocks(title="SongNet", analytics_enabled=False, delete_cache=delete) as page:
        gr.HTML(header(settings.browser_url), apply_default_css=False)
        using = InUse.build(len(analyser.classifier.weights.config.genres))
        with gr.Tabs(elem_classes="sn-tabs"):
            with gr.Tab("One song"):
                song.build(analyser, examples, index, using.genres)
            with gr.Tab("Many songs"):
                many_songs.build(analyser, settings.max_songs, using.genres)
            with gr.Tab("Your genres"):
                own_genres.build(analyser, settings.max_songs, using)
            if isinstance(index, LibraryIndex):
                with gr.Tab("Your library") as of_library:
                    library.build(of_library, index)
            with gr.Tab("About"):
                about.build(analyser.classifier.weights)
        api.build(analyser, index, settings.max_songs)
    return page.queue(max_size=settings.queue_size, api_open=False)


def header(browser_url: str | None) -> str:
    """What stands above the tabs, as HTML, with a link to the other page if there is one."""
    more = _IN_THE_BROWSER.format(address=html.escape(browser_url)) if browser_url else ""
    return _HEADER.format(more=more)


def serve(
    analyser: Analyser,
    examples: list[Path],
    index: TrackIndex | None = None,
    settings: Settings = Settings(),
    port: int | None = None,
    interrupted: Collection[object] = (),
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Builds the page and serves it until it is interrupted.

    Parameters
    ----------
    analyser, examples, index, settings : as for `build`
    port : int or None
        None for one that is free.
    interrupted : collection
        As for `watch`.
    ready : function
        Called once the page is served, and all code is loaded.

    Raises
    ------
    OSError
        If there is no such port, or it is taken.
    PageError
        If it no longer answers, although nobody stopped it.
    """
    page = build(analyser, examples, index, settings)
    options = launch_options(settings, partial(analyser.predict, examples[0]))
    # Gradio would advise to share the page by a tunnel, past the gate.
    page.launch(prevent_thread_lock=True, quiet=True, server_port=port, **options)
    print(f"The page is at {page.local_url} until Ctrl-C ends it.", file=sys.stderr)
    try:
        rehearse(analyser, examples[0])
        ready()
        watch(page, interrupted)
    finally:
        page.server.close()


def watch(page: gr.Blocks, interrupted: Collection[object] = ()) -> None:
    """Returns when the page is interrupted, if an exception does not say so before.

    Parameters
    ----------
    page : gradio.Blocks
        It is being served.
    interrupted : collection
        It no longer is empty once the page is to end.

    Raises
    ------
    PageError
        If it no longer serves: whoever started it may start it again.
    """
    while not interrupted:
        if not page.server.thread.is_alive():
            raise PageError("The server has ended: start the page again.")
        wrong = health.fault(page._queue)  # pyright: ignore[reportArgumentType]
        if wrong:
            raise PageError(wrong)
        time.sleep(_WATCH_S)


def rehearse(analyser: Analyser, example: Path) -> None:
    """Classifies and draws an example, so that all code is loaded before the first visitor comes.

    Parameters
    ----------
    analyser : Analyser
    example : Path
        A song. Where limits are tight, it is refused, and less is loaded.
    """
    with contextlib.suppress(AudioError):
        for step in analyser.analyse(example):
            if isinstance(step, Analysis):
                timeline.figure(step)
                spectrogram.figure(step)


def launch_options(
    settings: Settings = Settings(), job: Callable[[], object] | None = None
) -> dict[str, Any]:
    """Options for launching the page: looks, limits, and no contact with other servers.

    Parameters
    ----------
    settings : Settings
    job : function or None
        What `/health` does to see whether songs are answered; it raises if they are not.

    Returns
    -------
    dict
        Keyword arguments for `gradio.Blocks.launch`.

    Raises
    ------
    PatchError
        If `songnet.ui.server.prepare` was not called.
    SettingsError
        If the tools are asked for and the package that they need is missing.
    """
    mcp_server = tools.offered(settings.tools)
    return {
        "theme": theme(),
        "css_paths": _assets(".css"),
        "head": f"{_preload()}<style>{song_credits.covers()}</style><script>{_script()}</script>",
        "max_file_size": settings.limits.max_bytes,
        "allowed_paths": [],
        "app_kwargs": gate.app_options(
            settings, too_many(settings.max_songs), tools=mcp_server, job=job
        ),
        "state_session_capacity": _SESSIONS,
        # Gradio's defaults, or what its own variables say, are more open.
        "share": False,
        # Gradio would give up, and advise a tunnel, where the first look takes more than 3 s.
        "_frontend": False,
        "run_history": False,
        "enable_monitoring": False,
        "mcp_server": mcp_server,
        "strict_cors": True,
        "show_error": False,
        "footer_links": [],
        "i18n": gr.I18n(en=_WORDS),
        "ssr_mode": False,
    }


def _assets(suffix: str) -> list[Path]:
    """The page's own files with a name ending: of each part one at most, those of all first."""
    files = (path for path in _ASSETS.iterdir() if path.suffix == suffix)
    return sorted(files, key=lambda path: (path.stem != "base", path.stem))


def _script() -> str:
    """The page's scripts as one."""
    return "\n".join(path.read_text(encoding="utf-8") for path in _assets(".js"))


def _preload() -> str:
    """Lets the browser fetch Plotly, Gradio's largest script, before the first figure needs it."""
    assets = Path(gr.__file__).parent / "templates/frontend/assets"
    scripts = sorted(script.name for script in assets.glob("PlotlyPlot-*.js"))
    return "".join(f'<link rel="modulepreload" href="assets/{name}">' for name in scripts)
