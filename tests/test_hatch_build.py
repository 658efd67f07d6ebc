"""The README in the package's metadata, which the package index shows."""

import re

from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from hatch_build import for_the_index
from tests.support.paths import ROOT

TEXT = """\
![A picture](docs/a.png)

[A page](docs/a.md#b), [below](#b), [a site](https://a.b/c).

![Theirs](https://a.b/d.png)
"""


def test_the_metadata_have_the_readme_without_relative_links():
    told = ProjectMetadata(str(ROOT), PluginManager()).core.readme
    assert told.startswith("# SongNet\n")
    assert told.count("\n## ") == (ROOT / "README.md").read_text(encoding="utf-8").count("\n## ")
    links = re.findall(r"\]\(([^)]*)\)|\]: *(\S+)", told)
    assert [link for link in links if not "".join(link).startswith("https://")] == []


def test_without_a_home_their_text_stays():
    assert for_the_index(TEXT, None) == (
        "A page, below, [a site](https://a.b/c).\n\n![Theirs](https://a.b/d.png)\n"
    )


def test_with_a_home_they_lead_to_it():
    assert for_the_index(TEXT, "https://h.h/o/songnet/").splitlines() == [
        "![A picture](https://h.h/o/songnet/raw/main/docs/a.png)",
        "",
        "[A page](https://h.h/o/songnet/blob/main/docs/a.md#b), [below](https://h.h/o/songnet#b), "
        "[a site](https://a.b/c).",
        "",
        "![Theirs](https://a.b/d.png)",
    ]
