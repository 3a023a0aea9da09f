"""An issue made safe for every form: lines are lines, links lead to the web, nothing is longer than people read.

An issue in, one of the same shape out, idempotent. What only one form needs (escaping) is done where that form is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from veille.text import clean_line, clean_text, shorten
from veille.urls import ascii_host, is_web

if TYPE_CHECKING:
    from veille.issue import Figures, Issue, Item, Link, Rubric

# Beyond these nobody reads on, and a feed is making itself large.
_LONGEST_LINE = 400
_LONGEST_TEXT = 20_000
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# The hosts that a title names as addresses do. What stands before an @ counts as one: it is there to be read as one.
_HOSTS = re.compile(r"://([\w.-]*)|\b(www\.[\w.-]*)|(?<![\w@.])((?:[\w-]+\.)+[a-z]{2,})(?=/)", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "%/:?#[]@!$&'()*+,;=-._~"


def tidy_issue(issue: Issue) -> Issue:
    """The same issue, every text of it clean."""
    return replace(
        issue,
        name=_line(issue.name),
        title=_line(issue.title),
        introduction=_text(issue.introduction),
        rubrics=tuple(map(_rubric, issue.rubrics)),
        left_out=tuple(map(_link, issue.left_out)),
        problems=tuple(map(_line, issue.problems)),
        figures=_figures(issue.figures),
    )


def host_to_show(link: Link) -> str:
    """The host that a link leads to, where its letters or its title may deceive; "" where nothing does.

    A host beyond ASCII is given as the network knows it (xn--...), for letters of two scripts look alike.
    """
    if not link.url:
        return ""
    host = ascii_host(urlsplit(link.url).hostname or "")
    named = (found[found.lastindex or 0] for found in _HOSTS.finditer(link.title))
    deceives = "xn--" in host or any(_bare(one) != _bare(host) for one in named)
    return host if deceives else ""


def _bare(host: str) -> str:
    return ascii_host(host.lower().strip(".-")).removeprefix("www.")


def _rubric(rubric: Rubric) -> Rubric:
    return replace(rubric, title=_line(rubric.title), items=tuple(map(_item, rubric.items)))


def _item(item: Item) -> Item:
    return replace(
        item,
        lead=_link(item.lead),
        language=item.language if _LANGUAGE.fullmatch(item.language) else "",
        author=_line(item.author),
        why=_line(item.why),
        reasons=tuple(replace(one, reason=_line(one.reason)) for one in item.reasons),
        excerpt=_text(item.excerpt),
        note=_text(item.note),
        comment=_text(item.comment),
        remarks=tuple(map(_line, item.remarks)),
        tags=tuple(map(_line, item.tags)),
        sources=tuple(map(_link, item.sources)),
        back_for=_line(item.back_for),
    )


def _link(link: Link) -> Link:
    url = link.url.strip()
    return replace(link, title=_line(link.title), url=_url(url) if is_web(url) else "", outlet=_line(link.outlet))


def _url(url: str) -> str:
    """Only characters that addresses have: the rest percent-encoded, the host as the network knows it, no user."""
    parts = urlsplit(_STRAY_PERCENT.sub("%25", url))
    place = ascii_host(parts.hostname or "")
    if ":" in place:
        place = f"[{place}]"
    if parts.port:
        place = f"{place}:{parts.port}"
    path = quote(parts.path, safe=_KEPT.replace("[", "").replace("]", "").replace("?", "").replace("#", ""))
    query = quote(parts.query, safe=_KEPT)
    anchor = quote(parts.fragment, safe=_KEPT.replace("#", ""))
    tail = (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")
    address = f"{parts.scheme}://{place}{path}{tail}"
    return address if place and is_web(address) else ""


def _figures(figures: Figures) -> Figures:
    def clean(pairs: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        return tuple((_line(label), number) for label, number in pairs)

    return replace(
        figures, outlets=clean(figures.outlets), groups=clean(figures.groups), minutes=clean(figures.minutes)
    )


def _line(text: str) -> str:
    # Cut before it is cleaned too: a megabyte is not looked through.
    return shorten(clean_line(text[: 10 * _LONGEST_LINE]), _LONGEST_LINE)


def _text(text: str) -> str:
    return shorten(clean_text(text[: 2 * _LONGEST_TEXT]), _LONGEST_TEXT)
