"""The sentences that say what to expect follow from the figures."""

from songnet.weights import expectations
from tests.support.releases import protocol_figures


def figures(recall, **answered):
    found = protocol_figures("the official split", 0.5)
    songnet = found["models"]["songnet"]
    songnet["recall"] = recall
    songnet["answered"] = {"share": 0.704, "accuracy": 0.581, **answered}
    found["genres"] = {
        "Folk": {"clips": 100, "artists": 9, "most_of_one": 91},
        "Pop": {"clips": 100, "artists": 40, "most_of_one": 60},
    }
    return found


def test_three_sentences_with_intervals():
    recall = {"Rock": 0.64, "Pop": 0.219, "Folk": 0.22, "Hip-Hop": 0.77, "Ska": None}
    answers, right, weak = expectations.sentences(figures(recall, accuracy_interval=[0.47, 0.692]))
    assert "it answers 70 %, and says “not sure” of the others." in answers
    assert right == (
        "Of its answers 58 % (47 to 69) are right; were it to name its best guess for every song, "
        "50 % would be."
    )
    # Few artists are told, enough are not.
    folk = "Folk (22 %, of only 9 artists, one of whom has 91 of the 100 clips measured)"
    assert f"weak on Pop (22 %) and {folk}, of whose songs" in weak
    assert weak.endswith("it is best at Hip-Hop (77 %).")


def test_where_nothing_is_weak_or_everything():
    *_, told = expectations.sentences(figures({"Rock": 0.8, "Pop": 0.6}))
    assert "more than half of each genre's songs, the fewest of Pop (60 %)" in told
    *_, told = expectations.sentences(figures({"Rock": 0.3}))
    assert told == "It is weak on Rock (30 %), of whose songs it finds less than half."


def test_a_network_that_is_sure_of_nothing():
    told = expectations.sentences(figures({"Rock": 0.3}, accuracy=None, share=0.0))
    assert len(told) == 2
    assert "not sure” of all songs" in told[0]


def test_of_clips_without_artists_nothing_is_said_of_artists():
    found = figures({"Rock": 0.3}, share=1.0)
    assert expectations.sentences(found)[0] == "It answers all songs by artists that are new to it."
    found["artists"] = found["clips"]
    assert expectations.sentences(found)[0] == "It answers all songs that are new to it."
