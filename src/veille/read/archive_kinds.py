"""The kinds of records that an export of everything has: the fields of each, and the table it stands in.

They stand in the order of a file: what is referred to comes first. A table that is in no row here is in DERIVED, or
nothing of it is exported; a test holds that. Knows no SQL but names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Field(NamedTuple):
    """A field: its type, and its value where a line has none. `needed`: each line must have it."""

    name: str
    kind: str
    needed: bool
    default: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record: a row of `table`, with one of `beside` that has the same number in `key`."""

    name: str
    table: str
    fields: tuple[Field, ...]
    beside: str = ""
    key: str = ""
    others: tuple[Field, ...] = ()


_DEFAULTS: dict[str, Any] = {"flag": False, "list": [], "object": {}, "bytes": b"", "int": 0, "real": 0.0}


def _fields(spec: str) -> tuple[Field, ...]:
    """`name:type`, with ! where it is needed, ? where null is its default, = before another default."""
    found = []
    for word in spec.split():
        name, _, rest = word.partition(":")
        kind, _, default = rest.partition("=")
        bare = kind.rstrip("!?")
        value = None if kind.endswith("?") else default or _DEFAULTS.get(bare, "")
        found.append(Field(name, bare, kind.endswith("!"), value))
    return tuple(found)


KINDS = (
    Kind(
        name="feed",
        table="feeds",
        fields=_fields(
            "id:id! url:feed! title:line feed_title:line site_url:line folder:line tags:list muted:flag added_at:time!"
            " removed_at:time? settings:object"
        ),
        beside="feed_states",
        key="feed_id",
        others=_fields(
            "status:line=new reason:line etag:line last_modified:line body_hash:line failures:int last_fetch_at:time?"
            " last_ok_at:time? next_fetch_at:time? moved_to:link moved_seen:int cadence:object failing_since:time?"
            " asked_until:time? missed_at:time? redated_at:time? future:int prints:bytes"
        ),
    ),
    Kind(name="former_address", table="former_addresses", fields=_fields("url:feed! feed_id:id!")),
    Kind(name="pruned", table="pruned", fields=_fields("feed_id:id! guid_key:bytes!")),
    Kind(name="host", table="hosts", fields=_fields("host:line! held_until:time! reason:line!")),
    Kind(name="story", table="stories", fields=_fields("id:number! first_at:time! last_at:time!")),
    Kind(
        name="entry",
        table="entries",
        fields=_fields(
            "id:number! feed_id:id! story_id:number? duplicate_of:number? published_at:time! first_seen_at:time!"
            " updated_at:time? edited_at:time? guid:text! fingerprint:text! url:link title:line author:line"
            " language:line words:int summary:line tags:list enclosures:list"
        ),
        beside="contents",
        key="entry_id",
        others=_fields("html:markup"),
    ),
    Kind(
        name="article",
        table="articles",
        fields=_fields("entry_id:number! url:link! fetched_at:time! status:line! title:line text:text words:int"),
    ),
    Kind(
        name="mark",
        table="marks",
        fields=_fields(
            "story_id:number! read_at:time? starred_at:time? back_at:time? back_for:line killed_at:time? later_at:time?"
            " picked_at:time?"
        ),
    ),
    Kind(name="note", table="notes", fields=_fields("story_id:number! text:text! noted_at:time!")),
    Kind(name="tag", table="story_tags", fields=_fields("story_id:number! tag:line!")),
    Kind(name="verdict", table="verdicts", fields=_fields("one:number! other:number! same:flag! decided_at:time!")),
    Kind(name="seen", table="seen", fields=_fields("story_id:number!")),
    Kind(name="rank", table="last_list", fields=_fields("rank:id! story_id:number!")),
    Kind(name="look", table="looks", fields=_fields("name:text! entry_id:int! looked_at:time!")),
    Kind(name="told", table="told", fields=_fields("look:text! story_id:number! entry_id:int")),
    Kind(name="kept_rules", table="kept_rules", fields=_fields("id:id! text:text! kept_at:time!")),
    Kind(name="digest", table="digests", fields=_fields("name:line! written_at:time! last_story_id:int! path:text!")),
    Kind(
        name="session",
        table="sessions",
        fields=_fields(
            "id:id! started_at:time! saved_at:time! ended_at:time? budget:int! spent:real place:int told:object"
        ),
    ),
    Kind(
        name="slot",
        table="session_slots",
        fields=_fields(
            "session_id:id! place:int! story_id:number! seconds:real! points:real! why:text! state:line=todo"
        ),
    ),
    Kind(
        name="action",
        table="session_actions",
        fields=_fields(
            "id:id! session_id:id! story_id:number! what:line! value:text before:object done_at:time! undone_at:time?"
        ),
    ),
    Kind(
        name="reading",
        table="reading",
        fields=_fields("session_id:id! story_id:number! seconds:real words:int language:line"),
    ),
    Kind(
        name="issue",
        table="issues",
        fields=_fields(
            "id:id! kind:line! name:line! number:int! written_at:time! since_at:time? last_entry_id:int content:text!"
            " published_at:time!"
        ),
    ),
    Kind(name="issue_story", table="issue_stories", fields=_fields("issue_id:id! story_id:number! entry_id:number!")),
    Kind(
        name="delivery",
        table="outbox",
        fields=_fields(
            "id:id! key:text! way:line! target:text! subject:text body:bytes! queued_at:time! tries:int"
            " next_try_at:time! sent_at:time! reason:text"
        ),
    ),
    Kind(
        name="review_item",
        table="review_items",
        fields=_fields("story_id:number! place:int! rubric:line comment:text added_at:time!"),
    ),
    Kind(name="window", table="fold_stories", fields=_fields("story_id:number! first_at:time! scope:line")),
)
# What is in the database and in no record: it is made again from what is.
DERIVED = "fold_stems fold_spread rule_runs matches stale_matches".split()
