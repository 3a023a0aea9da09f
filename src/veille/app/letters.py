"""An issue as mail: one delivery for each reader, for the outbox to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from veille.delivery import Delivery
from veille.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.app.home import Home
    from veille.issue import Issue


def write_letters(home: Home, issue: Issue, readers: Iterable[str], *, templates: str = "") -> list[Delivery]:
    """A mail to each reader; a second of the same issue to the same reader has the same key, and is not sent.

    Raises ConfigError where nothing says how mail is sent, TemplateError.
    """
    targets = list(readers)
    if not targets:
        return []
    from veille.show.mail import render_mail
    from veille.show.rendering import render, render_for_mail

    if home.settings.mail is None:
        raise ConfigError(f"{home.places.config}: nothing says how mail is sent: write [mail] with host and from")
    own = Path(templates) if templates else None
    html, text = render_for_mail(issue, templates=own), render("txt", issue, templates=own)
    return [
        Delivery(
            key=f"{issue.kind}:{issue.name}:{issue.number}:{target}",
            way="mail",
            target=target,
            subject=f"{issue.title} ({issue.number})",
            body=render_mail(issue, sender=home.settings.mail.sender, to=target, html=html, text=text),
        )
        for target in targets
    ]
