"""Where a redirect may lead: never from a public feed to an address inside this machine or its network.

What the user subscribed to himself is his to choose, whatever it is; what a publisher answers is not. Names are
looked up before a redirect is followed, and the connection is looked at again before anything is sent over it: a
name may lead elsewhere the second time. So may the feed's own: one that has answered from outside is a public one,
whatever its name server says afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from veille.feedkeys import may_carry
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Ranges of IPv6 that hold an address of IPv4 in their last 32 bits: mapped (RFC 4291), translated (RFC 6052
# and 8215), and the compatible form of old.
_EMBEDDING = [ipaddress.IPv6Network(net) for net in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96", "::/96")]


class PrivateAddressError(Exception):
    """A connection turned out to lead to an address that is not public."""


class Watch:
    """What becomes of one request's connection, as httpcore tells it: whether it is new, and where it leads."""

    def __init__(self, host: str, *, public_only: bool) -> None:
        self._host = host
        self._public_only = public_only
        self._is_direct = False
        self.connected = False

    async def __call__(self, event: str, details: Mapping[str, Any]) -> None:
        """Raises PrivateAddressError once connected to an address that is not public, if it must be."""
        self.connected = self.connected or event.startswith("connection.connect")
        if event == "connection.connect_tcp.started":
            self._is_direct = details["host"] == self._host  # and not a proxy, which the user has chosen
        elif event == "connection.connect_tcp.complete" and self._public_only and self._is_direct:
            stream = details["return_value"]
            if not is_public(stream.get_extra_info("server_addr")[0]):
                await stream.aclose()
                raise PrivateAddressError


async def is_trusted(subscribed: str, target: str) -> bool:
    """Whether an address may lead wherever it likes: to its own host, or because it is private itself."""
    host = host_of(subscribed)
    return host == host_of(target) or await is_private(host)


def is_outside(extensions: Mapping[str, Any]) -> bool:
    """Whether an answer came from a public address, by its connection, among httpx's extensions; or its proxy did."""
    stream = extensions.get("network_stream")
    address = stream.get_extra_info("server_addr") if stream else None
    with contextlib.suppress(ValueError, TypeError, IndexError):
        return is_public(str(address[0])) if address else False
    return False


async def is_private(host: str) -> bool:
    """Whether a host is, or resolves to, an address that is not public; a name that is not known is not."""
    name = host.removesuffix(".")
    with contextlib.suppress(ValueError):
        return not is_public(name)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
        return any(not is_public(str(address[4][0])) for address in found)
    except (OSError, UnicodeError, ValueError):
        return False


def is_public(address: str) -> bool:
    """Whether an address of IPv4 or IPv6 is one of the open network. Raises ValueError for what is none."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if any(found in net for net in _EMBEDDING):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.sixtofour:
            return is_public(str(found.sixtofour))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast


def keep_user(source: str, target: str) -> str:
    """A redirect's target with the name and password of its source, if they may be sent there."""
    there = urlsplit(target)
    user, has_user, _ = urlsplit(source).netloc.rpartition("@")
    if not has_user or "@" in there.netloc or not may_carry(source, target):
        return target
    return urlunsplit(there._replace(netloc=f"{user}@{there.netloc}"))
