"""The programs in the README, as they stand there."""

import re

from tests.support.paths import ROOT

README = ROOT / "README.md"


def program(name: str) -> str:
    """The code below ``<!-- program: NAME -->``."""
    text = README.read_text(encoding="utf-8")
    return re.search(rf"<!-- program: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL).group(1)
