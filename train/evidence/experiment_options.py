"""The options of the experiments that train networks of their own to measure them."""

import argparse

from train.network.recipe import Recipe


def add_shared(parser: argparse.ArgumentParser, networks: str) -> None:
    """The options that these experiments share: where all is, and how long a network is trained.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    networks : str
        Where the networks are kept, unless the user says otherwise.
    """
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the splits; without it, the figures of the evidence that is there",
    )
    parser.add_argument("--networks", default=networks, metavar="DIR", help="%(default)s")
    parser.add_argument("--output", default="artifacts/evidence", metavar="DIR", help="%(default)s")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs, help="%(default)s")
