"""Places, rates and amounts of each client."""

import asyncio
from types import SimpleNamespace

from songnet.ui.server import limits
from songnet.ui.server.limits import Kept, Places, Rate
from tests.support.loops import run


def test_places_are_given_in_turn_and_given_back():
    async def use():
        places = Places(each=1, total=2, patience_s=60)
        order, go_on = [], asyncio.Event()

        async def take(client, name):
            async with places.place(client) as free:
                order.append((name, free))
                await go_on.wait()

        tasks = [
            asyncio.create_task(take(*who))
            for who in [("a", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5)]
        ]
        await asyncio.sleep(0.05)
        assert order == [(1, True), (3, True)]
        tasks[1].cancel()
        go_on.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert sorted(order) == [(1, True), (3, True), (4, True), (5, True)]
        assert places.taken == 0

    run(use())


def test_who_waits_too_long_for_a_place_gets_none():
    async def use():
        places = Places(each=1, total=1, patience_s=0.05)
        async with places.place("a"):
            async with places.place("b") as free:
                assert not free
            assert places.taken == 1
        await asyncio.sleep(0)
        async with places.place("b") as free:
            assert free
        assert places.taken == 0

    run(use())


def test_a_place_that_is_given_as_patience_ends_is_taken(monkeypatch):
    async def use():
        places = Places(each=1, total=1)
        held = places.place("a")
        await held.__aenter__()

        async def wait_for(_turn, _timeout):
            await held.__aexit__(None, None, None)
            raise TimeoutError

        monkeypatch.setattr(
            limits, "asyncio", SimpleNamespace(**vars(asyncio) | {"wait_for": wait_for})
        )
        async with places.place("b") as free:
            assert free
            assert places.taken == 1
        assert places.taken == 0

    run(use())


def test_who_asks_too_fast_waits_or_is_refused():
    async def use():
        rate = Rate(burst=5, a_second=50.0, patience_s=0.1)
        assert all([await rate.wait("a") for _ in range(5)])
        results = await asyncio.gather(*(rate.wait("a") for _ in range(20)))
        assert results == [True] * 5 + [False] * 15
        assert await rate.wait("b")

    run(use())


def test_what_was_sent_long_ago_does_not_count(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    kept = Kept(most=10, seconds=60)
    assert kept.add("a", 6)
    assert not kept.add("a", 5)
    assert kept.add("b", 10)
    now[0] = 61.0
    assert kept.add("a", 10)
    assert dict(kept._sums) == {"a": 10}


def test_what_was_sent_byte_by_byte_is_noted_once(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    kept = Kept(most=100_000, seconds=60)
    for number in range(10_000):
        now[0] = number / 1_000
        assert kept.add("a", 1)
    assert kept._sums["a"] == 10_000
    assert len(kept._sent) <= 11
