"""What an alert says, in the form that each way takes: listed stories in, bytes out.

Titles come from feeds: in chats they can neither call everybody nor format, and in no form do they break a line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veille.show.mail import Letter, render_notice
from veille.show.phrases import outlets_of, title_of
from veille.show.ranked import View, tell_alert, write_plain
from veille.show.records import listed_record
from veille.text import clean_line, shorten
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.rank.listing import Listed
    from veille.sendconfig import Form

_LONGEST_TITLE, _LONGEST_SUBJECT = 300, 200
_MOST_IN_CHAT = 10
# ntfy makes a file of what is longer than 4,096 bytes.
_LONGEST_PUSH = 3500
# Signs by which chats format, link and call people: written otherwise they are signs alone.
_CHAT = str.maketrans({"<": "‹", ">": "›", "*": "∗", "`": "ʼ", "[": "⟦", "]": "⟧", "|": "¦"})
_CALL = re.compile(r"@(?=\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of an alert: its stories, best first."""

    alert: str
    listed: Sequence[Listed]
    now: datetime

    @property
    def subject(self) -> str:
        """The alert, and its story or how many there are."""
        count = len(self.listed)
        said = title_of(self.listed[0].ranked.story) if count == 1 else f"{count} new stories"
        return shorten(clean_line(f"{self.alert}: {said}"), _LONGEST_SUBJECT)


def write_text(message: Message) -> bytes:
    """As `veille alert` prints it, a blank line at the end."""
    return f"{write_plain(tell_alert(message.listed, View(now=message.now)))}\n".encode("utf-8", "replace")


def write_json(message: Message) -> bytes:
    """One line of JSON."""
    return _dump(_record(message)) + b"\n"


def write_form(message: Message, form: Form) -> bytes:
    """What a file or a program takes."""
    return write_json(message) if form == "json" else write_text(message)


def write_webhook(message: Message) -> bytes:
    """JSON with all that is known, and a `text` as chats take it."""
    lines = [f"{_tame(message.alert)}: {len(message.listed)} new"]
    for one in message.listed[:_MOST_IN_CHAT]:
        story = one.ranked.story
        lines.append(f"• {_tame(_title(one))} ({_tame(outlets_of(story))}) {clean_line(story.lead.url)}".rstrip())
    return _dump({"text": "\n".join([*lines, *_more(message)]), **_record(message)})


def write_push(message: Message) -> bytes:
    """A push message of ntfy, without its topic."""
    first = message.listed[0].ranked.story
    lines = [f"{_title(one)} ({outlets_of(one.ranked.story)})" for one in message.listed[:_MOST_IN_CHAT]]
    if len(message.listed) == 1:
        lines = [f"{outlets_of(first)}: {clean_line(first.summary)}" if first.summary else outlets_of(first)]
    text = "\n".join([*lines, *_more(message)]).encode("utf-8", "replace")[:_LONGEST_PUSH].decode("utf-8", "ignore")
    push = {"title": message.subject, "message": text}
    return _dump(push | ({"click": first.lead.url} if first.lead.url else {}))


def write_mail(message: Message, *, key: str, sender: str, to: str) -> bytes:
    """A mail of plain text."""
    letter = Letter(
        key=key,
        series=f"{message.alert}.alert",
        subject=message.subject,
        sender=sender,
        to=to,
        written_at=message.now,
    )
    return render_notice(letter, write_text(message).decode())


def _record(message: Message) -> dict[str, Any]:
    return {
        "alert": message.alert,
        "written_at": to_stored(message.now),
        "stories": [_with_arrival(one) for one in message.listed],
    }


def _with_arrival(one: Listed) -> dict[str, Any]:
    record = listed_record(one)
    if one.arrived:
        record["new"] = {"title": one.arrived.title, "url": one.arrived.url, "feed": one.arrived.feed}
    return record


def _title(one: Listed) -> str:
    return shorten(title_of(one.ranked.story), _LONGEST_TITLE)


def _more(message: Message) -> list[str]:
    count = len(message.listed) - _MOST_IN_CHAT
    return [f"and {count} more"] if count > 0 else []


def _tame(text: str) -> str:
    # A joiner that is not seen stands between the sign and a name.
    return _CALL.sub("@\u2060", clean_line(text).translate(_CHAT))


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
