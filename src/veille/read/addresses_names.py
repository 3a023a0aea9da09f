"""What to call a feed of the tables until it says its own title: its address in, a short name out.

"" for an address whose form is not known here. Pure.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from veille.text import clean_line, shorten

_LONGEST = 120
_AT = r"(?P<host>[^/]+)"


def name_feed(url: str) -> str:
    """A name such as `r/france`, `o/r releases` or `news: "ma marque"`."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    place = f"{parts.netloc.removeprefix('www.')}{parts.path}"
    for form, parameter, name in _NAMES:
        found = re.fullmatch(form, place)
        if found and (not parameter or parameter in asked):
            said = {key: unquote(value or "") for key, value in found.groupdict().items()}
            told = name.format_map(said | {"asked": asked.get(parameter, "")})
            return shorten(clean_line(told), _LONGEST)
    return ""


# The forms of feeds' addresses (host without www., and path), a parameter that they need, and a name: one
# for every template of `addresses_sites.py`, `addresses_forges.py` and `addresses_searches.py`.
_NAMES: tuple[tuple[str, str, str], ...] = (
    (r"news\.google\.com/rss/search", "q", "news: {asked}"),
    (r"news\.google\.com/rss/headlines/section/\w+/(?P<what>[^/]+)", "", "Google News: {what}"),
    (r"news\.google\.com/rss(?:/.*)?", "", "Google News"),
    (r"rss\.arxiv\.org/rss/(?P<what>.+)", "", "arXiv {what}"),
    (r"export\.arxiv\.org/api/query", "search_query", "arXiv: {asked}"),
    (r"api\.archives-ouvertes\.fr/search/(?P<what>[^/]+)/", "q", "HAL {what}: {asked}"),
    (r"api\.archives-ouvertes\.fr/search/", "q", "HAL: {asked}"),
    (r"youtube\.com/feeds/videos\.xml", "channel_id", "YouTube {asked}"),
    (r"youtube\.com/feeds/videos\.xml", "playlist_id", "YouTube playlist {asked}"),
    (r"youtube\.com/feeds/videos\.xml", "user", "YouTube {asked}"),
    (r"reddit\.com/(?P<what>r/[^/]+)/search\.rss", "q", "{what}: {asked}"),
    (r"reddit\.com/search\.rss", "q", "Reddit: {asked}"),
    (r"reddit\.com/(?P<what>r/[^/]+)/comments/(?:[^/]+/)*(?P<story>[^/]+)/\.rss", "", "{what}: {story}"),
    (r"reddit\.com/(?P<what>r/[^/]+)(?:/(?P<sorted>\w+))?/\.rss", "", "{what} {sorted}"),
    (r"reddit\.com/user/(?P<what>.+)/\.rss", "", "u/{what}"),
    (r"reddit\.com/domain/(?P<what>[^/]+)/\.rss", "", "Reddit: {what}"),
    (r"reddit\.com(?:/(?P<sorted>\w+))?/\.rss", "", "Reddit {sorted}"),
    (r"bsky\.app/profile/(?P<what>[^/]+)/rss", "", "@{what}"),
    (r"github\.com/(?P<what>[^/]+/[^/]+)/(?P<kind>\w+)\.atom", "", "{what} {kind}"),
    (r"github\.com/(?P<what>[^/]+/[^/]+)/commits/(?P<ref>.+)\.atom", "", "{what} commits {ref}"),
    (r"github\.com/(?P<what>[^/]+)\.atom", "", "{what} on GitHub"),
    (rf"{_AT}/(?P<what>[^/]+/.+)/-/releases\.atom", "", "{what} releases"),
    (rf"{_AT}/(?P<what>[^/]+/.+)/-/tags", "format", "{what} tags"),
    (rf"{_AT}/(?P<what>[^/]+/.+)/-/commits/(?P<ref>.+)", "format", "{what} commits {ref}"),
    (rf"{_AT}/(?P<what>.+)\.atom", "", "{what} on {host}"),
    (r"medium\.com/feed/tag/(?P<what>.+)", "", "#{what} on Medium"),
    (r"medium\.com/feed/(?P<name>[^/]+)/tagged/(?P<what>.+)", "", "{name} #{what} on Medium"),
    (r"medium\.com/feed/(?P<what>.+)", "", "{what} on Medium"),
    (r"(?P<host>[^/]+\.(?:medium|substack|wordpress)\.com)/feed/?", "", "{host}"),
    (r"(?P<host>[^/]+\.wordpress\.com)/\w+/(?P<what>.+)/feed/", "", "{host}: {what}"),
    (r"(?P<host>[^/]+\.tumblr\.com)/rss", "", "{host}"),
    (r"(?P<host>[^/]+\.tumblr\.com)/tagged/(?P<what>.+)/rss", "", "{host} #{what}"),
    (r"flickr\.com/services/feeds/photos_public\.gne", "tags", "Flickr #{asked}"),
    (r"flickr\.com/services/feeds/photos_public\.gne", "id", "Flickr {asked}"),
    (r"flickr\.com/services/feeds/photoset\.gne", "set", "Flickr album {asked}"),
    (r"flickr\.com/services/feeds/groups_pool\.gne", "id", "Flickr group {asked}"),
    (r"vimeo\.com/(?P<what>.+)/videos/rss", "", "{what} on Vimeo"),
    (r"dailymotion\.com/rss/(?P<what>playlist/.+)", "", "Dailymotion {what}"),
    (r"dailymotion\.com/rss/user/(?P<what>.+)", "", "{what} on Dailymotion"),
    (rf"{_AT}/@(?P<user>[^/]+)/tagged/(?P<what>[^/]+)\.rss", "", "@{user}@{host} #{what}"),
    (rf"{_AT}/@(?P<user>[^/]+)\.rss", "", "@{user}@{host}"),
    (rf"{_AT}/tags/(?P<what>[^/]+)\.rss", "", "#{what} on {host}"),
)
