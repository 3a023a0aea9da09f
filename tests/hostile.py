"""What hostile publishers send, and what is to be told of it."""

from __future__ import annotations

import zlib

import brotli

from publisher import Answer, redirect
from running import rss

MB = 1_000_000


def bomb(encoding: str) -> Answer:
    """5 GB of blanks, packed: the same piece, which unpacks to 10 MB, again and again."""
    blanks = b" " * (10 * MB)
    if encoding == "br":
        packer = brotli.Compressor(quality=1)
        packed = b"".join([*(packer.process(blanks) for _ in range(50)), packer.finish()])
    elif encoding == "gzip":
        packed = zlib.compress(blanks, wbits=31) * 500
    else:
        deflate = zlib.compressobj(wbits=-15)
        head = deflate.compress(blanks) + deflate.flush(zlib.Z_FULL_FLUSH)
        packed = head * 500
    return Answer(body=packed, headers=(("Content-Encoding", encoding),))


def with_head(head: str, *, item: str = "") -> bytes:
    """A document with something before its root, and in its one item."""
    body = rss({"1": "Headline"}).decode().replace("<?xml version='1.0'?>", f"<?xml version='1.0'?>{head}")
    return body.replace("</item>", f"{item}</item>").encode()


def with_dates(*dates: str) -> bytes:
    items = "".join(
        f"<item><guid>{number}</guid><title>Dated</title><pubDate>{date}</pubDate></item>"
        for number, date in enumerate(dates)
    )
    return f"<rss version='2.0'><channel><title>Dates</title>{items}</channel></rss>".encode()


def laughs() -> bytes:
    lines = "".join(f"<!ENTITY l{n + 1} '{f'&l{n};' * 10}'>" for n in range(9))
    return with_head(f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{lines}]>", item="<description>&l9;</description>")


def raw(*lines: bytes, body: bytes = b"") -> Answer:
    head = b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines])
    return Answer(raw=head + b"\r\n\r\n" + body)


NEWS = rss({"1": "Headline"})
DEEP = "<a>" * 100_000
TOO_LARGE = r"larger than 10 MB \(see max_body\)"
LATE = r"no complete answer in 3 s"
BAD_HTTP = r"the answer is not valid HTTP"
NO_ADDRESS = "web address"
# What is sent, and what is told of it: "" for what harms nobody.
HOSTILE: dict[str, tuple[Answer, str]] = {
    "gzip-bomb": (bomb("gzip"), TOO_LARGE),
    "deflate-bomb": (bomb("deflate"), TOO_LARGE),
    "brotli-bomb": (bomb("br"), TOO_LARGE),
    "5-GB-declared": (Answer(length=5 * 10**9, endless=b"x" * 65536), TOO_LARGE),
    "endless": (Answer(endless=b"x" * 65536, chunked=True), TOO_LARGE),
    "endless-without-length": (Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536), TOO_LARGE),
    "a-byte-a-second": (Answer(body=NEWS, piece=1, pace=1), LATE),
    "no-answer": (Answer(wait=60), LATE),
    "headers-without-end": (Answer(raw=b"HTTP/1.1 200 OK\r\n", endless=b"X-More: 1\r\n" * 999), BAD_HTTP),
    "headers-trickling": (Answer(raw=b"HTTP/1.1 200 OK\r\n", endless=b"X-More: 1\r\n", pace=0.1), LATE),
    "a-header-without-end": (Answer(raw=b"HTTP/1.1 200 OK\r\nX: ", endless=b"x" * 9999), BAD_HTTP),
    "loop": (redirect("/loop", 301), "it redirects in a circle"),
    "loop-of-two": (redirect("/loop-back", 302), "it redirects in a circle"),
    "stairs": (redirect("/stairs/1", 302), "more than 5 redirects"),
    "to-file": (redirect("file:///etc/passwd"), NO_ADDRESS),
    "to-ftp": (redirect("ftp://127.0.0.1/feed"), NO_ADDRESS),
    "to-script": (redirect("javascript:alert(1)"), NO_ADDRESS),
    "to-data": (redirect("data:text/xml,<rss/>"), NO_ADDRESS),
    "laughs": (Answer(body=laughs()), "not well-formed XML"),
    "deep": (Answer(body=with_head("", item=DEEP + DEEP.replace("<", "</"))), ""),
    "deep-and-open": (Answer(body=with_head("", item=DEEP)), "not well-formed XML"),
    "deep-json": (Answer(body=b'{"items": ' + b"[" * 100_000), "not readable JSON"),
    "NULs": (Answer(body=NEWS.replace(b"Headline", b"Head\0li\0ne")), ""),
    "surrogates": (Answer(body=NEWS.replace(b"Headline", b"Head\xed\xa0\x80line &#xD800; &#55296;")), ""),
    "surrogates-json": (Answer(body=b'{"title": "\\udc00", "items": [{"id": "\\ud800", "title": "a\\ud800b"}]}'), ""),
    "length-too-short": (Answer(body=NEWS, length=len(NEWS) - 30), "the document is cut short"),
    "length-too-long": (Answer(body=NEWS, length=9999, cut=True), BAD_HTTP),
    "length-no-number": (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), BAD_HTTP),
    "said-gzip": (Answer(body=NEWS, headers=(("Content-Encoding", "gzip"),)), ""),
    "said-deflate": (Answer(body=NEWS, headers=(("Content-Encoding", "deflate"),)), "its compression cannot be read"),
    "said-zstd": (Answer(body=NEWS, headers=(("Content-Encoding", "zstd"),)), "unknown Content-Encoding zstd"),
    "gzip-of-gzip": (Answer(body=NEWS, headers=(("Content-Encoding", "gzip, gzip"),)), "unknown Content-Encoding"),
    "dates": (Answer(body=with_dates("1 Jan 0000 00:00 GMT", "31 Dec 9999 23:59:59 -1200", "0000-00-00", "9999")), ""),
    "long-etag": (Answer(body=NEWS, etag='"' + "x" * 100_000 + '"'), ""),
    "longer-etag": (Answer(body=NEWS, etag='"' + "x" * 200_000 + '"'), BAD_HTTP),
    "folded-header": (raw(b'ETag: "a\r\n X-Injected: 1"', body=NEWS), ""),
    "CR-in-a-header": (raw(b'ETag: "a\rX-Injected: 1"', body=NEWS), BAD_HTTP),
    "NUL-in-a-header": (raw(b'ETag: "a\0b"', body=NEWS), BAD_HTTP),
    "LF-in-a-location": (redirect("/landed%0d%0aX-Injected:%201"), ""),
}
