"""What a request to the page's events may be, as a schema that holds before Gradio sees it.

A request that fits is written anew from what was understood of it: whatever else it said never
reaches Gradio.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from songnet.ui.server import answers
from songnet.ui.server.inputs import Input, RequestError, input_of

NO_QUEUE = "That waits in the queue with all others: join it, as the page and its API do."

_ID = r"^[A-Za-z0-9_-]{1,64}$"
# What a request holds beside its songs, and at most for each of them: its path, as long as a path
# may be without the folders of a strange server, its name, and its genre's.
BODY_BYTES = 4 * 2**10
BYTES_A_SONG = 1_200


Id = Annotated[str, Field(pattern=_ID)]
_IDS = TypeAdapter(Id)


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
    inputs : tuple of Input or None
        What may stand in each component that it takes; None where nothing may, because the server
        keeps its state.
    names : tuple of str
        Of the parameters.
    optional : frozenset of str
        Names of the parameters that need not be sent: they are None without.
    """

    queued: bool
    inputs: tuple[Input | None, ...]
    names: tuple[str, ...]
    optional: frozenset[str]

    @classmethod
    def of(cls, function: Any, max_songs: int, too_many: str) -> "Event":
        """The event of one of Gradio's functions."""
        inputs = tuple(input_of(block, max_songs, too_many) for block in function.inputs)
        parameters = inspect.signature(function.fn).parameters if function.fn else {}
        names = tuple(name for name, _ in zip(parameters, inputs, strict=False))
        optional = (name for name in names if parameters[name].default is None)
        return cls(bool(function.queue), inputs, names, frozenset(optional))

    def understood(self, data: list[Any], *, whole: bool) -> list[Any]:
        """The values for its components, each checked; last ones that are optional may be missing.

        Parameters
        ----------
        data : list
        whole : bool
            Whether all that is not optional must be there: an endpoint needs no place without.
        """
        missing = self.names[len(data) :]
        data = [*data, *(None for _ in missing)]
        if len(data) != len(self.inputs) or not self.optional.issuperset(missing):
            raise RequestError
        values = [
            None if value is None or expected is None else expected.understood(value)
            for value, expected in zip(data, self.inputs, strict=True)
        ]
        if whole:
            for value, expected, name in zip(values, self.inputs, self.names, strict=True):
                if not value and expected and name not in self.optional:
                    raise RequestError(expected.missing)
        return values


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
        self._events = {
            number: Event.of(function, max_songs, too_many)
            for number, function in functions.items()
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
                "data": event.understood(body.data, whole=False),
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
            sent = [value.get(parameter) for parameter in event.names]
            data = event.understood(sent, whole=True)
            return orjson.dumps(dict(zip(event.names, data, strict=True)))
        body = _Body.model_validate(value, strict=True)
        data = event.understood(body.data, whole=True)
        return orjson.dumps({"data": data, "session_hash": body.session_hash})


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


def is_id(text: str) -> bool:
    """Whether a text may be the name of a session, an event or an upload."""
    try:
        _IDS.validate_python(text)
    except ValidationError:
        return False
    return True
