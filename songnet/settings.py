"""What environment variables may change: limits, and what is off by default.

`SECURITY.md` lists them.
"""

import math
import os


def limit(name: str, default: float) -> float:
    """A limit from the environment.

    Parameters
    ----------
    name : str
        Of the environment variable.
    default : float > 0
        What counts where the variable is not set.

    Returns
    -------
    float > 0

    Raises
    ------
    SystemExit
        If the variable is no number above 0: a limit that was mistyped must not be none at all.
    """
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise SystemExit(f"songnet: {name} is {text!r}: give a number above 0, or leave it out.")
    return value


def switch(name: str) -> bool:
    """Whether the environment turns something on that is off by default.

    Parameters
    ----------
    name : str
        Of the environment variable: 1 is on; 0, empty or not set is off.

    Returns
    -------
    bool

    Raises
    ------
    SystemExit
        If the variable is anything else.
    """
    text = os.environ.get(name, "")
    if text not in ("", "0", "1"):
        raise SystemExit(f"songnet: {name} is {text!r}: give 1 for on or 0 for off.")
    return text == "1"
