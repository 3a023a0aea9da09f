"""What people paste: addresses of sites, accounts, searches, and what is none of these."""

import re
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.read.addresses import complete_address, find_known_feeds, has_scheme
from veille.read.addresses_forges import FORGES
from veille.read.addresses_names import name_feed
from veille.read.addresses_searches import Edition, edition_of_locale, home_of
from veille.read.addresses_sites import SITES
from veille.urls import is_web, site_of

FRENCH = Edition()
UC = "UCabcdefghijklmnopqrst_-"
YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
HAL = "https://api.archives-ouvertes.fr/search/"
PHOTOS = "https://www.flickr.com/services/feeds/photos_public.gne?format=rss_200&"

# What is pasted, and the feed that it gives: at least one for every row of the tables.
KNOWN = [
    (f"https://www.youtube.com/channel/{UC}", f"{YOUTUBE}?channel_id={UC}"),
    (f"https://m.youtube.com/channel/{UC}/videos?view=0", f"{YOUTUBE}?channel_id={UC}"),
    (f"{YOUTUBE}?playlist_id=PLx", f"{YOUTUBE}?playlist_id=PLx"),
    ("youtube.com/user/franceinfo/videos", f"{YOUTUBE}?user=franceinfo"),
    ("https://www.youtube.com/playlist?list=PLa-b_c", f"{YOUTUBE}?playlist_id=PLa-b_c"),
    ("https://www.youtube.com/watch?v=abcdefghijk&list=PLabc&index=2", f"{YOUTUBE}?playlist_id=PLabc"),
    ("https://youtu.be/abcdefghijk?list=PLabc", f"{YOUTUBE}?playlist_id=PLabc"),
    ("https://www.reddit.com/", "https://www.reddit.com/.rss"),
    ("https://old.reddit.com/r/france/", "https://www.reddit.com/r/france/.rss"),
    ("reddit.com/r/france+paris/top/?t=week", "https://www.reddit.com/r/france+paris/top/.rss?t=week"),
    ("https://www.reddit.com/u/someone", "https://www.reddit.com/user/someone/.rss"),
    ("https://www.reddit.com/user/someone/submitted/", "https://www.reddit.com/user/someone/submitted/.rss"),
    ("https://www.reddit.com/user/someone/m/presse/new/", "https://www.reddit.com/user/someone/m/presse/new/.rss"),
    ("https://www.reddit.com/search/?q=bad+buzz&sort=new", "https://www.reddit.com/search.rss?q=bad+buzz&sort=new"),
    (
        "https://www.reddit.com/r/france/search/?q=presse&restrict_sr=1",
        "https://www.reddit.com/r/france/search.rss?q=presse&restrict_sr=1",
    ),
    (
        "https://www.reddit.com/r/france/comments/1abc23/un_titre/",
        "https://www.reddit.com/r/france/comments/1abc23/un_titre/.rss",
    ),
    ("https://www.reddit.com/domain/example.org/", "https://www.reddit.com/domain/example.org/.rss"),
    ("https://bsky.app/profile/alice.bsky.social", "https://bsky.app/profile/alice.bsky.social/rss"),
    ("https://bsky.app/profile/did:plc:z72i7hdynmk6", "https://bsky.app/profile/did:plc:z72i7hdynmk6/rss"),
    ("@alice.bsky.social", "https://bsky.app/profile/alice.bsky.social/rss"),
    ("https://github.com/simonw/datasette", "https://github.com/simonw/datasette/releases.atom"),
    ("https://github.com/simonw/datasette.git", "https://github.com/simonw/datasette/releases.atom"),
    ("https://github.com/o/r.js/releases/tag/v1.0", "https://github.com/o/r.js/releases.atom"),
    ("https://github.com/o/r/tags", "https://github.com/o/r/tags.atom"),
    ("https://github.com/o/r/commits", "https://github.com/o/r/commits.atom"),
    ("https://github.com/o/r/commits/main/", "https://github.com/o/r/commits/main.atom"),
    ("https://github.com/o/r/commits/main/docs/x.md", "https://github.com/o/r/commits/main/docs/x.md.atom"),
    ("https://github.com/o/r/tree/main/src", "https://github.com/o/r/commits/main/src.atom"),
    ("https://github.com/o/r/wiki", "https://github.com/o/r/wiki.atom"),
    ("https://github.com/o/r/discussions", "https://github.com/o/r/discussions.atom"),
    ("https://github.com/simonw", "https://github.com/simonw.atom"),
    ("https://github.com/orgs/python/repositories", "https://github.com/python.atom"),
    ("https://gitlab.com/group/sub/project", "https://gitlab.com/group/sub/project/-/releases.atom"),
    ("https://gitlab.example.org:8443/g/p/-/releases/v1", "https://gitlab.example.org:8443/g/p/-/releases.atom"),
    ("https://framagit.org/g/p/-/tags", "https://framagit.org/g/p/-/tags?format=atom"),
    (
        "https://gitlab.com/g/p/-/commits/main/doc?ref_type=heads",
        "https://gitlab.com/g/p/-/commits/main/doc?format=atom",
    ),
    ("https://gitlab.com/groups/gitlab-org/-/activity", "https://gitlab.com/gitlab-org.atom"),
    ("https://gitlab.com/gitlab-org", "https://gitlab.com/gitlab-org.atom"),
    ("https://medium.com/@user.name", "https://medium.com/feed/@user.name"),
    ("https://medium.com/better-programming", "https://medium.com/feed/better-programming"),
    ("https://medium.com/tag/e-reputation/latest", "https://medium.com/feed/tag/e-reputation"),
    ("https://medium.com/netflix-techblog/tagged/data", "https://medium.com/feed/netflix-techblog/tagged/data"),
    ("https://netflixtechblog.medium.com/a-story-12ab", "https://netflixtechblog.medium.com/feed"),
    ("https://lettre.substack.com/p/un-billet?r=1", "https://lettre.substack.com/feed"),
    ("https://open.substack.com/pub/lettre/p/un-billet", "https://lettre.substack.com/feed"),
    ("https://blog.wordpress.com", "https://blog.wordpress.com/feed/"),
    ("https://blog.wordpress.com/category/a/b/page/2/", "https://blog.wordpress.com/category/a/b/feed/"),
    ("https://blog.wordpress.com/tag/m%C3%A9dias", "https://blog.wordpress.com/tag/m%C3%A9dias/feed/"),
    ("https://blog.tumblr.com/post/123/title", "https://blog.tumblr.com/rss"),
    ("https://blog.tumblr.com/tagged/presse", "https://blog.tumblr.com/tagged/presse/rss"),
    ("https://www.tumblr.com/un-blog/123456/title", "https://un-blog.tumblr.com/rss"),
    ("https://www.tumblr.com/un-blog/tagged/presse", "https://un-blog.tumblr.com/tagged/presse/rss"),
    ("https://www.flickr.com/photos/12345678@N00/", f"{PHOTOS}id=12345678@N00"),
    ("https://www.flickr.com/photos/12345678@N00/tags/paris", f"{PHOTOS}id=12345678@N00&tags=paris"),
    ("https://www.flickr.com/photos/tags/paris/", f"{PHOTOS}tags=paris"),
    (
        "https://www.flickr.com/photos/12345678@N00/albums/7215",
        "https://www.flickr.com/services/feeds/photoset.gne?nsid=12345678@N00&set=7215&format=rss_200",
    ),
    (
        "https://www.flickr.com/groups/52240442@N00/pool/",
        "https://www.flickr.com/services/feeds/groups_pool.gne?id=52240442@N00&format=rss_200",
    ),
    ("https://vimeo.com/channels/staffpicks", "https://vimeo.com/channels/staffpicks/videos/rss"),
    ("https://vimeo.com/groups/motion/videos", "https://vimeo.com/groups/motion/videos/rss"),
    ("https://vimeo.com/someone", "https://vimeo.com/someone/videos/rss"),
    ("https://www.dailymotion.com/franceinfo", "https://www.dailymotion.com/rss/user/franceinfo"),
    ("https://www.dailymotion.com/playlist/x5nmbq", "https://www.dailymotion.com/rss/playlist/x5nmbq"),
    (
        "https://news.google.com/search?q=marque&hl=fr&gl=FR&ceid=FR%3Afr",
        "https://news.google.com/rss/search?q=marque&hl=fr&gl=FR&ceid=FR%3Afr",
    ),
    ("https://news.google.com/topics/CAAq?hl=fr", "https://news.google.com/rss/topics/CAAq?hl=fr"),
    (
        "https://news.google.com/headlines/section/geo/Lyon?hl=fr",
        "https://news.google.com/rss/headlines/section/geo/Lyon?hl=fr",
    ),
    ("https://news.google.com/home?hl=fr", "https://news.google.com/rss?hl=fr"),
    ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
    ("https://arxiv.org/archive/hep-th", "https://rss.arxiv.org/rss/hep-th"),
    ("https://mastodon.social/@Gargron", "https://mastodon.social/@Gargron.rss"),
    ("@Gargron@mastodon.social", "https://mastodon.social/@Gargron.rss"),
    ("https://social.example.org:8443/@a.b/with_replies", "https://social.example.org:8443/@a.b.rss"),
    ("https://mastodon.social/@user@other.example", "https://other.example/@user.rss"),
    ("https://piaille.fr/@user/tagged/presse", "https://piaille.fr/@user/tagged/presse.rss"),
    ("https://piaille.fr/tags/presse", "https://piaille.fr/tags/presse.rss"),
]

