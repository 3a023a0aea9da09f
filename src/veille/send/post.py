"""One POST: an address and JSON in, taken by the server or a DeliveryError out.

The address is the user's own, so it may be private; it is asked as it stands: what it redirects to gets nothing. Of the
answer no more is read than is quoted, and all takes no longer than it may. Neither the address nor what is sent is
told: both may hold secrets.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from veille.send.secrets import fill
from veille.send.trouble import DeliveryError, explain_connection, quote
from veille.settings import USER_AGENT
from veille.urls import is_web

if TYPE_CHECKING:
    from datetime import timedelta

_QUOTED = 2000  # bytes of an answer
# 4xx that may be otherwise later: timeout, too early, too many; and what config.toml can mend.
_LATER = frozenset({401, 403, 404, 407, 408, 425, 429})
_OK, _MOVED, _REFUSED, _BROKEN = 200, 300, 400, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is posted where; `url` and the values of `headers` may name environment variables.

    `label` calls the target in messages: its address is not told where a variable holds it. With `topic` the address
    ends with a topic of ntfy, which is published to as JSON, so that no text of a feed becomes a header.
    """

    url: str
    body: bytes
    label: str
    timeout: timedelta
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    topic: bool = False


def post_json(post: Post) -> None:
    """Post it. Raises DeliveryError."""
    found: set[str] = set()
    url = fill(post.url, found=found)
    headers = [(name, fill(value, found=found)) for name, value in post.headers]
    if not is_web(url):
        raise DeliveryError(f"{post.label}: what its variable holds is no http or https address", whole=True)
    address, body = _split_topic(url, post.body, post.label) if post.topic else (url, post.body)
    where = post.label if found and post.url.startswith("$") else f"{post.label} at {urlsplit(url).hostname}"
    try:
        fields = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers]
        client = _make_client(where, seconds=post.timeout.total_seconds())
        status, said = asyncio.run(_exchange(client, address, body, fields))
    except httpx.InvalidURL:
        raise DeliveryError(f"{where}: this is no address that can be asked", whole=True) from None
    except TimeoutError:
        raise DeliveryError(f"{where}: no answer in time", whole=True) from None
    except httpx.HTTPError as error:
        raise DeliveryError(_explain(where, error), whole=True) from None
    except (ValueError, UnicodeError):
        raise DeliveryError(f"{where}: a header holds what no header carries", whole=True) from None
    _judge(where, status, quote(said, found | _parts(url)))


def _split_topic(url: str, body: bytes, label: str) -> tuple[str, bytes]:
    """The root of an ntfy server, and the message with the topic that the address ends with."""
    parts = urlsplit(url)
    path, _, topic = parts.path.rstrip("/").rpartition("/")
    if not topic:
        raise DeliveryError(f"{label}: what its variable holds is no address of a topic", whole=True)
    # What it is asked with (`?auth=...`) stays with the root.
    return parts._replace(path=f"{path}/", fragment="").geturl(), json.dumps(
        {"topic": topic, **json.loads(body)}, ensure_ascii=False
    ).encode()


def _make_client(where: str, *, seconds: float) -> httpx.AsyncClient:
    """A client as the environment says (certificates, proxies), whose values may hold secrets and are not told."""
    try:
        return httpx.AsyncClient(timeout=seconds, follow_redirects=False)
    except OSError as error:
        why = f"the certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read ({type(error).__name__})"
    except (ImportError, ValueError, httpx.InvalidURL):
        why = "the proxy of ALL_PROXY, HTTPS_PROXY or HTTP_PROXY is none that can be used: write it as http://host:port"
    raise DeliveryError(f"{where}: {why}", whole=True)


async def _exchange(
    client: httpx.AsyncClient, url: str, body: bytes, headers: list[tuple[bytes, bytes]]
) -> tuple[int, bytes]:
    head = [(b"Content-Type", b"application/json; charset=utf-8"), (b"User-Agent", USER_AGENT.encode()), *headers]
    async with (
        asyncio.timeout(client.timeout.connect),
        client,
        client.stream("POST", url, content=body, headers=head) as response,
    ):
        said = b""
        async for piece in response.aiter_raw():
            said += piece
            if len(said) >= _QUOTED:
                break
        return response.status_code, said[:_QUOTED]


def _judge(where: str, status: int, said: str) -> None:
    """Whether a status is one of success."""
    if _OK <= status < _MOVED:
        return
    if status < _REFUSED:
        raise DeliveryError(f"{where}: {status}: it has moved, and what it redirects to gets nothing", whole=True)
    permanent = status < _BROKEN and status not in _LATER
    raise DeliveryError(f"{where}: {status}{f' {said}' if said else ''}", permanent=permanent, whole=not permanent)


def _explain(where: str, error: httpx.HTTPError) -> str:
    """Why a server could not be reached: what httpx stands on says more than it does."""
    found: OSError | None = None
    cause: BaseException | None = error
    while cause:
        found = cause if isinstance(cause, OSError) else found
        # Of the addresses of one name the first speaks for all.
        cause = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else cause.__cause__ or cause.__context__
    if found:
        return explain_connection(where, found)
    said = "no answer in time" if isinstance(error, httpx.TimeoutException) else "it hung up, or answered no HTTP"
    return f"{where}: {said}"


def _parts(url: str) -> set[str]:
    """What of an address an answer may send back, and nobody is to read."""
    parts = urlsplit(url)
    return {url, parts.query, parts.path if parts.path.strip("/") else ""}
