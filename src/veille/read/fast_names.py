"""What feedparser calls the elements of a document: its tags and declared namespaces in, names out.

A name is the prefix that feedparser knows for a namespace, an underscore and the local name; what it
has no prefix for keeps its own. Refuses documents whose prefixes could be taken for others. Knows
nothing of what the elements mean to an entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

# The namespaces that feedparser knows (its mixin.py), by the prefix it gives them; the first have none.
_PREFIXES = """
    - http://backend.userland.com/rss http://blogs.law.harvard.edu/tech/rss http://purl.org/rss/1.0/
    - http://my.netscape.com/rdf/simple/0.9/ http://purl.org/rss/1.0/modules/rss091# http://www.w3.org/2005/atom
    - http://purl.org/atom/ns# http://purl.org/echo/ http://purl.org/pie/ uri/of/echo/namespace#
    - http://example.com/newformat# http://example.com/necho
    admin http://webns.net/mvcb/
    ag http://purl.org/rss/1.0/modules/aggregation/
    annotate http://purl.org/rss/1.0/modules/annotate/
    audio http://media.tangent.org/rss/1.0/
    blogchannel http://backend.userland.com/blogchannelmodule
    cc http://creativecommons.org/ns#license http://web.resource.org/cc/
    co http://purl.org/rss/1.0/modules/company
    content http://purl.org/rss/1.0/modules/content/
    cp http://my.theinfo.org/changed/1.0/rss/
    creativecommons http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html
    creativecommons http://backend.userland.com/creativecommonsrssmodule
    dc http://purl.org/dc/elements/1.1/
    dcterms http://purl.org/dc/terms/
    email http://purl.org/rss/1.0/modules/email/
    ev http://purl.org/rss/1.0/modules/event/
    feedburner http://rssnamespace.org/feedburner/ext/1.0
    fm http://freshmeat.net/rss/fm/
    foaf http://xmlns.com/foaf/0.1/
    geo http://www.w3.org/2003/01/geo/wgs84_pos#
    georss http://www.georss.org/georss
    gml http://www.opengis.net/gml
    icbm http://postneo.com/icbm/
    image http://purl.org/rss/1.0/modules/image/
    itunes http://www.itunes.com/dtds/podcast-1.0.dtd http://example.com/dtds/podcast-1.0.dtd
    l http://purl.org/rss/1.0/modules/link/
    media http://search.yahoo.com/mrss http://search.yahoo.com/mrss/
    pingback http://madskills.com/public/xml/rss/module/pingback/
    prism http://prismstandard.org/namespaces/1.2/basic/
    psc http://podlove.org/simple-chapters
    rdf http://www.w3.org/1999/02/22-rdf-syntax-ns#
    rdfs http://www.w3.org/2000/01/rdf-schema#
    ref http://purl.org/rss/1.0/modules/reference/
    reqv http://purl.org/rss/1.0/modules/richequiv/
    search http://purl.org/rss/1.0/modules/search/
    slash http://purl.org/rss/1.0/modules/slash/
    soap http://schemas.xmlsoap.org/soap/envelope/
    ss http://purl.org/rss/1.0/modules/servicestatus/
    str http://hacks.benhammersley.com/rss/streaming/
    sub http://purl.org/rss/1.0/modules/subscription/
    sy http://purl.org/rss/1.0/modules/syndication/
    szf http://schemas.pocketsoap.com/rss/mydescmodule/
    taxo http://purl.org/rss/1.0/modules/taxonomy/
    thr http://purl.org/rss/1.0/modules/threading/
    ti http://purl.org/rss/1.0/modules/textinput/
    trackback http://madskills.com/public/xml/rss/module/trackback/
    wfw http://wellformedweb.org/commentapi/
    wiki http://purl.org/rss/1.0/modules/wiki/
    xhtml http://www.w3.org/1999/xhtml
    xlink http://www.w3.org/1999/xlink
    xml http://www.w3.org/xml/1998/namespace
