"""The line above the tabs once a visitor has own genres: which are in use, and the way back."""

from dataclasses import dataclass
from typing import Self

import gradio as gr
from gradio.blocks import Block

from songnet.own_genres import OwnGenres
from songnet.ui.events import Update
from songnet.ui.figures import own_genres


@dataclass(frozen=True)
class InUse:
    """The line's components, and the genres of this visitor's next answers.

    Attributes
    ----------
    eight : int
        The number of the network's genres.
    genres : gr.State
        `OwnGenres`; None means the network's genres.
    sign : gr.Row
        Not visible where there are no own genres.
    text : gr.HTML
    switch : gr.Button
        Goes back to the network's genres, and to the visitor's own.
    """

    eight: int
    genres: gr.State
    sign: gr.Row
    text: gr.HTML
    switch: gr.Button

    @classmethod
    def build(cls, eight: int) -> Self:
        """Adds the line to the page that is being built."""
        genres = gr.State(None)
        with gr.Row(visible=False, elem_classes="sn-sign", elem_id="in-use") as sign:
            text = gr.HTML(apply_default_css=False, min_width=200)
            switch = gr.Button("", size="sm", elem_id="switch", min_width=160)
        return cls(eight, genres, sign, text, switch)

    def components(self) -> list[Block]:
        """All components, in one list."""
        return [self.genres, self.sign, self.text, self.switch]

    def shown(self, genres: OwnGenres | None, taught: OwnGenres | None) -> Update:
        """The update after a change.

        Parameters
        ----------
        genres : OwnGenres or None
            Those in use from now on.
        taught : OwnGenres or None
            The visitor's own, in use or not.
        """
        if taught is None:
            return {self.genres: None, self.sign: gr.Row(visible=False)}
        label = "Use your genres" if genres is None else f"Use SongNet's {self.eight}"
        return {
            self.genres: genres,
            self.sign: gr.Row(visible=True),
            self.text: own_genres.in_use(genres, taught, self.eight),
            self.switch: gr.Button(label),
        }
