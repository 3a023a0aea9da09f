"""The feeds that a web page names: its HTML in, candidates out, the best first.

Only the tags that can name one are read, each character once: a page may be 10 MB of unclosed tags.
Whether a candidate is a feed is not known here.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from veille.read.addresses import Candidate
from veille.read.lists import clean_address, decode_list
from veille.text import clean_line, fold, shorten
from veille.urls import host_of, is_web, normalise_feed_url, resolve_link, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a page's alternates may call themselves. Not application/json: every WordPress page has such an
# alternate that is no feed; nor oEmbed's text/xml+oembed.
_FEED_TYPE = re.compile(
    r"(?:application|text)/(?:x[.-])?(?:(?:rss|atom|rdf)(?:\+xml)?|feed\+json|xml)\s*(?:;.*)?", re.IGNORECASE
)
# Links that look like feeds, by the end of their path or a parameter (WordPress, Drupal, SPIP, Joomla);
# and what all of these hold, which spares the others any work.
_FEED_HINT = re.compile(r"rss|atom|feed|flux|rdf|page=backend", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:(?:rss|atom|feeds?|flux)(?:/(?:rss2?|atom|posts/default))?|(?:[^/]*[._-])?(?:rss2?|atom|feed|rdf)"
    r"(?:\.(?:xml|rss|php|json|aspx?))?|(?:rss|atom|feed)[_-]\w+\.xml|[^/]+\.(?:rss|atom|rdf))",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:(?:feed|format|type|output)=(?:rss|atom|rdf|feed)2?|page=backend)(?:&|$)", re.IGNORECASE
)
# Where sites have their feeds served.
_FEED_HOSTS = re.compile(r"(?:feeds?\d?|rss|flux)\..+")
_COMMENTS_PATH = re.compile(r"/comments?(?:/|$)|(?:^|[?&])feed=comments", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(r"\b(?:comments?|commentaires?|comentarios|kommentare)\b")

# How a page opens: blanks, comments and a declaration of XML may come first.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<!--(?:[^-]|-(?!->))*+-->|<\?xml\b[^<>]*+>)*+<(?:!doctype\s+html|html|head)\b",
    re.IGNORECASE,
)
_HEAD = 4000

# A tag that may name a feed, or what hides such tags: comments, and elements whose text is no markup.
_OPENING = re.compile(
    r"<(?:(?P<comment>!--)|(?P<tag>link|base|a|script|style|textarea|title|xmp)(?=[\s/>]))", re.IGNORECASE
)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp"})
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
# One attribute or the end of the tag, from the end of what comes before. Nothing is scanned twice: the
# repetitions are possessive, and a quote that is never closed swallows the page, as in a browser.
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)(?:\"|\Z)|'(?P<single>[^']*+)(?:'|\Z)|(?P<bare>[^\s>\"'][^\s>]*+)))?+)"
)
_READ = frozenset({"rel", "type", "href", "title"})
_LONGEST_VALUE = 8000
# More than any honest page or tag has, and little enough to be read at once.
_MOST_TAGS = 50_000
_MOST_ATTRIBUTES = 40
_MOST_CANDIDATES = 50
_LONGEST_TITLE = 120


@dataclass(slots=True)
class _Page:
    """What has been read of a page: its base, the alternates it declares, its links."""

    base: str = ""
    alternates: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)


def is_page(document: bytes) -> bool:
    """Whether a document opens as a web page: nothing else needs to be tried on it."""
    return bool(_PAGE.match(document[:_HEAD]))


def find_page_feeds(page: bytes, *, url: str) -> tuple[Candidate, ...]:
    """The feeds that the page at `url` names: those it declares, else the links that look like one.

    Feeds of comments come last, then those of other sites; else the order is the page's.
    """
    read = _read_page(decode_list(page))
    base = resolve_link(read.base, url) or url
    found = _gather(read.alternates, base)
    if not found:
        found = [one for one in _gather(read.links, base) if _looks_like_feed(one.url, url)]
    site = site_of(url)
    here = normalise_feed_url(url)
    others = [one for one in found if one.url != here]
    return tuple(sorted(others, key=lambda one: (_is_of_comments(one), not _is_near(one.url, site))))[:_MOST_CANDIDATES]


def _gather(tags: list[dict[str, str]], base: str) -> list[Candidate]:
    """Each address once, where it stands first."""
    found: dict[str, Candidate] = {}
    for tag in tags:
        href = html.unescape(tag["href"]).strip()
        address = clean_address(href) if href[:5].lower() == "feed:" else resolve_link(href, base)
        if not is_web(address):
            continue
        address = normalise_feed_url(address)
        title = shorten(clean_line(html.unescape(tag.get("title", ""))), _LONGEST_TITLE)
        found.setdefault(address, Candidate(url=address, title=title))
    return list(found.values())


def _looks_like_feed(address: str, page: str) -> bool:
    """Whether a link is likely to be the page's own feed: readers and bookmarks name others' in their addresses."""
    parts = urlsplit(address)
    if not _is_near(address, site_of(page)) and not _FEED_HOSTS.fullmatch(host_of(address)):
        return False
    path = parts.path.strip("/").split("/")
    ends = ("/".join(path[-many:]) for many in (1, 2, 3))
    return any(_FEED_PATH.fullmatch(end) for end in ends) or bool(_FEED_QUERY.search(parts.query))


def _is_of_comments(candidate: Candidate) -> bool:
    parts = urlsplit(candidate.url)
    place = f"{parts.path}?{parts.query}"
    return bool(_COMMENTS_PATH.search(place) or _COMMENTS_TITLE.search(fold(candidate.title)))


def _is_near(address: str, site: str) -> bool:
    """Whether an address is of this site, of one of its hosts, or of the one it is a part of."""
    other = site_of(address)
    return other == site or other.endswith(f".{site}") or site.endswith(f".{other}")


def _read_page(text: str) -> _Page:
    page = _Page()
    for name, attributes in _scan_tags(text):
        href = attributes.get("href")
        if not href:
            continue
        if name == "base":
            page.base = page.base or html.unescape(href)
        elif name == "a":
            if _FEED_HINT.search(href):
                page.links.append(attributes)
        elif _is_alternate(attributes):
            page.alternates.append(attributes)
    return page


def _is_alternate(attributes: dict[str, str]) -> bool:
    relations = attributes.get("rel", "").lower().split()
    if "feed" in relations:  # a draft of HTML 5 had it
        return True
    kind = html.unescape(attributes.get("type", "")).strip()
    return "alternate" in relations and "stylesheet" not in relations and bool(_FEED_TYPE.fullmatch(kind))


def _scan_tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The link, base and a tags of a page that are closed, with the attributes that matter."""
    at = 0
    for _ in range(_MOST_TAGS):
        opening = _OPENING.search(text, at)
        if not opening:
            return
        if opening["comment"]:
            at = text.find("-->", opening.end() - 2) + 3
            if at < 3:  # noqa: PLR2004 - not found: the rest is a comment
                return
            continue
        name = opening["tag"].lower()
        attributes, at = _scan_attributes(text, opening.end())
        if at < 0:
            return
        if name in _RAW:
            end = _RAW_ENDS[name].search(text, at)
            if not end:
                return
            at = end.end()
        else:
            yield name, attributes


def _scan_attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """A tag's attributes, the first of each name, and where the tag ends: -1 when it never does."""
    found: dict[str, str] = {}
    for _ in range(_MOST_ATTRIBUTES):
        part = _ATTRIBUTE.match(text, at)
        if not part:
            return found, -1
        at = part.end()
        if part["end"]:
            return found, at
        name = part["name"].lower()
        if name in _READ and name not in found:
            value = part["double"] or part["single"] or part["bare"] or ""
            found[name] = value if len(value) <= _LONGEST_VALUE else ""
    end = text.find(">", at)
    return found, end + 1 if end >= 0 else -1
