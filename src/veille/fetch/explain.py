"""Why an exchange gave no document, in one line: a status or an exception in, a reason out."""

from __future__ import annotations

import re
import socket
import ssl
from typing import TYPE_CHECKING

import httpx

from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

_REASONS = {
    401: "it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one",
    403: "access is refused (403)",
    404: "there is nothing at this address (404)",
    407: "the proxy asks for a password (407)",
    410: "it is gone for good (410)",
    429: "too many requests, says the server (429)",
}
_WRONG_PASSWORD = "it does not take the password given (401): see `veille feeds set FEED`"  # noqa: S105 - a message
_UNAUTHORIZED = 401
# The first kind that is found among the causes speaks; "{}" is what it says itself.
_CAUSES: list[tuple[type[BaseException], str]] = [
    (ssl.SSLCertVerificationError, "its certificate is not valid ({})"),
    (ssl.SSLError, "the TLS connection failed ({})"),
    (httpx.ProxyError, "the proxy refuses ({})"),
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


def explain_status(status: int, *, authorized: bool) -> str:
    """What an answer other than a document means; `authorized` when credentials were sent."""
    if status == _UNAUTHORIZED and authorized:
        return _WRONG_PASSWORD
    return _REASONS.get(status, f"the server answered {status}")


# Where in OpenSSL's source an error was raised.
_SOURCE = re.compile(r"\[SSL[^\]]*\]\s*|\s*\(_ssl\.c:\d+\)")


def explain_error(error: Exception, conceal: Callable[[str], str]) -> str:
    """What went wrong below HTTP; the deepest known cause speaks, without what `conceal` takes out."""
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
            return said.format(quote_line(conceal(_SOURCE.sub("", str(found))), 120))
    return quote_line(conceal(f"{type(error).__name__}: {error}"), 160)


def quote_line(text: str, limit: int) -> str:
    """What a server or a library said, as part of a line."""
    return shorten(clean_line(text), limit)
