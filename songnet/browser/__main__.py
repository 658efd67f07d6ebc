"""``python -m songnet.browser build OUT``: builds the static page."""

import argparse
import sys

from songnet.interrupts import INTERRUPTED, ending_at_once

with ending_at_once():
    from songnet.browser.build import BuildError, build
    from songnet.errors import OutputError, SettingsError, WeightsError
    from songnet.settings import Settings
    from songnet.weights.options import add_weights, chosen_weights


def main(argv: list[str] | None = None) -> int:
    """Builds the page that the command line names.

    Returns
    -------
    int
        0 if it was built; 1 if the weights or Node are missing, or a setting is invalid; 2 if it
        cannot be written; 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(
        prog="python -m songnet.browser",
        description="SongNet as a static page: every song stays on the visitor's device.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build_parser = commands.add_parser("build", help="build the page into a folder")
    build_parser.add_argument("out", metavar="OUT", help="a new folder, or an earlier build")
    add_weights(build_parser, always=True)
    arguments = parser.parse_args(argv)
    try:
        weights = chosen_weights(arguments, Settings.from_environment())
        build(arguments.out, weights)
    except (BuildError, SettingsError, WeightsError) as error:
        print(f"songnet.browser: {error}", file=sys.stderr)
        return 1
    except OutputError as error:
        print(f"songnet.browser: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("songnet.browser: interrupted.", file=sys.stderr)
        return INTERRUPTED
    print(f"Built. Try it: python -m http.server --directory {arguments.out} 8000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
