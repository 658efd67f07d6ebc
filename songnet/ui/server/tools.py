"""Whether the API is offered as tools of the Model Context Protocol (MCP); off unless asked for."""

import importlib.util

from songnet.errors import SettingsError

# The version that the tests use.
PACKAGE = "mcp==1.30.0"


def offered(asked: bool) -> bool:
    """Whether the tools are asked for and can be offered.

    Parameters
    ----------
    asked : bool
        Whether the settings ask for them.

    Returns
    -------
    bool

    Raises
    ------
    SettingsError
        If they are asked for and the package that they need is missing.
    """
    if not asked:
        return False
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError(
            f"SONGNET_MCP needs a package that is not installed: pip install {PACKAGE}"
        )
    return True
