"""What a reading process does: a document in, its entries ready to be stored out; a page in, its article out.

Loaded by every such process (`readers.py` starts them): nothing is imported that reading does not need.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, TYPE_CHECKING, TypeVar

from veille.errors import ParseError
from veille.feed import Cadence
from veille.read.article import Extract, read_article
from veille.read.parse import parse_feed
from veille.store.prepared import Prepared, prepare_entry
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Read = TypeVar("Read")

# 10 MB in 80,000 entries, the slowest document known, take 4 µs a byte: five times that is enough for
# any honest one.
READING_START = timedelta(seconds=10)
_READING_BYTE = timedelta(microseconds=20)
# An honest page of 4 MB takes 3 s; links by the 100,000 take half a minute.
_PAGE_LIMIT = timedelta(seconds=15)
_MEMORY = 2 << 30  # bytes of address space; the slowest document takes a quarter of it
FRAME = 8  # bytes that tell the size of what follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A document to read; `known` are the prints of the one before, `limit` the time it may take."""

    body: bytes
    url: str
    headers: dict[str, str]
    now: datetime
    known: bytes = b""
    limit: timedelta | None = None

    @property
    def seconds(self) -> float:
        """The time allowed: by default in proportion to the document."""
        return (self.limit or READING_START + len(self.body) * _READING_BYTE).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A page to take the article of, within `limit`."""

    body: bytes
    url: str
    headers: dict[str, str]
    limit: timedelta = _PAGE_LIMIT

    @property
    def seconds(self) -> float:
        """The time allowed."""
        return self.limit.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document read, its new and changed entries prepared: see `ParsedFeed`."""

    title: str = ""
    site_url: str = ""
    entries: tuple[Prepared, ...] = ()
    unchanged: int = 0
    future: int = 0
    prints: bytes = b""
    problem: str = ""
    cadence: Cadence = field(default_factory=Cadence)


def answer_request(request: Request | PageRequest) -> Document | Extract | str:
    """What a reading process answers: what was read, or why it could not be."""
    return read_document(request) if isinstance(request, Request) else read_page(request)


def read_document(request: Request) -> Document | str:
    """The document that was asked for, or why it cannot be read."""
    return _or_reason(lambda: _read_document(request))


def read_page(request: PageRequest) -> Extract | str:
    """The article that was asked for, or why it cannot be read."""
    return _or_reason(lambda: read_article(request.body, url=request.url, headers=request.headers))


def _or_reason(read: Callable[[], Read]) -> Read | str:
    try:
        return read()
    except ParseError as error:
        return str(error)
    except MemoryError:
        return "reading it takes too much memory"
    except Exception as error:  # noqa: BLE001 - whatever a document does to us, the other feeds go on
        return describe_fault(error)


def _read_document(request: Request) -> Document:
    parsed = parse_feed(request.body, url=request.url, now=request.now, headers=request.headers, known=request.known)
    return Document(
        title=parsed.title,
        site_url=parsed.site_url,
        entries=tuple(prepare_entry(entry) for entry in parsed.entries),
        unchanged=parsed.unchanged,
        future=parsed.future,
        prints=parsed.prints,
        problem=parsed.problem,
        cadence=parsed.cadence,
    )


def describe_fault(error: Exception) -> str:
    """A fault of veille's own in one line: the other feeds go on."""
    return shorten(f"a fault in veille itself: {type(error).__name__}: {clean_line(str(error))}", 300)


def serve() -> None:
    """Answer requests until the standard input ends: what a reading process runs."""
    with contextlib.suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not be taken for an answer.
    sys.stdout = sys.stderr
    try:
        while frame := requests.read(FRAME):
            request: Request | PageRequest = pickle.loads(requests.read(int.from_bytes(frame)))  # noqa: S301 - from its parent
            # The default answer to an alarm is to end, whatever is being done.
            signal.setitimer(signal.ITIMER_REAL, request.seconds)
            answer = answer_request(request)
            signal.setitimer(signal.ITIMER_REAL, 0)
            send(answers, answer)
    except (OSError, EOFError, pickle.UnpicklingError):
        # Its parent has been killed. What is still in the buffer goes nowhere, without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def send(pipe: IO[bytes], value: object) -> None:
    """Write a value and its size."""
    frame = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(frame).to_bytes(FRAME) + frame)
    pipe.flush()
