"""Pages of entries asked for and read: where they are in, their articles out, each as it comes. Nothing is stored.

A page is asked for as its feed is: by the same client, with the feed's own settings, its host left in peace when it
has asked for that. It is read in a process of its own, as documents are. A host that does not answer is not asked for
its other pages, and the whole ends in its time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.feedset import effective_settings
from veille.app.home import read_clock
from veille.app.intake import fault
from veille.app.readers import open_readers
from veille.app.reading import PageRequest
from veille.app.storing import find_hold
from veille.feed import FeedSettings, FeedState, Validators
from veille.feedkeys import drop_secrets
from veille.fetch.http import open_fetcher
from veille.fetch.schedule import Plan, after_failure
from veille.outcome import Failed, Fetched
from veille.read.article import Article, count_article_words
from veille.store.feeds import list_feeds
from veille.text import strip_markup
from veille.times import format_duration
from veille.urls import host_of, is_web

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.readers import Readers
    from veille.fetch.http import Fetcher
    from veille.outcome import Outcome
    from veille.read.article import Extract
    from veille.store.articles import Page

# What all pages together may take: a morning is waiting.
WITHIN = timedelta(minutes=5)
_HOSTS, _READERS = 8, 2  # asked, and read, at a time
_LOOKUPS = 10  # seconds, for what comes before the exchange: names are looked up
_STEP = timedelta(minutes=5)
# What a page says today it will say in an hour.
_LASTING = timedelta(days=1)
_OK, _TOO_MANY = 200, 429
_ACCEPT = ("Accept", "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.8, */*;q=0.5")
_EMPTY = "its page has no more text than the feed gives (it may be made by scripts, or be for subscribers)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found at a page; `lasts` when it is worth keeping, `hold` a host that asks for peace and until when.

    `mute` tells that its host does not answer at all.
    """

    article: Article
    lasts: bool = True
    hold: tuple[str, datetime] | None = None
    mute: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    home: Home
    fetcher: Fetcher
    readers: Readers
    holds: dict[str, datetime]
    own: dict[str, FeedSettings]
    keep: Callable[[Found], None]
    hosts: asyncio.Semaphore
    within: timedelta
    started: float = field(default_factory=time.monotonic)


async def ask_pages(
    home: Home,
    pages: Sequence[Page],
    *,
    holds: dict[str, datetime],
    keep: Callable[[Found], None],
    within: timedelta = WITHIN,
) -> None:
    """Ask for pages, the hosts side by side; `keep` is given each result. `holds` gains the hosts that ask for peace.

    What has not come `within` so long fails. Raises FetchError, and what `keep` raises.
    """

    def peace(host: str) -> timedelta | None:
        until = holds.get(host)
        return until - read_clock() if until else None

    wanted = {page.feed_url for page in pages}
    feeds = [feed for feed in list_feeds(home.db) if feed.subscription.url in wanted]
    by_host: dict[str, list[Page]] = {}
    for page in pages:
        by_host.setdefault(host_of(page.url), []).append(page)
    try:
        async with contextlib.AsyncExitStack() as stack:
            run = _Run(
                home=home,
                fetcher=await stack.enter_async_context(open_fetcher(home.settings.fetch, peace)),
                readers=await stack.enter_async_context(open_readers(_READERS)),
                holds=holds,
                own={feed.subscription.url: effective_settings(feed, home.settings) for feed in feeds},
                keep=keep,
                hosts=asyncio.Semaphore(_HOSTS),
                within=within,
            )
            group = await stack.enter_async_context(asyncio.TaskGroup())
            for queue in by_host.values():
                group.create_task(_ask_host(run, queue))
    except ExceptionGroup as group_error:
        # Only the store's errors come so far: they are told as they are.
        raise group_error.exceptions[0] from None


async def _ask_host(run: _Run, pages: Sequence[Page]) -> None:
    """The pages of a host, one after the other; once it does not answer, the others fail for the same reason."""
    reason = ""
    async with run.hosts:
        for page in pages:
            found = Found(article=_fail(page, reason), lasts=False) if reason else await _ask_in_time(run, page)
            if found.mute:
                reason = found.article.reason
            if found.hold:
                host, until = found.hold
                run.holds[host] = until
            run.keep(found)


