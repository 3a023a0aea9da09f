"""The list of feeds given as an example is one that can be imported as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from veille.read.opml import read_subscriptions, write_opml

PATH = Path(__file__).parents[1] / "examples" / "feeds.opml"
FOLDERS = [
    "Médias",
    "Communication et réseaux sociaux",
    "Tech",
    "Institutions",
    "Veille et documentation",
    "English",
]


def test_every_feed_is_taken_once_and_none_is_skipped() -> None:
    outlines = read_subscriptions(PATH.read_bytes(), name=PATH.name)
    assert (outlines.repeated, outlines.skipped) == ((), ())
    assert 50 <= len(outlines.subscriptions) <= 70


def test_every_feed_stands_in_one_of_the_six_folders() -> None:
    subscriptions = read_subscriptions(PATH.read_bytes(), name=PATH.name).subscriptions
    counts = {folder: sum(kept.folder == folder for kept in subscriptions) for folder in FOLDERS}
    assert list(dict.fromkeys(kept.folder for kept in subscriptions)) == FOLDERS
    assert min(counts.values()) >= 8, counts


def test_every_feed_says_its_name_site_and_tags_and_is_encrypted() -> None:
    for kept in read_subscriptions(PATH.read_bytes(), name=PATH.name).subscriptions:
        assert kept.title, kept
        assert kept.tags, kept
        assert kept.url.startswith("https://"), kept
        assert kept.site_url.startswith("https://"), kept


def test_the_example_is_written_as_an_export_would_be() -> None:
    written = PATH.read_text(encoding="utf-8")
    outlines = read_subscriptions(written.encode(), name=PATH.name)
    title = written.partition("<title>")[2].partition("</title>")[0]
    created_at = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    assert write_opml(outlines.subscriptions, title=title, created_at=created_at) == written
