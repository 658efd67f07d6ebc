"""Gradio's parser of uploads, made safe for strangers."""

import contextlib
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser, _user_safe_decode
from gradio_client.utils import strip_invalid_filename_characters
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException

from songnet.ui.server import answers, room, uploads


class UploadParser(GradioMultiPartParser):
    """Reads uploads of files alone, while the disk has room; what a failed one wrote is deleted.

    Replaces its base class, which keeps form fields in memory and leaves unfinished files behind.
    The gate says by `songnet.ui.server.room.CURRENT` whose share of the disk is used.
    """

    def on_headers_finished(self) -> None:
        """Checks each part of an upload before its content comes.

        Raises
        ------
        MultiPartException
            If the part is no file, or its name cannot be kept.
        NoRoomError
            If the disk has no room for it.
        """
        upload = room.CURRENT.get()
        _, options = parse_options_header(self._current_part.content_disposition or b"")
        if b"filename" not in options:
            raise MultiPartException(uploads.NOT_FILES)
        # Gradio looks at the names when all files are written, and leaves them if one is bad.
        name = _user_safe_decode(options[b"filename"], str(self._charset))
        if strip_invalid_filename_characters(Path(name).name) == "..":
            raise MultiPartException(uploads.NO_NAME)
        if upload is not None:
            upload.add_file()
        super().on_headers_finished()
        if upload is not None:
            upload.paths.append(Path(self._files_to_close_on_error[-1].name))

    async def parse(self) -> FormData:
        """Writes the files of an upload to the disk.

        Raises
        ------
        MultiPartException
            If the upload is malformed, incomplete or too large for the disk.
        """
        try:
            form = await super().parse()
            # A file without an end, or under another name, would stay on the disk for good.
            if len(form.getlist("files")) < self._current_files:
                raise MultiPartException(uploads.NO_END)
            return form
        except BaseException as error:
            for file in self._files_to_close_on_error:
                with contextlib.suppress(OSError):
                    file.close()
                Path(file.name).unlink(missing_ok=True)
            if uploads.means_full_disk(error):
                raise MultiPartException(room.NO_ROOM) from error
            if isinstance(error, FormParserError):
                raise MultiPartException(answers.NOT_UNDERSTOOD) from error
            if isinstance(error, MultiPartException) and "File size" in error.message:
                raise MultiPartException(uploads.too_large(self.max_file_size)) from error
            raise
