"""What veille itself says in an issue, in French and in English: headings, counts, dates, times.

A tongue and values in, plain text out. The system's locale is not asked: cron runs without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from veille.issue import Tongue

_WEEK = 7
_HOUR = 60

# Each word as English and as French say it.
_WORDS: dict[str, tuple[str, str]] = {
    "number": ("No. {}", "N° {}"),
    "since": ("since {}", "depuis le {}"),
    "reading": ("{} to read", "{} de lecture"),
    "rubrics": ("Contents", "Sommaire"),
    "others": ("Other stories", "Autres sujets"),
    "untitled": ("(no title)", "(sans titre)"),
    "starred": ("starred", "en favori"),
    "why": ("Why", "Pourquoi"),
    "back": ("New since", "Du nouveau"),
    "note": ("Note", "Note"),
    "comment": ("Comment", "Commentaire"),
    "also": ("Also told by {}", "Aussi chez {}"),
    "left_out": ("Left out", "Non retenus"),
    "more": ("and {} more", "et {} de plus"),
    "problems": ("Feeds to look at", "Flux à surveiller"),
    "figures": ("Figures", "En chiffres"),
    "days": ("Entries and stories per day", "Articles et sujets par jour"),
    "outlets": ("Stories per outlet", "Sujets par média"),
    "groups": ("Stories per rule group", "Sujets par groupe de règles"),
    "minutes": ("Minutes of reading", "Minutes de lecture"),
    "entries": ("entries", "articles"),
    "stories": ("stories", "sujets"),
    "nothing": ("Nothing to tell this time.", "Rien à signaler cette fois."),
    "written": ("Written by veille on {}.", "Écrit par veille le {}."),
    "digest": ("Digest", "Veille"),
    "review": ("Press review", "Revue de presse"),
    "index": ("All issues", "Tous les numéros"),
    "on_the_web": ("Read it on the web", "Lire sur le web"),
    "story_id": ("story {}", "sujet {}"),
}
_COUNTED: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "story": (("story", "stories"), ("sujet", "sujets")),
    "entry": (("entry", "entries"), ("article", "articles")),
    "outlet": (("outlet", "outlets"), ("média", "médias")),
    "source": (("other source", "other sources"), ("autre source", "autres sources")),
    "issue": (("issue", "issues"), ("numéro", "numéros")),
    "minute": (("minute", "minutes"), ("minute", "minutes")),
}
_DAYS = (
    ("Monday", "lundi"),
    ("Tuesday", "mardi"),
    ("Wednesday", "mercredi"),
    ("Thursday", "jeudi"),
    ("Friday", "vendredi"),
    ("Saturday", "samedi"),
    ("Sunday", "dimanche"),
)
_MONTHS = (
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
)
# A narrow space that no line breaks at: before French colons and in French thousands.
_NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said in one tongue."""

    tongue: Tongue

    def say(self, word: str, *values: object) -> str:
        """A heading or a phrase, with its values."""
        return _WORDS[word][self._place].format(*values)

    def label(self, word: str) -> str:
        """A word that something follows: `Note:`."""
        return self.say(word) + (f"{_NARROW}:" if self.tongue == "fr" else ":")

    def quote(self, text: str) -> str:
        """Words of another, between the marks of the tongue."""
        return f"«{_NARROW}{text}{_NARROW}»" if self.tongue == "fr" else f"“{text}”"

    def count(self, number: int, what: str) -> str:
        """`1 story`, `1,200 stories`; `0 sujet`, `1 200 sujets`."""
        one, many = _COUNTED[what][self._place]
        single = number in {0, 1} if self.tongue == "fr" else number == 1
        return f"{self.number(number)} {one if single else many}"

    def number(self, number: int) -> str:
        """A whole number with its thousands apart."""
        return f"{number:,}".replace(",", _NARROW) if self.tongue == "fr" else f"{number:,}"

    def minutes(self, minutes: int) -> str:
        """How long reading takes: `12 min`, `1 h 05`."""
        return f"{minutes} min" if minutes < _HOUR else f"{minutes // _HOUR} h {minutes % _HOUR:02}"

    def day(self, moment: datetime | date) -> str:
        """`Saturday 21 November 2026`, `samedi 1er novembre 2026`; of a time, the local day."""
        from datetime import datetime

        local = moment.astimezone() if isinstance(moment, datetime) else moment
        return f"{_DAYS[local.weekday()][self._place]} {self._ordinal(local.day)} {self._month(local)} {local.year}"

    def short_day(self, day: date) -> str:
        """`Sat 21`, `sam. 21`."""
        return f"{self._short_name(day)} {day.day}"

    def time(self, moment: datetime) -> str:
        """The local time: `07:05`, `7 h 05`."""
        local = moment.astimezone()
        return f"{local.hour} h {local.minute:02}" if self.tongue == "fr" else f"{local:%H:%M}"

    def moment(self, moment: datetime, *, now: datetime) -> str:
        """When, as short as can be: the time today, the day before it within a week, the date beyond."""
        local, today = moment.astimezone(), now.astimezone()
        if local.date() == today.date():
            return self.time(moment)
        if abs((today.date() - local.date()).days) < _WEEK:
            return f"{self._short_name(local)} {self.time(moment)}"
        year = f" {local.year}" if local.year != today.year else ""
        return f"{self._ordinal(local.day)} {self._month(local)}{year}"

    def since(self, moment: datetime, *, now: datetime) -> str:
        """Where a window begins: `since Friday 20 November, 07:00`."""
        year = moment.astimezone().year
        day = self.day(moment)
        day = day.removesuffix(f" {year}") if year == now.astimezone().year else day
        return self.say("since", f"{day}, {self.time(moment)}")

    @property
    def _place(self) -> int:
        return int(self.tongue == "fr")

    def _ordinal(self, day: int) -> str:
        return "1er" if day == 1 and self.tongue == "fr" else str(day)

    def _month(self, day: date) -> str:
        return _MONTHS[day.month - 1][self._place]

    def _short_name(self, day: date) -> str:
        short = _DAYS[day.weekday()][self._place][:3]
        return f"{short}." if self.tongue == "fr" else short
