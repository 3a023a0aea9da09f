"""Which addresses are public, in every way of writing them; and connections that turn out to lead elsewhere."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from publisher import Answer, Publisher
from veille.fetch.guard import PrivateAddressError, Watch, is_private, is_public, is_trusted, keep_user

PRIVATE = (
    "127.0.0.1 127.255.255.254 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 0.1.2.3 100.64.0.1 192.0.2.1 "
    "198.18.0.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 "
    "fd12:3456::1 ff02::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::10.0.0.1 "
    "64:ff9b:1::a9fe:a9fe 2002:7f00:1:: 2001:db8::1"
).split()
PUBLIC = "1.1.1.1 93.184.216.34 172.32.0.1 2606:2800::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::".split()
# What resolvers take for 127.0.0.1, 10.0.0.1 or 169.254.169.254.
DISGUISED = (
    "localhost LOCALHOST localhost. 2130706433 0x7f000001 0x7f.1 127.1 0177.0.0.1 017700000001 0 10.1 0xa9fea9fe "
    "2852039166 0251.0376.0251.0376 １２７.0.0.1 127。0。0。1 ①②⑦.0.0.1 fe80::1%25lo"
).split()


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_network_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", [*PRIVATE, *DISGUISED])
def test_a_private_host_is_known_however_it_is_written(host: str) -> None:
    assert asyncio.run(is_private(host))


@pytest.mark.parametrize("host", [*PUBLIC, "nowhere.invalid", "", "a..b", "x" * 300])
def test_public_hosts_and_names_that_nobody_knows_are_not_private(host: str) -> None:
    assert not asyncio.run(is_private(host))


@pytest.mark.parametrize(
    ("subscribed", "target", "trusted"),
    [
        ("http://93.184.216.34/feed", "http://127.0.0.1/x", False),
        ("http://93.184.216.34/feed", "http://93.184.216.34:8080/x", True),
        ("http://127.0.0.1/feed", "http://10.0.0.1/x", True),
        ("http://localhost/feed", "http://192.168.0.1/x", True),
        ("http://nowhere.invalid/feed", "http://1.1.1.1/x", False),
    ],
)
def test_what_was_subscribed_to_may_lead_where_it_likes_when_it_is_inside(
    subscribed: str, target: str, *, trusted: bool
) -> None:
    assert asyncio.run(is_trusted(subscribed, target)) is trusted


def test_a_connection_that_leads_inside_is_closed_before_anything_is_asked(publisher: Publisher) -> None:
    """As when a name has been public while it was looked up, and is not any more."""
    url = publisher.serve("/feed", Answer(body=b"inside"))

    async def run() -> bytes:
        async with httpx.AsyncClient() as client:
            for _ in range(2):
                watch = Watch("127.0.0.1", public_only=True)
                with pytest.raises(PrivateAddressError):
                    await client.get(url, extensions={"trace": watch})
                assert watch.connected
            assert publisher.requests == []
            allowed = Watch("127.0.0.1", public_only=False)
            return (await client.get(url, extensions={"trace": allowed})).content

    assert asyncio.run(run()) == b"inside"
    assert len(publisher.requests) == 1


def test_a_private_proxy_is_no_private_target(publisher: Publisher) -> None:
    proxied = Watch("feeds.example", public_only=True)  # connected to 127.0.0.1, which is the proxy
    url = publisher.serve("/feed", Answer(body=b"by proxy"))

    async def run() -> bytes:
        async with httpx.AsyncClient() as client:
            return (await client.get(url, extensions={"trace": proxied})).content

    assert asyncio.run(run()) == b"by proxy"


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("http://one.example/b", "http://ann:x@one.example/b"),
        ("http://bob@one.example/b", "http://bob@one.example/b"),
        ("http://two.example/b", "http://two.example/b"),
    ],
)
def test_a_name_and_password_stay_with_their_site(target: str, kept: str) -> None:
    assert keep_user("http://ann:x@one.example/a", target) == kept
