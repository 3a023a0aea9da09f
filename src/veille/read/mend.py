"""A document as served in, one that the parser reads whole out. Knows nothing of entries.

Only faults that cost letters, entries or hours are mended, and none that changes what a sound document
says: blanks before the declaration, a wrong charset, characters that XML forbids, endless words.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass

from veille.urls import resolve_link

_BEFORE_ALL = re.compile(rb"^(?:\xef\xbb\xbf|[ \t\r\n])+(?=<)")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_XML = "application/xml"
_SPOILT = 10  # so many good sequences to a bad one make UTF-8 that was cut or patched, not another charset

_STRAYS = re.compile("[\udc80-\udcff]+")

# XML 1.0, 2.2: no control but tab and line ends. The shifts and escape of ISO 2022 are letters there.
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_SEVEN_BITS = re.compile(rb"(?:encoding|charset)=.?(?:iso-2022|hz-gb|utf-7)", re.IGNORECASE)
_CONTROLS_BESIDE_SHIFTS = bytes(set(_CONTROLS) - {14, 15, 27})
# References that may name no character of XML: small, in the range of surrogates, or large.
_DOUBTFUL = re.compile(
    rb"&#(?:0{0,8}(?:[12]?[0-9]|3[01]|5[5-7][0-9]{3}|[0-9]{6,99})"
    rb"|[xX]0{0,8}(?:1?[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{5,99}));"
)
_CHARACTERS = ((9, 10), (13, 13), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))

# feedparser looks for a mail address in names: in 50 kB of letters, for 20 s.
_ENDLESS = re.compile(rb"([\w.+-]{2000})[\w.+-]+")
_ENDLESS_PART = re.compile(rb"[\w.+-]+")
_STRIDE = 1000

_ROOT_BASE = re.compile(
    rb"""(<(?:[\w.-]+:)?(?:feed|rss|rdf)\b[^<>]*?)\sxml:base\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE
)
_RELATIVE_BASE = re.compile(rb"""(\sxml:base\s*=\s*)(["'])(?!https?:)([^"'<>]*)\2""")
_HEAD = 10_000
# Joined to a link, it changes nothing. Without an address of the document, feedparser would take an
# xml:base to hold for all that comes after its element too.
HERE = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A document to parse, the media type to parse it by, and the address its links are relative to.

    `location` is what feedparser is to take for that address: never the real one, against which it
    would resolve guids, to see them change when a feed moves.
    """

    body: bytes
    content_type: str
    base: str
    location: str = ""


def mend_document(body: bytes, *, content_type: str, url: str) -> Mended:
    """The document served from `url` as `content_type` ("" when not told)."""
    body = _BEFORE_ALL.sub(b"", body)
    if body.startswith(_WIDE) or b"\x00" in body[:4]:
        return Mended(body=body, content_type=content_type or _XML, base=url)
    if _SEVEN_BITS.search(body[:200] + content_type.encode("ascii", "ignore")):
        body = body.translate(None, _CONTROLS_BESIDE_SHIFTS)
    else:
        body = body.translate(None, _CONTROLS)
        utf8 = _read_utf8(body)
        body, content_type = (body, content_type) if utf8 is None else (utf8, f"{_XML}; charset=utf-8")
    body = _isolate_declaration(_DOUBTFUL.sub(_drop_reference, body))
    # A run of twice the stride or more covers a whole stretch of it.
    if any(_ENDLESS_PART.fullmatch(body, at, at + _STRIDE) for at in range(0, len(body), _STRIDE)):
        body = _ENDLESS.sub(rb"\1", body)
    body, base = _take_base(body, url)
    location = HERE if b"xml:base" in body else ""
    return Mended(body=body, content_type=content_type or _XML, base=base, location=location)


def _read_utf8(body: bytes) -> bytes | None:
    """A document that is UTF-8 whatever it says of itself, None for one that is not.

    Text of another charset practically never reads as UTF-8. A few bytes that do not are taken from
    the charset that most often slips in.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "surrogateescape")
        strays = sum(map(len, _STRAYS.findall(text)))
        others = len(text) - len(text.encode("ascii", "ignore")) - strays
        if strays * _SPOILT > others:
            return None
        return _STRAYS.sub(
            lambda run: run[0].encode("ascii", "surrogateescape").decode("cp1252", "replace"), text
        ).encode()
    return body


def _drop_reference(reference: re.Match[bytes]) -> bytes:
    digits = reference[0][2:-1].lower()
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return reference[0] if any(first <= code <= last for first, last in _CHARACTERS) else b""


def _isolate_declaration(body: bytes) -> bytes:
    """A declaration on a line of its own, where that line holds what feedparser would read as another."""
    first_line = body.partition(b"\n")[0]
    if not first_line.startswith(b"<?") or first_line.count(b"encoding=") < 2:  # noqa: PLR2004 - its own and another
        return body
    end = max(body.find(b"?>", 0, 300), 0) + 2  # one without end is no declaration: it is cut too
    return body[:end] + b"\n" + body[end:]


def _take_base(body: bytes, url: str) -> tuple[bytes, str]:
    """The document without the xml:base of its root, and what that makes of its address.

    Those of elements inside are made absolute: feedparser knows no other.
    """
    base = url
    root = _ROOT_BASE.search(body, 0, _HEAD)
    if root:
        written = (root[2] or root[3] or b"").decode("utf-8", "replace")
        base = resolve_link(html.unescape(written), url) or url
        body = body[: root.end(1)] + body[root.end() :]

    def make_absolute(found: re.Match[bytes]) -> bytes:
        written = html.unescape(found[3].decode("utf-8", "replace"))
        return b"".join((found[1], found[2], html.escape(resolve_link(written, base)).encode(), found[2]))

    return _RELATIVE_BASE.sub(make_absolute, body) if b"xml:base" in body else body, base
