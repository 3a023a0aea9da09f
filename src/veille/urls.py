"""Addresses: which are web addresses, how two are told to be the same page.

Pure string work; nothing here opens an address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_WEB = ("http", "https")
_PORTS = {"http": 80, "https": 443}

# Query parameters that say who shared or counted a link, never what it shows.
# Sources: Google Analytics campaign parameters (utm_*); click identifiers of Google (gclid, dclid,
# gbraid, wbraid), Meta (fbclid), Microsoft (msclkid), X (twclid), TikTok (ttclid), Yandex (yclid),
# Instagram (igshid); Mailchimp (mc_*), Matomo (mtm_*, pk_*), AT Internet (xtor, at_*), HubSpot (_hs*),
# Marketo (mkt_tok); and feed marks of outlets.
_TRACKING_PREFIXES = ("utm_", "mc_", "mtm_", "pk_", "at_", "_hs", "hsa_", "oly_", "vero_")
_TRACKING = frozenset(
    "gclid dclid gbraid wbraid fbclid msclkid twclid ttclid yclid igshid igsh xtor mkt_tok cmpid ocid "
    "ns_mchannel ns_source ns_campaign ns_linkname ns_fee feedname wt_mc wt.mc_id s_cid smid spm "
    "_ga _gl fb_ref fb_source ref_src rss amp outputtype".split(),
)
_TRACKING_PAIRS = frozenset({("ref", "rss"), ("source", "rss"), ("from", "rss"), ("output", "amp"), ("partner", "rss")})
# Hosts that serve the same page to other screens: in front, or inside a name (fr.m.wikipedia.org).
_MIRROR_HOSTS = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.[^.])|(?<=\w)\.m(?=\.wiki)")
_AMP_TAIL = re.compile(r"(?:/amp(?:\.html)?|\.amp)$|\.amp(?=\.html$)", re.IGNORECASE)
# The addresses of AMP copies that hold the address of the page: by host, where that stands in the path.
# Sources: developers.google.com/amp/cache/overview (cdn.ampproject.org), Google's results pages.
_AMP_CACHES = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), re.compile(r"/amp/(?:s/)?(?P<target>.+)")),
    (re.compile(r".+\.cdn\.ampproject\.org"), re.compile(r"/[cviraw]/(?:s/)?(?P<target>.+)")),
)
_WRAPPINGS = 5
_LONGEST = 8000  # octets that every server takes (RFC 9110, 4.1)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# The last are marks that would show a host in another order than it has (UAX #9); IDNA has none of them.
_NOT_IN_HOST = re.compile(r"[\s<>\"\\^`{|}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# The commonest addresses, which need no work: absolute, with a plain host and nothing to encode.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?:/[\w%/:@!$&'()*+,=.~|-]*(?:\?[\w%/:@!$&'()*+,=.~|-]+)?)?", re.ASCII
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SAFE = "%/:?[]@!$&'()*+,;=-._~|^`{}"


def is_web(url: str) -> bool:
    """Whether this is an absolute http or https address with a host, short enough to be asked for."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in _WEB
            and bool(parts.hostname)
            and parts.port != 0
            and len(url.encode()) <= _LONGEST
            and not _CONTROLS.search(url)
            and not _NOT_IN_HOST.search(parts.netloc)
        )
    except ValueError:  # UnicodeEncodeError, for lone surrogates, is one
        return False


def resolve_link(link: str, base: str) -> str:
    """The absolute web address of a link in a document at `base`, or "" when it is not one."""
    if len(link) <= _LONGEST and _PLAIN.fullmatch(link):
        return link
    cleaned = re.sub(r"[\x00-\x20\x7f]+", lambda m: "" if set(m[0]) <= {"\t", "\n", "\r"} else " ", link).strip()
    if not cleaned or len(cleaned) > _LONGEST:
        return ""
    try:
        parts = urlsplit(urljoin(base, cleaned) if base else cleaned)
        # The host keeps its letters: percent signs there would make it another.
        encoded = (quote(part, safe=_SAFE) for part in parts[2:])
        joined = urlunsplit((parts.scheme, parts.netloc, *encoded))
    except ValueError:
        return ""
    return joined if is_web(joined) else ""