# What looks like the above, and of which the page alone can tell; or which is a feed already.
UNKNOWN = [
    "https://www.youtube.com/@handle",
    "https://www.youtube.com/c/Name",
    "https://www.youtube.com/watch?v=abcdefghijk",
    "https://www.youtube.com/watch?v=abcdefghijk&list=RDabc",
    "https://www.youtube.com/playlist?list=WL",
    "https://www.reddit.com/r/france/.rss",
    "https://www.reddit.com/r/france/wiki/index",
    "https://www.reddit.com/search/",
    "https://bsky.app/profile/alice.bsky.social/post/3k",
    "https://github.com/o/r/issues",
    "https://github.com/o/r/pull/12",
    "https://github.com/o/r/releases.atom",
    "https://github.com/o/r/commits/main.atom",
    "https://github.com/simonw.atom",
    "https://github.com/topics/rss",
    "https://github.com/",
    "https://gitlab.com/g/p/-/issues",
    "https://gitlab.com/gitlab-org.atom",
    "https://gitlab.com/explore/projects",
    "https://medium.com/@user/a-story-12ab",
    "https://medium.com/feed/@user",
    "https://medium.com/m/signin",
    "https://netflixtechblog.medium.com/feed",
    "https://substack.com/@user",
    "https://lettre.substack.com/feed",
    "https://support.substack.com/hc",
    "https://blog.wordpress.com/comments/feed/",
    "https://blog.wordpress.com/tag/x/feed/",
    "https://www.tumblr.com/explore/today",
    "https://www.tumblr.com/blog/123456/title",
    "https://www.tumblr.com/tagged/presse",
    "https://blog.tumblr.com/rss",
    "https://www.flickr.com/photos/a-name/",
    "https://vimeo.com/123456789",
    "https://vimeo.com/watch",
    "https://www.dailymotion.com/video/x8abc",
    "https://www.dailymotion.com/fr",
    "https://news.google.com/rss/search?q=x",
    "https://arxiv.org/abs/2401.00001",
    "https://arxiv.org/search/?query=",
    "https://hal.science/hal-01234567",
    "https://hal.science/search/index/",
    "https://mastodon.social/@Gargron.rss",
    "https://mastodon.social/@Gargron/1234",
    "https://www.tiktok.com/@user",
    "https://www.threads.net/@user",
    "https://www.example.org/tags/presse",
    "https://www.example.org/",
    "https://user:pw@github.com/o/r",
]


