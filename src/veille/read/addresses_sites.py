"""The table of sites whose feeds are known by the form of an address: rows of patterns and of templates.

The first row that knows an address decides; one without feeds says that only the page can tell. Rows
marked *unverified* rest on what others' programs ask for, not on a word of the site's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from veille.read.addresses_searches import ARXIV_CATEGORIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A kind of address: host (without www. or m.) and path (without its last slash) as expressions.

    `needs` are parameters with what their values must be. `feeds` are templates by what they hold, the
    best first; names in braces are groups of the two expressions, parameters needed, `host` (with its
    port) and `query` (with its "?").
    """

    hosts: str
    path: str
    needs: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)


def but(words: str) -> str:
    """What keeps a name from being one of these words, which are pages of the site's own."""
    return rf"(?!(?:{'|'.join(words.split())})(?:/|$))"


NO_FEED = r"(?<!\.rss)(?<!\.atom)(?<!\.json)(?<!\.xml)"  # what ends so is a feed already: it is asked

_YOUTUBE_HOSTS = r"(?:music\.)?youtube\.com|youtu\.be|youtube-nocookie\.com"
_YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
_REDDIT_HOSTS = r"(?:(?:old|new|np|sh)\.)?reddit\.com"
_REDDIT = "https://www.reddit.com"
_SORTED = r"(?P<sorted>(?:/(?:hot|new|top|rising|controversial|best))?)"
_MEDIUM_PAGES = but(
    "about browse creators explore-topics feed jobs-at-medium m me membership membership-terms new-story p plans policy"
    " s search search-and-explore tag topic topics"
)
_MEDIUM = "https://medium.com/feed"
_FLICKR = "https://www.flickr.com/services/feeds"
_FLICKR_PHOTOS = _FLICKR + "/photos_public.gne?format=rss_200&"
_NSID = r"(?P<id>\d+(?:@|%40)N\d\d)"
_TUMBLR_PAGES = but(
    "about apps blog communities dashboard docs explore following inbox help likes live login new policy press privacy"
    " radar register safe-mode search settings shop spotlight support tagged tv"
)
_VIMEO_PAGES = but(
    "about album albums api apps blog business careers categories channels create customers en enterprise es event"
    " explore features fr groups guidelines help home join jobs log_in login manage ondemand partners pricing privacy"
    " review search settings showcase solutions stock store tag terms tools upgrade upload user video watch"
)
_DAILYMOTION_PAGES = but(
    "about browse channel discover embed explore feed following help hub legal library login partner playlist"
    " playlists press register rss search settings shows signin signup tag topic trending user video videos watch"
)
# Hosts where /@name is no account of the fediverse.
_OTHER_ACCOUNTS = (
    r"(?:.*\.)?(?:tiktok|threads|substack|flipboard|odysee|steemit|peakd|hive|unsplash|ko-fi|telegram|npmjs|codepen"
    r"|kakao|snapchat|pinterest|youtube|lbry|rumble|quora|hackernoon|note|zhihu)\.[a-z]{2,4}"
)
# Instances of Mastodon, told by their names (joinmastodon.org/servers lists many): /tags/ means nothing
# elsewhere. Of all others the page tells, which names the tag's feed.
_MASTODONS = (
    r".*(?:mastodon|mstdn|masto\.|toot).*|.*\.social|mas\.to|fosstodon\.org|hachyderm\.io|infosec\.exchange|piaille\.fr"
    r"|framapiaf\.org|mamot\.fr|mathstodon\.xyz|pouet\.chapril\.org|oc\.todon\.fr|sciences\.re|troet\.cafe"
    r"|universeodon\.com|mediapart\.social"
)

