"""Which addresses lead to one page: an address in, the key that another of the same page shares out."""

from __future__ import annotations

import re

from veille.urls import canonical_url

_HOME = re.compile(r"[^/?]*(?:/(?:index\.\w+|[a-z]{2}))?")


def page_key(url: str) -> str:
    """The canonical address of a page, "" for a site's home page and for what is no web address."""
    page = canonical_url(url if "://" in url else f"https://{url}")
    return "" if _HOME.fullmatch(page) else page


def same_page(a: str, b: str) -> bool:
    """Whether two addresses lead to one page that is not the home page of a site."""
    return bool(page_key(a)) and page_key(a) == page_key(b)
