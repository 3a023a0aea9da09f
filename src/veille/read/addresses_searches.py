"""Searches as addresses of feeds: `news:QUERY`, `arxiv:QUERY`, `hal:QUERY`, and pages of results pasted.

A text or the parts of an address in, a feed's address out, "" when it is no search known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A language and a country of news searches: `fr`, `FR`."""

    language: str = "fr"
    country: str = "FR"


# The countries whose code is not that of their language in capitals.
_HOMES = {"en": "US", "ja": "JP", "ko": "KR", "sv": "SE", "cs": "CZ", "da": "DK", "el": "GR", "uk": "UA", "ar": "EG"}
_LOCALE = re.compile(r"([a-z]{2,3})(?:_([A-Z]{2}))?(?:[.@].*)?")

# How Google names an edition (hl, the language in ceid) where it is not by its language alone: as the
# addresses of its own pages say.
_GOOGLE_NAMES = {("pt", "BR"): ("pt-BR", "pt-419"), ("pt", "PT"): ("pt-PT", "pt-150"), ("fr", "CA"): ("fr-CA", "fr")}

# arXiv's archives, and its subject classes below them (arxiv.org/category_taxonomy).
_CATEGORY = (
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin|nucl-(?:ex|th)|physics"
    r"|q-bio|q-fin|quant-ph|stat)(?:\.[A-Za-z-]{2,20})?"
)
ARXIV_CATEGORIES = rf"{_CATEGORY}(?:\+{_CATEGORY})*"
# What its API calls the fields of its search page (info.arxiv.org/help/api/user-manual.html, 5.1).
_ARXIV_FIELDS = {"all": "all", "title": "ti", "author": "au", "abstract": "abs", "comments": "co", "journal_ref": "jr"}
_ARXIV_TERM = re.compile(r'[()]|(?:[a-z_]+:)?(?:"[^"]*"|[^\s()"]+)')
_ARXIV_OPERATORS = frozenset({"AND", "OR", "ANDNOT"})

# A word of a search, with what stands in quotes in it; a quote that is never closed takes the rest.
_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)++')

# The filters of a page of results that HAL's API takes as they are: names of indexed fields
# (api.archives-ouvertes.fr/docs/search).
_HAL_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[a-z]{1,10}){1,2}")
_HAL_HOSTS = r"(?:[\w-]+\.)?(?:hal\.science|archives-ouvertes\.fr)"


def edition_of_locale(locale: str) -> Edition:
    """The edition of a locale such as `fr_BE.UTF-8`; the French one when it says nothing."""
    said = _LOCALE.fullmatch(locale)
    return Edition(language=said[1], country=said[2] or home_of(said[1])) if said else Edition()


def home_of(language: str) -> str:
    """The country whose edition is meant when only the language is said."""
    short = language.partition("-")[0]
    return _HOMES.get(short, short[:2].upper())


def feed_of_search(text: str, edition: Edition) -> str:
    """The feed of `news:QUERY`, `arxiv:CATEGORY|QUERY` or `hal:QUERY`."""
    scheme, colon, query = text.partition(":")
    make = _SCHEMES.get(scheme.lower())
    return make(" ".join(query.split()), edition) if make and colon and query.strip() else ""


def feed_of_search_page(host: str, path: str, parameters: Mapping[str, str]) -> str:
    """The feed of a page of results on arXiv or HAL, from its host (without www.), path and parameters."""
    for hosts, where, make in _PAGES:
        found = re.fullmatch(where, path) if re.fullmatch(hosts, host) else None
        if found:
            return make(found, parameters)
    return ""


# news.google.com/rss/search: the feed behind its pages of results. Google documents the operators of a
# query (support.google.com/news), not this address, which is what its pages link to.
def _search_news(query: str, edition: Edition) -> str:
    language, country, query = edition.language, edition.country, _speak_google(query)
    name, short = _GOOGLE_NAMES.get((language, country), (language, language))
    if language == "en":
        name = f"en-{country}"
    elif language == "es" and country != "ES":
        name = short = "es-419"
    return f"https://news.google.com/rss/search?q={quote(query, safe='')}&hl={name}&gl={country}&ceid={country}:{short}"


def _speak_google(query: str) -> str:
    """What is written in veille's own words, in Google's: outside quotes, OU is OR, SAUF x is -x."""
    words = _WORD.findall(re.sub(r"«\s*|\s*»|[“”]", '"', query))
    excluded = False
    said: list[str] = []
    for number, word in enumerate(words, 1):
        if word == "SAUF" and number < len(words):
            excluded = True
            continue
        said.append(("-" if excluded else "") + ("OR" if word == "OU" else word))
        excluded = False
    return " ".join(said)