def host_of(url: str) -> str:
    """The lower-case host of an address, "" when it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def ascii_host(host: str) -> str:
    """A host as the network knows it (xn--...), "" for what is none.

    By IDNA 2008, as browsers read it: the older rules of Python's own codec make another host of straße.de.
    """
    if host.isascii():
        return host
    # Few hosts need it, and its tables take time to load.
    import idna

    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii")
    except UnicodeError:
        return ""


def without_user(url: str) -> str:
    """An address without its name and password, as it may be told."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def tell_address(url: str) -> str:
    """An address as others may read it: its query too may hold a token."""
    return urlunsplit(urlsplit(without_user(url))._replace(query="", fragment=""))


def tell_name(*names: str) -> str:
    """The first name that there is; one that is an address, as others may read it."""
    name = next(filter(None, names), "")
    return tell_address(name) if is_web(name) else name


def tell_text(text: str) -> str:
    """A line with the addresses in it as others may read them."""
    return _ADDRESS.sub(lambda found: tell_address(found[0]) if is_web(found[0]) else "…", text)


def site_of(url: str) -> str:
    """The host less the forms that serve other screens: `www.example.org` and `m.example.org` are one site."""
    return _strip_mirrors(host_of(url).strip("."))


def normalise_feed_url(url: str) -> str:
    """A feed's address as it is stored: scheme and host in lower case, default port and fragment gone.

    Blanks are encoded. Nothing else changes: for a server, `/feed` and `/feed/` may be two documents. `url` is a web
    address (`is_web`); raises ValueError for some that are not.
    """
    parts = urlsplit(re.sub(r"\s", lambda blank: quote(blank[0]), url.strip()))
    host = _bracket((parts.hostname or "").lower())
    scheme = parts.scheme.lower()
    port = f":{parts.port}" if parts.port and parts.port != _PORTS.get(scheme) else ""
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit((scheme, f"{user}{host}{port}", parts.path or "/", parts.query, ""))


def canonical_url(url: str) -> str:
    """A key that two addresses of the same page share: not an address to open.

    Forgets scheme, `www.`, mobile and AMP forms, default ports, tracking parameters, the order of
    parameters, trailing slash and fragment. "" when `url` is not a web address. The key, as an https
    address, has itself as key.
    """
    for _ in range(_WRAPPINGS):
        if not is_web(url):
            return ""
        parts = urlsplit(url)
        target = _find_target(parts)
        if not target:
            return _make_key(parts)
        url = target
    return ""


def _find_target(parts: SplitResult) -> str:
    """The address that an AMP cache's address holds, "" for any other address."""
    for host, path in _AMP_CACHES:
        held = path.fullmatch(parts.path) if host.fullmatch((parts.hostname or "").lower()) else None
        if held:
            return f"https://{held['target']}{'?' + parts.query if parts.query else ''}"
    return ""


def _make_key(parts: SplitResult) -> str:
    host = _bracket(_strip_mirrors((parts.hostname or "").strip(".").lower()))
    port = f":{parts.port}" if parts.port and parts.port not in _PORTS.values() else ""
    path = quote(unquote(parts.path, errors="surrogateescape"), safe="/:@!$&'()*+,;=-._~", errors="surrogateescape")
    query = urlencode(sorted(_kept_parameters(parts.query)), errors="surrogateescape")
    return f"{host}{port}{_strip_amp(path)}{'?' + query if query else ''}" if host else ""


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _strip_mirrors(host: str) -> str:
    while (shorter := _MIRROR_HOSTS.sub("", host)) != host:
        host = shorter
    return host


def _strip_amp(path: str) -> str:
    path = re.sub(r"/{2,}", "/", path)
    while True:
        shorter = _AMP_TAIL.sub("", path.rstrip("/"))
        if shorter == path:
            return path
        path = shorter


def _kept_parameters(query: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
        if not (
            name.lower() in _TRACKING
            or name.lower().startswith(_TRACKING_PREFIXES)
            or (name.lower(), value.lower()) in _TRACKING_PAIRS
        )
    ]
