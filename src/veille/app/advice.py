"""Why an address gave no feed, and what to do about it: a failure in, the words that tell of it out.

Only what can help is advised: adding an address unasked is of use where it may answer later.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from veille.fetch.schedule import retry_after
from veille.text import clean_line
from veille.urls import without_user

if TYPE_CHECKING:
    from datetime import datetime

    from veille.outcome import Failed

AS_IS = "`veille add --as-is` adds an address without asking it"
_CHECK = "check the address, or give the site's page"
_UNAUTHORIZED, _TOO_MANY, _BROKEN, _UNAVAILABLE = 401, 429, 500, 503
_BY_STATUS = {
    304: _CHECK,
    403: "give the address of the feed itself, if this is a page's",
    404: _CHECK,
    407: "check the proxy that your environment names",
    410: _CHECK,
}
_HTTP = "write http:// in front if it has no TLS"
# How the reasons of `fetch/explain.py` begin, and what to do: for an address typed without a scheme, then for others.
_BY_REASON = {
    "the TLS connection failed": (_HTTP, "write http:// instead of https:// if it has no TLS"),
    "its certificate is not valid": (_HTTP, "its publisher has to mend that"),
    "the host name is not known": (f"check how it is written; {AS_IS}",) * 2,
    "the connection was refused": (f"{_HTTP}; {AS_IS}", AS_IS),
    "the host does not answer": (f"{_HTTP}; {AS_IS}", AS_IS),
    **dict.fromkeys(("no complete answer", "the connection was cut", "the connection failed"), (AS_IS, AS_IS)),
}


def explain_failure(failed: Failed, address: str, *, bare: bool, now: datetime) -> str:
    """Why nothing was added, in one line; `bare` when the address was typed without http:// or https://."""
    reason = failed.reason
    if failed.status == _UNAUTHORIZED:
        # Without what is advised for a feed that is there.
        reason = reason.partition(": ")[0]
    return f"{reason}: nothing was added: {_advise(failed, address, bare=bare, now=now)}"


def show_moment(moment: datetime, *, now: datetime) -> str:
    """`08:12`, with its day when that is another one."""
    local = moment.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%Y-%m-%d %H:%M}"


def _advise(failed: Failed, address: str, *, bare: bool, now: datetime) -> str:
    if failed.status == _UNAUTHORIZED:
        return _give_password(address)
    if failed.status == _TOO_MANY or failed.status >= _BROKEN:
        asked = retry_after(failed.headers, now=now) if failed.status in (_TOO_MANY, _UNAVAILABLE) else None
        return f"try again at {show_moment(now + asked, now=now)}; {AS_IS}" if asked else AS_IS
    if failed.status:
        return _BY_STATUS.get(failed.status, "check the address")
    for beginning, (without_scheme, otherwise) in _BY_REASON.items():
        if failed.reason.startswith(beginning):
            # After a redirect it is another host that is told of.
            return without_scheme if bare and not failed.host else otherwise
    return "check the address"


def _give_password(address: str) -> str:
    """The steps, in order."""
    if without_user(address) != address:
        return "check the name and the password in the address"
    url = shlex.quote(clean_line(address))
    return (
        f"`veille add --as-is {url}`, then `veille feeds set {url} auth='basic:login:$NAME'`"
        f" (or auth=netrc), then `veille fetch {url}`"
    )
