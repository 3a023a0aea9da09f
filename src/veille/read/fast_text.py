"""The text of an element as feedparser gives it: an element in, its letters and media type out.

Raises Declined for elements in what is no XHTML. Knows nothing of entries.
"""

from __future__ import annotations

import html.entities
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from veille.read.fast_names import Declined, read_attributes, read_language
from veille.read.fast_xhtml import write_xhtml
from veille.read.found import Text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from veille.read.fast_walk import Walk

_XHTML = "application/xhtml+xml"
# What `type` may say of a text; all else is base64.
_TYPES = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
    "xhtml": _XHTML,
    _XHTML: _XHTML,
}
# The elements that do not make feedparser doubt that a text is HTML (its sanitizer.py).
HTML_ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b big blockquote br button canvas caption center cite code col "
    "colgroup command datagrid datalist dd del details dfn dialog dir div dl dt em event-source fieldset figcaption "
    "figure font footer form h1 h2 h3 h4 h5 h6 header hr i img input ins kbd keygen label legend li m map menu meter "
    "multicol nav nextid noscript ol optgroup option output p pre progress q s samp section select small sound source "
    "spacer span strike strong sub sup table tbody td textarea tfoot th thead time tr tt u ul var video".split()
)
_CLOSE_OR_REFERENCE = re.compile(r"</\w+>|&#?\w+;")
_TAG_NAMES = re.compile(r"</?(\w+)")
_ENTITY_NAMES = re.compile(r"&(\w+);")

# Controls that were meant as letters of Windows-1252, which leaves five of them without one.
_CONTROLS = re.compile("[\x80-\x9f]")
WINDOWS = {code: letter for code in range(128, 160) if (letter := bytes([code]).decode("cp1252", "ignore"))}


def read_line(element: Element) -> str:
    """The letters of an element, stripped."""
    text = read_bare(element)
    return text if text.isascii() else mend_letters(text)


def read_bare(element: Element) -> str:
    """The letters of an element, stripped, as they are written."""
    if len(element):
        raise Declined(f"elements inside {element.tag}")
    return (element.text or "").strip()


def read_text(element: Element, usual: str, *, walk: Walk, language: str = "") -> Text:
    """A text that may be HTML; `usual` is its type when it does not say, `language` that around it."""
    kind, base = usual, ""
    if element.attrib:
        attributes = read_attributes(element)
        kind = _TYPES.get(attributes.get("type", usual), "")
        language = read_language(attributes, language)
        base = attributes.get("xml:base", "")
        if not kind or attributes.get("mode") == "base64":
            raise Declined(f"the attributes of {element.tag}")
    value = write_xhtml(element, walk) if kind == _XHTML else read_bare(element)
    if walk.guesses and kind == "text/plain" and looks_like_html(value):
        kind = "text/html"
    return Text(mend_letters(value), kind, language.replace("_", "-"), base)


def looks_like_html(text: str) -> bool:
    """Whether feedparser takes a plain text for HTML: it has closed tags or references, and only known ones."""
    if ("</" not in text and "&" not in text) or not _CLOSE_OR_REFERENCE.search(text):
        return False
    return all(name.lower() in HTML_ELEMENTS for name in _TAG_NAMES.findall(text)) and all(
        name in html.entities.entitydefs for name in _ENTITY_NAMES.findall(text)
    )


def mend_letters(text: str) -> str:
    """UTF-8 that was encoded twice decoded again, and the letters of Windows-1252 in their place."""
    # Both concern the letters from U+0080 to U+00BF only, all of which begin with this byte.
    if text.isascii() or b"\xc2" not in text.encode():
        return text
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return text.translate(WINDOWS) if _CONTROLS.search(text) else text
