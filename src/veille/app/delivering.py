"""One message on its way: a row of the outbox with its body in, delivered or a DeliveryError out.

What the row does not say (servers, addresses, programs, secrets) comes from config.toml as it is now: what is mended
there reaches what was queued before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from veille.places import expand_home
from veille.send.trouble import DeliveryError
from veille.store.outbox import UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from veille.app.home import Home
    from veille.delivery import Queued, Way
    from veille.send.smtp import Mailer
    from veille.sendconfig import AlertSettings


class Deliverer:
    """What one run of the outbox sends by: a connection to the mail server, and targets that have failed as such."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._mailer: Mailer | None = None
        self._down: dict[tuple[str, str], str] = {}
        self._ways: dict[Way, Callable[[Queued, bytes], None]] = {
            "mail": self._mail,
            "webhook": self._post,
            "ntfy": self._post,
            "command": self._command,
            "file": self._file,
        }

    def __enter__(self) -> Self:
        """Nothing is opened before there is something to send."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take leave of the mail server."""
        if self._mailer:
            self._mailer.close()

    def deliver(self, row: Queued, body: bytes) -> None:
        """Send it. Raises DeliveryError; a target that has failed as such is not asked again."""
        target = (row.way, "" if row.way == "mail" else row.target)
        if target in self._down:
            raise DeliveryError(self._down[target])
        try:
            self._ways[row.way](row, body)
        except DeliveryError as error:
            if error.whole:
                self._down[target] = error.reason
            raise

    def _mail(self, row: Queued, body: bytes) -> None:
        settings = self._home.settings.mail
        if settings is None:
            raise DeliveryError("config.toml has no [mail] to send it by", whole=True)
        from veille.send.smtp import Mailer

        self._mailer = self._mailer or Mailer(settings)
        self._mailer.send(body, to=row.target)

    def _post(self, row: Queued, body: bytes) -> None:
        settings = self._find(row)
        from veille.send.post import Post, post_json

        if row.way == "ntfy":
            headers: tuple[tuple[str, str], ...] = ()
            if settings.token:
                headers = (("Authorization", f"Bearer {settings.token}"),)
        else:
            headers = (("Idempotency-Key", row.key), *settings.headers)
        url = settings.ntfy if row.way == "ntfy" else settings.webhook
        label = f"{row.way} of [alert.{row.target}]"
        topic = row.way == "ntfy"
        post_json(Post(url=url, body=body, label=label, timeout=settings.timeout, headers=headers, topic=topic))

    def _command(self, row: Queued, body: bytes) -> None:
        settings = self._find(row)
        from veille.send.command import run_command

        known = {"VEILLE_ALERT": row.target, "VEILLE_KEY": row.key}
        run_command(settings.command, body, timeout=settings.timeout, known=known)

    def _file(self, row: Queued, body: bytes) -> None:
        settings = self._find(row)
        from veille.send.command import append_file

        path = expand_home(settings.file, error=partial(DeliveryError, whole=True))
        append_file(self._home.places.home / path, body, again=row.reason == UNDER_WAY)

    def _find(self, row: Queued) -> AlertSettings:
        settings = self._home.settings.alerts.get(row.target)
        if settings is None or not getattr(settings, row.way):
            raise DeliveryError(f"config.toml has no {row.way} in an [alert.{row.target}] any more", whole=True)
        return settings
