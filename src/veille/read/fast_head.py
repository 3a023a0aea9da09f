"""A feed as feedparser reads it, less its entries: the elements before, between and after them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.read.fast_dates import DATES, check_unread
from veille.read.fast_links import read_id, read_link
from veille.read.fast_names import HANDLED, Declined, check_harmless
from veille.read.fast_people import PEOPLE, check_people
from veille.read.fast_text import read_bare, read_line, read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from veille.read.fast_walk import Walk

# Of those no feed has more than letters, which nobody reads.
_LEAVES = (
    "category creativecommons_license dc_subject enclosure feedburner_origlink itunes_keywords keywords media_category "
    "media_keywords tags"
).split()
# What the image or the search box of a feed is made of; anything else in it would be taken for the feed's.
_OF_IMAGES = {
    "image": frozenset("description height href link title url width".split()),
    "textinput": frozenset("description link name title".split()),
}


@dataclass(slots=True, kw_only=True)
class Head:
    """What is said of a feed whose parts are at `depth`; None is not met yet."""

    walk: Walk
    depth: int
    language: str
    title: str = ""
    link: str | None = None
    has_summary: bool = False


def read_part(head: Head, element: Element) -> None:
    """Note what an element that is no entry says of the feed."""
    names = head.walk.names
    name = names[element.tag]
    read = _READERS.get(name)
    if read:
        read(head, element)
    elif name in HANDLED or len(element):
        check_harmless(element, names)


def _read_title(head: Head, element: Element) -> None:
    walk = head.walk
    title = read_text(element, "text/plain", walk=walk).value
    if not -1 < walk.titled <= head.depth:
        head.title = title
    if title:
        walk.titled = head.depth


def _read_media_title(head: Head, element: Element) -> None:
    titled = head.walk.titled
    _read_title(head, element)
    head.walk.titled = titled


def _read_link(head: Head, element: Element) -> None:
    link = read_link(element, head.walk, of_entry=False)
    if link.is_page:
        head.link = link.address


def _read_id(head: Head, element: Element) -> None:
    written, is_address = read_id(element, head.walk)
    if is_address and head.link is None:
        head.link = written


def _read_language(head: Head, element: Element) -> None:
    head.language = read_line(element)


def _read_description(head: Head, element: Element) -> None:
    read_bare(element)
    if head.has_summary:
        head.walk.has_content = True


def _read_summary(head: Head, element: Element) -> None:
    _read_description(head, element)
    head.has_summary = True


def _read_content(head: Head, element: Element) -> None:
    read_text(element, "text/plain", walk=head.walk)
    head.has_summary = head.walk.has_content = True


def read_image(head: Head, element: Element) -> None:
    """An image or a search box of a feed: their titles are not the feed's, but count as met."""
    names = head.walk.names
    parts = _OF_IMAGES[names[element.tag]]
    head.walk.titled = -1
    for child in element:
        name = names[child.tag]
        if name not in parts:
            raise Declined(f"{name} inside an image")
        if read_bare(child) and name == "title":
            head.walk.titled = head.depth + 1


def _read_category(head: Head, element: Element) -> None:
    for part in element.iter():
        if head.walk.names[part.tag] != "itunes_category":
            check_harmless(part, head.walk.names)


def _check_people(head: Head, element: Element) -> None:
    check_people(element, head.walk.names)


def _check_date(head: Head, element: Element) -> None:  # noqa: ARG001
    check_unread(read_line(element))


def _check_leaf(head: Head, element: Element) -> None:  # noqa: ARG001
    read_bare(element)


# What a part does to its feed, by the name that feedparser gives it.
_READERS: dict[str, Callable[[Head, Element], None]] = {
    **dict.fromkeys(PEOPLE, _check_people),
    **dict.fromkeys(DATES, _check_date),
    **dict.fromkeys(_LEAVES, _check_leaf),
    "content": _read_content,
    "content_encoded": _read_content,
    "dc_description": _read_description,
    "dc_language": _read_language,
    "dc_title": _read_title,
    "description": _read_description,
    "fullitem": _read_content,
    "guid": _read_id,
    "id": _read_id,
    "image": read_image,
    "itunes_category": _read_category,
    "itunes_summary": _read_summary,
    "language": _read_language,
    "link": _read_link,
    "media_description": _read_description,
    "media_title": _read_media_title,
    "summary": _read_summary,
    "textinput": read_image,
    "title": _read_title,
}