def first_feed(pasted: str, edition: Edition = FRENCH) -> str:
    found = find_known_feeds(pasted, edition)
    return found[0].url if found else ""


@pytest.mark.parametrize(("pasted", "feed"), KNOWN)
def test_a_known_address_gives_its_feed(pasted: str, feed: str) -> None:
    assert first_feed(pasted) == feed


@pytest.mark.parametrize("pasted", UNKNOWN)
def test_what_only_the_page_can_tell_gives_nothing(pasted: str) -> None:
    assert find_known_feeds(pasted, FRENCH) == ()


def test_every_row_of_the_tables_is_met_above() -> None:
    rows = [*FORGES, *SITES]
    met = set()
    for pasted in [*(known for known, _ in KNOWN), *UNKNOWN]:
        address = complete_address(pasted)
        parts = urlsplit(address)
        parameters = dict(parse_qsl(parts.query))
        met.add(
            next(
                (
                    number
                    for number, row in enumerate(rows)
                    if re.fullmatch(row.hosts, site_of(address))
                    and re.fullmatch(row.path, parts.path.rstrip("/"))
                    and all(re.fullmatch(form, parameters.get(name, "")) for name, form in row.needs.items())
                ),
                None,
            )
        )
    assert [row for number, row in enumerate(rows) if number not in met] == []


