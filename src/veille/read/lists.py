"""Subscriptions as found, one after the other: each address kept once, the rest with its reason.

In: what a document's reader found, or the text of a plain list. Out: `Outlines`. Knows nothing of
XML, of what is already subscribed, or of whether a feed answers.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.feed import Subscription
from veille.text import clean_line, shorten
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something not taken: where (lines count from 1), what it calls itself, why."""

    line: int
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What a document holds: each address once, in its first place; then what was left aside."""

    subscriptions: tuple[Subscription, ...]
    repeated: tuple[Skipped, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A subscription and the line it stands on."""

    line: int
    subscription: Subscription


# Byte order marks of the encodings whose characters are wider than a byte, the longest first.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([\w.-]+)""")

# The declarations believed. Python has codecs that no document is written in, some of them slow;
# what declares UTF-16 legibly is not in UTF-16; ISO-8859-1 means Windows-1252 (WHATWG encodings).
_BELIEVED = re.compile(
    r"iso-8859-(?:[2-9]|1[013-6])|(?:windows-|cp)125[0-8]|koi8-[ru]|gb(?:k|2312|18030)|big5|euc-(?:jp|kr)"
    r"|shift[_-]jis|macintosh"
)

# The longest texts of a `Skipped`, which is shown on a line or two.
_WHAT = 100
_REASON = 200

# feed:https://host/path and feed://host/path are how browsers used to hand a feed to a reader
# (draft-obasanjo-feed-uri-scheme): the first holds the address, the second stands for http.
_FEED_SCHEME = re.compile(r"^feed:(?:(?://)?(?=https?://)|(?=//))", re.IGNORECASE)

# Words of a line of a list: between double quotes (a backslash protects), or up to a blank.
_WORD = re.compile(r'"(?P<quoted>(?:[^"\\]++|\\.)*)"?|(?P<bare>\S++)')

# What newsboat's urls file holds besides addresses (its manual, "Feed sources").
_NEWSBOAT = {
    "query:": "a newsboat query, not a feed",
    "filter:": "a newsboat filter: subscribe to the feed itself",
    "exec:": "a command, never run: only http(s) addresses are taken",
    "file:": "a local file: only http(s) addresses are taken",
}
NOT_WEB = "not an http(s) address"


def decode_list(document: bytes) -> str:
    """The text of a list, whatever its encoding says: newlines as LF, no byte order mark, no NUL.

    UTF-8 comes before what is declared, since no text in another encoding reads as UTF-8 by chance;
    then the encoding declared; then Windows-1252 on the lines that are not UTF-8.
    """
    text = _decode(document).replace("\0", "").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def gather(finds: Iterable[Found | Skipped]) -> Outlines:
    """Sort what was found: an address that comes again stays in its first place."""
    first: dict[str, Found] = {}
    repeated: list[Skipped] = []
    skipped: list[Skipped] = []
    for find in finds:
        if isinstance(find, Skipped):
            skipped.append(find)
            continue
        kept = first.setdefault(find.subscription.url, find)
        if kept is not find:
            repeated.append(_describe_repeat(find, kept))
    return Outlines(
        subscriptions=tuple(find.subscription for find in first.values()),
        repeated=tuple(repeated),
        skipped=tuple(skipped),
    )


def read_list(text: str) -> Iterator[Found | Skipped]:
    """The addresses of a plain list, one per line; blank lines and `#` comments are passed over.

    After its address a line may hold tags and "~A title", as in newsboat's urls file.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        words = _split_line(line)
        if words:
            yield _interpret_line(number, line, words)


def skip(line: int, what: str, reason: str) -> Skipped:
    """A `Skipped` whose texts are short, safe lines."""
    return Skipped(line=line, what=shorten(clean_line(what), _WHAT), reason=shorten(clean_line(reason), _REASON))


def clean_address(raw: str) -> str:
    """An http(s) address without what was wrapped around or into it; "" when there is none.

    Tabs and newlines go and blanks become %20, as in the WHATWG URL standard; `feed:` is undone.
    """
    joined = raw.translate({ord(blank): None for blank in "\t\n\r"})
    address = clean_line(joined).replace(" ", "%20")
    bare = _FEED_SCHEME.sub("", address)
    address = f"http:{bare}" if bare.startswith("//") and bare != address else bare
    return address if is_web(address) else ""


def clean_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Each tag once. A comma separates tags: none can hold one, nor begin with a slash."""
    split = (clean_line(tag).lstrip("/ ") for word in words for tag in word.split(","))
    return tuple(dict.fromkeys(tag for tag in split if tag))


def _decode(document: bytes) -> str:
    for mark, encoding in _WIDE:
        if document.startswith(mark):
            return document.decode(encoding, errors="replace")
    if document[:2].count(0) == 1:
        return document.decode("utf-16-be" if document[0] == 0 else "utf-16-le", errors="replace")
    declared = _DECLARED.search(document[:1024])
    encoding = declared[1].decode("ascii").lower() if declared else ""
    with suppress(UnicodeDecodeError):
        return document.decode("utf-8")
    if _BELIEVED.fullmatch(encoding):
        return document.decode(encoding, errors="replace")
    return "\n".join(map(_decode_line, document.split(b"\n")))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _describe_repeat(again: Found, kept: Found) -> Skipped:
    folder = kept.subscription.folder
    place = f" in “{folder}”" if folder else ""
    return skip(again.line, again.subscription.url, f"already on line {kept.line}{place}: that place is kept")


def _split_line(line: str) -> list[str]:
    words: list[str] = []
    for match in _WORD.finditer(line):
        if match["bare"] is None:
            words.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        elif match["bare"].startswith("#"):
            break
        else:
            words.append(match["bare"])
    return words


def _interpret_line(number: int, line: str, words: list[str]) -> Found | Skipped:
    source, *rest = words
    address = clean_address(source)
    if not address:
        reasons = (why for prefix, why in _NEWSBOAT.items() if source.lower().startswith(prefix))
        return skip(number, line, next(reasons, NOT_WEB))
    titles = [word[1:] for word in rest if word.startswith("~")]
    # A word beginning with "!" hides the feed in newsboat's own list: nothing to do with a tag.
    tags = clean_tags(word for word in rest if not word.startswith(("~", "!")))
    title = clean_line(titles[0]) if titles else ""
    return Found(line=number, subscription=Subscription(url=normalise_feed_url(address), title=title, tags=tags))
