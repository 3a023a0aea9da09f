"""Secrets, found where the settings say when something is sent: the environment or the system's keyring.

References in, values out. What is missing is told by its name; a value is never part of a message.
"""

from __future__ import annotations

import importlib
import os

from veille.references import expand
from veille.send.trouble import DeliveryError

KEYRING, SERVICE = "keyring", "veille"


def find_password(reference: str, *, user: str, host: str) -> str:
    """A password told as `$NAME` or `keyring`. Raises DeliveryError."""
    return _ask_keyring(user, host) if reference == KEYRING else fill(reference, found=set())


def fill(text: str, *, found: set[str]) -> str:
    """A text with its variables in place, their values added to `found`. Raises DeliveryError."""

    def find(name: str) -> str:
        value = os.environ.get(name, "")
        if not value:
            raise DeliveryError(f"the environment variable {name} is not set: config.toml refers to it", whole=True)
        found.add(value)
        return value

    return expand(text, find)


def _ask_keyring(user: str, host: str) -> str:
    name = f"{user}@{host}"
    set_it = f"`keyring set {SERVICE} '{name}'`"
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise DeliveryError(
            'password = "keyring" needs the package keyring: install veille[keyring]', whole=True
        ) from None
    try:
        password = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001 - each of its backends has errors of its own, which may quote anything
        raise DeliveryError(
            "the keyring cannot be read: it may be locked, or out of reach of cron", whole=True
        ) from None
    if not isinstance(password, str) or not password:
        raise DeliveryError(f"the keyring has no password for {name}: {set_it}", whole=True)
    return password
