"""Issues as they are kept: whole, by number, with what each carried."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from digesting import publish
from stored import NOW
from veille.issue import Figures, Issue, Item, Link, Rubric
from veille.store.db import write
from veille.store.issues import (
    Output,
    drop_issue,
    find_last,
    list_issues,
    list_unpublished,
    load_carried,
    load_issue,
    publish_issue,
    read_content,
    save_issue,
    write_content,
)
from veille.store.stories import merge_stories

if TYPE_CHECKING:
    from veille.store.db import Db

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
MOMENTS = st.datetimes(timezones=st.just(UTC))
LINKS = st.builds(Link, title=TEXT, url=TEXT, outlet=TEXT)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
PAIRS = st.lists(st.tuples(TEXT, st.integers(0, 10**9)), max_size=2).map(tuple)
ITEMS = st.builds(
    Item, story_id=st.integers(1), lead=LINKS, published_at=MOMENTS, language=TEXT, author=TEXT,
    score=st.floats(-100, 100), why=TEXT, excerpt=TEXT, note=TEXT, comment=TEXT, remarks=TEXTS, tags=TEXTS,
    sources=st.lists(LINKS, max_size=2).map(tuple), minutes=st.integers(0, 99), starred=st.booleans(), back_for=TEXT,
)  # fmt: skip
FIGURES = st.builds(
    Figures, days=st.lists(st.tuples(st.dates(), st.integers(0), st.integers(0)), max_size=2).map(tuple),
    outlets=PAIRS, groups=PAIRS, minutes=PAIRS,
)  # fmt: skip
RUBRICS = st.builds(Rubric, title=TEXT, items=st.lists(ITEMS, max_size=2).map(tuple))
ISSUES = st.builds(
    Issue, kind=st.sampled_from(["digest", "review"]), name=TEXT, number=st.integers(1, 10**6), title=TEXT,
    written_at=MOMENTS, tongue=st.sampled_from(["fr", "en"]), since_at=st.none() | MOMENTS, introduction=TEXT,
    rubrics=st.lists(RUBRICS, max_size=2).map(tuple), left_out=st.lists(LINKS, max_size=2).map(tuple),
    left_out_more=st.integers(0), problems=TEXTS, figures=FIGURES, scope=TEXT,
)  # fmt: skip


def make_issue(number: int = 1, name: str = "matin") -> Issue:
    return Issue(kind="digest", name=name, number=number, title="Le matin", written_at=NOW)


def save(db: Db, issue: Issue, carried: dict[int, int] | None = None) -> int:
    with write(db):
        return save_issue(db, issue, carried=carried or {}, outputs=[Output(form="md", path="/x")], last_entry_id=1009)


@given(issue=ISSUES)
def test_the_content_of_an_issue_comes_back_equal(issue: Issue) -> None:
    assert read_content(write_content(issue)) == issue


def test_an_issue_comes_back_with_its_outputs_until_it_is_dropped(db: Db) -> None:
    issue_id = save(db, make_issue(), {1001: 1005})
    (waiting,) = list_unpublished(db, "digest", "matin")
    assert (waiting.issue, waiting.outputs, waiting.published_at) == (
        make_issue(), (Output(form="md", path="/x"),), None,
    )  # fmt: skip
    publish_issue(db, issue_id, now=NOW)
    assert list_unpublished(db, "digest", "matin") == []
    assert load_issue(db, "digest", "matin", 2) is None
    (head,) = list_issues(db, "digest", "matin")
    assert (head.number, head.title, head.stories, head.published_at) == (1, "Le matin", 1, NOW)
    assert list_issues(db, "digest", "soir") == []
    drop_issue(db, issue_id)
    assert load_carried(db, "digest", "matin", before=9) == {}


def test_each_name_remembers_its_own_last_issue_and_an_old_memory_counts_as_number_0(db: Db) -> None:
    db.execute("INSERT INTO digests VALUES ('matin', '2026-11-20T07:00:00Z', 1003, '/x')")
    old = find_last(db, "digest", "matin")
    assert old
    assert (old.number, old.last_entry_id) == (0, 1003)
    assert find_last(db, "review", "matin") is None
    save(db, make_issue(1))
    save(db, make_issue(2))
    last = find_last(db, "digest", "matin")
    assert last
    assert (last.number, last.last_entry_id, last.written_at) == (2, 1009, NOW)
    assert find_last(db, "digest", "soir") is None


def test_a_new_edition_takes_the_place_of_an_issue_and_of_what_it_carried(db: Db) -> None:
    save(db, make_issue(), {1001: 1001})
    save(db, make_issue(), {1002: 1002})
    save(db, make_issue(2), {1002: 1008, 1003: 1003})
    assert load_carried(db, "digest", "matin", before=2) == {1002: 1002}
    assert load_carried(db, "digest", "matin", before=3) == {1002: 1008, 1003: 1003}


def test_what_carried_a_story_has_carried_the_one_that_it_is_merged_into(db: Db) -> None:
    kept, gone = publish(db, "Un premier mot rare", "Une seconde chose ailleurs")
    save(db, make_issue(), {gone: gone})
    with write(db):
        merge_stories(db, {gone: kept})
    assert load_carried(db, "digest", "matin", before=2)[kept] == gone


def test_days_come_back_as_days() -> None:
    issue = Issue(
        kind="review", name="r", number=1, title="", written_at=NOW, figures=Figures(days=((date(2026, 11, 20), 2, 1),))
    )
    assert read_content(write_content(issue)).figures.days[0][0] == date(2026, 11, 20)
