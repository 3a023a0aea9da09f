"""A digest as one self-contained HTML page: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from veille.show.phrases import MOST_LEFT_OUT, local_time, outlets_of, title_of, why_of
from veille.text import shorten
from veille.urls import is_web

if TYPE_CHECKING:
    from veille.model import Digest

_EXCERPT = 280


def render_html(digest: Digest) -> str:
    """The whole page. Every value is escaped by the template; only web addresses become links."""
    environment = Environment(
        loader=PackageLoader("veille.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["web"] = is_web
    template = environment.get_template("digest.html")
    return template.render(
        digest=digest,
        most_left_out=MOST_LEFT_OUT,
        title_of=title_of,
        outlets_of=outlets_of,
        why_of=why_of,
        excerpt=lambda text: shorten(text, _EXCERPT),
        time_of=lambda moment: local_time(moment, now=digest.written_at),
    )
