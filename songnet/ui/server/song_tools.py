"""The API as tools of the Model Context Protocol (MCP), for assistants.

Gradio makes a tool of each endpoint. What it does with a tool's files is replaced: it would have
the server fetch addresses, and keep for ever what was sent inside a call.
"""

import asyncio
import base64
import binascii
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gradio.mcp import GradioMCPServer
from gradio.utils import get_upload_folder

from songnet.ui.server import answers, inputs, room, tool_requests, uploads

_FORMS = (
    "A file is sent as the path that POST /gradio_api/upload answered for it, as the address of "
    "such a file on this server, or, up to 3 MB, inside the call: data:audio/mpeg;base64,..."
)
_FORMS_OF_GENRES = (
    "It is sent as the path that teach gave for it, as the path that POST /gradio_api/upload "
    "answered, or, up to 3 MB, inside the call: its text, or data:application/json;base64,..."
)
_GENRES = "own_genres"
# Characters of a file that an assistant is shown: some hundred songs.
_SHOWN = 100_000
_FILE_ROUTE = "/gradio_api/file="


class ToolTextError(ValueError):
    """A text of a call that stands for no song."""


class SongTools(GradioMCPServer):
    """Gradio's tools, whose files are sent by their caller and whose answers are JSON."""

    def simplify_filedata_schema(
        self, schema: dict[str, Any]
    ) -> tuple[dict[str, Any], list[list[str | int]]]:
        """Describes each file of a tool as a text, and says which parameters are files.

        Gradio's own schema of a list of files refers to a definition that is not there.
        """
        described, files = {}, []
        for name, parameter in schema["properties"].items():
            described[name] = parameter
            if "$defs" not in parameter:
                continue
            files.append([name])
            text = {"type": "string"}
            several = parameter["type"] == "array"
            described[name] = {"type": "array", "items": text} if several else text
            forms = _FORMS_OF_GENRES if name == _GENRES else _FORMS
            described[name]["description"] = f"{parameter.get('description', '')} {forms}".strip()
        return schema | {"properties": described}, files

    def convert_strings_to_filedata(
        self, value: Any, filedata_positions: list[list[str | int]]
    ) -> Any:
        """Turns the texts of a call that stand for files into files.

        Raises
        ------
        ToolTextError
            If a text is neither a file on this server nor holds one, in one sentence.
        """
        files = [name for (name,) in filedata_positions]
        return {name: self._files(item) if name in files else item for name, item in value.items()}

    def _files(self, value: Any, name: str = "song") -> Any:
        if isinstance(value, list):
            # What is sent inside a call has no name, and answers are to tell which song they mean.
            several = len(value) > 1
            return [
                self._files(item, f"song {number}" if several else name)
                for number, item in enumerate(value, start=1)
            ]
        if not isinstance(value, str):
            return value
        if value.startswith("data:"):
            path = self._stored(_decoded(value), name)
        elif value.startswith(tool_requests.OBJECT):
            path = self._stored(value.encode(), "own.genres")
        else:
            path = _uploaded(value)
        # Without `meta` Gradio's client does not send the file to this server once more.
        return {"path": str(path)}

    def _prepare_tool_call_args(self, name: str, arguments: dict[str, Any]) -> Any:
        """Does what the base class does; what is wrong with a call is told in one sentence."""
        try:
            return super()._prepare_tool_call_args(name, arguments)
        except (ToolTextError, room.NoRoomError) as error:
            raise ValueError(str(error)) from None
        except Exception as error:
            raise ValueError(answers.NOT_UNDERSTOOD) from error

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
        """Waits for a job's answer, as the base class does, but in none of the server's threads."""
        return [await asyncio.wrap_future(job.future)]

    def postprocess_output_data(self, data: Any, root_url: str) -> list:
        """Turns the values that an endpoint returns into texts; all that are not become JSON."""
        # Where a call does not ask for its progress, Gradio wraps the values in one more list.
        if len(data) == 1 and isinstance(data[0], tuple):
            data = data[0]
        texts = [text for item in data for text in _texts(item)]
        return [self.types.TextContent(type="text", text=text) for text in texts]

    def _stored(self, content: bytes, name: str) -> Path:
        """Writes what was sent inside a call to a visitor's file, which is deleted in time."""
        folder = Path(get_upload_folder())
        folder.mkdir(parents=True, exist_ok=True)
        upload = room.Upload(room.ROOM, folder, len(content))
        try:
            upload.add_file()
            path = Path(tempfile.mkdtemp(dir=folder)) / name
            path.write_bytes(content)
        finally:
            upload.close()
        self.blocks.upload_file_set.add(str(path))
        return path


def _decoded(text: str) -> bytes:
    """The content of a `data:` address."""
    try:
        return base64.b64decode(text.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise ToolTextError("That is no base64: send data:audio/mpeg;base64,...") from error


def _texts(item: Any) -> list[str]:
    """What is said of a value that an endpoint returns: of a file, its path, and its text."""
    if isinstance(item, str):
        return [item]
    if isinstance(item, dict) and item.get("meta") == {"_type": "gradio.FileData"}:
        text = Path(item["path"]).read_text(encoding="utf-8")
        return [item["path"], text] if len(text) <= _SHOWN else [item["path"]]
    return [json.dumps(item)]


def _uploaded(text: str) -> Path:
    """The uploaded file that a path, or an address on this server, names."""
    _, file_route, path = text.partition(_FILE_ROUTE)
    path = unquote(path) if file_route else text
    if not file_route and "://" in path:
        raise ToolTextError(inputs.NO_ADDRESSES)
    if not uploads.is_visitors_file(path) or not os.path.isfile(path):
        raise ToolTextError(tool_requests.NO_SUCH_FILE)
    return Path(path)
