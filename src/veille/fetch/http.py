"""Addresses fetched: an address and its validators in, an Outcome out. The only file that knows httpx.

No cookie is kept, no Referer sent, no parameter added; credentials written in an address stay with
its host. What a document means is not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ipaddress
import socket
import ssl
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

import httpx

from veille import __version__
from veille.feed import Validators
from veille.fetch.decode import ACCEPTED, GarbledError, TooLargeError, read_body
from veille.outcome import Failed, Fetched, NotModified, Outcome
from veille.text import clean_line, shorten
from veille.urls import host_of, is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from veille.settings import FetchSettings

USER_AGENT = f"veille/{__version__} (feed reader)"
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_OK, _NOT_MODIFIED = 200, 304
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_KEPT_HEADERS = ("content-type", "cache-control", "expires", "date", "retry-after", "age", "content-language")
_LONGEST_VALIDATOR = 2048  # longer ones would make requests that servers refuse
_REASONS = {
    401: "it asks for a password (401)",
    403: "access is refused (403)",
    404: "there is nothing at this address (404)",
    410: "it is gone for good (410)",
    429: "too many requests, says the server (429)",
}


@dataclass(frozen=True, slots=True)
class _Redirect:
    status: int
    target: str


class Fetcher:
    """A client for one run: `jobs` exchanges at a time, `per_host` of them with one host."""

    def __init__(self, client: httpx.AsyncClient, settings: FetchSettings) -> None:
        self._client = client
        self._settings = settings
        self._jobs = asyncio.Semaphore(settings.jobs)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(settings.per_host),
        )

    async def fetch(self, url: str, validators: Validators) -> Outcome:
        """One conditional GET with its redirects. Never raises for what a server or network does.

        The time allowed is that of the exchanges; waiting for a turn is not counted.
        """
        left = self._settings.timeout.total_seconds()
        target, permanent, seen = url, True, {url}
        clock = asyncio.get_running_loop().time
        for _ in range(self._settings.max_redirects + 1):
            # The host first: one who waits for a busy host must not keep others from theirs.
            async with self._hosts[host_of(target)], self._jobs:
                started = clock()
                answer = await self._exchange(target, validators, left)
                left = max(0.001, left - (clock() - started))
            if isinstance(answer, Failed):
                return answer
            if not isinstance(answer, _Redirect):
                return replace(answer, moved_to=normalise_feed_url(target)) if permanent and target != url else answer
            permanent = permanent and answer.status in _PERMANENT
            target = answer.target
            if target in seen:
                return Failed(reason="it redirects in a circle", status=answer.status)
            seen.add(target)
        return Failed(reason=f"more than {self._settings.max_redirects} redirects")

    async def _exchange(self, url: str, validators: Validators, seconds: float) -> Outcome | _Redirect:
        """One request and its answer, within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                response = await self._send(url, validators)
                async with contextlib.aclosing(response):
                    return await self._read(response, url)
        except TimeoutError:
            return Failed(reason=f"no complete answer in {self._settings.timeout.total_seconds():g} s")
        except TooLargeError:
            return Failed(reason=f"larger than {self._settings.max_body / 1e6:g} MB (see max_body)", status=_OK)
        except GarbledError as error:
            return Failed(reason=f"its compression cannot be read ({clean_line(str(error))})", status=_OK)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            return Failed(reason=_explain(error))

    async def _send(self, url: str, validators: Validators) -> httpx.Response:
        """Ask, and ask again when a connection kept from before proves to be of no use any more."""
        tries = self._settings.per_host + 1  # all that were kept, and a new one
        while True:
            tries -= 1
            connected: list[str] = []
            trace = functools.partial(_note_connection, connected)
            request = self._client.build_request(
                "GET", url, headers=_conditions(validators), extensions={"trace": trace}
            )
            try:
                return await self._client.send(request, stream=True, follow_redirects=False)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if connected or not tries:
                    raise

    async def _read(self, response: httpx.Response, url: str) -> Outcome | _Redirect:
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        status = response.status_code
        if status == _NOT_MODIFIED and _was_conditional(response.request):
            # To the end of nothing: the connection is not used again otherwise.
            await read_body(response.aiter_raw(), encoding="", limit=0)
            return NotModified(validators=_validators(response), headers=headers)
        location = response.headers.get("location", "").strip()
        if status in _REDIRECTS and location:
            target = urldefrag(urljoin(url, location)).url
            refusal = await self._refusal(url, target)
            return Failed(reason=refusal, status=status) if refusal else _Redirect(status, _keep_user(url, target))
        if status != _OK:
            return Failed(reason=_REASONS.get(status, f"the server answered {status}"), status=status, headers=headers)
        if int(response.headers.get("content-length", 0)) > self._settings.max_body:
            raise TooLargeError
        encoding = response.headers.get("content-encoding", "")
        body = await read_body(response.aiter_raw(), encoding=encoding, limit=self._settings.max_body)
        return Fetched(body=body, url=_without_user(url), headers=headers, validators=_validators(response))

    async def _refusal(self, source: str, target: str) -> str:
        """Why a redirect is not followed, "" when it may be."""
        if not is_web(target):
            return f"it redirects to {shorten(clean_line(target), 100)}, which is not a web address"
        host = host_of(target)
        if self._settings.allow_private or host == host_of(source):
            return ""
        if await _is_private(host) and not await _is_private(host_of(source)):
            return f"it redirects to a private address ({clean_line(host)}): allow_private in config.toml permits it"
        return ""