SITES: tuple[Site, ...] = (
    # YouTube. developers.google.com/youtube/v3/guides/push_notifications: videos.xml?channel_id=. The forms
    # playlist_id= and user= (channels with an old name) are unverified. @names and /c/ do not tell the
    # channel: their page does. Mixes (RD...) and lists of one's own (WL, LL, LM) have no feed.
    Site(
        hosts=_YOUTUBE_HOSTS,
        path=r"/channel/(?P<id>UC[\w-]{22})(?:/.*)?",
        feeds={"videos": _YOUTUBE + "?channel_id={id}"},
    ),
    Site(hosts=_YOUTUBE_HOSTS, path=r"/feeds/videos\.xml", feeds={"videos": _YOUTUBE + "{query}"}),
    Site(hosts=_YOUTUBE_HOSTS, path=r"/user/(?P<name>[\w.-]+)(?:/.*)?", feeds={"videos": _YOUTUBE + "?user={name}"}),
    Site(
        hosts=_YOUTUBE_HOSTS,
        path=r"/(?:playlist|watch|embed/videoseries|[\w-]{11})",
        needs={"list": r"(?!RD|WL|LL|LM)[\w-]{2,64}"},
        feeds={"playlist": _YOUTUBE + "?playlist_id={list}"},
    ),
    # Reddit. www.reddit.com/wiki/rss: ".rss" after any listing, user, multireddit, search or thread.
    Site(
        hosts=_REDDIT_HOSTS,
        path=r"(?P<thread>/r/[\w+-]+/comments/\w+(?:/[^/.]+){0,2})",
        feeds={"comments": _REDDIT + "{thread}/.rss"},
    ),
    Site(
        hosts=_REDDIT_HOSTS,
        path=r"(?P<place>(?:/r/[\w+-]+)?/search)",
        needs={"q": r"(?s).+"},
        feeds={"search": _REDDIT + "{place}.rss{query}"},
    ),
    Site(
        hosts=_REDDIT_HOSTS,
        path=rf"(?P<place>(?:/r/[\w+-]+)?){_SORTED}",
        feeds={"posts": _REDDIT + "{place}{sorted}/.rss{query}"},
    ),
    Site(
        hosts=_REDDIT_HOSTS,
        path=rf"/(?:user|u)/(?P<multi>[\w-]+/m/\w+){_SORTED}",
        feeds={"posts": _REDDIT + "/user/{multi}{sorted}/.rss{query}"},
    ),
    Site(
        hosts=_REDDIT_HOSTS,
        path=r"/(?:user|u)/(?P<name>[\w-]+(?:/(?:submitted|comments))?)",
        feeds={"posts": _REDDIT + "/user/{name}/.rss{query}"},
    ),
    Site(hosts=_REDDIT_HOSTS, path=r"/domain/(?P<site>[\w.-]+)", feeds={"posts": _REDDIT + "/domain/{site}/.rss"}),
    # Bluesky: its profile pages name this feed; it then answers for the account's number (did:plc:...).
    Site(
        hosts=r"bsky\.app",
        path=r"/profile/(?P<account>did:\w+:[\w.:%-]+|[\w-]+(?:\.[\w-]+)+)",
        feeds={"posts": "https://bsky.app/profile/{account}/rss"},
    ),
    # Medium. help.medium.com, article 214874118, "RSS feeds": profiles, publications, tags, and /feed on a
    # publication's own domain (those that are not under medium.com are left to their pages).
    Site(hosts=r"medium\.com", path=r"/tag/(?P<tag>[^/]+)(?:/.*)?", feeds={"stories": _MEDIUM + "/tag/{tag}"}),
    Site(
        hosts=r"medium\.com",
        path=r"/(?P<place>[\w-]+)/tagged/(?P<tag>[^/]+)",
        feeds={"stories": _MEDIUM + "/{place}/tagged/{tag}"},
    ),
    Site(hosts=r"medium\.com", path=r"/(?P<name>@[\w.-]+)(?:/about)?", feeds={"stories": _MEDIUM + "/{name}"}),
    Site(hosts=r"medium\.com", path=rf"/{_MEDIUM_PAGES}(?P<name>[\w-]+)", feeds={"stories": _MEDIUM + "/{name}"}),
    Site(hosts=r"medium\.com", path=r".*"),
    Site(
        hosts=r"(?!help\.)[\w-]+\.medium\.com",
        path=r"(?!/feed(?:/|$)|/tagged/).*",
        feeds={"stories": "https://{host}/feed"},
    ),
    # Substack. support.substack.com, "Is there an RSS feed for my publication?": /feed after its address.
    # open.substack.com/pub/NAME, as its application shares them, is unverified.
    Site(
        hosts=r"open\.substack\.com",
        path=r"/pub/(?P<name>[\w-]+)(?:/.*)?",
        feeds={"posts": "https://{name}.substack.com/feed"},
    ),
    Site(
        hosts=r"(?!(?:open|support|on|read|reader|api)\.)[\w-]+\.substack\.com",
        path=r"(?!.*/feed(?:/|$)|/@).*",
        feeds={"posts": "https://{host}/feed"},
    ),
    # WordPress. wordpress.org/documentation/article/wordpress-feeds ("Categories and Tags", "Authors"): /feed/
    # after any of these. Sites on their own domain are left to their pages, which name their feeds.
    Site(
        hosts=r"[\w-]+\.wordpress\.com",
        path=r"(?P<what>/(?:category|tag|author)(?:/(?!feed(?:/|$)|page/)[^/]+)+)(?:/page/\d+)?",
        feeds={"posts": "https://{host}{what}/feed/", "all posts": "https://{host}/feed/"},
    ),
    Site(
        hosts=r"[\w-]+\.wordpress\.com",
        path=r"(?!.*/feed(?:/|$)).*",
        feeds={"posts": "https://{host}/feed/"},
    ),
    # Tumblr: blogs name /rss on their pages; /tagged/TAG/rss and www.tumblr.com/NAME for NAME.tumblr.com
    # are unverified.
    Site(
        hosts=r"tumblr\.com",
        path=rf"/{_TUMBLR_PAGES}(?P<name>[\w-]+)/tagged/(?P<tag>[^/]+)",
        feeds={"posts": "https://{name}.tumblr.com/tagged/{tag}/rss"},
    ),
    Site(
        hosts=r"tumblr\.com",
        path=rf"/(?:blog/view/)?{_TUMBLR_PAGES}(?P<name>[\w-]+)(?:/\d+(?:/[^/]+)?)?",
        feeds={"posts": "https://{name}.tumblr.com/rss"},
    ),
    Site(
        hosts=r"[\w-]+\.tumblr\.com",
        path=r"/tagged/(?P<tag>[^/]+)",
        feeds={"posts": "https://{host}/tagged/{tag}/rss", "all posts": "https://{host}/rss"},
    ),
    Site(
        hosts=r"[\w-]+\.tumblr\.com",
        path=r"(?:/(?:archive|post/.+|\d+(?:/.*)?))?",
        feeds={"posts": "https://{host}/rss"},
    ),
    # Flickr. www.flickr.com/services/feeds: photos_public, photoset, groups_pool. They take numbers
    # (12345678@N00): of names in an address only the page tells the number.
    Site(hosts=r"flickr\.com", path=r"/photos/tags/(?P<tag>[^/]+)", feeds={"photos": _FLICKR_PHOTOS + "tags={tag}"}),
    Site(
        hosts=r"flickr\.com",
        path=rf"/photos/{_NSID}/tags/(?P<tag>[^/]+)",
        feeds={"photos": _FLICKR_PHOTOS + "id={id}&tags={tag}"},
    ),
    Site(
        hosts=r"flickr\.com",
        path=rf"/photos/{_NSID}/(?:albums|sets)/(?P<set>\d+)",
        feeds={"album": _FLICKR + "/photoset.gne?nsid={id}&set={set}&format=rss_200"},
    ),
    Site(
        hosts=r"flickr\.com",
        path=rf"/(?:photos|people)/{_NSID}",
        feeds={"photos": _FLICKR_PHOTOS + "id={id}"},
    ),
    Site(
        hosts=r"flickr\.com",
        path=rf"/groups/{_NSID}(?:/pool)?",
        feeds={"photos": _FLICKR + "/groups_pool.gne?id={id}&format=rss_200"},
    ),
    # Vimeo and Dailymotion: unverified. Their pages of help that gave these forms are gone.
    Site(
        hosts=r"vimeo\.com",
        path=r"(?P<place>/(?:channels|groups)/[\w-]+)(?:/videos)?",
        feeds={"videos": "https://vimeo.com{place}/videos/rss"},
    ),
    Site(
        hosts=r"vimeo\.com",
        path=rf"/{_VIMEO_PAGES}(?P<name>[A-Za-z][\w-]*)(?:/videos)?",
        feeds={"videos": "https://vimeo.com/{name}/videos/rss"},
    ),
    Site(
        hosts=r"dailymotion\.com",
        path=r"/playlist/(?P<id>x\w+)",
        feeds={"playlist": "https://www.dailymotion.com/rss/playlist/{id}"},
    ),
    Site(
        hosts=r"dailymotion\.com",
        path=rf"/(?:user/)?{_DAILYMOTION_PAGES}(?P<name>[\w.-]{{3,}})(?:/videos)?",
        feeds={"videos": "https://www.dailymotion.com/rss/user/{name}"},
    ),
    # Google News: unverified (Google documents no feed), but its own pages' addresses with /rss before.
    Site(
        hosts=r"news\.google\.com",
        path=r"(?P<place>/search)",
        needs={"q": r"(?s).+"},
        feeds={"news": "https://news.google.com/rss{place}{query}"},
    ),
    Site(
        hosts=r"news\.google\.com",
        path=r"(?P<place>/topics/\w+(?:/sections/\w+)?|/headlines/section/(?:topic|geo)/[^/]+)",
        feeds={"news": "https://news.google.com/rss{place}{query}"},
    ),
    Site(
        hosts=r"news\.google\.com",
        path=r"(?:/(?:home|topstories))?",
        feeds={"news": "https://news.google.com/rss{query}"},
    ),
    # arXiv. info.arxiv.org/help/rss.html: rss.arxiv.org/rss/CATEGORY.
    Site(
        hosts=r"arxiv\.org",
        path=rf"/(?:list|archive)/(?P<category>{ARXIV_CATEGORIES})(?:/(?:new|recent|current|pastweek))?",
        feeds={"articles": "https://rss.arxiv.org/rss/{category}"},
    ),
    # Mastodon and what has followed its form (accounts_controller.rb, tags_controller.rb: ".rss" after the
    # address). An account seen from another instance is asked at home. Rows of specific sites come before.
    Site(hosts=_OTHER_ACCOUNTS, path=r"/@.*"),
    Site(
        hosts=r".+",
        path=r"(?:/(?:web|deck))?/@(?P<user>\w[\w.-]*)@(?P<home>[\w-]+(?:\.[\w-]+)+)(?:/.*)?",
        feeds={"posts": "https://{home}/@{user}.rss"},
    ),
    Site(
        hosts=r".+",
        path=rf"(?P<tagged>/@\w[\w.-]*/tagged/[^/]+){NO_FEED}",
        feeds={"posts": "https://{host}{tagged}.rss"},
    ),
    Site(
        hosts=r".+",
        path=rf"(?:/(?:web|deck))?/@(?P<user>\w[\w.-]*){NO_FEED}(?:/(?:with_replies|media|featured))?",
        feeds={"posts": "https://{host}/@{user}.rss"},
    ),
    Site(
        hosts=_MASTODONS,
        path=rf"(?:/(?:web|deck))?/tags/(?P<tag>[^/]+){NO_FEED}",
        feeds={"posts": "https://{host}/tags/{tag}.rss"},
    ),
)
