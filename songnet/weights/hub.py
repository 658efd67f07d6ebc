"""The Hugging Face Hub: downloads the files of one commit, and puts its errors into words.

Import this only where the Hub is used: `huggingface_hub` takes longer to import than a song takes
to classify.
"""

import contextlib
import errno
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httpx2 import InvalidURL, TimeoutException, TransportError
from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
)
from huggingface_hub.utils import (
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
    get_session,
)

from songnet.errors import HubUnreachableError, WeightsError
from songnet.weights.release import CONFIG_FILE, INDEX, MODEL_FILE

_TIMEOUT_S = 10.0
_BUSY = 429
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_MEANINGS = {
    401: "it does not know the token, or the repository is private or missing (401)",
    402: "it asks for a paid plan (402)",
    403: "the token has no permission for that (403)",
    404: "it has no such repository, revision or file, or hides it from this token (404)",
    409: "the name is taken (409)",
    412: "somebody else published in the meantime (412)",
}


@dataclass(frozen=True)
class Snapshot:
    """Files of one commit in the local cache.

    Attributes
    ----------
    folder : Path
        It holds `config.json`, `songnet.tflite` and, where `config.json` names it, the index.
    commit : str
        40 hexadecimal digits.
    """

    folder: Path
    commit: str


def is_commit(revision: str) -> bool:
    """Whether a revision is a full commit hash, which always means the same files."""
    return re.fullmatch(r"[0-9a-f]{40}", revision) is not None


def download(repository: str, revision: str, *, again: bool = False) -> Snapshot:
    """Downloads the files of a revision into the cache. A cached full hash needs no network.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"``
    revision : str
        A commit hash, tag or branch.
    again : bool
        Download what is in the cache already, too.

    Returns
    -------
    Snapshot

    Raises
    ------
    HubUnreachableError
        If the Hub cannot be used for now, or the cache cannot be written.
    WeightsError
        If the Hub refuses: a wrong name, revision or token.
    """
    if is_commit(revision) and not again and (snapshot := stored(repository, revision)):
        return snapshot
    _check_client()
    try:
        with quiet():
            # This comes first because it fails at once, where a download is retried for minutes.
            info = HfApi().model_info(repository, revision=revision, timeout=_TIMEOUT_S)
            commit = info.sha or revision
            snapshot = _snapshot(repository, commit, force_download=again)
            if revision != commit:
                # Only now does the cache record what the branch means: after a download that broke
                # off, it must still mean files that are there.
                hf_hub_download(repository, CONFIG_FILE, revision=revision)
            return snapshot
    except (HfHubHTTPError, HFValidationError, TransportError, OSError, UnicodeError) as error:
        where = f"{repository}@{revision}"
        if trouble := _cache_trouble(error):
            raise HubUnreachableError(trouble) from error
        if is_temporary(error):
            raise HubUnreachableError(f"the Hub cannot be reached: {explain(error)}") from error
        raise WeightsError(
            f"The weights {where} cannot be had from the Hub: {explain(error)}. Check the name, "
            "the revision and the token."
        ) from error


def stored(repository: str, revision: str) -> Snapshot | None:
    """Finds a revision in the cache, without the network; None if a file is missing.

    A branch or tag means the commit that it meant when it was last downloaded.
    """
    try:
        return _snapshot(repository, revision, local_files_only=True)
    except (HFValidationError, OSError):
        return None


def is_branch(repository: str, revision: str) -> bool:
    """Whether a revision is a branch, whose files change; False where the Hub does not say."""
    try:
        with quiet():
            refs = HfApi().list_repo_refs(repository)
    except (HfHubHTTPError, TransportError, OSError):
        return False
    return revision in [branch.name for branch in refs.branches]


def _snapshot(repository: str, revision: str, **options: Any) -> Snapshot:
    config = Path(hf_hub_download(repository, CONFIG_FILE, revision=revision, **options))
    revision = config.parent.name  # a branch may move between two downloads
    for name in (MODEL_FILE, *([INDEX] if _names_index(config) else [])):
        hf_hub_download(repository, name, revision=revision, **options)
    return Snapshot(config.parent, revision)


def _names_index(config: Path) -> bool:
    # Whether the file is valid is checked when the weights are loaded.
    return f'"{INDEX}"'.encode() in config.read_bytes()


def _check_client() -> None:
    """Raises a `HubUnreachableError` where the environment lets no client be made.

    A client gets all proxies and certificates when it is made, those for other addresses, too.
    """
    try:
        get_session()
    except ImportError as error:
        why = "a SOCKS proxy is set, for which a package is missing (pip install socksio)"
        raise HubUnreachableError(f"the Hub cannot be reached: {why}") from error
    except (ValueError, InvalidURL) as error:
        why = f"a proxy is set that cannot be used ({error})"
        raise HubUnreachableError(f"the Hub cannot be reached: {why}") from error
    except OSError as error:
        why = f"SSL_CERT_FILE or SSL_CERT_DIR cannot be used ({error.strerror})"
        raise HubUnreachableError(f"the Hub cannot be reached: {why}") from error


def _cache_trouble(error: Exception) -> str | None:
    """Why the cache cannot be used, as a clause; None for an error that is not the cache's."""
    if isinstance(error, HfHubHTTPError) or not isinstance(error, OSError):
        return None
    # A disk that is full names no file.
    if not error.filename and error.errno not in _NO_ROOM:
        return None
    return (
        f"the folder for downloads cannot be used: {constants.HF_HUB_CACHE} ({error.strerror}; "
        "set HF_HOME to another)"
    )


def is_temporary(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return status == _BUSY or status >= 500
    return not isinstance(error, HFValidationError | UnicodeError)


def explain(error: BaseException) -> str:
    """Why a request to the Hub failed, as the second half of a sentence.

    Parameters
    ----------
    error : BaseException
        What `huggingface_hub` raised.

    Returns
    -------
    str
    """
    if isinstance(error, HfHubHTTPError):
        return _explain_status(error)
    if isinstance(error, HFValidationError):
        return "a repository is named OWNER/NAME, in letters, digits, '-', '_' and '.'"
    if isinstance(error, UnicodeError):
        return "the token holds letters that no token has"
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE forbids it"
    if isinstance(error, TimeoutException):
        return "it did not answer in time"
    if isinstance(error, TransportError):
        return "the connection failed or was lost"
    cause = error.__cause__ or error.__context__
    if cause is not None:
        return explain(cause)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "Consistency check failed" in str(error):
        return "the transfer was incomplete"
    return " ".join(str(error).split())


def _explain_status(error: HfHubHTTPError) -> str:
    status = error.response.status_code
    if status == _BUSY:
        wait = error.response.headers.get("Retry-After")
        return "it has too many requests" + (f" and asks to wait {wait} s (429)" if wait else "")
    if status >= 500:
        return f"it has trouble of its own ({status})"
    message = " ".join((error.server_message or "").split()).rstrip(".")
    return _MEANINGS.get(status) or f"it answers '{message}' ({status})"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Turns off the warnings and progress bars of `huggingface_hub` in a ``with`` block."""
    logger = logging.getLogger("huggingface_hub")
    level, bars = logger.level, not are_progress_bars_disabled()
    logger.setLevel(logging.ERROR)
    if bars:
        disable_progress_bars()
    try:
        yield
    finally:
        logger.setLevel(level)
        if bars:
            enable_progress_bars()
