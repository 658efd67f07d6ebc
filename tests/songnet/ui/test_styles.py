"""The page's style sheets."""

import re

import pytest

from tests.support.paths import ROOT

ASSETS = ROOT / "songnet" / "ui" / "assets"


@pytest.mark.parametrize("name", sorted(path.name for path in ASSETS.glob("*.css")))
def test_sizes_follow_the_reader_s_font_size(name):
    """Pixels are for hairlines, the ends of pills, and media queries."""
    lines = (ASSETS / name).read_text(encoding="utf-8").splitlines()
    for line in lines:
        if "@media" not in line and "@container" not in line:
            sizes = [float(px) for px in re.findall(r"(?<![\w.#-])(-?\d*\.?\d+)px\b", line)]
            assert all(abs(px) <= 2 or px == 999 for px in sizes), line
