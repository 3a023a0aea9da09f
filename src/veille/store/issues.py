"""Issues of digests and press reviews: kept whole, with what each carried and where it goes.

An issue is stored before anything of it is delivered, and marked published after: what is found unpublished was cut
off. All of it inside the caller's transaction.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from veille.errors import StoreError
from veille.issue import Figures, Issue, Item, Link, Reason, Rubric
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from veille.issue import IssueKind
    from veille.store.db import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where an issue goes, in which form.

    A file by its whole `path`, "-" for standard output; "" for what is delivered, by its `way` to its `target`.
    `templates` is the directory that overrides ours. What is given `once` is out of hand: no later edition of the same
    number may take its place.
    """

    form: str
    path: str = ""
    way: str = ""
    target: str = ""
    templates: str = ""
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """An issue as it is kept. `last_entry_id` is the last entry that there was when it was composed."""

    id: int
    issue: Issue
    outputs: tuple[Output, ...]
    last_entry_id: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueHead:
    """What a list says of an issue."""

    kind: str
    name: str
    number: int
    title: str
    written_at: datetime
    since_at: datetime | None
    stories: int
    outputs: tuple[Output, ...]
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last issue of a name: what the next one begins from."""

    number: int
    written_at: datetime
    last_entry_id: int
    outputs: tuple[Output, ...] = ()


_COLUMNS = "id, content, outputs, last_entry_id, published_at"


def save_issue(
    db: Db,
    issue: Issue,
    *,
    carried: Mapping[int, int],
    outputs: Sequence[Output],
    last_entry_id: int,
) -> int:
    """Store an issue that is not published yet, in place of an earlier edition of its number; its id.

    `carried` has the last entry that each of its stories had.
    """
    db.execute("DELETE FROM issues WHERE kind = ? AND name = ? AND number = ?", (issue.kind, issue.name, issue.number))
    cursor = db.execute(
        "INSERT INTO issues (kind, name, number, written_at, since_at, last_entry_id, content, outputs)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            issue.kind,
            issue.name,
            issue.number,
            to_stored(issue.written_at),
            to_stored(issue.since_at) if issue.since_at else None,
            last_entry_id,
            write_content(issue),
            # Escaped: a path may hold bytes that are no UTF-8.
            json.dumps([asdict(output) for output in outputs]),
        ),
    )
    issue_id = int(cursor.lastrowid or 0)
    db.executemany(
        "INSERT INTO issue_stories (issue_id, story_id, entry_id) VALUES (?, ?, ?)",
        [(issue_id, story_id, entry_id) for story_id, entry_id in carried.items()],
    )
    return issue_id


def publish_issue(db: Db, issue_id: int, *, now: datetime) -> None:
    """Remember that all of an issue is where it goes."""
    db.execute("UPDATE issues SET published_at = ? WHERE id = ?", (to_stored(now), issue_id))


def drop_issue(db: Db, issue_id: int) -> None:
    """Forget an issue: its number is free again, and its stories are carried by none."""
    db.execute("DELETE FROM issues WHERE id = ?", (issue_id,))


def load_issue(db: Db, kind: IssueKind, name: str, number: int) -> StoredIssue | None:
    """An issue by its number, None when there is none."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM issues WHERE kind = ? AND name = ? AND number = ?", (kind, name, number)
    ).fetchone()
    return _stored(row) if row else None


