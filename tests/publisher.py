"""A publisher's web server on loopback, scripted path by path, that keeps a log of what it was asked.

It speaks HTTP/1.1 itself, so that it can also speak it badly: late, slowly, for ever, wrongly.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypeVar

import brotli

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

Result = TypeVar("Result")

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": lambda body: zlib.compress(body, wbits=-zlib.MAX_WBITS),
    "br": brotli.compress,
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a path answers.

    `etag` and `last_modified` are sent, and answered with 304 when they come back unchanged (`again`
    then goes out instead of them). `wait` seconds pass before the head, `pace` after each `piece`
    bytes of the body. `length` belies Content-Length; `cut` hangs up after the body; `endless` follows
    the body until the client leaves. `raw` goes out instead of everything.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""
    last_modified: str = ""
    again: tuple[tuple[str, str], ...] | None = None
    encoding: str = ""
    chunked: bool = False
    length: int | None = None
    wait: float = 0
    pace: float = 0
    piece: int = 65536
    endless: bytes = b""
    cut: bool = False
    raw: bytes | None = None

    @property
    def validators(self) -> tuple[tuple[str, str], ...]:
        pairs = (("ETag", self.etag), ("Last-Modified", self.last_modified))
        return tuple((name, value) for name, value in pairs if value)

    def is_known(self, request: Request) -> bool:
        asked = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return any(value and request.header(name) == value.encode("latin-1") for name, value in asked)


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", to),))


@dataclass(frozen=True)
class Request:
    """One request, as a log tells it: `at` by the publisher's clock, `connection` by the order they came in."""

    path: str
    headers: tuple[tuple[str, bytes], ...]
    connection: int
    at: float = 0

    def header(self, name: str) -> bytes | None:
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def host(self) -> str:
        return (self.header("host") or b"").decode().rpartition(":")[0]


@dataclass
class _Load:
    """How many requests are being answered now, and how many were at most: in all ("") and by host."""

    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    @contextlib.contextmanager
    def carry(self, host: str) -> Iterator[None]:
        for key in ("", host):
            self.now[key] += 1
            self.most[key] = max(self.most[key], self.now[key])
        try:
            yield
        finally:
            self.now.subtract(["", host])


class Publisher:
    """The server, running while the `with` block does; at several addresses, under one port, if it is told some.

    `clock` stamps what it is asked; `answered` is its log.
    """

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses or ("127.0.0.1",)
        self._servers: list[asyncio.Server] = []
        self._plays: dict[str, Callable[[Request], Answer]] = {}
        self._open = _Load()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._answers: dict[str, list[Answer]] = {}
        self._talks: set[asyncio.Task[None]] = set()
        self._load = _Load()
        self.requests: list[Request] = []
        self.answered: list[tuple[Request, Answer]] = []
        self.clock: Callable[[], float] = time.time
        self.connections = 0
        self.validates = True

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = 0
        for address in self._addresses:
            server = self._run(asyncio.start_server(self._accept, address, self.port, backlog=1000))
            self._servers.append(server)
            self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def serve(self, path: str, *answers: Answer) -> str:
        """Answer a path so, one answer after the other, the last for ever; the path's address."""
        self._answers[path] = list(answers)
        return self.url(path)

    def play(self, path: str, answer: Callable[[Request], Answer]) -> str:
        """Answer a path by a function of what was asked; the path's address."""
        self._plays[path] = answer
        return self.url(path)

    def url(self, path: str, *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[Request]:
        return [request for request in list(self.requests) if request.path == path]

    def most_at_once(self, host: str = "") -> int:
        """The most requests that were being answered together, in all or for one host name."""
        return self._load.most[host]

    def most_open(self, address: str = "") -> int:
        """The most connections that were open together, in all or at one of its addresses."""
        return self._open.most[address]

    def _run(self, work: Coroutine[object, object, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        self.connections += 1
        number = self.connections
        try:
            with self._open.carry(writer.get_extra_info("sockname")[0]):
                while request := await self._listen(reader, writer, number):
                    self.requests.append(request)
                    with self._load.carry(request.host):
                        if not await self._speak(writer, request):
                            break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._talks.discard(talk)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> Request | None:
        if await reader.readexactly(4) != b"GET ":  # TLS, for one
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            return None
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        path, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines if line)
        headers = tuple((name.lower(), value.strip(" ").encode("latin-1")) for name, _, value in pairs)
        return Request(path, headers, number, self.clock())

    async def _speak(self, writer: asyncio.StreamWriter, request: Request) -> bool:
        """Answer one request; whether the connection stays open."""
        answer = self._answer(request)
        self.answered.append((request, answer))
        await asyncio.sleep(answer.wait)
        if answer.raw is not None:
            writer.write(answer.raw)
        else:
            body = _ENCODERS[answer.encoding](answer.body)
            writer.write(_head(answer, len(body)))
            for start in range(0, len(body), answer.piece):
                part = body[start : start + answer.piece]
                writer.write(b"%x\r\n%b\r\n" % (len(part), part) if answer.chunked else part)
                await writer.drain()
                await asyncio.sleep(answer.pace)
            if answer.chunked and not answer.endless and not answer.cut:
                writer.write(b"0\r\n\r\n")
        while answer.endless:
            part = answer.endless
            writer.write(b"%x\r\n%b\r\n" % (len(part), part) if answer.chunked else part)
            await writer.drain()
            await asyncio.sleep(answer.pace)
        await writer.drain()
        if answer.cut or answer.raw is not None:
            writer.close()
            return False
        return True

    def _answer(self, request: Request) -> Answer:
        scripted = self._answers.get(request.path)
        if request.path in self._plays:
            answer = self._plays[request.path](request)
        elif scripted:
            answer = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        else:
            return Answer(status=404)
        if not self.validates:
            return replace(answer, etag="", last_modified="")
        if answer.is_known(request):
            headers = answer.validators if answer.again is None else answer.again
            return Answer(status=304, headers=headers + answer.headers, wait=answer.wait)
        return answer


def _head(answer: Answer, size: int) -> bytes:
    headers = [*answer.headers, *answer.validators]
    if answer.encoding:
        headers.append(("Content-Encoding", answer.encoding.removeprefix("raw ")))
    if answer.chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif answer.status != 304:
        headers.append(("Content-Length", str(size if answer.length is None else answer.length)))
    lines = [f"HTTP/1.1 {answer.status} Whatever", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
