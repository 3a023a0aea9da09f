"""The fast way through a clean document: what feedparser would read of it, or None where that is not certain.

A document is clean when it is well-formed UTF-8 without a DOCTYPE, bases of links, or elements other
than XHTML inside texts. It is walked as a tree; the rest of the `fast_*` files say what each element does. Exactly what
feedparser makes of it is the measure, its oddities included: the tests compare them field by field.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from veille.read.fast_draft import Draft, finish_entry
from veille.read.fast_entry import draft_entry
from veille.read.fast_head import Head, read_image, read_part
from veille.read.fast_names import Declined, Names, check_harmless, read_attributes, read_language
from veille.read.fast_walk import Walk
from veille.read.found import Context
from veille.read.normalise import RawFeed
from veille.urls import resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from veille.read.mend import Mended

_UTF8 = "application/xml; charset=utf-8"
_PROLOGUE = re.compile(rb"(?:\s++|<\?[^?]*+(?:\?(?!>)[^?]*+)*+\?>|<!--[^-]*+(?:-(?!->)[^-]*+)*+-->)*+<[A-Za-z_]")
_DECLARED = re.compile(rb"^<\?xml[^>]*?>")
_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
_CHARSET = re.compile(rb"""<\?xml[^>\n]*?\sencoding=["']([\w.-]+)["'][^>\n=]*>""")
_TOLD = re.compile(r"""charset\s*=\s*["']?([\w.-]*)""", re.IGNORECASE)
# Of old feeds: of one byte each, so that feedparser tries no other when it is declared.
_CHARSETS = frozenset(
    "iso-8859-1 iso-8859-2 iso-8859-9 iso-8859-15 windows-1250 windows-1251 windows-1252 windows-1254".split()
)
_BASE = re.compile(rb"base\s*=")
_ATOM = "http://www.w3.org/2005/atom"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_TEXTS = frozenset("content content_encoded description summary title".split())
_ENTRIES = frozenset({"item", "entry"})
_RDF_PARTS = frozenset({"image", "textinput"})

# The versions that namespaces tell (feedparser's track_namespace); the first only as the one of all that has no prefix.
_VERSIONS = {
    "http://my.netscape.com/rdf/simple/0.9/": "rss090",
    "http://purl.org/rss/1.0/": "rss10",
    "http://www.w3.org/2005/atom": "atom10",
}


def read_fast(mended: Mended, *, content_language: str) -> RawFeed | None:
    """The feed of a document as feedparser would read it; None for one that is left to feedparser.

    `content_language` is what the server told.
    """
    try:
        return read_clean(mended, content_language=content_language)
    except (Declined, ET.ParseError):
        return None


def read_clean(mended: Mended, *, content_language: str) -> RawFeed:
    """The same; raises Declined, which says why, or ParseError of the XML."""
    root, declared = _parse(_check_body(mended))
    names = Names(declared)
    name = names[root.tag]
    version = _find_version(declared)
    is_feed = (name == "feed" and not version.startswith("rss")) or (name == "rdf_rdf" and version.startswith("rss"))
    if name != "rss" and not is_feed:
        raise Declined(f"{name} {version}")
    is_atom = name == "feed"
    if is_atom and version == "atom10" and root.tag.partition("}")[0][1:].lower() != _ATOM:
        raise Declined("Atom 1.0 inside another format")
    unwraps = is_atom and version == "atom10"
    walk = Walk(names=names, guesses=not is_atom, unwraps=unwraps, based=bool(mended.location))
    if _BASE.search(mended.body.lower()):
        _check_bases(root, walk)
    language = read_language(read_attributes(root), content_language)
    said = content_language if name == "rdf_rdf" else language or content_language
    head = Head(walk=walk, depth=2, language=said.replace("_", "-"))
    drafts = _walk_parts(head, root, language) if is_atom else _walk_channel(head, root, language)
    context = Context(base=mended.base, language=head.language, guesses=walk.guesses)
    return RawFeed(
        title=head.title,
        site_url=resolve_link(head.link or "", mended.base),
        language=head.language,
        entries=[finish_entry(draft, context) for draft in drafts],
    )


def _check_body(mended: Mended) -> bytes:
    """The document in UTF-8, with the declaration that feedparser gives it."""
    body = mended.body if mended.content_type == _UTF8 else _decode(mended)
    prologue = _PROLOGUE.match(body)
    if not prologue or b"<!DOCTYPE" in prologue[0] or b"<!ENTITY" in prologue[0]:
        raise Declined("a DOCTYPE")
    return _DECLARED.sub(_DECLARATION, body) if body.startswith(b"<?xml") else b"%b\n%b" % (_DECLARATION, body)


def _decode(mended: Mended) -> bytes:
    """A document that is no UTF-8 in UTF-8, where it and its server name one charset."""
    declaration = _CHARSET.match(mended.body)
    told = _TOLD.search(mended.content_type)
    charset = declaration[1].decode().lower() if declaration else ""
    if charset not in _CHARSETS or (told and told[1].lower() != charset):
        raise Declined("another charset")
    try:
        return mended.body.decode(charset).encode()
    except UnicodeDecodeError:
        raise Declined("a wrong charset") from None


def _parse(body: bytes) -> tuple[Element, list[tuple[str, str]]]:
    """The root of a document, and the namespaces that it declares, in order."""
    parsing: Any = ET.iterparse(BytesIO(body), events=("start-ns",))  # noqa: S314 - without DOCTYPE, no entities
    declared = [pair for _, pair in parsing]
    return parsing.root, declared


def _find_version(declared: Iterable[tuple[str, str]]) -> str:
    for prefix, uri in declared:
        version = _VERSIONS.get(uri.lower(), "")
        if version and (version != "rss090" or not prefix):
            return version
    return ""


def _check_bases(root: Element, walk: Walk) -> None:
    """Raises Declined unless bases are told of texts alone, by their whole address."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.lower().rpartition("}")[2] != "base":
                continue
            of_text = walk.based and key == _XML_BASE and walk.names[element.tag] in _TEXTS
            if not of_text or not value.startswith(("http://", "https://")):
                raise Declined("a base")


def _walk_channel(head: Head, root: Element, language: str) -> list[Draft]:
    """The entries of RSS, inside the channel, and of RDF, beside it."""
    names = head.walk.names
    drafts: list[Draft] = []
    opened = False
    for child in root:
        name = names[child.tag]
        if name == "channel" and not opened:
            opened = True
            attributes = read_attributes(child)
            if "lastmod" in attributes or "href" in attributes:
                raise Declined("a channel of CDF")
            head.depth = 3
            drafts += _walk_parts(head, child, read_language(attributes, language))
            head.depth = 2
        elif name in _ENTRIES:
            drafts.append(draft_entry(child, head.walk, depth=2, language=language))
        elif name in _RDF_PARTS:
            read_image(head, child)
        else:
            check_harmless(child, names)
    return drafts


def _walk_parts(head: Head, parent: Element, language: str) -> list[Draft]:
    names, walk, depth = head.walk.names, head.walk, head.depth
    drafts: list[Draft] = []
    for child in parent:
        if names[child.tag] in _ENTRIES:
            drafts.append(draft_entry(child, walk, depth=depth, language=language))
            child.clear()  # of a large document, half the memory
        else:
            read_part(head, child)
    return drafts
