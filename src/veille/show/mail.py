"""Issues and short notices as mail: what they say in, a whole message with its headers out, as bytes.

The same words give the same bytes: the identifier of a message and its boundary follow from what it is, so that one
sent twice is known for the same by whoever receives it. Nothing remote is asked for while styles are put inline.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from veille.show.wording import Wording
from veille.text import clean_line, fold, shorten, split_words

if TYPE_CHECKING:
    from datetime import datetime

    from veille.issue import Issue

# RFC 2606: a domain that is nobody's, for a message that nobody sends.
_NOWHERE = "veille.invalid"
_LONGEST_SUBJECT = 200
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message's head. `key` tells it from every other; `series` is what its messages have in common."""

    key: str
    series: str
    subject: str
    sender: str
    to: str
    written_at: datetime


def render_mail(issue: Issue, *, sender: str, to: str, html: str, text: str) -> bytes:
    """An issue as a message of two forms, its styles inline; `sender` and `to` may be "" for one to keep or to open."""
    letter = Letter(
        key=f"{issue.kind}:{issue.name}:{issue.number}:{issue.written_at.isoformat()}:{to}",
        series=f"{issue.name}.{issue.kind}",
        subject=_name_issue(issue),
        sender=sender,
        to=to,
        written_at=issue.written_at,
    )
    message = _start(letter)
    message.set_content(_tidy(text), charset="utf-8", cte="quoted-printable")
    message.add_alternative(_inline(html), subtype="html", charset="utf-8", cte="quoted-printable")
    message.set_boundary(f"=_veille_{_digest(letter.key, 40)}")
    return message.as_bytes()


def render_notice(letter: Letter, text: str) -> bytes:
    """A plain message: an alert, or what went wrong."""
    message = _start(letter)
    message.set_content(_tidy(text), charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def _name_issue(issue: Issue) -> str:
    """The title with the number, unless it says that: mail programs put those of one subject into one thread."""
    title = clean_line(issue.title)
    if re.search(rf"(?i)(?:n[°o]\.?|#)\s*{issue.number}\b", title):
        return title
    number = Wording(issue.tongue).say("number", issue.number)
    return f"{shorten(title, _LONGEST_SUBJECT - len(number) - 2)}, {number}" if title else number


def _start(letter: Letter) -> EmailMessage:
    # One line each, without controls: what feeds say cannot begin a header of its own.
    subject = shorten(clean_line(letter.subject), _LONGEST_SUBJECT) or "veille"
    _, address = parseaddr(letter.sender)
    domain = address.rpartition("@")[2] or _NOWHERE
    series = clean_line(letter.series)
    message = EmailMessage(policy=SMTP)
    if letter.sender:
        message["From"] = _to_address(letter.sender)
    if letter.to:
        message["To"] = _to_address(letter.to)
    message["Subject"] = subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<veille.{_digest(letter.key, 32)}@{domain}>"
    message["List-Id"] = f"<{_label(series)}.veille.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _to_address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=clean_line(name), addr_spec=clean_line(address))


def _label(series: str) -> str:
    """A name as part of a domain; what has no letter of ASCII is told apart by its digest."""
    words = "-".join(word for word in split_words(fold(series)) if word.isascii())[:_LONGEST_LABEL].strip("-")
    return words if words.replace("-", "") == fold(series).replace(".", "") else f"{words or 'l'}-{_digest(series, 8)}"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:length]


def _tidy(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _inline(html: str) -> str:
    """The styles of a page put into its elements; what only a style sheet can say (dark mode, print) stays there."""
    import css_inline

    inliner = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)
    return inliner.inline(_tidy(html))