# info.arxiv.org/help/rss.html for categories; info.arxiv.org/help/api/user-manual.html for searches,
# whose answer is Atom.
def _search_arxiv(query: str, _edition: Edition) -> str:
    if re.fullmatch(ARXIV_CATEGORIES, query):
        return f"https://rss.arxiv.org/rss/{query}"
    parts: list[str] = []
    for term in _ARXIV_TERM.findall(query):
        if parts and parts[-1] not in {*_ARXIV_OPERATORS, "("} and term not in {*_ARXIV_OPERATORS, ")"}:
            parts.append("AND")
        plain = term in {*_ARXIV_OPERATORS, "(", ")"} or re.match(r"[a-z_]+:", term)
        parts.append(term if plain else f"all:{term}")
    return _ask_arxiv(" ".join(parts))


def _ask_arxiv(query: str) -> str:
    asked = {"search_query": query, "sortBy": "submittedDate", "sortOrder": "descending", "max_results": "50"}
    return f"https://export.arxiv.org/api/query?{urlencode(asked, quote_via=quote)}"


def _read_arxiv_page(_path: re.Match[str], parameters: Mapping[str, str]) -> str:
    field = _ARXIV_FIELDS.get(parameters.get("searchtype", "all"))
    query = " ".join(parameters.get("query", "").split())
    if not query or not field:
        return ""
    return _search_arxiv(" ".join(f"{field}:{term}" for term in re.findall(r'"[^"]*"|[^\s"]+', query)), Edition())


# api.archives-ouvertes.fr/docs/search: `wt=rss`; a portal or collection stands before the query.
def _search_hal(query: str, _edition: Edition) -> str:
    return _ask_hal("", query, ())


def _ask_hal(collection: str, query: str, filters: tuple[tuple[str, str], ...]) -> str:
    place = f"{collection}/" if collection else ""
    asked = [("q", query), *filters, ("wt", "rss"), ("sort", "submittedDate_tdate desc"), ("rows", "50")]
    return f"https://api.archives-ouvertes.fr/search/{place}?{urlencode(asked, quote_via=quote)}"


def _read_hal_results(path: re.Match[str], parameters: Mapping[str, str]) -> str:
    """The old form of these pages has its parameters in the path: /search/index/q/*/authIdHal_s/NAME."""
    words = [unquote(word) for word in (path["rest"] or "").split("/") if word]
    found = dict(zip(words[::2], words[1::2], strict=False)) | dict(parameters)
    filters = tuple(
        ("fq", f"{name}:{_hal_value(value)}") for name, value in found.items() if value and _HAL_FIELD.fullmatch(name)
    )
    query = found.get("q", "")
    return _ask_hal(path["collection"] or "", query or "*:*", filters) if query or filters else ""


def _hal_value(value: str) -> str:
    """A value as it was chosen: several are joined by OR there."""
    choices = value.split(" OR ")
    quoted = " OR ".join(f'"{choice}"' for choice in choices)
    return f"({quoted})" if len(choices) > 1 else quoted


def _read_hal_author(path: re.Match[str], _parameters: Mapping[str, str]) -> str:
    return _ask_hal("", f'authIdHal_s:"{path["author"]}"', ())


def _read_hal_collection(path: re.Match[str], _parameters: Mapping[str, str]) -> str:
    return _ask_hal(path["collection"], "*:*", ())


_SCHEMES: dict[str, Callable[[str, Edition], str]] = {
    "news": _search_news,
    "arxiv": _search_arxiv,
    "hal": _search_hal,
}
_COLLECTION = r"/(?P<collection>[A-Z][A-Z0-9_-]+)"
# Hosts, paths, and what makes a feed's address of them.
_PAGES: tuple[tuple[str, str, Callable[[re.Match[str], Mapping[str, str]], str]], ...] = (
    (r"arxiv\.org", r"/search(?:/\w[\w-]*)?/?", _read_arxiv_page),
    # cv.hal.science and the older cv.archives-ouvertes.fr: one page an author, by identifier.
    (r"cv\.(?:hal\.science|archives-ouvertes\.fr)", r"/(?P<author>[a-z0-9][\w-]*)/?", _read_hal_author),
    (_HAL_HOSTS, rf"(?:{_COLLECTION})?/search/index(?P<rest>/.*)?", _read_hal_results),
    # A collection is a portal's page with a name in capitals; documents (/hal-01234567) are not.
    (_HAL_HOSTS, rf"{_COLLECTION}/?", _read_hal_collection),
)
