"""What keeps a message from its target, in one line, and whether to try again."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 300


class DeliveryError(Exception):
    """A message was not delivered; its text is the reason, without any secret.

    `permanent` when trying again would change nothing. `whole` when the target as such failed, so that other messages
    need not be tried on it now.
    """

    def __init__(self, reason: str, *, permanent: bool = False, whole: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.whole = whole


def quote(text: str | bytes, secrets: Iterable[str] = ()) -> str:
    """What another program or server said: one short line, without the secrets that it may have sent back."""
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return shorten(clean_line(conceal(line, secrets)), _LONGEST)


def conceal(text: str, secrets: Iterable[str]) -> str:
    """A text without these secrets, the longest first: one may hold another."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def explain_connection(where: str, error: OSError) -> str:
    """Why a server could not be reached, and what to do."""
    match error:
        case ssl.SSLCertVerificationError():
            why = clean_line(error.verify_message).rstrip(".")
            return f"{where}: its certificate is not trusted: {why}: nothing was sent"
        case ssl.SSLError():
            said = (error.reason or "it broke off").replace("_", " ").lower()
            return f"{where}: no secure connection: {said}: is the port one for this kind of security?"
        case TimeoutError():
            return f"{where}: no answer in time"
        case ConnectionRefusedError():
            return f"{where}: nothing listens there"
        case _ if "getaddrinfo" in str(error) or error.strerror in _UNKNOWN_HOST:
            return f"{where}: no such server by this name, or no network"
        case _:
            return f"{where}: {clean_line(error.strerror or str(error)) or 'the connection broke'}"


_UNKNOWN_HOST = ("Name or service not known", "Temporary failure in name resolution", "nodename nor servname provided")
