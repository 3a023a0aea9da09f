"""Real feeds and feedparser's own suite: what the fast reader accepts of them, it reads as feedparser does."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from veille.read.fast import read_clean
from veille.read.fast_names import Declined
from veille.read.jsonfeed import looks_like_json
from veille.read.mend import mend_document
from veille.read.parse import read_with_feedparser

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
URL = "https://www.example.org/dir/feed"

if not CORPUS.is_dir():
    pytest.skip("the corpus is not there", allow_module_level=True)


# How many of each folder are read the fast way: fewer, and a common kind of feed has fallen out unnoticed.
@pytest.mark.parametrize(("folder", "accepted"), [("feeds", 257), ("timeline", 98), ("conformance", 1582)])
def test_documents_are_read_as_feedparser_reads_them(folder: str, accepted: int) -> None:
    paths = [path for path in sorted((CORPUS / folder).rglob("*")) if path.is_file()]
    read = 0
    for path in paths:
        body = path.read_bytes()
        if looks_like_json(body):
            continue
        mended = mend_document(body, content_type="", url=URL)
        try:
            raw = read_clean(mended, content_language="en")
        except (Declined, ET.ParseError):
            continue
        assert raw == read_with_feedparser(mended, content_language="en"), path
        read += 1
    print(f"{folder}: {read} of {len(paths)} documents are read the fast way")  # noqa: T201 - shown by -s
    assert read >= accepted
