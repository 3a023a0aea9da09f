"""What people paste, as addresses of feeds: a text in, candidates out, no request made.

Known sites (`addresses_sites.py`, `addresses_forges.py`) and searches (`addresses_searches.py`) give their feeds; for
anything else the answer is nothing, and the page itself must be asked. Whether a feed answers is not
known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from veille.read.addresses_forges import FORGES
from veille.read.addresses_searches import feed_of_search, feed_of_search_page
from veille.read.addresses_sites import SITES
from veille.read.lists import clean_address
from veille.urls import is_web, site_of

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from veille.read.addresses_searches import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that is, or ought to be, a feed's; `title` says what it holds, as far as is known."""

    url: str
    title: str = ""


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?://|(?=feed:|https?:))", re.IGNORECASE)
# A host that needs no scheme to be told: a name with a dot in it, an IPv6 address, or this machine; then
# a port, then the rest. An @ before the host would make an e-mail address of it.
_BARE_HOST = re.compile(
    r"(?://)?(?:[^\s/:?#@\[\]]+\.[^\s/:?#@\[\].]+\.?|\[[0-9a-f:.]+\]|localhost)(?::\d{1,5})?(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
# @user@instance, as accounts of the fediverse are written; @name.bsky.social is Bluesky's.
_ACCOUNT = re.compile(r"@(?P<user>[\w.-]+)@(?P<host>[\w.-]+\.[\w-]+(?::\d+)?)")
_BLUESKY = re.compile(r"@(?P<handle>[\w-]+\.bsky\.social)")


def complete_address(pasted: str) -> str:
    """The web address that is meant, "" when none is: without a scheme, https."""
    text = pasted.strip()
    if account := _ACCOUNT.fullmatch(text):
        return f"https://{account['host']}/@{account['user']}"
    if handle := _BLUESKY.fullmatch(text):
        return f"https://bsky.app/profile/{handle['handle']}"
    if not _SCHEME.match(text):
        text = f"https://{text.removeprefix('//')}" if _BARE_HOST.fullmatch(text) else ""
    address = clean_address(text)
    return "" if "%" in urlsplit(address).netloc.rpartition("@")[2] else address  # a blank in a host


def has_scheme(pasted: str) -> bool:
    """Whether what was pasted says itself how it is to be asked."""
    return bool(_SCHEME.match(pasted.strip()))


def find_known_feeds(pasted: str, edition: Edition) -> tuple[Candidate, ...]:
    """The feeds of what was pasted, the best first, where they are known without asking; else nothing.

    `edition` is that of news searches. Also understood: `news:`, `arxiv:` and `hal:` before a query.
    """
    text = pasted.strip()
    if found := feed_of_search(text, edition):
        return (Candidate(url=found, title=text),)
    address = complete_address(text)
    # Name and password before a host are for that very address.
    if not address or "@" in urlsplit(address).netloc:
        return ()
    parts = urlsplit(address)
    if found := feed_of_search_page(site_of(address), parts.path, dict(parse_qsl(parts.query))):
        return (Candidate(url=found),)
    return _feeds_of_site(address, parts)


def _feeds_of_site(address: str, parts: SplitResult) -> tuple[Candidate, ...]:
    """What the first row that knows this address says."""
    host, path = site_of(address), parts.path.rstrip("/")
    parameters = dict(parse_qsl(parts.query))
    for site in (*FORGES, *SITES):
        named = re.fullmatch(site.hosts, host) and re.fullmatch(site.path, path)
        if not named or not all(re.fullmatch(form, parameters.get(name, "")) for name, form in site.needs.items()):
            continue
        values = {
            "host": parts.netloc.lower(),
            "query": f"?{parts.query}" if parts.query else "",
            **{name: quote(parameters[name], safe="") for name in site.needs},
            **{name: value or "" for name, value in named.groupdict().items()},
        }
        feeds = (
            Candidate(url=form.format_map(values), title=title.format_map(values)) for title, form in site.feeds.items()
        )
        return tuple(feed for feed in feeds if is_web(feed.url))
    return ()
