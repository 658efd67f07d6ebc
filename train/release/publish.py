"""Publishes a release to the Hugging Face Hub: the model, and the Spaces that serve it."""

import argparse
import re
from pathlib import Path
from typing import TypedDict

from huggingface_hub import HfApi

from songnet.settings import REPOSITORY_VARIABLE, REVISION_VARIABLE
from songnet.weights.hub import quiet
from songnet.weights.release import CONFIG_FILE, FILES, INDEX, MODEL_FILE, ReleaseConfig
from train.errors import PublishError
from train.release.contents import ROOT, browser_files, model_files, space_files
from train.release.hub_repository import (
    Published,
    client,
    commit,
    differs,
    in_words,
    present_files,
)


class PublishedModel(Published):
    """A `Published` model, with the tag of its version."""

    tag: str


class PublishedSpace(Published):
    """A `Published` Space and the model that it serves, as ``OWNER/NAME@COMMIT``."""

    model: str


class Listing(TypedDict):
    """The files that would be published: sizes by path [bytes]."""

    repository: str
    files: dict[str, int]


def publish_model(repository: str, artifacts: str | Path) -> PublishedModel:
    """Publishes a release as a model repository, in one commit, and tags it with its version.

    A tag that exists is not moved: new weights need a new version.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"``; made where it does not exist.
    artifacts : path of the release's folder

    Returns
    -------
    PublishedModel

    Raises
    ------
    PublishError
        If the Hub refuses, or has other weights under this version.
    ReleaseError
        If the release is not complete.
    """
    files = model_files(repository, artifacts)
    config = ReleaseConfig.parse(files[CONFIG_FILE], str(artifacts))
    tag = f"v{config.version}"
    api = client()
    with in_words(repository):
        api.create_repo(repository, exist_ok=True)
        present = present_files(api, repository, "model", must_have=MODEL_FILE)
        tags = {ref.name for ref in api.list_repo_refs(repository).tags}
    moved = [name for name in config.files if differs(present.get(name), files[name])]
    if tag in tags and moved:
        raise PublishError(
            f"{repository} has other weights as {tag} already: give these a new VERSION in "
            "songnet/spec.py and export them again."
        )
    result = commit(api, repository, "model", present, files, f"SongNet {config.version}")
    if tag not in tags:
        with in_words(repository, f"All files are published, but the tag {tag} is not"):
            api.create_tag(repository, tag=tag, revision=result["commit"])
    return {**result, "tag": tag}


def publish_space(repository: str, model: str, root: str | Path = ROOT) -> PublishedSpace:
    """Publishes the project as a Space that serves one commit of the model.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"`` of the Space; made where it does not exist.
    model : str
        ``"OWNER/NAME"`` or ``"OWNER/NAME@REVISION"`` of the model; without a revision, its newest
        commit.
    root : path of the project

    Returns
    -------
    PublishedSpace

    Raises
    ------
    PublishError
        If the model is no SongNet, or the Hub refuses.
    ReleaseError
        If a file is missing.
    """
    model, revision, preload = resolve_model(model)
    files = space_files(model, revision, root, preload)
    variables = {REPOSITORY_VARIABLE: model, REVISION_VARIABLE: revision}
    api = client()
    with in_words(repository):
        listed = [{"key": key, "value": value} for key, value in variables.items()]
        api.create_repo(
            repository,
            repo_type="space",
            space_sdk="gradio",
            space_variables=listed,
            exist_ok=True,
        )
        present = present_files(api, repository, "space", must_have="songnet/spec.py")
        known = {k: v.value for k, v in api.get_space_variables(repository).items()}
    result = commit(api, repository, "space", present, files, f"Serve {model}@{revision[:7]}")
    with in_words(repository, "All files are published, but not every variable is"):
        for key, value in variables.items():
            if known.get(key) != value:
                api.add_space_variable(repository, key, value)
    return {**result, "model": f"{model}@{revision}"}


def publish_browser(repository: str, model: str) -> PublishedSpace:
    """Builds the page for the browser from one commit of the model, and publishes it.

    Parameters
    ----------
    repository : str
        ``"OWNER/NAME"`` of the static Space; made where it does not exist.
    model : str
        As for `publish_space`.

    Returns
    -------
    PublishedSpace

    Raises
    ------
    PublishError
        If the model is no SongNet, or the Hub refuses.
    BuildError
        If Node is missing, or its packages cannot be installed.
    """
    model, revision, _ = resolve_model(model)
    api = client()
    files = browser_files(model, revision)
    with in_words(repository):
        api.create_repo(repository, repo_type="space", space_sdk="static", exist_ok=True)
        present = present_files(api, repository, "space", must_have=f"network/{MODEL_FILE}")
    result = commit(api, repository, "space", present, files, f"Serve {model}@{revision[:7]}")
    return {**result, "model": f"{model}@{revision}"}


def resolve_model(model: str) -> tuple[str, str, list[str]]:
    """The repository, commit and files to serve that ``OWNER/NAME[@REVISION]`` stands for.

    Raises
    ------
    PublishError
        If the Hub has no such SongNet.
    """
    repository, _, revision = model.partition("@")
    with in_words(repository), quiet():
        info = HfApi().model_info(repository, revision=revision or "main")
    names = {file.rfilename for file in info.siblings or []}
    if info.sha is None or not names.issuperset(FILES):
        raise PublishError(f"{model} is no SongNet: it lacks {' or '.join(FILES)}.")
    return repository, info.sha, [name for name in (*FILES, INDEX) if name in names]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m train publish``."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="model|space|browser")
    model = kinds.add_parser("model", help="the weights with their evidence and card")
    space = kinds.add_parser("space", help="the page, serving a published model")
    browser = kinds.add_parser("browser", help="the page that runs a published model by itself")
    for kind in (model, space, browser):
        kind.add_argument("repository", metavar="OWNER/NAME", type=_repository)
        kind.add_argument("--dry-run", action="store_true", help="only list what would go")
        # The same option as before the kind's word: a default would overwrite that one.
        kind.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print the result as JSON",
        )
    model.add_argument("--artifacts", default="artifacts", metavar="DIR", help="%(default)s")
    for kind in (space, browser):
        kind.add_argument(
            "--model",
            required=True,
            metavar="OWNER/NAME[@REVISION]",
            help="what to serve; without a revision, what is newest now",
        )


def _repository(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        raise argparse.ArgumentTypeError(f"write OWNER/NAME. Received: {text}")
    return text


def run(arguments: argparse.Namespace) -> PublishedModel | PublishedSpace | Listing:
    """``python -m train publish``: publishes, and returns what ``--json`` prints."""
    if not arguments.dry_run:
        if arguments.kind == "model":
            return publish_model(arguments.repository, arguments.artifacts)
        if arguments.kind == "browser":
            return publish_browser(arguments.repository, arguments.model)
        return publish_space(arguments.repository, arguments.model)
    if arguments.kind == "model":
        files = model_files(arguments.repository, arguments.artifacts)
    else:
        model, revision, preload = resolve_model(arguments.model)
        if arguments.kind == "browser":
            files = browser_files(model, revision)
        else:
            files = space_files(model, revision, preload=preload)
    return {
        "repository": arguments.repository,
        "files": {path: len(data) for path, data in sorted(files.items())},
    }
