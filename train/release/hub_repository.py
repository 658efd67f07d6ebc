"""A repository on the Hugging Face Hub: what is in it, and how it becomes what is published."""

import contextlib
from collections.abc import Iterator
from typing import TypedDict

from httpx2 import TransportError
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.sha import git_hash

from songnet.weights.hub import explain, quiet
from songnet.weights.release import sha256
from train.errors import PublishError

# Written by the Hub; all other files of a repository belong to a release.
_KEPT = ".gitattributes"


class Published(TypedDict):
    """The newest commit of a repository on the Hub; `changed` says whether it is a new one."""

    repository: str
    commit: str
    url: str
    changed: bool


def client() -> HfApi:
    """The Hub's client; raises a `PublishError` where there is no token."""
    if get_token() is None:
        raise PublishError(
            "There is no token: run `hf auth login`, or set HF_TOKEN to one that may write."
        )
    return HfApi(library_name="songnet")


def present_files(api: HfApi, repository: str, kind: str, must_have: str) -> dict[str, RepoFile]:
    """Lists what is newest in a repository.

    Parameters
    ----------
    api : HfApi
    repository : str
        ``"OWNER/NAME"``
    kind : {"model", "space"}
    must_have : str
        A file without which it is no SongNet.

    Returns
    -------
    dict of str to RepoFile
        By path.

    Raises
    ------
    PublishError
        If there are files, and not that one.
    """
    tree = api.list_repo_tree(repository, recursive=True, repo_type=kind)
    files = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    if set(files) - {_KEPT, "README.md"} and must_have not in files:
        raise PublishError(
            f"The name {repository} is taken by a {kind} that is no SongNet: choose another."
        )
    return files


def differs(present: RepoFile | None, data: bytes) -> bool:
    """Whether a file on the Hub, if there is one, has another content than this."""
    if present is None:
        return True
    if present.lfs is not None:
        return present.lfs.sha256 != sha256(data)
    return present.blob_id != git_hash(data)


def commit(
    api: HfApi,
    repository: str,
    kind: str,
    present: dict[str, RepoFile],
    files: dict[str, bytes],
    message: str,
) -> Published:
    """Brings a repository to exactly these files, in one commit; none if nothing differs.

    Parameters
    ----------
    api : HfApi
    repository : str
        ``"OWNER/NAME"``
    kind : {"model", "space"}
    present : dict of str to RepoFile
        As from `present_files`.
    files : dict of str to bytes
        Contents by path.
    message : str
        That of the commit.

    Returns
    -------
    Published

    Raises
    ------
    PublishError
        If the Hub refuses.
    """
    changes = [
        CommitOperationAdd(path, data)
        for path, data in files.items()
        if differs(present.get(path), data)
    ]
    changes += [CommitOperationDelete(path) for path in present if path not in {*files, _KEPT}]
    with in_words(repository, "Either all of it is published or nothing"):
        newest = api.repo_info(repository, repo_type=kind).sha
        if changes:
            newest = api.create_commit(
                repository, changes, commit_message=message, repo_type=kind, parent_commit=newest
            ).oid
        if newest is None:
            raise ValueError("it names no commit")
    prefix = "spaces/" if kind == "space" else ""
    url = f"{api.endpoint}/{prefix}{repository}/commit/{newest}"
    return {"repository": repository, "commit": newest, "url": url, "changed": bool(changes)}


@contextlib.contextmanager
def in_words(repository: str, state: str = "Nothing was published") -> Iterator[None]:
    """Turns the client's errors in a ``with`` block into a `PublishError`.

    Parameters
    ----------
    repository : str
    state : str
        What is published by then.
    """
    try:
        with quiet():
            yield
    except (
        HfHubHTTPError,
        EntryNotFoundError,
        TransportError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        raise PublishError(
            f"The Hub did not do it for {repository}: {explain(error)}. {state}: run it again "
            "when that is mended."
        ) from error
