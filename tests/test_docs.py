"""The project's pages: their links lead somewhere, and commands have the options named there."""

import re
import shlex

import pytest

from songnet.__main__ import main as songnet
from tests.support.paths import ROOT
from tests.support.readme import PAGES, README
from train.__main__ import main as train
from train.release.readme import PAGES as WRITTEN

OTHERS = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
ALL = [*PAGES, *map(ROOT.joinpath, OTHERS), *ROOT.glob("train/*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(page):
    """A page without its code."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))


def anchors(page):
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in LINK.findall(text(page)):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_readme():
    reached, new = set(), {README}
    while new:
        reached |= new
        links = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in new
            for link in LINK.findall(text(page))
            if not link.startswith(("http", "#"))
        }
        new = {path for path in links if path.suffix == ".md"} - reached
    assert set(PAGES) <= reached
    assert {ROOT / name for name in WRITTEN} <= {*PAGES}


def commands(program):
    """What follows a program's name in the pages' commands with options, split as shells do."""
    for page in PAGES:
        for code in re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in re.split(r"\n|&&", code):
                found = re.match(rf"\s*(?:\w+=\S+ )*{program} (.*)", line)
                words = shlex.split(found[1], comments=True) if found else []
                if options(words):
                    yield words


def options(words):
    return {word for word in words if word.startswith("--")}


@pytest.mark.parametrize(
    ("main", "words"),
    [
        *((songnet, words) for words in commands("songnet")),
        *((train, words) for words in commands("python -m train")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_have_the_options_that_are_named(main, words, capsys):
    command = [word for word in words[:1] if not word.startswith("--")]
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert options(words) <= set(re.findall(r"--[a-z0-9-]+", capsys.readouterr().out))
