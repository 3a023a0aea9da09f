"""Builders of issues: values with sensible defaults, of which a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from lxml.html import document_fromstring

from veille.issue import Figures, Issue, Item, Link, Rubric

WRITTEN = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)

# What feeds may say to reach past the page they are shown on.
SCRIPT = "<script>document.title='owned'</script><img src=http://leak.example/i onerror=alert(1)><svg onload=alert(2)>"
BREAKOUT = '"\' autofocus onfocus=alert(3) style="background:url(http://leak.example/s)" x="'
STYLE = "</style></title><style>@import 'http://leak.example/c';*{display:none}</style>"
MARKDOWN = (
    "](javascript:alert(4)) ![x](http://leak.example/m) # h\n\n- [l](data:text/html,x) `c` <http://leak.example/a>"
)
CDATA = "]]> <![CDATA[ --> <!-- <?xml ?> &lt;script&gt; &#x202e; \x00\x08\x1b[31m\ud800\ufffe"
LINES = "First\r\nBcc: all@victim.example\r\n\r\n<b>body</b>\r\n.\r\n"
BIDI = "\u202egnp.exe\u202c \u2066x\u2069 \u200b\u00adhidden"
TEMPLATE = "{{ 7 * 7 }} {% include '/etc/passwd' %} {# x #}"
HOSTILE = (
    SCRIPT,
    BREAKOUT,
    STYLE,
    MARKDOWN,
    CDATA,
    LINES,
    BIDI,
    TEMPLATE,
    "# 1. > - + = * _x_ ~~y~~ | a | $x$",
    "x" * 1_000_000,
)
BAD_ADDRESSES = (
    "javascript:alert(5)",
    "JaVaScRiPt:alert(6)",
    " java\nscript:alert(7)",
    "data:text/html,<script>alert(8)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//leak.example/x",
    "http://",
    "https://a.example/\r\nX: y",
    'https://a.example"onclick="alert(9)',
)


def read_page(page: str) -> Any:
    """A page as its tree, whose searches mypy cannot follow."""
    return document_fromstring(page)


def make_link(title: str = "Un titre", **fields: Any) -> Link:
    """A link to a page of a paper."""
    return Link(**{"title": title, "url": "https://port.example/1", "outlet": "Le Port"} | fields)


def make_item(story_id: int = 1, title: str = "Un titre", **fields: Any) -> Item:
    """A story of one source, an hour old."""
    defaults: dict[str, Any] = {
        "lead": make_link(title, url=f"https://port.example/{story_id}"),
        "published_at": WRITTEN - timedelta(hours=1),
        "language": "fr",
        "score": 5.0,
        "why": "+5.00 “marque” in title",
        "minutes": 2,
    }
    return Item(story_id=story_id, **defaults | fields)


def make_issue(*items: Item, **fields: Any) -> Issue:
    """A digest of one rubric without a heading."""
    defaults: dict[str, Any] = {
        "kind": "digest",
        "name": "matin",
        "number": 12,
        "title": "Matin",
        "written_at": WRITTEN,
        "since_at": WRITTEN - timedelta(days=1),
        "rubrics": (Rubric(title="", items=items),) if items else (),
    }
    return Issue(**defaults | fields)


def make_full_issue(**fields: Any) -> Issue:
    """A digest with something of everything."""
    rich = make_item(
        7,
        "Le port à l'arrêt",
        author="A. Martin",
        excerpt="Les terminaux sont à l'arrêt.",
        note="À relire.\nAvant lundi.",
        remarks=("demander à Karim",),
        tags=("cyber",),
        starred=True,
        back_for="2 outlets since",
        sources=(make_link("Autre titre", url="https://autre.example/2", outlet="Ouest"),),
    )
    english = make_item(8, "New rules agreed", language="en", comment="Worth reading.\n\nTwice.", excerpt="A deal.")
    defaults: dict[str, Any] = {
        "rubrics": (Rubric(title="Cyber", items=(rich,)), Rubric(title="", items=(english,))),
        "introduction": "Une semaine calme.",
        "left_out": (make_link("Titre écarté", url="https://port.example/9"), make_link("Sans adresse", url="")),
        "problems": ("Le Rail: fails since 12 November (404)",),
        "figures": Figures(
            days=tuple((date(2026, 11, day), 10 * day, day) for day in range(8, 22)),
            outlets=(("Le Port", 12), ("Ouest", 3)),
            groups=(("cyber", 9), ("ports", 4)),
            minutes=(("Cyber", 20), ("Ports", 8)),
        ),
    }
    return make_issue(**defaults | fields)


def make_hostile_issue() -> Issue:
    """Every text and every address of it is an attack, each attack in each place."""
    items = tuple(
        make_item(
            number,
            lead=Link(title=attack, url=BAD_ADDRESSES[number % len(BAD_ADDRESSES)], outlet=attack),
            language=attack[:20],
            author=attack,
            why=attack,
            excerpt=attack,
            note=attack,
            comment=attack if number % 2 else "",
            remarks=(attack,),
            tags=(attack,),
            sources=(
                *(Link(title=attack, url=bad, outlet=attack) for bad in BAD_ADDRESSES),
                Link(title=attack, url='https://ok.example/a"b)c<d>&e=](f)?q=\'"><script>', outlet=attack),
            ),
            back_for=attack,
        )
        for number, attack in enumerate(HOSTILE)
    )
    return make_issue(
        title=SCRIPT + LINES,
        name="matin",
        introduction="\n\n".join(HOSTILE[:-1]),
        rubrics=tuple(Rubric(title=attack, items=(item,)) for attack, item in zip(HOSTILE, items, strict=True)),
        left_out=tuple(Link(title=attack, url=bad) for attack in HOSTILE for bad in BAD_ADDRESSES[:2]),
        problems=HOSTILE,
        figures=Figures(
            outlets=tuple((attack, 3) for attack in HOSTILE), groups=tuple((attack, 3) for attack in HOSTILE)
        ),
    )
