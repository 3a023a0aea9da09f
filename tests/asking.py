"""Addresses asked in tests: one or many fetched by a fetcher of their own, and what is expected to come back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.feed import Validators
from veille.fetch.http import open_fetcher
from veille.outcome import Failed, Fetched
from veille.settings import FetchSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.outcome import Outcome

PATIENT = FetchSettings(timeout=timedelta(seconds=10))
HASTY = FetchSettings(timeout=timedelta(seconds=0.4), connect_timeout=timedelta(seconds=0.2))
RSS = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


def get_all(
    urls: Sequence[str], settings: FetchSettings = PATIENT, validators: Validators | None = None
) -> list[Outcome]:
    async def run() -> list[Outcome]:
        async with open_fetcher(settings) as fetcher:
            return await asyncio.gather(*(fetcher.fetch(url, validators or Validators()) for url in urls))

    return asyncio.run(run())


def get(url: str, settings: FetchSettings = PATIENT, validators: Validators | None = None) -> Outcome:
    return get_all([url], settings, validators)[0]


def fetched(outcome: Outcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


def failed(outcome: Outcome) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert "\n" not in outcome.reason
    return outcome
