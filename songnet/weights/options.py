"""The options by which a command is told its weights, and the loading by them and the settings."""

import argparse
import os
from typing import Protocol

from songnet.weights.load import load_weights, stored_config
from songnet.weights.release import ReleaseConfig, Weights

WEIGHTS_VARIABLE = "SONGNET_WEIGHTS"
REPOSITORY_VARIABLE = "SONGNET_HUB_REPO"
REVISION_VARIABLE = "SONGNET_HUB_REVISION"


class _Settings(Protocol):
    """What the environment says of weights: a part of `songnet.settings.Settings`."""

    @property
    def weights(self) -> str | None: ...
    @property
    def hub(self) -> str | None: ...


def add_weights(parser: argparse.ArgumentParser, *, always: bool = False) -> None:
    """Adds the options that choose weights to those of a command.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    always : bool
        Whether the weights that came along serve unasked where the Hub cannot be reached; without
        it, there is an option ``--or-embedded`` for that.
    """
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--weights",
        metavar="FOLDER",
        type=_folder,
        help="take the weights from this folder, into which python -m train export has written "
        f"them; as {WEIGHTS_VARIABLE} does",
    )
    either.add_argument(
        "--hub",
        metavar="REPO@REVISION",
        type=_repository,
        help=f"take the weights from this Hub repository; as {REPOSITORY_VARIABLE} does",
    )
    if always:
        parser.set_defaults(or_embedded=True)
        return
    parser.add_argument(
        "--or-embedded",
        action="store_true",
        help=f"where the weights of --hub or {REPOSITORY_VARIABLE} cannot be had, take those that "
        "came along",
    )


def asked_for(arguments: argparse.Namespace, settings: _Settings) -> tuple[str | None, str | None]:
    """The folder or the Hub repository of the weights: an option counts more than a setting.

    Returns
    -------
    folder, hub : str or None
        As for `load_weights`; at most one of them is given.
    """
    if arguments.weights or arguments.hub:
        return arguments.weights, arguments.hub
    return settings.weights, settings.hub


def chosen_weights(arguments: argparse.Namespace, settings: _Settings) -> Weights:
    """Loads the weights that the options of `add_weights` name, or else the settings.

    Raises
    ------
    WeightsError
        As for `songnet.weights.load_weights`.
    """
    return load_weights(*asked_for(arguments, settings), or_embedded=arguments.or_embedded)


def chosen_config(arguments: argparse.Namespace, settings: _Settings) -> ReleaseConfig | None:
    """Reads the `config.json` of the weights that `chosen_weights` loads; downloads nothing.

    Returns
    -------
    ReleaseConfig or None
        None where they are on the Hub alone.

    Raises
    ------
    WeightsError
        If the file is missing or not SongNet's.
    """
    folder, hub = asked_for(arguments, settings)
    return stored_config(folder, hub)


def _folder(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it names no folder: give one, or leave it out")
    return text


def _repository(text: str) -> str:
    if not text.partition("@")[0].strip():
        raise argparse.ArgumentTypeError(
            "it names no repository: give one as OWNER/NAME@REVISION, or leave it out"
        )
    if os.path.isdir(text):
        raise argparse.ArgumentTypeError(
            f"{text} is a folder here: use --weights {text}, or, for the Hub's repository of that "
            "name, add a revision such as @main"
        )
    return text
