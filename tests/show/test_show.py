"""Stories and feeds as a terminal shows them, and what Markdown obeys."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from veille.feed import Feed, FeedState, Subscription
from veille.model import Contribution, Ranked, Score, Source, Story
from veille.rank.listing import list_ranked
from veille.show.markdown import escape_markdown, link_source
from veille.show.phrases import local_time, until, why_of
from veille.show.ranked import View, tell_list
from veille.show.terminal import print_feeds, print_lines

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOSTILE = "[bold]x[/] \x1b[31m<script>alert(1)</script> ](javascript:x) & **b** `c` | \u202eabc\nline"


def make_source(entry_id: int, **values: object) -> Source:
    given = {
        "feed_id": 1,
        "feed": "Le Port",
        "feed_url": "https://port.example/rss",
        "folder": "Presse",
        "title": f"Titre {entry_id}",
        "url": f"https://port.example/{entry_id}",
        "published_at": NOW - timedelta(hours=1),
    }
    return Source(entry_id=entry_id, **(given | values))  # type: ignore[arg-type]


def make_ranked(entry_id: int, *sources: Source, **values: object) -> Ranked:
    story = Story(id=entry_id, sources=sources or (make_source(entry_id),))
    why = Score((Contribution(reason="“marque” in title", points=5, rule="marque", field="title"),))
    return Ranked(story=replace(story, **values), score=why, read_minutes=2)  # type: ignore[arg-type]


def list_feeds(width: int, *feeds: Feed, addresses: bool = False) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False, highlight=False, color_system=None)
    print_feeds(console, feeds, addresses=addresses)
    _, _, *lines = out.getvalue().splitlines()
    return lines


def make_failing(
    reason: str, *, title: str = "", url: str = "https://x.example/rss", tags: tuple[str, ...] = ()
) -> Feed:
    subscription = Subscription(url=url, title=title, tags=tags)
    return Feed(id=4, subscription=subscription, state=FeedState(status="failing", reason=reason))


def test_what_is_wrong_with_a_feed_is_in_its_line_or_whole_below_it() -> None:
    assert list_feeds(80, make_failing("refused", title="Un fil")) == [
        "   4  failing        0     0.0  Un fil  refused"
    ]
    reason = "it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one, or not"
    assert list_feeds(80, make_failing(reason, title="Le Fil", tags=("presse",))) == [
        "   4  failing        0     0.0  Le Fil  [presse]",
        "      it asks for a password (401): `veille feeds set FEED auth=netrc` gives it",
        "        one, or not",
    ]
    (line,) = list_feeds(10_000, make_failing(reason, title="Le Fil"))
    assert line.endswith(f"Le Fil  {reason}")


def test_an_address_in_the_place_of_a_name_is_shortened_in_the_middle() -> None:
    url = f"https://www.example.org/{'a' * 90}/rss.xml"
    line, below = list_feeds(80, make_failing("refused", url=url, tags=("presse",)))
    assert line.startswith("   4  failing        0     0.0  www.example.org/aa")
    assert line.endswith("aa/rss.xml  [presse]")
    assert len(line) == 80
    assert below == "      refused"
    titled, _ = list_feeds(80, make_failing("refused", url=url, title="mot " * 30))
    assert titled.endswith("…")


def test_with_addresses_the_one_that_is_the_name_is_told_once() -> None:
    url = "https://x.example/rss"
    assert list_feeds(80, make_failing("refused", url=url), addresses=True) == [
        "   4  failing        0     0.0  (no title)  refused",
        f"      {url}",
    ]
    assert list_feeds(80, make_failing("", url=url, title="Un fil"), addresses=True) == [
        "   4  failing        0     0.0  Un fil",
        f"      {url}",
    ]


def print_to(width: int, *ranked: Ranked, why: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False, highlight=False, color_system=None)
    print_lines(console, tell_list(list_ranked(ranked), View(now=NOW, why=why)))
    return out.getvalue()


def test_a_list_at_eighty_columns() -> None:
    long = make_source(
        1001, title="Une fuite de données touche la billetterie d’un festival breton, deux cent mille comptes exposés"
    )
    other = make_source(1002, feed="Agence", url="https://agence.example/2", duplicate_of=1001)
    when = local_time(NOW - timedelta(hours=1), now=NOW)
    assert print_to(80, make_ranked(1001, long, other, starred=True), why=True) == (
        "  1   5.00  Une fuite de données touche la billetterie d’un festival breton,\n"
        "            deux cent mille comptes exposés\n"
        f"            Le Port +1 · {when} · 2 min · id 1001 ★\n"
        "            why: +5.00 “marque” in title\n"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = print_to(width, make_ranked(1001, make_source(1001, title="mot " * 60 + "x" * 300)), why=True)
    assert max(map(len, text.splitlines())) <= max(width, 32)


def test_the_terminal_shows_hostile_titles_as_text() -> None:
    text = print_to(200, make_ranked(1001, make_source(1001, title=HOSTILE)))
    assert "[bold]x[/] [31m<script>alert(1)</script>" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert text.count("\n") == 2


def test_a_story_without_title_shows_its_summary_or_says_so() -> None:
    nameless = make_source(1001, title="")
    assert "Un résumé" in print_to(80, make_ranked(1001, nameless, summary="Un résumé"))
    assert "(no title)" in print_to(80, make_ranked(1001, nameless))


def test_markdown_escapes_what_markdown_obeys() -> None:
    assert escape_markdown("# 1 *a* [b](c) <i> `d` a_b & | ~~x~~") == (
        "\\# 1 \\*a\\* \\[b\\](c) \\<i\\> \\`d\\` a\\_b \\& \\| \\~\\~x\\~\\~"
    )
    assert [escape_markdown(text) for text in ("1. a", "2) b", "- c", "+ d", "=== e", "2026 f")] == [
        "1\\. a", "2\\) b", "\\- c", "\\+ d", "\\=== e", "2026 f",
    ]  # fmt: skip


def test_markdown_links_web_addresses_only_and_keeps_them_whole() -> None:
    odd = make_source(1002, url="https://a.example/x_(y)?q=a b>c", title="T")
    assert link_source(odd, "T") == "[T](https://a.example/x_%28y%29?q=a%20b%3Ec)"
    bad = link_source(make_source(1001, url="javascript:alert(1)"), HOSTILE)
    assert "](" not in bad.replace("\\](", "")
    assert "\x1b" not in bad


def test_times_are_short_and_local() -> None:
    assert re.fullmatch(r"\d\d:\d\d", local_time(NOW, now=NOW))
    assert re.fullmatch(r"\w{3} \d\d:\d\d", local_time(NOW - timedelta(days=3), now=NOW))
    assert local_time(NOW - timedelta(days=30), now=NOW) == "2026-10-21"
    assert until(NOW + timedelta(minutes=12), now=NOW) == "in 12 min"
    assert until(NOW - timedelta(minutes=12), now=NOW) == "now"


def test_why_puts_the_largest_points_first() -> None:
    score = Score((Contribution(reason="fresh", points=0.5), Contribution(reason="kill joy", points=-3)))
    assert why_of(score) == "-3.00 kill joy · +0.50 fresh"
    assert why_of(Score()) == "nothing speaks for it"