def list_unpublished(db: Db, kind: IssueKind, name: str) -> list[StoredIssue]:
    """The issues of a name that were cut off, the first first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM issues WHERE kind = ? AND name = ? AND published_at IS NULL ORDER BY number",
        (kind, name),
    )
    return [_stored(row) for row in rows]


def list_issues(db: Db, kind: IssueKind, name: str | None = None) -> list[IssueHead]:
    """The issues there are, the latest first; of one name only, if asked."""
    rows = db.execute(
        "SELECT kind, name, number, json_extract(content, '$.title') AS title, written_at, since_at, outputs,"
        " published_at, (SELECT count(*) FROM issue_stories WHERE issue_id = issues.id) AS stories"
        " FROM issues WHERE kind = ?1 AND coalesce(name = ?2, 1) ORDER BY written_at DESC, id DESC",
        (kind, name),
    )
    return [
        IssueHead(
            kind=row["kind"],
            name=row["name"],
            number=row["number"],
            title=row["title"],
            written_at=datetime.fromisoformat(row["written_at"]),
            since_at=from_stored(row["since_at"]),
            stories=row["stories"],
            outputs=_read_outputs(row["outputs"]),
            published_at=from_stored(row["published_at"]),
        )
        for row in rows
    ]


def find_last(db: Db, kind: IssueKind, name: str) -> Last | None:
    """The last issue of a name. Of a digest that was written before there were issues, its memory as number 0."""
    row = db.execute(
        "SELECT number, written_at, last_entry_id, outputs FROM issues WHERE kind = ? AND name = ?"
        " ORDER BY number DESC LIMIT 1",
        (kind, name),
    ).fetchone()
    if row:
        written_at, outputs = datetime.fromisoformat(row["written_at"]), _read_outputs(row["outputs"])
        return Last(number=row["number"], written_at=written_at, last_entry_id=row["last_entry_id"], outputs=outputs)
    old = db.execute("SELECT written_at, last_story_id FROM digests WHERE name = ?", (name,)).fetchone()
    if kind != "digest" or old is None:
        return None
    return Last(number=0, written_at=datetime.fromisoformat(old["written_at"]), last_entry_id=old["last_story_id"])


def load_carried(db: Db, kind: IssueKind, name: str, *, before: int, after: int = 0) -> dict[int, int]:
    """The stories that issues of a name numbered between two carried, each with the last entry it had then."""
    rows = db.execute(
        "SELECT story_id, max(entry_id) FROM issue_stories JOIN issues ON issues.id = issue_id"
        " WHERE kind = ? AND name = ? AND number > ? AND number < ? GROUP BY story_id",
        (kind, name, after, before),
    )
    return dict(map(tuple, rows))


def carry_too(db: Db, one: int, other: int) -> None:
    """What has carried a story has carried another too: they were put together, or parted."""
    db.execute(
        "INSERT INTO issue_stories (issue_id, story_id, entry_id)"
        " SELECT issue_id, ?2, entry_id FROM issue_stories WHERE story_id = ?1"
        " ON CONFLICT (issue_id, story_id) DO UPDATE SET entry_id = max(entry_id, excluded.entry_id)",
        (one, other),
    )


def list_killed(db: Db, story_ids: Collection[int]) -> set[int]:
    """Those of the stories that the user wants to see no more."""
    rows = db.execute(
        "SELECT story_id FROM marks WHERE killed_at IS NOT NULL AND story_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(story_ids)),),
    )
    return {story_id for (story_id,) in rows}


def write_content(issue: Issue) -> str:
    """All of an issue as JSON; `read_content` gives back an equal one."""
    return json.dumps(asdict(issue), ensure_ascii=False, separators=(",", ":"), default=_write_moment)


def read_content(text: str) -> Issue:
    """The reverse of `write_content`."""
    record = json.loads(text)
    figures = record["figures"]
    made = {
        "written_at": datetime.fromisoformat(record["written_at"]),
        "since_at": datetime.fromisoformat(record["since_at"]) if record["since_at"] else None,
        "rubrics": tuple(
            Rubric(title=rubric["title"], items=tuple(map(_read_item, rubric["items"]))) for rubric in record["rubrics"]
        ),
        "left_out": _read_links(record["left_out"]),
        "problems": tuple(record["problems"]),
        "figures": Figures(
            days=tuple((date.fromisoformat(day), entries, stories) for day, entries, stories in figures.pop("days")),
            **{name: tuple((label, number) for label, number in pairs) for name, pairs in figures.items()},
        ),
    }
    return Issue(**record | made)


def _stored(row: Any) -> StoredIssue:
    try:
        issue = read_content(row["content"])
    except (LookupError, TypeError, ValueError, AttributeError):
        # It came with an export that veille has not written.
        raise StoreError("what is stored of this issue is not as veille writes it: it cannot be shown") from None
    return StoredIssue(
        id=row["id"],
        issue=issue,
        outputs=_read_outputs(row["outputs"]),
        last_entry_id=row["last_entry_id"],
        published_at=from_stored(row["published_at"]),
    )


def _read_outputs(text: str) -> tuple[Output, ...]:
    return tuple(Output(**one) for one in json.loads(text))


def _write_moment(value: Any) -> str:
    return str(value.isoformat())


def _read_item(record: dict[str, Any]) -> Item:
    made = {
        "lead": Link(**record["lead"]),
        "published_at": datetime.fromisoformat(record["published_at"]),
        "reasons": tuple(Reason(**one) for one in record.get("reasons", ())),
        "remarks": tuple(record["remarks"]),
        "tags": tuple(record["tags"]),
        "sources": _read_links(record["sources"]),
    }
    return Item(**record | made)


def _read_links(records: Sequence[dict[str, str]]) -> tuple[Link, ...]:
    return tuple(Link(**one) for one in records)
