"""The tags of an entry, one element after another: what feedparser makes of categories and keywords.

A tag is its term, scheme and label; the same is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from veille.read.fast_names import read_attributes
from veille.read.fast_text import read_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_Tag: TypeAlias = tuple[str | None, str | None, str | None]

_ITUNES = "http://www.itunes.com/"
_MEDIA = "http://search.yahoo.com/mrss/category_schema"


@dataclass(slots=True)
class Tags:
    """The tags met so far, in order; `_known` are the same, to find one among thousands."""

    met: list[_Tag] = field(default_factory=list)
    _known: set[_Tag] = field(default_factory=set)

    def add_category(self, element: Element, *, name: str) -> None:
        """Add what an element of that name says: attributes, text or both."""
        attributes = read_attributes(element) if element.attrib else {}
        if name == "itunes_category":
            self._add((attributes.get("text"), _ITUNES, None))
        else:
            scheme = _MEDIA if name == "media_category" else attributes.get("domain")
            self._add((attributes.get("term"), attributes.get("scheme", scheme), attributes.get("label")))
        term = read_line(element)
        if term and self.met and not self.met[-1][0]:
            # The text is the term of the last tag, which may be that of an element before.
            last = self.met.pop()
            self._known.remove(last)
            self._keep((term, *last[1:]))
        elif term:
            self._add((term, None, None))

    def add_keywords(self, element: Element, *, name: str) -> None:
        """Add words between commas; feedparser overlooks those of an element with attributes, but for `tags`."""
        line = read_line(element)
        if element.attrib and name != "tags":
            return
        for word in line.split(","):
            if word.strip():
                self._add((word.strip(), _ITUNES if name == "itunes_keywords" else None, None))

    def _add(self, tag: _Tag) -> None:
        if any(tag) and tag not in self._known:
            self._keep(tag)

    def _keep(self, tag: _Tag) -> None:
        self.met.append(tag)
        self._known.add(tag)
