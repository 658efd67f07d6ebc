"""Whether the API is offered as tools of the Model Context Protocol (MCP); off unless asked for."""

import importlib.util

from songnet.settings import switch

# The version that the tests use.
PACKAGE = "mcp==1.30.0"


def offered() -> bool:
    """Whether `SONGNET_MCP` asks for the tools.

    Returns
    -------
    bool

    Raises
    ------
    SystemExit
        If they are asked for and the package that they need is missing.
    """
    if not switch("SONGNET_MCP"):
        return False
    if importlib.util.find_spec("mcp") is None:
        raise SystemExit(
            f"songnet: SONGNET_MCP needs a package that is not installed: pip install {PACKAGE}"
        )
    return True