def test_a_repository_gives_its_releases_and_tells_of_the_rest() -> None:
    found = find_known_feeds("https://github.com/o/r", FRENCH)
    assert [(one.title, one.url.rpartition("/")[2]) for one in found] == [
        ("releases", "releases.atom"),
        ("tags", "tags.atom"),
        ("commits", "commits.atom"),
    ]
    assert [one.title for one in find_known_feeds("https://github.com/o/r/wiki", FRENCH)] == ["wiki"]


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("www.lemonde.fr", "https://www.lemonde.fr"),
        ("  lemonde.fr/rss ", "https://lemonde.fr/rss"),
        ("//lemonde.fr/rss", "https://lemonde.fr/rss"),
        ("lemonde.fr:8080/rss?a=1", "https://lemonde.fr:8080/rss?a=1"),
        ("localhost:8000/feed", "https://localhost:8000/feed"),
        ("127.0.0.1:8000", "https://127.0.0.1:8000"),
        ("[2001:db8::1]:8080/feed", "https://[2001:db8::1]:8080/feed"),
        ("http://[::1]/feed", "http://[::1]/feed"),
        ("médias.example/flux", "https://médias.example/flux"),
        ("HTTP://Example.org/a", "HTTP://Example.org/a"),
        ("feed://example.org/rss", "http://example.org/rss"),
        ("feed:https://example.org/rss", "https://example.org/rss"),
        ("https://user:pw@example.org/rss", "https://user:pw@example.org/rss"),
        ("@user@instance.example", "https://instance.example/@user"),
    ],
)
def test_an_address_without_a_scheme_is_https(pasted: str, address: str) -> None:
    assert complete_address(pasted) == address


