"""The demonstration's feeds, served from loopback.

In: the files of `feeds/`, whose `{{-3h}}` marks are ages and whose `{{server}}` is this server's
address. Out: HTTP answers with ETag, Last-Modified and 304; one feed is slow, one has moved, one
is cut short and one is missing. Knows nothing of the program that reads it.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message

OPML_PATH = "/feeds.opml"
SLOW_PATH = "/feeds/quotidien-numerique.rss"
MISSING_PATH = "/feeds/fil-disparu.rss"
MOVED = {"/feeds/gazette.rss": "/feeds/gazette-de-vaubrun.rss"}
SLOW_SECONDS = 1.5

_MARK = re.compile(rb"\{\{(?:-(?P<number>\d+)(?P<unit>[mhd])|(?P<server>server))\}\}")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _write_rfc822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _write_iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# How each format is announced, and how it writes a date: RFC 822 in RSS 2.0 and OPML, ISO 8601 in
# Atom (RFC 4287), in the dc:date of RSS 1.0 and in JSON Feed. No charset: the documents say it.
_FORMATS: dict[str, tuple[str, Callable[[datetime], str]]] = {
    ".rss": ("application/rss+xml", _write_rfc822),
    ".opml": ("text/x-opml", _write_rfc822),
    ".atom": ("application/atom+xml", _write_iso),
    ".rdf": ("application/rdf+xml", _write_iso),
    ".json": ("application/feed+json", _write_iso),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document ready to be served, with its validators."""

    body: bytes
    content_type: str
    etag: str
    modified_at: datetime


@contextmanager
def serve_feeds(*, slow_seconds: float = SLOW_SECONDS, now: datetime | None = None) -> Iterator[str]:
    """Serve the demonstration until the block ends; gives the server's address, without a final slash.

    Ages count back from `now`, the present unless told, so that a run never changes what it serves.
    """
    started_at = (now or datetime.now(UTC)).replace(microsecond=0)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        server.pages = render_pages(base, now=started_at)
        server.slow_seconds = slow_seconds
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield base
        finally:
            server.shutdown()
            thread.join()


def render_pages(base: str, *, now: datetime) -> dict[str, Page]:
    """Every document by its path, dated from `now`."""
    sources = [file for file in (files("veille.demo") / "feeds").iterdir() if _suffix(file.name) in _FORMATS]
    return {
        OPML_PATH if _suffix(file.name) == ".opml" else f"/feeds/{file.name}": _render_page(
            file.name, file.read_bytes(), base=base, now=now
        )
        for file in sources
    }


def _render_page(name: str, source: bytes, *, base: str, now: datetime) -> Page:
    content_type, write_date = _FORMATS[_suffix(name)]

    def fill(mark: re.Match[bytes]) -> bytes:
        if mark["server"]:
            return base.encode("ascii")
        age = timedelta(**{_UNITS[mark["unit"].decode()]: int(mark["number"])})
        return write_date(now - age).encode("ascii")

    # Bytes, not text: each document keeps the encoding that it declares.
    body = _MARK.sub(fill, source)
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Page(body=body, content_type=content_type, etag=etag, modified_at=now)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix


class _Server(ThreadingHTTPServer):
    """One thread a connection; `pages` is set before the first is accepted."""

    pages: Mapping[str, Page]
    slow_seconds: float

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: a client that hangs up is its own business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "veille-demo"
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True
    timeout = 30

    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in MOVED:
            self._answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": MOVED[path]})
            return
        page = self.server.pages.get(path)
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"There is no such feed here.\n")
            return
        if path == SLOW_PATH:
            time.sleep(self.server.slow_seconds)
        validators = {"ETag": page.etag, "Last-Modified": _write_rfc822(page.modified_at)}
        if _is_current(page, self.headers):
            self._answer(HTTPStatus.NOT_MODIFIED, validators)
        else:
            self._answer(HTTPStatus.OK, {"Content-Type": page.content_type, **validators}, page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the terminal belongs to the demonstration."""

    def _answer(self, status: HTTPStatus, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_current(page: Page, asked: Message) -> bool:
    """Whether the reader's copy still holds; If-None-Match comes before the date (RFC 9110, 13.2.2)."""
    if "If-None-Match" in asked:
        known = {tag.strip().removeprefix("W/") for tag in asked["If-None-Match"].split(",")}
        return page.etag in known or "*" in known
    try:
        return parsedate_to_datetime(asked["If-Modified-Since"]) >= page.modified_at
    except (KeyError, TypeError, ValueError):
        return False
