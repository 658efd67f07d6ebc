"""What `SECURITY.md` says is so: its limits, its tests, its reports and its versions."""

import json
import re

import pytest

from songnet.settings import Settings
from songnet.ui import page, shelf
from songnet.ui.server import bodies, connections, fair_queue, gate, passage, requests, room
from songnet.weights import EMBEDDED
from tests.support.paths import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
EVIDENCE = EMBEDDED / "evidence"
DEFAULTS = Settings()
MB = 2**20
# How the settings read a variable.
READ = r'(?:limit\(|switch\(|address\(|_networks\(environment, )"(SONGNET_\w+)"'


def limit(setting: str) -> str:
    """The default that the table of limits names for a setting."""
    (line,) = (line for line in TEXT.splitlines() if line.endswith(f"| `{setting}` |"))
    return line.split("|")[2].strip()


def test_every_setting_is_in_the_table():
    sources = [ROOT / "app.py", *(ROOT / "songnet").rglob("*.py")]
    used = {name for path in sources for name in re.findall(READ, path.read_text("utf-8"))}
    assert len(used) > 8
    assert used == set(re.findall(r"\| `(SONGNET_\w+)` \|", TEXT))


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        ("SONGNET_MAX_MB", f"{DEFAULTS.limits.max_bytes // MB} MB"),
        ("SONGNET_MAX_MINUTES", f"{DEFAULTS.limits.max_seconds / 60:.0f} min"),
        ("SONGNET_MAX_PCM_MB", f"{DEFAULTS.limits.max_pcm_bytes // MB} MB"),
        ("SONGNET_DECODER_MB", f"{DEFAULTS.resources.memory_bytes // MB} MB"),
        ("SONGNET_DECODER_CPU_SECONDS", f"{DEFAULTS.resources.cpu_seconds} s"),
        ("SONGNET_DECODER_SECONDS", f"{DEFAULTS.resources.wall_seconds:.0f} s"),
        ("SONGNET_QUEUE_SIZE", f"{DEFAULTS.queue_size}"),
        ("SONGNET_MAX_SONGS", f"{DEFAULTS.max_songs}"),
        ("SONGNET_KEEP_MINUTES", f"{DEFAULTS.keep_seconds // 60} min"),
    ],
)
def test_defaults(setting, default):
    assert limit(setting) == default


def test_other_limits():
    for what, bound in {
        "One upload, all files together": f"{passage.UPLOAD_BYTES // 2**30} GB",
        "Call of a tool, with the song inside it": f"{passage.TOOL_BYTES // MB} MB",
        "Body of a request to an event": (
            f"{requests.BODY_BYTES // 2**10} kB, "
            f"and {requests.BYTES_A_SONG / 1000:.2g} kB for each song"
        ),
        "Silence in the middle of an upload": f"{bodies.SILENCE_S:.0f} s",
        "Time for an upload": f"{bodies.LONGEST_S / 60:.0f} min",
        "Disk space kept free": f"{room.FREE_BYTES // MB} MB",
        "Files of the disk kept free": f"{room.FREE_FILES}",
        "Connections, of one client": f"{connections.CONNECTIONS_EACH}",
        "Connections, of all; half of the files that the process may open, if that is less": (
            f"{connections.CONNECTIONS}"
        ),
        "Time for a request's head": f"{connections.HEAD_S:.0f} s",
        "Requests at once, of one client": f"{gate.REQUESTS[0]}",
        "Uploads at once, of one client": f"{gate.UPLOADS[0]}",
        "Uploads at once, of all": f"{gate.UPLOADS[1]}",
        "Sent while files are kept, of one client": f"{passage.CLIENT_BYTES // 2**30} GB",
        "Files sent while files are kept, of one client": f"{passage.CLIENT_FILES}",
        "Songs that wait, of one client": {4: "a quarter"}[fair_queue.SHARE],
        "Songs of a visitor's own genres, on the page": f"{shelf.MOST_SONGS}",
        "Visitors remembered": f"{page._SESSIONS}",
    }.items():
        assert f"| {what} | {bound} |" in TEXT


def test_the_tests_that_it_names_are_there():
    named = re.findall(r"`(test_\w+)`: ((?:`\w+`(?:, )?)+)", " ".join(TEXT.split()))
    assert len(named) > 30
    for module, parts in named:
        (path,) = ROOT.glob(f"tests/**/{module}.py")
        for part in re.findall(r"`(\w+)`", parts):
            assert re.search(rf"def test_\w*{part}", path.read_text("utf-8")), (module, part)


def test_pinned_versions_have_the_known_fixes():
    pinned = {}
    for file in ("requirements.txt", "train/requirements.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if match := re.fullmatch(r"(\w+)==([\d.]+)", line):
                pinned[match[1]] = tuple(map(int, match[2].split(".")))
    assert pinned["gradio"] >= (6, 22)
    assert pinned["keras"] >= (3, 15, 1)
    assert pinned["pillow"] >= (12, 3)


def report(name: str) -> dict:
    return json.loads((EVIDENCE / name).read_text(encoding="utf-8"))


def test_the_fuzzer_s_report_is_of_the_whole_run_and_clean():
    fuzz = report("fuzz.json")
    assert fuzz["files"] == 10_000
    assert fuzz["failures"] == fuzz["unforeseen_exceptions"] == []
    assert fuzz["peak_mb"] < 600
    assert max(case["seconds"] for case in fuzz["slowest_refusals"]) < 2


def test_the_load_test_s_report_is_of_the_whole_run_and_no_answer_was_lost():
    load = report("load.json")
    assert (load["visitors"], load["minutes"]) == (50, 10)
    assert (load["wrong"], load["lost"], load["complaints"]) == (0, 0, [])
    assert load["told_to_come_back"] > 0
    memory = load["memory"]
    # It swings by some 20 MB, so that means are compared: five values are two and a half minutes.
    samples = memory["app_mb_each_30_s"][2:]
    first, last = (sum(part) / 5 for part in (samples[:5], samples[-5:]))
    assert last < 1.05 * first
    stated = re.search(
        r"it was (\d+) MB in the mean .* (\d+) MB in that .* a peak of (\d+) MB",
        " ".join(TEXT.split()),
    )
    assert [int(value) for value in stated.groups()] == [
        round(first),
        round(last),
        round(memory["app_mb_peak"]),
    ]
    assert load["temporary_files"]["left_after_the_end"] == []
    assert not load["log_mentions_errors"]


def test_the_load_test_s_report_says_that_a_greedy_client_costs_others_little():
    fairness = report("load.json")["fairness"]
    assert (fairness["visitors"], fairness["seconds_each"]) == (24, 120)
    assert fairness["times_as_long"] <= 2
    assert "the 24 visitors wait at most twice as long" in " ".join(TEXT.split())
    assert fairness["times_as_long"] == round(fairness["p95_s_with"] / fairness["p95_s_without"], 2)
    assert (fairness["wrong_or_lost"], fairness["complaints"]) == (0, [])
    assert min(fairness["answers_without"], fairness["answers_with"]) > 24
    # It was there, and went on until the end.
    assert fairness["requests_of_the_greedy_one"] > 0
    assert fairness["the_greedy_one_ended"] is None
