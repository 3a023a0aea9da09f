"""An entry as feedparser reads it: its element in, a Draft out, each child doing what it does there.

What comes first, how deep it stands and what came before decide which title, text or author counts:
see feedparser's mixin.py. Raises Declined for what is not certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from veille.read.fast_dates import DATES, check_unread, read_date
from veille.read.fast_draft import Draft
from veille.read.fast_links import read_enclosure, read_id, read_link
from veille.read.fast_names import HANDLED, Declined, check_harmless, read_attributes, read_language
from veille.read.fast_people import PEOPLE, check_people, read_author
from veille.read.fast_text import read_bare, read_line, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    from veille.read.fast_walk import Walk

_DEEPEST = 20


def draft_entry(element: Element, walk: Walk, *, depth: int, language: str) -> Draft:
    """An entry at a depth, in a document of that language; changes what `walk` tells of titles and texts."""
    draft = Draft(walk=walk, depth=depth + 1, language=language)
    walk.titled = -1
    if element.attrib:
        attributes = read_attributes(element)
        if "lastmod" in attributes or "href" in attributes:
            raise Declined("an entry of CDF")
        draft.id = attributes.get("rdf:about", "")
        draft.language = read_language(attributes, language)
    _read_children(draft, element, _READERS)
    walk.has_content = False
    return draft


def _read_children(draft: Draft, element: Element, readers: Mapping[str, _Reader]) -> None:
    names = draft.walk.names
    for child in element:
        name = names[child.tag]
        read = readers.get(name)
        if read:
            read(draft, child)
        elif name in HANDLED or len(child):
            check_harmless(child, names)


def _read_title(draft: Draft, element: Element) -> None:
    walk = draft.walk
    text = read_text(element, "text/plain", walk=walk)
    if not -1 < walk.titled <= draft.depth:
        draft.title_type, draft.title_base = text.type, text.base
        if draft.depth <= draft.title_at:
            draft.title, draft.title_at = text.value, draft.depth
    if text.value:
        walk.titled = draft.depth


def _read_media_title(draft: Draft, element: Element) -> None:
    titled = draft.walk.titled
    _read_title(draft, element)
    draft.walk.titled = titled


def _read_link(draft: Draft, element: Element) -> None:
    link = read_link(element, draft.walk, of_entry=True)
    if link.is_page:
        draft.link = link.address
    if link.attributes.get("rel") == "enclosure":
        kind, length = link.attributes.get("type", "text/html"), link.attributes.get("length", "")
        draft.enclosures.append((link.address, kind, length))


def _read_id(draft: Draft, element: Element) -> None:
    draft.id, is_address = read_id(element, draft.walk)
    if is_address and draft.link is None:
        draft.link = draft.id


def _read_description(draft: Draft, element: Element) -> None:
    _read_summary(draft, element, usual="text/html")


def _read_summary(draft: Draft, element: Element, *, usual: str = "text/plain") -> None:
    if draft.summary is not None and not draft.walk.has_content:
        _read_content(draft, element)
        return
    text = read_text(element, usual, walk=draft.walk, language=draft.language)
    draft.summary_text = text
    if draft.depth <= draft.summary_at:
        draft.summary, draft.summary_at = text.value, draft.depth


def _read_encoded(draft: Draft, element: Element) -> None:
    _read_content(draft, element, usual="text/html")


def _read_content(draft: Draft, element: Element, *, usual: str = "text/plain") -> None:
    draft.walk.has_content = True
    text = read_text(element, usual, walk=draft.walk, language=draft.language)
    draft.contents.append(text)
    if draft.summary is None:
        draft.summary = text.value


def _read_author(draft: Draft, element: Element) -> None:
    draft.author = read_author(element, draft.walk.names, before=draft.author)


def _read_published(draft: Draft, element: Element) -> None:
    draft.published = read_date(read_line(element))


def _read_created(draft: Draft, element: Element) -> None:
    draft.created = read_date(read_line(element))


def _read_updated(draft: Draft, element: Element) -> None:
    draft.updated = read_date(read_line(element))


def _read_language(draft: Draft, element: Element) -> None:
    draft.said_language = read_line(element)


def _read_origin(draft: Draft, element: Element) -> None:
    if element.attrib:
        raise Declined("an origin with attributes")
    draft.origin = read_line(element)


def _read_category(draft: Draft, element: Element) -> None:
    draft.tags.add_category(element, name=draft.walk.names[element.tag])


def _read_keywords(draft: Draft, element: Element) -> None:
    draft.tags.add_keywords(element, name=draft.walk.names[element.tag])


def _read_enclosure(draft: Draft, element: Element) -> None:
    draft.enclosures.append(read_enclosure(element))


def _read_source(draft: Draft, element: Element) -> None:
    """Where an entry comes from says nothing of it; but the titles inside count as met."""
    walk = draft.walk
    walk.titled = -1
    for child in element:
        name = walk.names[child.tag]
        if name == "title" and read_text(child, "text/plain", walk=walk).value:
            walk.titled = draft.depth + 1
        elif name in PEOPLE:
            check_people(child, walk.names)
        elif name in DATES:
            check_unread(read_line(child))
        elif name not in _OF_SOURCES or len(child):
            check_harmless(child, walk.names)


def _read_image(draft: Draft, element: Element) -> None:
    """An image of an entry; its title is taken for that of the entry where this one has none yet."""
    names = draft.walk.names
    draft.walk.titled = -1
    draft.depth += 1
    for child in element:
        name = names[child.tag]
        if name == "title":
            _read_title(draft, child)
        elif name not in _OF_IMAGES or child.attrib or len(child):
            raise Declined(f"{name} inside an image")
    draft.depth -= 1


def _read_media(draft: Draft, element: Element) -> None:
    """What is in a media group or content says something of the entry where the entry itself does not."""
    if not len(element):
        return
    attributes = read_attributes(element)
    if "xml:lang" in attributes or "lang" in attributes or draft.depth > _DEEPEST:
        raise Declined("a language of media")
    draft.depth += 1
    _read_children(draft, element, _MEDIA_READERS)
    draft.depth -= 1


def _check_contributor(draft: Draft, element: Element) -> None:
    check_people(element, draft.walk.names)


def _check_date(draft: Draft, element: Element) -> None:  # noqa: ARG001
    check_unread(read_line(element))


def _check_leaf(draft: Draft, element: Element) -> None:  # noqa: ARG001
    read_bare(element)


_Reader: TypeAlias = "Callable[[Draft, Element], None]"

# What an element inside a media group or content does to its entry.
_MEDIA_READERS: dict[str, _Reader] = {
    "media_category": _read_category,
    "media_content": _read_media,
    "media_description": _read_description,
    "media_group": _read_media,
    "media_keywords": _read_keywords,
    "media_title": _read_media_title,
}
# What a child does to its entry, by the name that feedparser gives it.
_READERS: dict[str, _Reader] = _MEDIA_READERS | {
    "author": _read_author,
    "category": _read_category,
    "content": _read_content,
    "content_encoded": _read_encoded,
    "contributor": _check_contributor,
    "created": _read_created,
    "creativecommons_license": _check_leaf,
    "dc_author": _read_author,
    "dc_creator": _read_author,
    "dc_date": _read_updated,
    "dc_description": _read_description,
    "dc_language": _read_language,
    "dc_subject": _read_category,
    "dc_title": _read_title,
    "dcterms_created": _read_created,
    "dcterms_issued": _read_published,
    "dcterms_modified": _read_updated,
    "description": _read_description,
    "enclosure": _read_enclosure,
    "expirationdate": _check_date,
    "feedburner_origlink": _read_origin,
    "fullitem": _read_encoded,
    "guid": _read_id,
    "id": _read_id,
    "image": _read_image,
    "issued": _read_published,
    "itunes_author": _read_author,
    "itunes_category": _read_category,
    "itunes_keywords": _read_keywords,
    "itunes_summary": _read_summary,
    "keywords": _read_category,
    "language": _read_language,
    "lastbuilddate": _read_updated,
    "link": _read_link,
    "managingeditor": _read_author,
    "modified": _read_updated,
    "pubdate": _read_published,
    "published": _read_published,
    "source": _read_source,
    "summary": _read_summary,
    "tags": _read_keywords,
    "title": _read_title,
    "updated": _read_updated,
}
_OF_IMAGES = frozenset({"height", "link", "url", "width"})
_OF_SOURCES = frozenset({"category", "guid", "id", "link", "title"})