async def _ask_in_time(run: _Run, page: Page) -> Found:
    try:
        async with asyncio.timeout(run.within.total_seconds() - (time.monotonic() - run.started)):
            return await _ask(run, page)
    except TimeoutError:
        reason = f"the {format_duration(run.within)} for all articles are over: it can be asked for by itself"
    except Exception as error:  # noqa: BLE001 - the other pages go on
        reason = fault(error).reason
    return Found(article=_fail(page, reason), lasts=False)


async def _ask(run: _Run, page: Page) -> Found:
    if not is_web(page.url):
        return Found(article=_fail(page, "it has no web address"), lasts=False)
    until = run.holds.get(host_of(page.url))
    if until:
        return Found(article=replace(_fail(page, "its host asks for peace"), retry_at=until), lasts=False)
    outcome = await _fetch(run, page)
    if isinstance(outcome, Fetched):
        request = PageRequest(body=outcome.body, url=outcome.url, headers=outcome.headers)
        return Found(article=_judge(page, await run.readers.read(request)))
    failed = outcome if isinstance(outcome, Failed) else Failed(reason="the server sent nothing")
    return _give_up(run, page, failed)


async def _fetch(run: _Run, page: Page) -> Outcome:
    own = drop_secrets(run.own.get(page.feed_url, FeedSettings()), source=page.feed_url, target=page.url)
    if not any(name.lower() == "accept" for name, _ in own.headers):
        own = replace(own, headers=(*own.headers, _ACCEPT))
    seconds = (own.timeout or run.home.settings.fetch.timeout).total_seconds()
    try:
        async with asyncio.timeout(seconds + _LOOKUPS):
            return await run.fetcher.fetch(page.url, Validators(), own, named_by=page.feed_url)
    except TimeoutError:
        return Failed(reason=f"no complete answer in {seconds + _LOOKUPS:g} s", mute=True)


def _judge(page: Page, extract: Extract | str) -> Article:
    """The article that a page holds, when that is more than the feed gave."""
    now = read_clock()
    if isinstance(extract, str):
        return replace(_fail(page, extract), retry_at=now + _LASTING)
    words = count_article_words(extract.text)
    if words <= count_article_words(strip_markup(page.html) or page.summary):
        return replace(_fail(page, _EMPTY), status="empty", title=extract.title, retry_at=now + _LASTING)
    return Article(
        entry_id=page.entry_id,
        url=page.url,
        status="part" if extract.paid else "ok",
        fetched_at=now,
        title=extract.title,
        text=extract.text,
        language=extract.language,
        words=words,
    )


def _give_up(run: _Run, page: Page, failed: Failed) -> Found:
    """Why there is no article, and when it may be asked for again: as for feeds, but sooner after a passing fault."""
    now = read_clock()
    interval = run.home.settings.fetch.interval if failed.status == _TOO_MANY else _STEP
    state = after_failure(FeedState(), failed, plan=Plan(now=now, interval=interval, jitter=0))
    retry_at = state.asked_until or state.next_fetch_at
    if failed.status in (0, _OK):
        # Without an answer it is likely the network here that is missing: once it is there, it may be asked again.
        # What came and cannot be taken (too large, garbled) comes again.
        retry_at = now + _LASTING if failed.status else now
    # What is advised after a colon is for the feed.
    reason = failed.reason.partition(": `veille feeds")[0]
    article = replace(_fail(page, reason), retry_at=retry_at)
    # Where it redirected to another host, that one is the one that says nothing.
    mute = failed.mute and not failed.host
    return Found(article=article, lasts=bool(failed.status), hold=find_hold(page.url, failed, state), mute=mute)


def _fail(page: Page, reason: str) -> Article:
    return Article(entry_id=page.entry_id, url=page.url, status="failed", fetched_at=read_clock(), reason=reason)
