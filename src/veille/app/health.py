"""Feed health: what the archive and the feeds' states tell, gathered and judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.rank.findings import Facts
from veille.rank.health import RECENT, USUAL_GAPS, judge_feeds
from veille.rank.overlaps import FEWEST_COPIES
from veille.store.feeds import list_feeds
from veille.store.health import load_overlaps, load_paces, load_texts, measure_span
from veille.store.hosts import load_holds
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from veille.app.home import Home
    from veille.feed import Feed
    from veille.rank.findings import Health


def examine_feeds(home: Home, *, folder: str | None = None) -> list[Health]:
    """Subscribed feeds with what there is to say of each; of one folder and those inside it when given.

    Raises UsageError when no feed is in that folder.
    """
    from veille.app.subscribe import choose_feeds

    chosen = choose_feeds(home, [], folder=folder)
    wanted = {feed.id for feed in chosen}
    now = read_clock()
    since = now - RECENT
    paces = load_paces(home.db, since=since, days=USUAL_GAPS + 1)
    texts = load_texts(home.db, since=since)
    overlaps = load_overlaps(home.db, since=since, fewest=FEWEST_COPIES)
    facts = []
    for known in _list_facts(home, chosen if folder is None else choose_feeds(home, [], folder=None), now=now):
        pace = paces.get(known.feed.id)
        facts.append(
            replace(
                known,
                newest_at=pace.newest_at if pace else None,
                days=pace.days if pace else (),
                recent=pace.recent if pace else 0,
                overlaps=overlaps.get(known.feed.id, ()),
                texts=texts.get(known.feed.id, ()),
            )
        )
    return [health for health in judge_feeds(facts, now=now) if health.feed.id in wanted]


def examine_states(home: Home) -> list[Health]:
    """Subscribed feeds with what their last fetches tell alone: nothing that they published is looked at."""
    now = read_clock()
    return judge_feeds(list(_list_facts(home, list_feeds(home.db), now=now)), now=now)


def _list_facts(home: Home, feeds: Iterable[Feed], *, now: datetime) -> Iterator[Facts]:
    """What is known of feeds without reading their entries."""
    fetch, holds = home.settings.fetch, load_holds(home.db, now=now)
    for feed in feeds:
        missed_at, own = feed.state.missed_at, feed.settings
        yield Facts(
            feed=feed,
            interval=fetch.interval if own.interval is None else own.interval,
            timeout=own.timeout or fetch.timeout,
            held_until=holds.get(host_of(feed.subscription.url)),
            lasts=measure_span(home.db, feed.id, missed_at=missed_at) if missed_at else None,
        )