@pytest.mark.parametrize(
    "pasted",
    ["", "lemonde", "le monde.fr", "ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)",
     "mailto:a@b.example", "a@b.example", "http://", "data:text/html,x", "./feeds.xml", "/etc/passwd",
     "news:", "C:\\feeds.opml", "\x00", "example.org\x1b[2J", "http://a b.example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(pasted: str) -> None:
    assert complete_address(pasted) == ""
    assert find_known_feeds(pasted, FRENCH) == ()


@pytest.mark.parametrize(
    ("edition", "asked"),
    [
        (Edition(), {"hl": "fr", "gl": "FR", "ceid": "FR:fr"}),
        (Edition(language="fr", country="BE"), {"hl": "fr", "gl": "BE", "ceid": "BE:fr"}),
        (Edition(language="fr", country="CA"), {"hl": "fr-CA", "gl": "CA", "ceid": "CA:fr"}),
        (Edition(language="en", country="GB"), {"hl": "en-GB", "gl": "GB", "ceid": "GB:en"}),
        (Edition(language="pt", country="BR"), {"hl": "pt-BR", "gl": "BR", "ceid": "BR:pt-419"}),
        (Edition(language="es", country="MX"), {"hl": "es-419", "gl": "MX", "ceid": "MX:es-419"}),
        (Edition(language="es", country="ES"), {"hl": "es", "gl": "ES", "ceid": "ES:es"}),
    ],
)
def test_a_news_search_is_of_an_edition(edition: Edition, asked: dict[str, str]) -> None:
    (found,) = find_known_feeds('news:"ma marque" OR ma-marque', edition)
    parts = urlsplit(found.url)
    assert (parts.netloc, parts.path) == ("news.google.com", "/rss/search")
    assert dict(parse_qsl(parts.query)) == {"q": '"ma marque" OR ma-marque'} | asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("« bad buzz » OU polémique", '"bad buzz" OR polémique'),
        ("«\u00a0bad buzz\u00a0» marque", '"bad buzz" marque'),
        ("“bad buzz” marque", '"bad buzz" marque'),
        ("marque SAUF sport", "marque -sport"),
        ('marque SAUF "coupe du monde" SAUF tennis', 'marque -"coupe du monde" -tennis'),
        ("marque SAUF (foot OU rugby)", "marque -(foot OR rugby)"),
        ('"vrai OU faux" ou sauf OUI', '"vrai OU faux" ou sauf OUI'),
        ('intitle:"a SAUF b" when:7d', 'intitle:"a SAUF b" when:7d'),
        ("marque SAUF", "marque SAUF"),
        ('"jamais fermé OU', '"jamais fermé OU'),
        ("marque OR autre -sport", "marque OR autre -sport"),
    ],
)
def test_a_news_search_is_put_in_google_s_words(typed: str, asked: str) -> None:
    assert dict(parse_qsl(urlsplit(first_feed(f"news:{typed}")).query))["q"] == asked


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        ('news:"ma marque"', 'news: "ma marque"'),
        ("https://news.google.com/home?hl=fr", "Google News"),
        ("https://news.google.com/headlines/section/geo/Lyon?hl=fr", "Google News: Lyon"),
        ("arxiv:cs.CL", "arXiv cs.CL"),
        ('arxiv:"large language model"', 'arXiv: all:"large language model"'),
        ('hal:"communication publique"', 'HAL: "communication publique"'),
        ("https://hal.science/LISTIC/", "HAL LISTIC: *:*"),
        ("https://www.reddit.com/r/france", "r/france"),
        ("https://www.reddit.com/r/france/top", "r/france top"),
        ("https://www.reddit.com/r/france/comments/1abc23/un_titre/", "r/france: un_titre"),
        ("https://www.reddit.com/", "Reddit"),
        ("https://www.reddit.com/u/someone", "u/someone"),
        ("https://github.com/o/r", "o/r releases"),
        ("https://github.com/o/r/commits/main", "o/r commits main"),
        ("https://gitlab.com/g/s/p", "g/s/p releases"),
        ("https://gitlab.com/g", "g on gitlab.com"),
        ("https://medium.com/tag/e-reputation", "#e-reputation on Medium"),
        ("https://blog.wordpress.com/tag/m%C3%A9dias", "blog.wordpress.com: médias"),
        ("https://lettre.substack.com", "lettre.substack.com"),
        ("https://vimeo.com/someone", "someone on Vimeo"),
        ("@user@piaille.fr", "@user@piaille.fr"),
        ("https://piaille.fr/tags/presse", "#presse on piaille.fr"),
    ],
)
def test_a_feed_of_the_tables_is_called_by_what_it_holds(pasted: str, name: str) -> None:
    assert name_feed(first_feed(pasted)) == name


@pytest.mark.parametrize("pasted", [pasted for pasted, _ in KNOWN])
def test_every_feed_of_the_tables_has_a_name(pasted: str) -> None:
    for found in find_known_feeds(pasted, FRENCH):
        name = name_feed(found.url)
        assert name.strip() == name != ""
        assert "{" not in name


def test_a_name_is_one_line_and_no_other_address_has_one() -> None:
    assert name_feed("https://www.example.org/rss") == ""
    assert name_feed("https://news.google.com/rss/search?q=a%0A%1B%5B2Jb") == "news: a [2Jb"
    assert len(name_feed(f"https://news.google.com/rss/search?q={'x' * 900}")) <= 121


@pytest.mark.parametrize(
    ("pasted", "told"),
    [("example.org", False), ("//example.org", False), (" HTTP://example.org", True), ("feed:https://a.example", True)],
)
def test_whether_a_scheme_was_typed(pasted: str, *, told: bool) -> None:
    assert has_scheme(pasted) is told


def test_the_news_search_of_the_handbook() -> None:
    assert first_feed("News: marque") == "https://news.google.com/rss/search?q=marque&hl=fr&gl=FR&ceid=FR:fr"


