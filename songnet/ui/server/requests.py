"""What a request to the page's events may be, as a schema that holds before Gradio sees it.

A request that fits is written anew from what was understood of it: whatever else it said never
reaches Gradio.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import gradio as gr
import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from songnet.errors import SongNetError
from songnet.ui.server import answers, uploads

NO_ADDRESSES = "Songs are not fetched from other addresses: send the file itself."
NO_QUEUE = "That waits in the queue with all others: join it, as the page and its API do."

_ID = r"^[A-Za-z0-9_-]{1,64}$"
# What a request holds beside its songs, and at most for each of them: its path, as long as a path
# may be without the folders of a strange server, and its name.
BODY_BYTES = 4 * 2**10
BYTES_A_SONG = 2**10


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


Id = Annotated[str, Field(pattern=_ID)]
_IDS = TypeAdapter(Id)


class _File(BaseModel):
    """What stands for an uploaded song."""

    path: Annotated[str, Field(min_length=1, max_length=4_096)]
    orig_name: Annotated[str, Field(max_length=1_024)] | None = None
    size: Annotated[int, Field(ge=0, le=2**40)] | None = None
    mime_type: Annotated[str, Field(max_length=128)] | None = None


class _Body(BaseModel):
    """What Gradio's clients send to `queue/join` and `run`, and programs to `call`."""

    data: Annotated[list[Any], Field(max_length=16)]
    fn_index: Annotated[int, Field(ge=0, le=10_000)] | None = None
    trigger_id: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    session_hash: Id | None = None


class _Cancel(BaseModel):
    session_hash: Id
    fn_index: Annotated[int, Field(ge=0, le=10_000)]
    event_id: Id


class _Reset(BaseModel):
    event_id: Id


@dataclass(frozen=True)
class Event:
    """An event of the page, or an endpoint of its API.

    Attributes
    ----------
    queued : bool
        Whether it waits in the queue.
    inputs : tuple of int or None
        For each component that it takes the most files that may stand in it; None where nothing
        may, because the server keeps its state.
    several : tuple of bool
        Whether the files of a component are a list.
    names : tuple of str
        Of the parameters.
    """

    queued: bool
    inputs: tuple[int | None, ...]
    several: tuple[bool, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, function: Any, max_songs: int) -> "Event":
        """The event of one of Gradio's functions."""
        several = tuple(
            isinstance(block, gr.File) and block.file_count == "multiple"
            for block in function.inputs
        )
        inputs = tuple(
            (max_songs if many else 1) if isinstance(block, gr.Audio | gr.File) else None
            for block, many in zip(function.inputs, several, strict=True)
        )
        names = tuple(inspect.signature(function.fn).parameters) if function.fn else ()
        return cls(bool(function.queue), inputs, several, names)


class Schema:
    """The requests that a page's events take.

    Parameters
    ----------
    functions : mapping of int to gradio's functions
        Those of `gradio.Blocks.fns`.
    max_songs : int > 0
        Most songs in one request.
    too_many : str
        The sentence for more.
    """

    def __init__(self, functions: Mapping[int, Any], max_songs: int, too_many: str) -> None:
        self._too_many = too_many
        self._events = {
            number: Event.of(function, max_songs) for number, function in functions.items()
        }
        self._numbers = {
            function.api_name: number
            for number, function in functions.items()
            if function.api_name and function.api_visibility == "public"
        }
        self.body_bytes = BODY_BYTES + BYTES_A_SONG * max_songs

    def written_anew(self, route: str, body: bytes) -> bytes:
        """A request's body with what the schema knows and nothing else.

        Parameters
        ----------
        route : str
            Below ``/gradio_api/``.
        body : bytes

        Returns
        -------
        bytes

        Raises
        ------
        RequestError
            If it does not fit.
        """
        value = parsed(body)
        first, _, rest = route.partition("/")
        try:
            if first == "cancel":
                return orjson.dumps(_Cancel.model_validate(value, strict=True).model_dump())
            if first == "reset":
                return orjson.dumps(_Reset.model_validate(value, strict=True).model_dump())
            if first == "call":
                return self._call(rest, value)
            return self._join(_Body.model_validate(value, strict=True), rest, first == "queue")
        except ValidationError as error:
            raise RequestError from error

    def _join(self, body: _Body, name: str, queued: bool) -> bytes:
        number = body.fn_index if queued or body.fn_index is not None else self._numbers.get(name)
        event = self._events.get(-1 if number is None else number)
        if event is None:
            raise RequestError(answers.NO_PAGE, 404)
        if event.queued != queued:
            raise RequestError(NO_QUEUE, 404)
        if queued and body.session_hash is None:
            raise RequestError
        return orjson.dumps(
            {
                "data": self._data(event, body.data),
                "fn_index": number,
                "trigger_id": body.trigger_id,
                "session_hash": body.session_hash,
            }
        )

    def _call(self, route: str, value: Any) -> bytes:
        version, _, name = route.rpartition("/")
        event = self._events.get(self._numbers.get(name, -1))
        if event is None or version not in ("", "v2"):
            raise RequestError(answers.NO_PAGE, 404)
        if version == "v2":
            if not isinstance(value, dict):
                raise RequestError
            data = self._songs(event, [value.get(parameter) for parameter in event.names])
            return orjson.dumps(dict(zip(event.names, data, strict=True)))
        body = _Body.model_validate(value, strict=True)
        data = self._songs(event, body.data)
        return orjson.dumps({"data": data, "session_hash": body.session_hash})

    def _songs(self, event: Event, data: list[Any]) -> list[Any]:
        """The values for an endpoint's components, none of them empty: else it needs no place."""
        values = self._data(event, data)
        for value, several in zip(values, event.several, strict=True):
            if not value:
                raise RequestError(answers.NO_SONGS if several else answers.NO_SONG)
        return values

    def _data(self, event: Event, data: list[Any]) -> list[Any]:
        """The values for an event's components, each checked."""
        if len(data) != len(event.inputs):
            raise RequestError
        return [
            self._value(value, most, several)
            for value, most, several in zip(data, event.inputs, event.several, strict=True)
        ]

    def _value(self, value: Any, most: int | None, several: bool) -> Any:
        if most is None or value is None:
            return None
        if not several:
            return uploaded_file(value)
        if not isinstance(value, list):
            raise RequestError
        if len(value) > most:
            raise RequestError(self._too_many)
        return [uploaded_file(item) for item in value]


def parsed(body: bytes) -> Any:
    """The JSON in a body; it has no number that JSON does not know, and is not deep.

    Raises
    ------
    RequestError
    """
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise RequestError from error


def uploaded_file(value: Any) -> dict[str, Any]:
    """What stands for an uploaded song, as Gradio knows it.

    Raises
    ------
    RequestError
        If it stands for nothing that was uploaded.
    """
    file = _File.model_validate(value, strict=True)
    if "://" in file.path[:16]:
        raise RequestError(NO_ADDRESSES)
    if not uploads.is_visitors_file(file.path):
        raise RequestError
    return {**file.model_dump(exclude_none=True), "meta": {"_type": "gradio.FileData"}}


def is_id(text: str) -> bool:
    """Whether a text may be the name of a session, an event or an upload."""
    try:
        _IDS.validate_python(text)
    except ValidationError:
        return False
    return True
