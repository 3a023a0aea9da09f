"""Links and identities of entries and feeds: an element in, the address that feedparser makes of it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from veille.read.fast_names import Declined, read_attributes
from veille.read.fast_text import mend_letters, read_bare
from veille.read.mend import HERE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from veille.read.fast_walk import Walk

_HTML = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,.-]*://)/+")
# In the text of a link, feedparser takes these for the end of a query's parameter.
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


class Link(NamedTuple):
    """An address, whether it is the text of its element, whether it leads to the page itself, and what else is told."""

    address: str
    is_text: bool
    is_page: bool
    attributes: dict[str, str]


def read_link(element: Element, walk: Walk, *, of_entry: bool) -> Link:
    """A link of Atom, whose address is an attribute, or of RSS; in that of an entry, more is mended."""
    text = read_bare(element)
    attributes = read_attributes(element) if element.attrib else {}
    if "url" in attributes or "uri" in attributes:
        raise Declined("a link with another address")
    href = attributes.get("href")
    if href is None:
        address = mend_letters(_resolve(text, walk) if text else "")
        address = _mend_query(address.replace("&amp;", "&") if of_entry else address)
        return Link(address, is_text=True, is_page=True, attributes=attributes)
    is_page = attributes.get("rel", "alternate") == "alternate" and attributes.get("type", "html") in _HTML
    return Link(_resolve(href, walk), is_text=False, is_page=is_page, attributes=attributes)


def read_enclosure(element: Element) -> tuple[str, str, str]:
    """The address, media type and length of an enclosure, as written."""
    attributes, _ = read_attributes(element), read_bare(element)
    href = attributes.get("href", "")
    url = attributes.get("url", attributes.get("uri", href)) or href
    return url, attributes.get("type", ""), attributes.get("length", "")


def read_id(element: Element, walk: Walk) -> tuple[str, bool]:
    """An identity, and whether it is the address of a page too."""
    value = read_bare(element)
    is_address = not element.attrib or read_attributes(element).get("ispermalink", "true") == "true"
    return mend_letters(_resolve(value, walk) if value and is_address else value), is_address


def _resolve(address: str, walk: Walk) -> str:
    """An address with two slashes after its scheme where more are written, as relative as it was."""
    address = _SLASHES.sub(r"\1", address) if ":///" in address else address
    try:
        return urljoin(HERE, address) if walk.based else address
    except ValueError:
        return ""


def _mend_query(address: str) -> str:
    return _REFERENCE.sub(r"&\1", address) if "&" in address else address
