"""What is asked for one feed or page: an errand, and the addresses it leads over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import contextlib

    from veille.feed import Validators
    from veille.fetch.credentials import Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What all requests for one feed share; `held` is let go once its body has come.

    `root` is the address that the user chose: `url`, or that of the document which names it.
    """

    url: str
    root: str
    validators: Validators
    user_agent: str
    seconds: float
    sending: Sending
    held: contextlib.AsyncExitStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """An address to ask: the feed's own, or a redirect's target.

    `carries` credentials and headers of the user's; `permanent` when every redirect so far was; `watched`
    when it may not lead to a private address.
    """

    url: str
    status: int = 0
    carries: bool = True
    permanent: bool = True
    watched: bool = False
