"""Addresses fetched: an address, its validators and its feed's settings in, an Outcome out. httpx lives here.

No cookie is kept, no Referer sent, no parameter added; credentials, and headers of the user's, stay with the site
they were meant for. What a document means is not known here.

Memory is bounded: beyond SMALL (`decode.py`) bodies are received a few at a time, so that all together are never
more than BUDGET. One that waits holds nothing that another needs, so that none waits for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections import defaultdict
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

import httpx

from veille.errors import FetchError
from veille.feed import FeedSettings, Validators
from veille.feedkeys import may_carry
from veille.fetch.conditional import is_conditional, read_validators, write_conditions
from veille.fetch.credentials import CredentialsError, prepare_sending
from veille.fetch.decode import ACCEPTED, GarbledError, TooLargeError, read_body
from veille.fetch.errand import Errand, Hop
from veille.fetch.explain import explain_error, explain_status, quote_line
from veille.fetch.guard import PrivateAddressError, Watch, is_outside, is_private, is_trusted, keep_user
from veille.fetch.lookups import Lookups
from veille.outcome import Failed, Fetched, NotModified, Outcome
from veille.settings import USER_AGENT
from veille.text import clean_line
from veille.urls import host_of, is_web, normalise_feed_url, without_user

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable
    from datetime import timedelta

    from veille.settings import FetchSettings

    Held = Callable[[str], timedelta | None]  # how long a host is still to be left in peace

BUDGET = 100_000_000  # bytes of large bodies being received at a time
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_OK, _NOT_MODIFIED, _BUSY = 200, 304, 503
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_KEPT_HEADERS = ("content-type", "cache-control", "expires", "date", "retry-after", "age", "content-language")
_PLAIN = FeedSettings()


def _nobody_held(_host: str) -> timedelta | None:
    return None


class Fetcher:
    """A client for one run: `jobs` exchanges at a time, `per_host` of them with one host."""

    def __init__(self, client: httpx.AsyncClient, settings: FetchSettings, held: Held = _nobody_held) -> None:
        self._clients = {"": client}  # by proxy
        self._settings = settings
        self._held = held
        self._jobs = asyncio.Semaphore(settings.jobs)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(settings.per_host),
        )
        self._large = asyncio.Semaphore(max(1, BUDGET // settings.max_body))

    async def fetch(
        self, url: str, validators: Validators, settings: FeedSettings = _PLAIN, *, named_by: str = ""
    ) -> Outcome:
        """One conditional GET with its redirects. Never raises for what a server or network does.

        The time allowed is that of the exchanges; waiting for a turn is not counted. An address that the
        feed at `named_by` holds may lead no more to a private one than a redirect of that feed.
        """
        async with contextlib.AsyncExitStack() as held:
            try:
                errand = Errand(
                    url=url,
                    root=named_by or url,
                    validators=validators,
                    user_agent=settings.user_agent,
                    seconds=(settings.timeout or self._settings.timeout).total_seconds(),
                    sending=prepare_sending(url, settings),
                    held=held,
                )
                return await self._run(errand)
            except CredentialsError as error:
                return Failed(reason=clean_line(str(error)), asked=False)

    async def aclose(self) -> None:
        """Close the clients that were opened for proxies."""
        for proxy, client in self._clients.items():
            if proxy:
                await client.aclose()

    async def _run(self, errand: Errand) -> Outcome:
        left = errand.seconds
        watched = await self._is_watched(errand, errand.url)
        if watched and await is_private(host_of(errand.url)):
            return Failed(reason=_refusal(Hop(url=errand.url)), asked=False)
        hop, seen = Hop(url=errand.url, watched=watched), {errand.url}
        clock = asyncio.get_running_loop().time
        for _ in range(self._settings.max_redirects + 1):
            # The host first: one who waits for a busy host must not keep others from theirs.
            async with self._hosts[host_of(hop.url)], self._jobs:
                started = clock()
                answer = await self._exchange(errand, hop, left)
                left = max(0.001, left - (clock() - started))
            if isinstance(answer, Failed):
                return replace(answer, host="" if hop.url == errand.url else host_of(hop.url))
            if not isinstance(answer, Hop):
                # An address that repeats a secret is not kept.
                moved = hop.permanent and hop.url != errand.url and errand.sending.conceal(hop.url) == hop.url
                return replace(answer, moved_to=normalise_feed_url(hop.url)) if moved else answer
            hop = answer
            if hop.url in seen:
                return Failed(reason="it redirects in a circle", status=hop.status, host=host_of(hop.url))
            wait = self._held(host_of(hop.url))
            if wait:
                # For this feed alone: the host has been told of already.
                reason = f"it redirects to {clean_line(host_of(hop.url))}, which asks for peace"
                return Failed(reason=reason, status=_BUSY, headers={"retry-after": str(int(wait.total_seconds()) + 1)})
            seen.add(hop.url)
        return Failed(reason=f"more than {self._settings.max_redirects} redirects")

    async def _exchange(self, errand: Errand, hop: Hop, seconds: float) -> Outcome | Hop:
        """One request and its answer, within so many seconds."""
        conceal = errand.sending.conceal
        try:
            async with asyncio.timeout(seconds) as allowed:
                response = await self._send(errand, hop)
                async with contextlib.aclosing(response):
                    return await self._read(response, errand, hop, allowed)
        except TimeoutError:
            return Failed(reason=f"no complete answer in {errand.seconds:g} s", mute=True)
        except TooLargeError:
            return Failed(reason=f"larger than {self._settings.max_body / 1e6:g} MB (see max_body)", status=_OK)
        except GarbledError as error:
            reason = f"its compression cannot be read ({clean_line(conceal(str(error)))})"
            return Failed(reason=reason, status=_OK)
        except PrivateAddressError:
            return Failed(reason=_refusal(hop), status=hop.status)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            through = "through its proxy, " if errand.sending.proxy else ""
            mute = isinstance(error, (httpx.ConnectError, httpx.TimeoutException))
            return Failed(reason=through + explain_error(error, conceal), mute=mute)

    async def _send(self, errand: Errand, hop: Hop) -> httpx.Response:
        """Ask, and ask again when a connection kept from before proves to be of no use any more."""
        tries = self._settings.per_host + 1  # all that were kept, and a new one
        client = self._client_through(errand.sending.proxy)
        while True:
            tries -= 1
            request = self._build(client, errand, hop)
            watch = Watch(request.url.raw_host.decode("ascii"), public_only=hop.watched)
            request.extensions["trace"] = watch
            try:
                return await client.send(request, stream=True, follow_redirects=False)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if watch.connected or not tries:
                    raise

    def _build(self, client: httpx.AsyncClient, errand: Errand, hop: Hop) -> httpx.Request:
        headers = write_conditions(errand.validators)
        if errand.user_agent:
            headers.append((b"User-Agent", errand.user_agent.encode("ascii")))
        url = hop.url
        if hop.carries:
            headers += errand.sending.headers
            # httpx would send the name and password of an address in the place of these.
            url = without_user(url) if errand.sending.has_authorization else url
        connect = self._settings.connect_timeout.total_seconds()
        return client.build_request(
            "GET", url, headers=headers, timeout=httpx.Timeout(errand.seconds, connect=connect, pool=None)
        )

    async def _read(
        self, response: httpx.Response, errand: Errand, hop: Hop, allowed: asyncio.Timeout
    ) -> Outcome | Hop:
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        status = response.status_code
        if status == _NOT_MODIFIED and is_conditional(response.request.headers.raw):
            # To the end of nothing: the connection is not used again otherwise.
            await read_body(response.aiter_raw(), encoding="", limit=0)
            return NotModified(validators=read_validators(response.headers.raw), headers=headers)
        location = response.headers.get("location", "").strip()
        if status in _REDIRECTS and location:
            return await self._follow(errand, hop, response, location)
        if status != _OK:
            authorized = "authorization" in response.request.headers
            return Failed(reason=explain_status(status, authorized=authorized), status=status, headers=headers)
        if int(response.headers.get("content-length", 0)) > self._settings.max_body:
            raise TooLargeError
        body = await read_body(
            response.aiter_raw(),
            encoding=response.headers.get("content-encoding", ""),
            limit=self._settings.max_body,
            admit=functools.partial(self._admit, errand.held, allowed),
        )
        return Fetched(
            body=body, url=without_user(hop.url), headers=headers, validators=read_validators(response.headers.raw)
        )

    async def _follow(self, errand: Errand, hop: Hop, response: httpx.Response, location: str) -> Failed | Hop:
        """The next address to ask, or why it is not asked."""
        status, outside = response.status_code, hop.watched or (not hop.status and is_outside(response.extensions))
        target = urldefrag(urljoin(hop.url, location)).url
        if not is_web(target):
            shown = quote_line(errand.sending.conceal(target), 100)
            return Failed(reason=f"it redirects to {shown}, which is not a web address", status=status)
        followed = Hop(
            url=keep_user(hop.url, target),
            status=status,
            carries=hop.carries and may_carry(hop.url, target),
            permanent=hop.permanent and status in _PERMANENT,
            watched=await self._is_watched(errand, target, outside=outside),
        )
        if followed.watched and await is_private(host_of(target)):
            return Failed(reason=_refusal(followed), status=status)
        return followed

    async def _is_watched(self, errand: Errand, target: str, *, outside: bool = False) -> bool:
        """Whether an address may not be private: nothing may that leads there from `outside`."""
        return not self._settings.allow_private and (outside or not await is_trusted(errand.root, target))

    async def _admit(self, held: contextlib.AsyncExitStack, allowed: asyncio.Timeout) -> None:
        """Wait until another large body may be received; that is no slowness of the server's."""
        clock = asyncio.get_running_loop().time
        started, end = clock(), allowed.when()
        allowed.reschedule(None)
        await held.enter_async_context(self._large)
        allowed.reschedule(None if end is None else end + clock() - started)

    def _client_through(self, proxy: str) -> httpx.AsyncClient:
        if proxy not in self._clients:
            try:
                context = _trusted() if proxy.startswith("https") else None
                self._clients[proxy] = _open_client(self._settings, httpx.Proxy(proxy, ssl_context=context))
            except (ValueError, httpx.InvalidURL):
                # Without its words, which quote the address and the password in it.
                raise CredentialsError("proxy: what it refers to cannot be used as a proxy's address") from None
        return self._clients[proxy]


