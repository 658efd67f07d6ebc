"""How long a visitor waits can be measured in the page as it is."""

from tests.programs import page_times


def test_a_song_is_dropped_again_and_again(visit, tagged):
    measured = page_times.warm(visit().tab, tagged("tune.wav"), runs=2, warm_up=0)
    assert 0 < measured["verdict"]["p50"] <= measured["drawn"]["p50"]
    assert measured["drawn"]["runs"] == 2
