"""The tags of an OPML document, one after the other, well-formed or not.

In: its text. Out: `Tag`s with their line and attributes. Knows nothing of feeds, and no entity that
a document defines.

A document is read tag by tag, not as an XML tree. Over 290 lists, a recovering XML parser (libxml2
2.14) lost feeds in 18 (quotation marks or markup inside an attribute, one document after another),
stopped at 2,046 levels and numbered lines up to 65,535. A tag that XML allows is read as XML reads
it; any other gives the attributes it shows.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.entities import html5
from typing import TYPE_CHECKING

from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag by its name ("outline", "/outline", "opml"...), "cut" for one that the text ends inside.

    `said` holds the attributes of an outline, their names in lower case; a `leaf` holds nothing else.
    """

    line: int
    name: str
    said: dict[str, str] = field(default_factory=dict)
    leaf: bool = False

    @property
    def title(self) -> str:
        """Its `text`, which OPML requires, else its `title`."""
        return clean_line(self.said.get("text", "")) or clean_line(self.said.get("title", ""))


# Repetitions inside a tag are possessive and stop at "<"; the others run to the end of the text when
# what they look for never comes: each character is looked at a bounded number of times. No group is
# possessive: before Python 3.11.5 such a group could miss a match.
_MARKUP = re.compile(
    r"""
    (?: <!--(?:.*?-->|.*) | <!\[CDATA\[(?:.*?\]\]>|.*) | <!DOCTYPE[^>\[]*+(?:\[(?:.*?\]\s*+>|.*)|>)? )
    | <(?P<other> /(?:[\w.-]++:)?(?:outline|body|opml) | (?:[\w.-]++:)?opml )(?=[\s/>])
    | <(?:[\w.-]++:)?outline(?=[\s/>]|\Z)(?:
          (?P<exact> (?:\s++[^\s=<>"'/]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))* )\s*+
          (?: (?P<leaf>/>|>\s*+</(?:[\w.-]++:)?outline\s*+>) | > )
        | (?P<loose> .*?)(?=</?(?:[\w.-]++:)?(?:outline|body|opml)\b|(?<=>)\s*+<!--|\Z)
      )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]++)\s*+=\s*+(["'])(.*?)\2""", re.DOTALL)
_LOOSE_ATTRIBUTE = re.compile(r"""(?<=[\s"'])([\w.:-]++)\s*+=\s*+(["'])""")
_PREFIX = re.compile(r"[\w.-]+:")
_CLOSINGS = {"<!--": "-->", "<![C": "]]>"}
_REFERENCE = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));")


def scan_tags(text: str) -> Iterator[Tag]:
    """The tags that matter, then one named "end", or "cut" when the text ends inside a tag."""
    line, counted = 1, 0
    for mark in _MARKUP.finditer(text):
        line, counted = line + text.count("\n", counted, mark.start()), mark.start()
        if mark.end() == len(text) and not mark[0].rstrip().endswith(_CLOSINGS.get(mark[0][:4].upper(), ">")):
            yield Tag(line=line, name="cut")
            return
        if mark["other"]:
            yield Tag(line=line, name=_PREFIX.sub("", mark["other"]).lower())
        elif mark["loose"] is not None:
            yield Tag(line=line, name="outline", said=_read_loose(mark["loose"]), leaf=_is_leaf(mark["loose"]))
        elif mark["exact"] is not None:
            yield Tag(line=line, name="outline", said=_read_exact(mark["exact"]), leaf=bool(mark["leaf"]))
    yield Tag(line=line + text.count("\n", counted), name="end")


def _read_exact(attributes: str) -> dict[str, str]:
    """The attributes of a tag that XML allows."""
    return _keep_first((name, value) for name, _, value in _ATTRIBUTE.findall(attributes))


def _read_loose(attributes: str) -> dict[str, str]:
    """The attributes of any other tag: a value runs up to the next name, less its closing quote.

    So a value may hold quotation marks and markup.
    """
    _, *parts = _LOOSE_ATTRIBUTE.split(attributes)
    values = (
        written.rpartition(quote)[0] if quote in written else written
        for quote, written in zip(parts[1::3], parts[2::3], strict=True)
    )
    said = _keep_first(zip(parts[::3], values, strict=True))
    # An address that cannot be read is still named: its outline is not a folder.
    return said if "xmlurl" in said or "xmlurl" not in attributes.lower() else said | {"xmlurl": ""}


def _keep_first(attributes: Iterable[tuple[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in attributes:
        if not said.get(name.lower()):
            said[name.lower()] = _resolve(value)
    return said


def _is_leaf(loose: str) -> bool:
    head, closing, _ = loose.rpartition(">")
    return head.rstrip().endswith("/") or not closing


def _resolve(value: str) -> str:
    """A value, its character references resolved; a bare "&" and unknown names stay as written."""
    return _REFERENCE.sub(_resolve_reference, value) if "&" in value else value


def _resolve_reference(reference: re.Match[str]) -> str:
    name = reference["name"]
    return html5.get(f"{name};", reference[0]) if name else html.unescape(reference[0])
