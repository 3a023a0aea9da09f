"""The questions of the screen: what each says, what it proposes, and what is done with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from veille.app.offering import apply_rule, tell_reach
from veille.app.session import act, offer_rule
from veille.text import clean_line

if TYPE_CHECKING:
    from datetime import datetime

    from veille.app.offering import Applied
    from veille.app.session import Session, Slot

Kind = Literal["note", "tag", "filter", "rule"]

_SAYS: dict[Kind, str] = {"note": "note", "tag": "tag", "filter": "only", "rule": "also hide"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question: of what kind, about which story (0 for all), what it says and what is written there already."""

    kind: Kind
    story_id: int
    says: str
    proposed: str = ""
    # Asked once more, as what was written could not be kept.
    again: bool = False


def prepare(session: Session, kind: Kind, slot: Slot | None, *, wanted: str = "") -> Asked | None:
    """The question about a story, None when there is nothing to offer. Raises VeilleError."""
    proposed, says = wanted, _SAYS[kind]
    if kind == "rule" and slot:
        proposed = offer_rule(session, slot.story_id)
        if not proposed:
            return None
        says = f"{says} (esc: no)"
    elif kind == "note" and slot:
        # A note of several lines cannot be edited here: it is left unless another is written.
        proposed = slot.story.note if "\n" not in slot.story.note else ""
    elif kind == "tag":
        proposed = ""
    return Asked(kind=kind, story_id=slot.story_id if slot else 0, says=says, proposed=proposed)


def tell_offer(session: Session, asked: Asked, *, now: datetime) -> str:
    """What the question about a rule says once it is counted what the rule would hide. Raises VeilleError."""
    reach = tell_reach(session.home, asked.proposed, now=now).removeprefix("it hides ").replace("of the last", "in")
    return f"{_SAYS['rule']} {reach} (esc: no)"


def make_rule(session: Session, asked: Asked, answer: str) -> Applied | None:
    """Write the rule that was asked for, None for none. Raises VeilleError."""
    wanted = clean_line(answer)
    return apply_rule(session.home, wanted, story_id=asked.story_id) if wanted else None


def accept(session: Session, asked: Asked, answer: str) -> str:
    """Keep a note or a tag; one line to tell, "" when nothing was done. Raises VeilleError."""
    if answer == asked.proposed and not asked.again:
        return ""
    if asked.kind == "note":
        return act(session, "note", asked.story_id, answer)
    return act(session, "tag", asked.story_id, answer) if clean_line(answer) else ""
