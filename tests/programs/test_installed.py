"""What the README quotes of installed tools is what was measured."""

import json
import re

from tests.programs.installed import OUTPUT, TOOLS, size_mb
from tests.support.paths import ROOT
from tests.support.readme import README


def row(title):
    """The cells of a row of the README's comparison, by tool."""
    lines = README.read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {title}")]
    cells = [cell.strip() for cell in re.split(r"\|", line)[2:-1]]
    names = ["songnet", "birdnet-analyzer", "basic-pitch", "essentia-tensorflow", "audiomuse"]
    return dict(zip([*names, "musicnn"], cells, strict=True))


def weight(megabytes):
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def test_the_readme_says_what_was_measured():
    """`python -m tests.programs.installed` measures it."""
    measured = json.loads(OUTPUT.read_text(encoding="utf-8"))["tools"]
    assert measured.keys() == TOOLS.keys()
    installed, memory = row("Installed by pip"), row("Memory for a song")
    for name, found in measured.items():
        if "failed" in found:
            assert installed[name].startswith("cannot be installed")
        else:
            assert installed[name].startswith(weight(found["installed_mb"]))
        peak = found.get("peak_mb")
        assert memory[name] == (weight(peak) if peak else "unknown")
    size = (ROOT / "artifacts" / "songnet.tflite").stat().st_size
    assert row("Network")["songnet"] == f"{size / 1000:.0f} kB"


def test_a_file_of_two_names_weighs_once(tmp_path):
    (tmp_path / "a").write_bytes(bytes(2_000_000))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to(tmp_path / "a")
    assert size_mb(tmp_path) == 2
