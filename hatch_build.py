"""The README as the package index shows it, where relative links and pictures lead nowhere."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE = r"\((?![a-z]+:)([^)\s]+)\)"  # a link's target without a scheme: a path, or an anchor


class ReadmeHook(MetadataHookInterface):
    """Gives the package its `readme`, with the links that `for_the_index` gives it."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": for_the_index(text, source),
        }


def for_the_index(text: str, source: str | None) -> str:
    """A README without relative links.

    Parameters
    ----------
    text : str
    source : str or None
        Address of the project's repository, as in ``[project.urls]``. Links then lead to its
        branch ``main``. None takes links away, and keeps their text; pictures go with them.

    Returns
    -------
    str
    """
    if source:
        base = source.rstrip("/")
        text = re.sub(rf"(!\[[^]]*\]){_RELATIVE}", rf"\1({base}/raw/main/\2)", text)
        text = re.sub(r"(\[[^]]*\])\(#([^)\s]+)\)", rf"\1({base}#\2)", text)
        return re.sub(rf"(\[[^]]*\]){_RELATIVE}", rf"\1({base}/blob/main/\2)", text)
    text = re.sub(rf"!\[[^]]*\]{_RELATIVE}\n+", "", text)
    return re.sub(rf"\[([^]]*)\]{_RELATIVE}", r"\1", text)