@contextlib.asynccontextmanager
async def open_fetcher(settings: FetchSettings, held: Held = _nobody_held) -> AsyncIterator[Fetcher]:
    """A Fetcher with its connections, closed at the end; redirects do not lead to a host that is `held`.

    Raises FetchError for a proxy of the environment that cannot be used.
    """
    # asyncio looks names up in a few threads; a whole morning's would queue, slow ones before all others.
    lookups = Lookups(max_workers=settings.jobs, thread_name_prefix="lookup")
    asyncio.get_running_loop().set_default_executor(lookups)
    try:
        client = _open_client(settings)
    except (ImportError, ValueError):
        raise FetchError("the proxy of the environment (ALL_PROXY, HTTP_PROXY) is of no use here: unset it") from None
    async with (
        client,
        contextlib.aclosing(Fetcher(client, settings, held)) as fetcher,
    ):
        yield fetcher


async def fetch_once(url: str, settings: FetchSettings, own: FeedSettings = _PLAIN) -> Outcome:
    """One unconditional GET, for what is no feed yet: a subscription list, a page; `own` settings of that address."""
    async with open_fetcher(settings) as fetcher:
        return await fetcher.fetch(url, Validators(), own)


def _open_client(settings: FetchSettings, proxy: httpx.Proxy | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
        # Less than the 5 s of Apache and Node, so that none is used at the moment it is being closed.
        limits=httpx.Limits(max_connections=settings.jobs, max_keepalive_connections=settings.jobs, keepalive_expiry=3),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        proxy=proxy,
        verify=_trusted(),
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted: reading them takes 40 ms."""
    return httpx.create_ssl_context()


def _refusal(hop: Hop) -> str:
    leads = "it redirects to" if hop.status else "it is at"
    return f"{leads} a private address ({clean_line(host_of(hop.url))}): allow_private in config.toml permits it"
