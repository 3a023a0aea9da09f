"""What feeds weigh and which are muted by settings of their own: config.toml over what is stored.

Apart from `feedset`, which lists of stories do not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.store.overrides import former_addresses, stored_weights

if TYPE_CHECKING:
    from veille.app.home import Home


def feed_weights(home: Home) -> dict[str, float]:
    """What feeds weigh by settings of their own, by address."""
    return stored_weights(home.db) | _told(home, "weight")


def muted_by_config(home: Home) -> dict[str, bool]:
    """The feeds that config.toml says are muted or not, by address."""
    return _told(home, "muted")


def _told(home: Home, key: str) -> dict[str, Any]:
    """What config.toml gives for a key, by the address that each feed has now."""
    tables = home.settings.feeds
    found = {url: table.values[key] for url, table in tables.items() if key in table.values}
    if not found:
        return {}
    moved = {new: found[old] for old, new in former_addresses(home.db).items() if old in found and new not in tables}
    return found | moved
