"""A `config.json` of somebody else: whatever is wrong with it is one sentence at load."""

import json
import math

import pytest

from songnet.errors import WeightsError
from songnet.weights import EMBEDDED, ReleaseConfig
from tests.support.sentences import assert_one_sentence

CONFIG = json.loads((EMBEDDED / "config.json").read_text(encoding="utf-8"))
NAMES = CONFIG["genres"]
DEEP = json.loads("[" * 500 + "]" * 500)


def refusal_of(text):
    with pytest.raises(WeightsError, match=r"config\.json is not SongNet's \(a folder\)") as raised:
        ReleaseConfig.parse(text, "a folder")
    assert_one_sentence(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("entry", "values", "expected"),
    [
        ("version", [None, 1, "", ["0.1.0"], "1\n2"], "text"),
        ("genres", [None, 8, {}, "ABCDEFGH", [], ["Rock"]], "a list of two or more names"),
        ("genres", [["Rock"] * 8], "a list of different names"),
        ("genres", [[*NAMES[:7], bad] for bad in (["Pop"], {}, None, 1, " ", "a\x1b[2J")], "text"),
        ("genres", [[*NAMES[:7], "half of a pair: \ud800"]], "text"),
        (
            "abstain_below",
            [None, True, "0.45", [0.45], -0.1, 1.5, math.nan, math.inf, 10**400],
            "a number from 0 to 1",
        ),
        ("data_set", [1, ["FMA"], {}], "text"),
        ("license", [0.5, "a\nb"], "text"),
        ("sample_rate", [0, -1, 44100.5, "44100", True], "a whole number above 0"),
        ("window_seconds", [0, math.nan, math.inf, "30", []], "a number above 0"),
        ("files", [None, 1, "songnet.tflite", ["songnet.tflite"], DEEP], "an object"),
    ],
)
def test_an_entry_that_is_something_else(entry, values, expected):
    for value in values:
        assert f"should be {expected}." in refusal_of(json.dumps(CONFIG | {entry: value}))


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (None, "songnet.tflite is null, and should be an object"),
        ("18727c61", 'songnet.tflite is "18727c61", and should be an object'),
        ({}, "the sha256 of songnet.tflite is null, and should be text"),
        ({"sha256": 18727}, "the sha256 of songnet.tflite is 18727, and should be text"),
        ({"sha256": "1", "bytes": "x"}, 'the size of songnet.tflite is "x", and should be a whole'),
    ],
)
def test_a_file_without_a_checksum(identity, expected):
    files = CONFIG["files"] | {"songnet.tflite": identity}
    assert expected in refusal_of(json.dumps(CONFIG | {"files": files}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("null", "its content is null, and should be an object"),
        ("[1, 2]", r"its content is [1, 2], and should be an object"),
        ('{"files": {}}', "it names no files"),
    ],
)
def test_a_file_that_is_something_else(text, expected):
    assert expected in refusal_of(text)


def test_what_is_optional_may_be_missing_and_what_is_new_is_kept():
    needed = {key: CONFIG[key] for key in ("version", "genres", "abstain_below", "files")}
    config = ReleaseConfig.from_json(needed | {"abstain_below": 1, "new": [1]})
    assert (config.abstain_below, config.license, config.sample_rate) == (1.0, None, None)
    assert config.to_json() == needed | {"abstain_below": 1.0, "new": [1]}
    assert ReleaseConfig.from_json(CONFIG).to_json() == CONFIG
