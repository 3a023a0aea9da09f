"""The article of a web page: its bytes in; its title, paragraphs and language out. trafilatura lives here.

The text is plain, made of clean lines. Where a page comes from, and what the feed says of it, is not known here;
nor is time: who calls bounds it, since a page can take its reader minutes. trafilatura is loaded when it is used.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from veille.errors import ParseError
from veille.read.lists import decode_list
from veille.text import clean_line, clean_text, detect_language, shorten, split_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ArticleStatus = Literal["ok", "part", "empty", "failed"]

# What is no page, by its first bytes: servers call much of it text/html.
_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a document or an archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a sound",
    b"ID3": "a sound",
    b"OggS": "a sound",
    b"\x1f\x8b": "an archive",
}
# By the beginning of its media type.
_TYPES = {
    "application/pdf": "a PDF",
    "image/": "a picture",
    "audio/": "a sound",
    "video/": "a video",
    "application/json": "data, not a page",
}
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_HEAD = 4096  # a page says its charset in its first 1024 bytes (WHATWG), and some a little later
_META = re.compile(rb"""<meta\b[^<>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_TOLD = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# The encodings that pages are written in, as Python calls them: it has others, some of them slow or of no text.
_BELIEVED = re.compile(
    r"iso8859-\d+|cp125[0-8]|cp874|cp932|koi8-[ru]|gb(?:k|2312|18030)|big5\w*|euc_(?:jp|kr)|shift_jis"
)
_LATIN = frozenset({"iso8859-1", "ascii"})  # both mean Windows-1252 on the web (WHATWG encodings)
# schema.org's word for an article that its publisher shows in part only.
_PAID = re.compile(r"""["']isAccessibleForFree["']\s*:\s*["']?false""", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^<>]{0,500}?\slang\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_PLAIN = "text/plain"
_LONGEST = 2_000_000  # characters: more than the longest book
_LONGEST_TITLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What a page holds: its paragraphs; `paid` when it says that it shows only a part."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    language: str = ""
    paid: bool = False

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between two."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry's page as it was found: `ok`, or `part` of it where the publisher says so, with its text.

    `empty`, when the page has no more text than the feed, and `failed` have the reason in its place. `words` are
    counted as an entry's are. It is not asked for again before `retry_at`, nor ever without one.
    """

    entry_id: int
    url: str
    status: ArticleStatus
    fetched_at: datetime
    title: str = ""
    text: str = ""
    language: str = ""
    words: int = 0
    reason: str = ""
    retry_at: datetime | None = None

    @property
    def readable(self) -> bool:
        """Whether there is more to read than the feed gave."""
        return self.status in ("ok", "part")

    @property
    def html(self) -> str:
        """The text as a fragment of HTML, which is how an entry's content is kept."""
        return "\n\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in self.text.split("\n\n") if part)


def read_article(page: bytes, *, url: str, headers: Mapping[str, str]) -> Extract:
    """What a page says, once what surrounds it is gone; no paragraphs where no article is found.

    Raises ParseError for what is no page.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    found = _name_other(page, media_type)
    if found:
        raise ParseError(f"it is {found}, not a page")
    text = _decode(page, headers.get("content-type", ""))
    if media_type == _PLAIN and not re.match(r"\s*<", text):
        return _describe("", text, declared=headers.get("content-language", ""))
    title, body = _extract(text, url)
    declared = _LANG.search(text[: _HEAD * 4])
    said = _describe(title, body, declared=declared[1] if declared else headers.get("content-language", ""))
    return Extract(title=said.title, paragraphs=said.paragraphs, language=said.language, paid=bool(_PAID.search(text)))


def count_article_words(text: str) -> int:
    """How many words there are to read, counted as an entry's are."""
    return len(split_words(text))


def _name_other(page: bytes, media_type: str) -> str:
    """What a document is that is no page, "" for one that may be."""
    by_start = next((name for magic, name in _MAGIC.items() if page.startswith(magic)), "")
    by_type = next((name for start, name in _TYPES.items() if media_type.startswith(start)), "")
    is_binary = b"\0" in page[:_HEAD] and not page.startswith(_WIDE_MARKS)
    return by_start or by_type or ("a file" if is_binary else "")


def _decode(page: bytes, content_type: str) -> str:
    """The text of a page: UTF-8 where it is that, else as its server or itself says, else Windows-1252 by line."""
    told, declared = _TOLD.search(content_type), _META.search(page[:_HEAD])
    label = told[1] if told else declared[1].decode("ascii", "replace") if declared else ""
    try:
        charset = codecs.lookup(label).name if label else ""
    except (LookupError, ValueError):
        charset = ""
    if not _BELIEVED.fullmatch(charset) or charset in _LATIN or page.startswith((codecs.BOM_UTF8, *_WIDE_MARKS)):
        return decode_list(page)
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode(charset, errors="replace")


def _extract(text: str, url: str) -> tuple[str, str]:
    """The title and the text that trafilatura finds, "" for none."""
    from trafilatura import bare_extraction
    from trafilatura.metadata import extract_title
    from trafilatura.utils import load_html

    try:
        tree = load_html(text)
        if tree is None:
            return "", ""
        title = extract_title(tree) or ""
        found: Any = bare_extraction(tree, url=url, include_comments=False, include_formatting=False)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ParseError(f"no article can be made out in it ({type(error).__name__})") from None
    return title, str(found.text or "") if found is not None else ""


def _describe(title: str, body: str, *, declared: str) -> Extract:
    title = shorten(clean_line(title), _LONGEST_TITLE)
    paragraphs = [line for line in clean_text(body[:_LONGEST]).split("\n") if line]
    if paragraphs and paragraphs[0] == title:
        del paragraphs[0]
    language = detect_language(" ".join(paragraphs[:50]), declared=declared)
    return Extract(title=title, paragraphs=tuple(paragraphs), language=language)
