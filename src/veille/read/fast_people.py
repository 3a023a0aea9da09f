"""Who wrote: an element with a name in it, or names, in; the author as feedparser tells it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.read.fast_names import HANDLED, Declined, check_harmless
from veille.read.fast_text import read_bare, read_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from veille.read.fast_names import Names

# The elements that tell of people, by their names.
PEOPLE = frozenset("author contributor dc_author dc_creator itunes_author itunes_owner managingeditor".split())
_PAGES = frozenset({"uri", "url", "homepage"})
_PARTS = frozenset({"name", "email"})


def read_author(element: Element, names: Names, *, before: str) -> str:
    """An author, of an entry that has an author `before` or "": feedparser begins a second one with the first."""
    if not len(element):
        return read_line(element)
    said: dict[str, str] = {}
    for child in element:
        name = names[child.tag]
        if name in _PARTS or name in _PAGES:
            if before and not said:
                said["name"] = _check_name(before)
            said[name] = read_bare(child)
        else:
            _check_stranger(child, names)
    _check_blank(element)
    author, address = said.get("name", ""), said.get("email", "")
    return f"{author} ({address})" if author and address else author or address


def check_people(element: Element, names: Names) -> None:
    """Raises Declined when there is more than people in an element that tells of people nobody reads."""
    for child in element:
        if names[child.tag].removeprefix("itunes_") not in _PARTS | _PAGES or len(child):
            _check_stranger(child, names)


def _check_stranger(child: Element, names: Names) -> None:
    if names[child.tag] in HANDLED or len(child) or (child.attrib and (child.text or "").strip()):
        raise Declined(f"{child.tag} inside an author")
    check_harmless(child, names)


def _check_name(before: str) -> str:
    if "@" in before:  # it would be taken apart
        raise Declined("an author after one with an address")
    return before


def _check_blank(element: Element) -> None:
    written = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in written):
        raise Declined("an author of words and elements")