"""
NAMESPACES = {
    uri: "" if line.split()[0] == "-" else line.split()[0]
    for line in _PREFIXES.strip().splitlines()
    for uri in line.split()[1:]
}
_USERLAND = "backend.userland.com/rss"  # taken for the first namespace wherever it stands in an address

# The names that feedparser does something particular with (its `_start_*` and `_end_*` methods): all
# others are kept under their own name. Nobody reads those, but for the last one here.
HANDLED = frozenset(
    "abstract author body category cc_license channel cloud content content_encoded contributor copyright created "
    "creativecommons_license dc_author dc_contributor dc_creator dc_date dc_description dc_language dc_publisher "
    "dc_rights dc_subject dc_title dcterms_created dcterms_issued dcterms_modified dcterms_valid description email "
    "enclosure entry expirationdate feed feedburner_browserfriendly fullitem generator geom georss_box georss_line "
    "georss_point georss_polygon georss_where georssgeom gml_exterior gml_linearring gml_linestring gml_point "
    "gml_polygon gml_pos gml_poslist guid height homepage id image info issued item itunes_author itunes_block "
    "itunes_category itunes_email itunes_explicit itunes_image itunes_keywords itunes_link itunes_name itunes_owner "
    "itunes_subtitle itunes_summary keywords language lastbuilddate link managingeditor media_category media_content "
    "media_credit media_description media_group media_keywords media_license media_player media_rating "
    "media_restriction media_thumbnail media_title modified name newlocation psc_chapter psc_chapters pubdate "
    "published rights rss source subtitle summary tagline tags textinput title updated uri url webmaster where width "
    "xhtml_body feedburner_origlink".split()
)
# Of those, the ones that change nothing in what is read of a feed or an entry, wherever they stand.
HARMLESS = frozenset(
    "cc_license cloud copyright dc_contributor dc_publisher dc_rights email "
    "feedburner_browserfriendly generator georss_box georss_line georss_point georss_polygon height homepage info "
    "itunes_block itunes_explicit itunes_image itunes_subtitle media_content media_credit media_license media_player "
    "media_rating media_restriction media_thumbnail name rights subtitle tagline uri url webmaster width".split()
)
# feedparser keeps what it found under such keys: an element of that name would break or replace it.
_INNER = frozenset("authors contributors enclosures guidislink links publishers".split())
_INNER_ENDINGS = ("_detail", "_parsed")

# The attributes that feedparser reads, by their plain names: it sees those of foreign namespaces too.
_READ = frozenset(
    "about base domain href ispermalink label lang lastmod length mode rel scheme src term text type uri url "
    "version".split()
)
_LOWERED = frozenset({"rel", "type"})
_XML = "{http://www.w3.org/xml/1998/namespace}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


class Declined(Exception):  # noqa: N818 - not an error: feedparser reads the document
    """The document holds something that the fast reader leaves to feedparser."""


class Names(dict[str, str]):
    """The name of each tag, found when first asked for; raises Declined for one that is not certain."""

    def __init__(self, declared: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._prefixes = _choose_prefixes(declared)

    def __missing__(self, tag: str) -> str:
        """The name of a tag met for the first time."""
        uri, _, local = tag.rpartition("}")
        prefix = self._prefixes[uri[1:]] if uri else ""
        name = f"{prefix}_{local}".lower() if prefix else local.lower()
        if name in _INNER or name.endswith(_INNER_ENDINGS):
            raise Declined(f"an element named {name}")
        self[tag] = name
        return name


def _choose_prefixes(declared: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The prefix of each namespace address; `declared` are pairs of prefix and address, in order.

    feedparser keeps one address for a prefix and one prefix for an address, for the whole document:
    raises Declined where that would mix two namespaces.
    """
    prefixes = {"http://www.w3.org/XML/1998/namespace": "xml"}  # declared by nobody
    meanings: dict[str, str] = {}
    for written, uri in dict.fromkeys(declared):
        if not uri:
            continue
        prefix = written.lower()
        known = "" if _USERLAND in uri.lower() else NAMESPACES.get(uri.lower())
        meant = uri if known is None else known
        kept = prefixes.setdefault(uri, prefix if known is None else known)
        mixed = (
            uri.split() != [uri]  # xml.sax splits names at every blank of Unicode
            or any(mark in uri for mark in "{}")
            or known == "xlink"  # feedparser takes its declaration for an attribute of the element
            or (prefix and meanings.setdefault(prefix, meant) != meant)
            or (known is None and kept != prefix and not (kept and prefix))
            or (known and meanings.setdefault(known, known) != known)
        )
        if mixed:
            raise Declined(f"the prefix {written} for {uri}")
    return prefixes


def read_attributes(element: Element) -> dict[str, str]:
    """The attributes of an element as feedparser sees them; raises Declined where two would be one."""
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        name = key if key in _READ else _name_attribute(key)
        if name in found:
            raise Declined(f"the attribute {key} twice")
        if name:
            found[name] = value.lower() if name in _LOWERED else value
    return found


def _name_attribute(key: str) -> str:
    """The name that feedparser gives an attribute, "" for one that nobody reads."""
    name = key.lower().replace(_XML, "xml:").replace(_RDF, "rdf:")
    if not name.startswith("{"):
        return name
    if name.rpartition("}")[2] in _READ:
        raise Declined(f"the attribute {key}")
    return ""


def read_language(attributes: dict[str, str], inherited: str) -> str:
    """The language of an element, that of the one around it when it does not say."""
    return attributes.get("xml:lang", attributes.get("lang", inherited))


def check_harmless(element: Element, names: Names) -> None:
    """Raises Declined when something in an element that nobody reads could change what is read."""
    for part in element.iter() if len(element) else (element,):
        name = names[part.tag]
        if name in HANDLED and (name not in HARMLESS or len(part)):
            raise Declined(f"{name} inside {names[element.tag]}")
