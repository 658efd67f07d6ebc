"""What may stand in each component that an event takes: files, texts, lists of texts, choices."""

from dataclasses import dataclass
from typing import Annotated, Any

import gradio as gr
from gradio.blocks import Block
from pydantic import BaseModel, Field

from songnet.errors import SongNetError
from songnet.ui.server import answers, uploads

NO_ADDRESSES = "Songs are not fetched from other addresses: send the file itself."
TOO_LONG = "That text is too long: shorten it."
# Characters of a text, where its component says nothing else.
TEXT = 200


class RequestError(SongNetError):
    """A request that does not fit the schema.

    Attributes
    ----------
    status : int
        Of the answer.
    """

    def __init__(self, sentence: str = answers.NOT_UNDERSTOOD, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class _File(BaseModel):
    """What stands for an uploaded file."""

    path: Annotated[str, Field(min_length=1, max_length=4_096)]
    orig_name: Annotated[str, Field(max_length=1_024)] | None = None
    size: Annotated[int, Field(ge=0, le=2**40)] | None = None
    mime_type: Annotated[str, Field(max_length=128)] | None = None


@dataclass(frozen=True)
class OneFile:
    """An uploaded file."""

    missing = answers.NO_SONG

    def understood(self, value: Any) -> dict[str, Any]:
        """What stands for the file, and nothing else; a `RequestError` where there is none."""
        return uploaded_file(value)


@dataclass(frozen=True)
class Files:
    """A list of uploaded files.

    Attributes
    ----------
    most : int > 0
    too_many : str
        The sentence for more.
    """

    most: int
    too_many: str
    missing = answers.NO_SONGS

    def understood(self, value: Any) -> list[dict[str, Any]]:
        """What stands for each file; a `RequestError` where there is none."""
        return [uploaded_file(item) for item in _list(value, self.most, self.too_many)]


@dataclass(frozen=True)
class Text:
    """A text that was typed or chosen.

    Attributes
    ----------
    most : int > 0
        Characters.
    """

    most: int = TEXT
    missing = answers.NO_TEXT

    def understood(self, value: Any) -> str:
        """The text; a `RequestError` where there is none."""
        return _text(value, self.most)


@dataclass(frozen=True)
class Texts:
    """A list of texts, one for each of many songs.

    Attributes
    ----------
    most : int > 0
        Texts, each as long as `TEXT`.
    too_many : str
        The sentence for more.
    """

    most: int
    too_many: str
    missing = answers.NO_TEXT

    def understood(self, value: Any) -> list[str]:
        """The texts; a `RequestError` where there are none."""
        return [_text(item, TEXT) for item in _list(value, self.most, self.too_many)]


@dataclass(frozen=True)
class Flag:
    """Whether a box is ticked."""

    missing = answers.NOT_UNDERSTOOD

    def understood(self, value: Any) -> bool:
        """The value; a `RequestError` where it is no truth value."""
        if not isinstance(value, bool):
            raise RequestError
        return value


Input = OneFile | Files | Text | Texts | Flag


def input_of(block: Block, max_songs: int, too_many: str) -> Input | None:
    """What may stand in a component.

    Parameters
    ----------
    block : gradio's component
    max_songs : int > 0
        Most files, or texts, of a list.
    too_many : str
        The sentence for more.

    Returns
    -------
    Input or None
        None where nothing may, because the server keeps the component's state.
    """
    if isinstance(block, gr.File | gr.UploadButton) and block.file_count != "single":
        return Files(max_songs, too_many)
    if isinstance(block, gr.Audio | gr.File | gr.UploadButton):
        return OneFile()
    if isinstance(block, gr.Textbox):
        return Text(block.max_length or TEXT)
    # Which choices there are, Gradio knows for each visitor and checks itself.
    if isinstance(block, gr.Radio) or (isinstance(block, gr.Dropdown) and not block.multiselect):
        return Text()
    if isinstance(block, gr.JSON):
        return Texts(max_songs, too_many)
    if isinstance(block, gr.Checkbox):
        return Flag()
    return None


def uploaded_file(value: Any) -> dict[str, Any]:
    """What stands for an uploaded file, as Gradio knows it.

    Raises
    ------
    RequestError
        If it stands for nothing that was uploaded.
    ValidationError
        If it is nothing of the kind.
    """
    file = _File.model_validate(value, strict=True)
    if "://" in file.path[:16]:
        raise RequestError(NO_ADDRESSES)
    if not uploads.is_visitors_file(file.path):
        raise RequestError
    return {**file.model_dump(exclude_none=True), "meta": {"_type": "gradio.FileData"}}


def _list(value: Any, most: int, too_many: str) -> list[Any]:
    if not isinstance(value, list):
        raise RequestError
    if len(value) > most:
        raise RequestError(too_many)
    return value


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise RequestError
    if len(value) > most:
        raise RequestError(TOO_LONG)
    return value
