"""Whose turn it is: every feed once, hosts side by side, no host more than it bears."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from veille.feed import Feed, FeedState, Subscription
from veille.fetch.turns import Turns


def feeds_of(hosts: list[str]) -> list[Feed]:
    return [
        Feed(id=number, subscription=Subscription(url=f"https://{host}/{number}"), state=FeedState())
        for number, host in enumerate(hosts, 1)
    ]


def test_hosts_with_most_feeds_go_first_and_leave_room_for_others() -> None:
    turns = Turns(feeds_of(["a", "big", "big", "b", "big", "big", "a"]), per_host=2)
    taken = [turns.take() for _ in range(5)]
    assert [turn and (turn[0], turn[1].id) for turn in taken] == [
        ("big", 2), ("big", 3), ("a", 1), ("a", 7), ("b", 4),
    ]  # fmt: skip
    assert turns.take() is None
    turns.give_back("a")
    assert turns.take() is None
    turns.give_back("big")
    last = [turns.take(), turns.take()]
    assert [turn and turn[1].id for turn in last] == [5, None]
    turns.give_back("big")
    again = turns.take()
    assert again is not None
    assert again[1].id == 6


def test_no_feeds_no_turns() -> None:
    assert Turns([], per_host=2).take() is None


@given(
    hosts=st.lists(st.sampled_from("abcdef"), max_size=40),
    per_host=st.integers(1, 3),
    workers=st.integers(1, 10),
    seed=st.integers(0, 1000),
)
def test_workers_who_leave_when_there_is_no_turn_still_do_everything(
    hosts: list[str], per_host: int, workers: int, seed: int
) -> None:
    turns, chance = Turns(feeds_of(hosts), per_host=per_host), Random(seed)  # noqa: S311
    busy: list[tuple[str, Feed]] = []
    done = []
    idle = workers
    while True:
        while idle:
            idle -= 1
            turn = turns.take()
            if turn:
                busy.append(turn)
        if not busy:
            break
        assert max(Counter(host for host, _ in busy).values()) <= per_host
        host, feed = busy.pop(chance.randrange(len(busy)))
        done.append(feed.id)
        turns.give_back(host)
        idle += 1
    assert sorted(done) == list(range(1, len(hosts) + 1))
