"""review build: one folder for the same issues, whole at any moment, nothing of others touched, all of it inert."""

import hashlib
import json
import os
import random
import re
import signal
import stat
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest

from arranging import arrange, tell
from running import end_veille, start_veille

if TYPE_CHECKING:
    from cli.conftest import Run

MANIFEST = ".veille-review.json"
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</title></style><style>*{background:url(http://evil.example)}</style>",
    "]]> <![CDATA[ <b>x</b> &amp; &lt;script&gt;",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "[x](javascript:alert(1)) <javascript:alert(1)> ![x](http://evil.example/x.png)",
    'a" onmouseover="alert(1)" x=\'y',
    "Titre\r\nBcc: x@evil.example\r\n\r\n\x1b[2J\x07\u202egnp.exe\x9b",
    "\x00\ufffe\ud7ff" + "x" * 100_000,
]


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    """Two issues: 1 of two stories, 2 of one."""
    arrange(home)
    run("review", "add", "1000", "1001", "--rubric", "Local", "--comment", "Un mot & <un autre>.")
    run("review", "publish", "--title", "Première")
    run("review", "add", "1002")
    run("review", "publish")
    return run


def build(desk: "Run", place: Path) -> list[str]:
    """Names of what was written."""
    result = desk("review", "build", str(place))
    assert result.code == 0, result.err
    return [Path(line).name for line in result.out.splitlines()]


def snapshot(place: Path) -> dict[str, tuple[str, int]]:
    """What each file holds, and when it was written."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in place.iterdir()
    }


def test_a_site_is_an_index_a_page_each_and_a_feed(desk: "Run", tmp_path: Path) -> None:
    site = tmp_path / "a" / "site"
    assert build(desk, site) == ["1.html", "2.html", "feed.atom", "index.html"]
    assert sorted(path.name for path in site.iterdir()) == [MANIFEST, "1.html", "2.html", "feed.atom", "index.html"]
    assert stat.S_IMODE((site / "index.html").stat().st_mode) & 0o444 == 0o444
    index = (site / "index.html").read_text("utf-8")
    assert index.index('href="2.html"') < index.index('href="1.html"')
    assert "Un mot &amp; &lt;un autre&gt;." in (site / "1.html").read_text("utf-8")


def test_a_second_build_writes_nothing(desk: "Run", tmp_path: Path) -> None:
    build(desk, tmp_path / "site")
    before = snapshot(tmp_path / "site")
    assert build(desk, tmp_path / "site") == []
    assert snapshot(tmp_path / "site") == before


def test_the_same_issues_make_the_same_site_anywhere(desk: "Run", tmp_path: Path) -> None:
    build(desk, tmp_path / "one")
    tell("gazette", "Du nouveau", hours=0)
    desk("mark", "star", "1000")
    build(desk, tmp_path / "two")
    one, two = snapshot(tmp_path / "one"), snapshot(tmp_path / "two")
    assert {name: text for name, (text, _) in one.items()} == {name: text for name, (text, _) in two.items()}


def test_an_issue_of_other_stories_is_another_to_readers_of_the_feed(desk: "Run", tmp_path: Path) -> None:
    """Even under the number of one that was taken back; mended in its words, it is the same."""

    def find_id() -> str:
        build(desk, tmp_path / "site")
        newest = feedparser.parse((tmp_path / "site" / "feed.atom").read_bytes()).entries[0]
        assert newest.link.endswith("2.html")
        return str(newest.id)

    once = find_id()
    desk("review", "unpublish", "2")
    desk("review", "edit", "1002", "--comment", "Corrigé.")
    desk("review", "publish", "--title", "Corrigée")
    assert find_id() == once
    desk("review", "unpublish", "2")
    desk("review", "remove", "1002")
    desk("review", "add", "1003")
    desk("review", "publish")
    assert find_id() != once


def test_what_is_taken_back_goes_and_what_is_new_comes(desk: "Run", tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(desk, site)
    (site / "style.css").write_text("mine")
    (site / "9.html").write_text("mine")
    before = snapshot(site)
    desk("review", "unpublish", "1")
    result = desk("review", "build", str(site))
    assert f"removed: {site / '1.html'}\n" in result.err
    assert not (site / "1.html").exists()
    after = snapshot(site)
    assert "1.html" not in (site / "index.html").read_text("utf-8")
    assert {name: after[name] for name in ("style.css", "9.html", "2.html")} == {
        name: before[name] for name in ("style.css", "9.html", "2.html")
    }
    desk("review", "unpublish", "2")
    assert desk("review", "build", str(site)).code == 0
    assert sorted(path.name for path in site.iterdir()) == [MANIFEST, "9.html", "feed.atom", "index.html", "style.css"]
    assert not feedparser.parse((site / "feed.atom").read_bytes()).bozo


@pytest.mark.parametrize("name", ["index.html", "1.html", "feed.atom"])
def test_what_others_wrote_is_not_replaced(desk: "Run", tmp_path: Path, name: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / name).write_text("mine")
    result = desk("review", "build", str(site))
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "not veille's" in result.err
    assert [path.name for path in site.iterdir()] == [name]


def test_what_somebody_changed_is_neither_replaced_nor_removed(desk: "Run", tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(desk, site)
    (site / "1.html").write_text("mended")
    result = desk("review", "build", str(site))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "it was changed since veille wrote it" in result.err
    desk("review", "unpublish", "1")
    result = desk("review", "build", str(site))
    assert result.code == 0
    assert f"left: {site / '1.html'}" in result.err
    assert (site / "1.html").read_text() == "mended"


def test_a_link_is_not_followed(desk: "Run", tmp_path: Path) -> None:
    site, other = tmp_path / "site", tmp_path / "other"
    site.mkdir()
    (site / "1.html").symlink_to(other)
    assert desk("review", "build", str(site)).code == 1
    assert not other.exists()


@pytest.mark.parametrize("text", ["zut", "[]", '{"files": [1]}', '{"files": {"1.html": 3}}', "\udcff"])
def test_a_manifest_that_is_not_veilles_is_told(desk: "Run", tmp_path: Path, text: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    result = desk("review", "build", str(site))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "it is not as veille wrote it" in result.err


def test_a_manifest_cannot_make_veille_remove_other_files(desk: "Run", tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    digest = hashlib.sha256(b"precious").hexdigest()
    for name in ("../precious", "precious"):
        (site / name).write_text("precious")
    (site / MANIFEST).write_text(f'{{"files": {{"../precious": ["{digest}"], "precious": ["{digest}"]}}}}')
    build(desk, site)
    assert (tmp_path / "precious").read_text() == (site / "precious").read_text() == "precious"


@pytest.mark.parametrize("kind", ["a file", "below a file", "not writable", "a folder in the way"])
def test_a_folder_that_cannot_be_written_is_one_line(desk: "Run", tmp_path: Path, kind: str) -> None:
    place = tmp_path / "x"
    if kind == "not writable":
        if os.geteuid() == 0:
            pytest.skip("root may write anywhere")
        place.mkdir(mode=0o500)
    elif kind == "a folder in the way":
        (place / "1.html").mkdir(parents=True)
    else:
        place.write_text("x")
        place = place / "y" if kind == "below a file" else place
    result = desk("review", "build", str(place))
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


def test_the_folder_may_come_from_the_settings(desk: "Run", home: Path) -> None:
    (home / "config.toml").write_text('[review]\ndir = "site"\n', "utf-8")
    assert desk("review", "build").code == 0
    assert (home / "site" / "index.html").exists()


def test_a_template_of_ones_own_is_used_and_a_wrong_one_leaves_the_site(
    desk: "Run", home: Path, tmp_path: Path
) -> None:
    build(desk, tmp_path / "site")
    before = snapshot(tmp_path / "site")
    (home / "config.toml").write_text('[review]\ntemplates = "mine"\n', "utf-8")
    (home / "mine").mkdir()
    (home / "mine" / "index.html.j2").write_text("\n{{ zut }}")
    result = desk("review", "build", str(tmp_path / "site"))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "index.html.j2:2" in result.err
    assert snapshot(tmp_path / "site") == before
    (home / "mine" / "index.html.j2").write_text("<p>{{ title }}</p>")
    assert build(desk, tmp_path / "site") == ["index.html"]


# --- what others read ----------------------------------------------------------


@pytest.mark.parametrize("url", ["", "https://x.example/revue"])
def test_the_feed_is_read_without_complaint(desk: "Run", home: Path, tmp_path: Path, url: str) -> None:
    if url:
        (home / "config.toml").write_text(f'[review]\nurl = "{url}"\ntitle = "Ma revue"\n', "utf-8")
    build(desk, tmp_path / "site")
    read = feedparser.parse((tmp_path / "site" / "feed.atom").read_bytes())
    assert not read.bozo, read.bozo_exception
    assert [entry.title for entry in read.entries][1] == "Première, No. 1"
    assert [entry.link for entry in read.entries] == [f"{url}/{name}".strip("/") for name in ("2.html", "1.html")]
    assert len({entry.id for entry in read.entries}) == 2
    assert "Un mot &amp; &lt;un autre&gt;." in read.entries[1].content[0].value
    if url:
        assert read.feed.title == "Ma revue"
        assert {link.rel: link.href for link in read.feed.links} == {
            "alternate": f"{url}/index.html",
            "self": f"{url}/feed.atom",
        }


class _Links(HTMLParser):
    """Every address that a page names, and what could run or be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" or (tag == "link" and values.get("rel") in ("canonical", "alternate")):
            self.links.append(values.get("href") or "")
        elif tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form", "svg", "video", "audio"}:
            self.others.append(tag)
        self.others += [name for name in values if name.startswith("on") or name in ("src", "srcset", "style")]


def read_links(path: Path) -> _Links:
    found = _Links()
    found.feed(path.read_text("utf-8"))
    return found


def test_pages_lead_to_one_another_from_a_disk_and_run_nothing(desk: "Run", tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(desk, site)
    for page in site.glob("*.html"):
        found = read_links(page)
        assert found.others == []
        assert "@import" not in page.read_text("utf-8")
        assert "url(" not in page.read_text("utf-8")
        for link in found.links:
            target = urljoin(page.as_uri(), link)
            if urlsplit(target).scheme == "file":
                assert Path(urlsplit(target).path).exists()


def test_hostile_stories_are_inert_on_every_page(desk: "Run", home: Path, tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        tell("blog", text, text=text, guid=f"evil{number}")
    found = [one["id"] for one in desk("top", "--all", "--json", "-n", "100").json if one["id"] > 1004]
    assert len(found) == len(HOSTILE)
    for text, story_id in zip(HOSTILE, found, strict=True):
        typed = text.replace("\x00", "")
        assert desk("review", "add", str(story_id), "--rubric", typed[:100], "--comment", typed).code == 0
    (home / "config.toml").write_text('[review]\ntitle = "<script>alert(1)</script>"\n', "utf-8")
    assert desk("review", "publish", "--intro", "".join(HOSTILE[:3])).code == 0
    site = tmp_path / "site"
    build(desk, site)
    for page in site.glob("*.html"):
        text = page.read_text("utf-8")
        found_here = read_links(page)
        assert found_here.others == []
        assert all(urlsplit(link).scheme in ("", "http", "https") for link in found_here.links)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    read = feedparser.parse((site / "feed.atom").read_bytes())
    assert not read.bozo, read.bozo_exception
    assert "<script" not in read.entries[0].content[0].value


# --- killed --------------------------------------------------------------------


def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_finishes(
    desk: "Run", home: Path, tmp_path: Path
) -> None:
    site, right = tmp_path / "site", tmp_path / "right"
    build(desk, site)
    old = {path.name: path.read_bytes() for path in site.glob("*[lm]")}
    desk("review", "unpublish", "1")
    assert desk("review", "publish").code == 0
    assert desk("review", "unpublish", "2").code == 0
    build(desk, right)
    new = {path.name: path.read_bytes() for path in right.glob("*[lm]")}
    chance = random.Random(7)  # noqa: S311 - instants, not secrets
    for _ in range(8):
        for path in site.iterdir():
            path.unlink()
        for name, text in old.items():
            (site / name).write_bytes(text)
        digests = {name: [hashlib.sha256(text).hexdigest()] for name, text in old.items()}
        (site / MANIFEST).write_text(json.dumps({"files": digests}))
        running = start_veille("review", "build", str(site), home=home)
        time.sleep(chance.uniform(0.1, 0.5))
        running.send_signal(signal.SIGKILL)
        end_veille(running)
        for path in site.glob("*[lm]"):
            assert path.read_bytes() in (old.get(path.name), new.get(path.name))
        assert desk("review", "build", str(site)).code == 0
        assert {path.name: path.read_bytes() for path in site.iterdir() if path.name != MANIFEST} == new