@contextlib.asynccontextmanager
async def open_fetcher(settings: FetchSettings) -> AsyncIterator[Fetcher]:
    """A Fetcher with its connections, closed at the end."""
    refuse_all = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    seconds = settings.timeout.total_seconds()
    # asyncio looks names up in a few threads; a whole morning's would queue, slow ones before all others.
    lookups = ThreadPoolExecutor(max_workers=settings.jobs, thread_name_prefix="lookup")
    asyncio.get_running_loop().set_default_executor(lookups)
    async with httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
        timeout=httpx.Timeout(seconds, connect=settings.connect_timeout.total_seconds(), pool=None),
        # Less than the 5 s of Apache and Node, so that none is used at the moment it is being closed.
        limits=httpx.Limits(max_connections=settings.jobs, max_keepalive_connections=settings.jobs, keepalive_expiry=3),
        cookies=refuse_all,
        verify=_trusted(),
    ) as client:
        yield Fetcher(client, settings)


async def fetch_once(url: str, settings: FetchSettings) -> Outcome:
    """One unconditional GET, for documents that are not feeds (a subscription list)."""
    async with open_fetcher(settings) as fetcher:
        return await fetcher.fetch(url, Validators())


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted: reading them takes 40 ms."""
    return httpx.create_ssl_context()


def _conditions(validators: Validators) -> list[tuple[bytes, bytes]]:
    """Validators go back byte for byte, as they came."""
    pairs = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value]


def _validators(response: httpx.Response) -> Validators:
    found = {name.lower(): value for name, value in response.headers.raw}
    etag, last_modified = (found.get(name, b"").decode("latin-1") for name in (b"etag", b"last-modified"))
    return Validators(
        etag=etag if len(etag) <= _LONGEST_VALIDATOR else "",
        last_modified=last_modified if len(last_modified) <= _LONGEST_VALIDATOR else "",
    )


async def _note_connection(connected: list[str], event: str, _details: object) -> None:
    if event.startswith("connection.connect"):
        connected.append(event)


def _was_conditional(request: httpx.Request) -> bool:
    return "if-none-match" in request.headers or "if-modified-since" in request.headers


def _without_user(url: str) -> str:
    """An address without its name and password: it becomes the base of the links that are shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _keep_user(source: str, target: str) -> str:
    """A redirect's target with the name and password of its source, if it is the same site."""
    here, there = urlsplit(source), urlsplit(target)
    user, has_user, _ = here.netloc.rpartition("@")
    same = (there.scheme, there.port) == (here.scheme, here.port)
    upgraded = (there.scheme, there.port) == ("https", None) and here.port is None
    if not has_user or "@" in there.netloc or there.hostname != here.hostname or not (same or upgraded):
        return target
    return urlunsplit(there._replace(netloc=f"{user}@{there.netloc}"))


async def _is_private(host: str) -> bool:
    """Whether a host is, or resolves to, an address that is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return any(not ipaddress.ip_address(str(address[4][0]).partition("%")[0]).is_global for address in found)
    except (OSError, UnicodeError, ValueError):
        return False


def _explain(error: Exception) -> str:
    """One line for what went wrong below HTTP; the deepest known cause speaks."""
    causes: list[BaseException] = []
    ahead: list[BaseException] = [error]
    while ahead:
        cause = ahead.pop()
        if cause not in causes:
            causes.append(cause)
            ahead += cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
            ahead += filter(None, [cause.__cause__ or cause.__context__])
    for kind, said in _CAUSES:
        found = next((one for one in causes if isinstance(one, kind)), None)
        if found is not None:
            return said.format(shorten(clean_line(str(found)), 120))
    return shorten(clean_line(f"{type(error).__name__}: {error}"), 160)


_CAUSES: list[tuple[type[BaseException], str]] = [
    (ssl.SSLCertVerificationError, "its certificate is not valid ({})"),
    (ssl.SSLError, "the TLS connection failed ({})"),
    (socket.gaierror, "the host name is not known"),
    (ConnectionRefusedError, "the connection was refused"),
    (httpx.ConnectTimeout, "the host does not answer"),
    (httpx.TimeoutException, "no complete answer in time"),
    (ConnectionResetError, "the connection was cut"),
    (httpx.RemoteProtocolError, "the answer is not valid HTTP ({})"),
    (httpx.InvalidURL, "it is not, or redirects to what is not, a web address ({})"),
    (httpx.ConnectError, "the connection failed ({})"),
    (httpx.ReadError, "the connection was cut"),
    (OSError, "the connection failed ({})"),
    (UnicodeError, "the host name is not valid ({})"),
]
