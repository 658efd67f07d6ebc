"""The README and the pages in `docs/` that it links, and the programs in them."""

import re

from tests.support.paths import ROOT

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))


def text() -> str:
    """All of the pages, with links as they are in the README."""
    return "\n".join(page.read_text(encoding="utf-8").replace("](../", "](") for page in PAGES)


def program(name: str) -> str:
    """The code below ``<!-- program: NAME -->``, wherever it stands."""
    (code,) = re.findall(rf"<!-- program: {name} -->\n```\w+\n(.*?)```", text(), re.DOTALL)
    return code
