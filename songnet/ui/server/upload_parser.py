"""Gradio's parser of uploads, made safe for strangers."""

import contextlib
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException

from songnet.ui.server import uploads


class UploadParser(GradioMultiPartParser):
    """Reads uploads of files alone, while the disk has room; what a failed one wrote is deleted.

    Replaces its base class, which keeps form fields in memory and leaves unfinished files behind.
    """

    def on_headers_finished(self) -> None:
        """Checks each part of an upload before its content comes.

        Raises
        ------
        MultiPartException
            If the part is no file, or the disk has no room for it.
        """
        super().on_headers_finished()
        if self._current_part.file is None:
            raise MultiPartException("An upload holds files and nothing else: send a file.")
        if self.upload_dir and not uploads.has_room(self.upload_dir):
            raise MultiPartException(uploads.NO_ROOM)

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
                raise MultiPartException("An upload came without its end: send the file again.")
            return form
        except BaseException as error:
            for file in self._files_to_close_on_error:
                with contextlib.suppress(OSError):
                    file.close()
                Path(file.name).unlink(missing_ok=True)
            if uploads.means_full_disk(error):
                raise MultiPartException(uploads.NO_ROOM) from error
            raise