@pytest.mark.parametrize(
    ("pasted", "query"),
    [
        ("arxiv:transformer", "all:transformer"),
        ('arxiv:"large language model" retrieval', 'all:"large language model" AND all:retrieval'),
        ("arxiv:ti:retrieval AND cat:cs.CL", "ti:retrieval AND cat:cs.CL"),
        ("arxiv:(llm OR rag) ANDNOT vision", "( all:llm OR all:rag ) ANDNOT all:vision"),
        ("https://arxiv.org/search/?query=bad+buzz&searchtype=title", "ti:bad AND ti:buzz"),
        ("https://arxiv.org/search/cs?query=%22bad+buzz%22&searchtype=all", 'all:"bad buzz"'),
    ],
)
def test_an_arxiv_search_asks_its_api_for_the_newest(pasted: str, query: str) -> None:
    parts = urlsplit(first_feed(pasted))
    assert (parts.netloc, parts.path) == ("export.arxiv.org", "/api/query")
    asked = dict(parse_qsl(parts.query))
    assert asked == {
        "search_query": query,
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "max_results": "50",
    }


def test_arxiv_categories_are_told_from_words() -> None:
    assert first_feed("arxiv:cs.CL") == "https://rss.arxiv.org/rss/cs.CL"
    assert first_feed("arxiv:cs.CL+stat.ML") == "https://rss.arxiv.org/rss/cs.CL+stat.ML"
    assert "api/query" in first_feed("arxiv:css")
    assert first_feed("https://arxiv.org/search/?query=x&searchtype=orcid") == ""


@pytest.mark.parametrize(
    ("pasted", "place", "asked"),
    [
        ("hal:communication  publique", "", {"q": ["communication publique"]}),
        ("https://hal.science/search/index/?q=presse&sort=x", "", {"q": ["presse"]}),
        (
            "https://shs.hal.science/CIRED/search/index/?q=%2A&docType_s=ART+OR+COMM&authIdHal_s=a-b",
            "CIRED/",
            {"q": ["*"], "fq": ['docType_s:("ART" OR "COMM")', 'authIdHal_s:"a-b"']},
        ),
        (
            "https://hal.archives-ouvertes.fr/search/index/q/%2A/authIdHal_s/a-b",
            "",
            {"q": ["*"], "fq": ['authIdHal_s:"a-b"']},
        ),
        ("https://hal.science/LISTIC/", "LISTIC/", {"q": ["*:*"]}),
        ("https://cv.hal.science/jeanne-dupont", "", {"q": ['authIdHal_s:"jeanne-dupont"']}),
    ],
)
def test_hal_is_asked_for_the_latest_deposits(pasted: str, place: str, asked: dict[str, list[str]]) -> None:
    found = first_feed(pasted)
    assert found.startswith(f"{HAL}{place}?")
    rest = {"wt": ["rss"], "sort": ["submittedDate_tdate desc"], "rows": ["50"]}
    assert parse_qs(urlsplit(found).query) == asked | rest


@pytest.mark.parametrize(
    ("locale", "edition"),
    [
        ("fr_BE.UTF-8", ("fr", "BE")),
        ("en_GB", ("en", "GB")),
        ("de", ("de", "DE")),
        ("en", ("en", "US")),
        ("ca_ES@valencia", ("ca", "ES")),
        ("C.UTF-8", ("fr", "FR")),
        ("POSIX", ("fr", "FR")),
        ("", ("fr", "FR")),
    ],
)
def test_the_edition_is_that_of_the_locale(locale: str, edition: tuple[str, str]) -> None:
    found = edition_of_locale(locale)
    assert (found.language, found.country) == edition
    assert home_of("ja") == "JP"


@given(st.text(max_size=200) | st.from_regex(r"https?://[a-z.]{1,20}(?:/[@\w.:%-]{0,20}){0,4}(?:\?\w=.{0,9})?"))
def test_anything_pasted_gives_web_addresses_or_nothing(pasted: str) -> None:
    assert all(is_web(one.url) for one in find_known_feeds(pasted, FRENCH))
    address = complete_address(pasted)
    assert address == "" or is_web(address)
