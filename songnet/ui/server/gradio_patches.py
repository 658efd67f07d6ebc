"""The names in Gradio that SongNet replaces, in one table, and the function that replaces them.

Gradio has no setting for these. Replacements are named as text, as Gradio's own names are: nothing
of either is imported before it is certain that this version of Gradio has all that is replaced.

To upgrade Gradio, run ``tests/songnet/ui/server/test_gradio_patches.py`` with the new version: it
says which of these functions changed, and what to look at.
"""

import pkgutil
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from songnet.errors import PatchError

# The version that the tests use.
PACKAGE = "gradio==6.31.0"


@dataclass(frozen=True)
class Patch:
    """A name in Gradio, and what of SongNet replaces it.

    Attributes
    ----------
    holder : str
        The module or class that holds the name: ``"package.module"`` or ``"package.module:Class"``.
    name : str
        A function, method or class.
    replacement : str
        What replaces it: ``"package.module:name"``.
    why : str
        What Gradio's own does that this page must not.
    """

    holder: str
    name: str
    replacement: str
    why: str

    def current(self) -> Any:
        """What the name stands for now.

        Raises
        ------
        PatchError
            If this version of Gradio has no such name.
        """
        try:
            return getattr(pkgutil.resolve_name(self.holder), self.name)
        except (ImportError, AttributeError) as error:
            raise PatchError(
                f"Gradio {version('gradio')} has no {self}, which SongNet has to replace: "
                f"pip install {PACKAGE}"
            ) from error

    def original(self) -> Any:
        """What the name stands for in Gradio itself, whether it is replaced or not."""
        return _ORIGINALS.get(self) or self.current()

    def __str__(self) -> str:
        return f"{self.holder.replace(':', '.')}.{self.name}"


# Named, because its replacement calls it.
ERROR_PAYLOAD = Patch(
    "gradio.utils",
    "error_payload",
    "songnet.ui.server.failures:error_payload",
    "It tells visitors what an unforeseen error says of the server.",
)
PATCHES = (
    ERROR_PAYLOAD,
    Patch(
        "gradio.queueing",
        "error_payload",
        "songnet.ui.server.failures:error_payload",
        "The same function, under the name by which the queue calls it.",
    ),
    Patch(
        "gradio.processing_utils",
        "async_ssrf_protected_download",
        "songnet.ui.server.failures:refuse_download",
        "It fetches an address that a visitor gave instead of a file.",
    ),
    Patch(
        "gradio.queueing",
        "Queue",
        "songnet.ui.server.fair_queue:FairQueue",
        "It can be ended for good by 2,000 sessions, and one visitor can have all its places.",
    ),
    Patch(
        "gradio.http_server",
        "Server",
        "songnet.ui.server.connections:PatientServer",
        "It waits for ever for who connects and asks nothing, and takes any number of connections.",
    ),
    Patch(
        "gradio.route_utils:CustomCORSMiddleware",
        "is_valid_origin",
        "songnet.ui.server.origins:is_valid_origin",
        "It lets pages on other ports of one's own machine read what this page answers.",
    ),
    Patch(
        "gradio.components.file:File",
        "_process_single_file",
        "songnet.ui.server.uploads:uploaded_path",
        "It makes an empty file for each song, and never deletes it.",
    ),
    Patch(
        "gradio.route_utils",
        "GradioMultiPartParser",
        "songnet.ui.server.upload_parser:UploadParser",
        "It keeps form fields of any size in memory, and leaves unfinished uploads on the disk.",
    ),
    Patch(
        "gradio.routes",
        "GradioMultiPartParser",
        "songnet.ui.server.upload_parser:UploadParser",
        "The same class, under the name by which routes that the gate closes would call it.",
    ),
    Patch(
        "gradio.route_utils",
        "delete_files_created_by_app",
        "songnet.ui.server.uploads:delete_old_files",
        "It stops for good when a file is uploaded while it runs.",
    ),
    Patch(
        "gradio.mcp",
        "GradioMCPServer",
        "songnet.ui.server.song_tools:SongTools",
        "It fetches addresses, and keeps for ever what was sent inside a call.",
    ),
)
# What `apply` replaced.
_ORIGINALS: dict[Patch, Any] = {}


def apply() -> None:
    """Replaces every name in `PATCHES`, or none; a second call changes nothing.

    Raises
    ------
    PatchError
        If this version of Gradio lacks one of the names.
    """
    originals = {patch: patch.current() for patch in PATCHES}
    # Imported before anything is replaced: some are subclasses of what they replace.
    replacements = {patch: pkgutil.resolve_name(patch.replacement) for patch in PATCHES}
    for patch, replacement in replacements.items():
        if originals[patch] is not replacement:
            _ORIGINALS[patch] = originals[patch]
            setattr(pkgutil.resolve_name(patch.holder), patch.name, replacement)


def check_applied() -> None:
    """Checks that every name in `PATCHES` is replaced, before anything is served.

    Raises
    ------
    PatchError
        If `apply` was not called.
    """
    for patch in PATCHES:
        if patch.current() is not pkgutil.resolve_name(patch.replacement):
            raise PatchError(f"{patch} is Gradio's own: call songnet.ui.server.prepare() first.")
