"""A small watch for tests of lists: four feeds in folders, rules, and what each says when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stored import entry, store, subscribe
from veille.app.home import open_home, read_clock
from veille.store.feeds import find_feed
from veille.store.stories import mark_story

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
[[rule]]
name = "marque"
match = 'Morvellec'
weight = 5
group = "marque"

[[rule]]
name = "crise"
match = 'boycott OR "bad buzz"'
weight = 3
group = "crise"

[[rule]]
name = "sport"
match = 'football'
kind = "kill"
group = "bruit"

[[rule]]
name = "loi"
match = 'décret'
kind = "pin"

[[rule]]
name = "dossier"
match = 'biscuiterie'
kind = "note"
note = "voir le dossier Morvellec"

[searches]
buzz = 'boycott OR "bad buzz"'
"""


def arrange(home: Path, rules: str = RULES) -> None:
    """Subscribe to four feeds, and store what they said in the last hours."""
    (home / "rules.toml").write_text(rules, encoding="utf-8")
    with open_home() as opened:
        for name, folder in (("gazette", "Presse"), ("agence", "Presse/Ouest"), ("blog", "Métier"), ("stade", "Sport")):
            subscribe(opened.db, name, folder=folder, title=name.title())
    tell("gazette", "Boycott annoncé contre la biscuiterie Morvellec", hours=1)
    tell("agence", "Morvellec ouvre une usine de galettes à Brest", hours=2)
    tell("blog", "Modérer une communauté sans y passer la nuit", hours=3)
    tell("blog", "Un décret encadre les avis de consommateurs", hours=20)
    tell("stade", "Football : le boycott du derby tourne court", hours=1)


def tell(feed: str, title: str, *, hours: float = 0, text: str = "", guid: str = "") -> None:
    """Have a feed of `arrange` say something, so many hours ago."""
    with open_home() as opened:
        at = read_clock() - timedelta(hours=hours)
        found = find_feed(opened.db, f"http://{feed}.example/feed")
        url = f"http://{feed}.example/{title}"
        made = entry(guid or title, title, url=url, published_at=at, summary=text, language="fr")
        store(opened.db, found.id, made, now=at)


def bring_back(story_id: int, reason: str) -> None:
    """As folding does when a story that was read grows."""
    with open_home() as opened:
        mark_story(opened.db, story_id, "unread", now=read_clock())
        opened.db.execute("UPDATE marks SET back_for = ? WHERE story_id = ?", (reason, story_id))
