"""The work that is killed: fetch, session, digest, mark and rules; what each has acknowledged, and when it is done."""

from __future__ import annotations

import random
import re
import tomllib
from itertools import islice
from typing import TYPE_CHECKING

from digesting import add_stories, make_titles, read_issues
from killing import Attempt, Blow, column, must, must_equal
from publisher import Answer, Publisher
from running import query, rss, subscribe_all
from veille.store.schema import FIRST_ID

if TYPE_CHECKING:
    from pathlib import Path

_DATES = re.compile(rb"<pubDate>[^<]*</pubDate>")
_SHOWN = 4  # rounds of which a document still tells


class Stand:
    """Feeds on loopback: each round, every one of them tells two new things and forgets the oldest two."""

    def __init__(self, publisher: Publisher, *, feeds: int, path: str = "/feed") -> None:
        self.publisher, self.path = publisher, path
        self.round = -1
        self.titles = make_titles(17)
        self.told: list[list[dict[str, str]]] = [[] for _ in range(feeds)]
        self.turn()
        self.urls = [publisher.url(f"{path}/{number}") for number in range(feeds)]

    def turn(self) -> None:
        """The next round."""
        self.round += 1
        for number, told in enumerate(self.told):
            told.append({f"{number}-{self.round}-{one}": next(self.titles) for one in range(2)})
            # Undated: they are of the moment at which they are seen.
            body = _DATES.sub(b"", rss(self.shown(number, self.round), title=f"Feed {number}"))
            self.publisher.serve(f"{self.path}/{number}", Answer(body=body, etag=f'"{self.round}"'))

    def shown(self, number: int, at: int) -> dict[str, str]:
        """What a feed's document of a round holds: guid to title."""
        items: dict[str, str] = {}
        for told in self.told[number][max(0, at + 1 - _SHOWN) : at + 1]:
            items |= told
        return items

    def wanted(self) -> set[str]:
        """Every guid that is published now."""
        return {guid for number in range(len(self.told)) for guid in self.shown(number, self.round)}


class Fetching:
    """Feeds that all have something new; entries come with their validators, and are folded and matched."""

    name = "fetch"

    def __init__(self, home: Path, publisher: Publisher, *, feeds: int = 8) -> None:
        self.home = home
        self.stand = Stand(publisher, feeds=feeds)
        (home / "rules.toml").write_text('[[rule]]\nmatch = "text"\nweight = 2\n', "utf-8")
        subscribe_all(self.stand.urls)
        self.kept: set[object] = set()

    def prepare(self) -> Attempt:
        self.stand.turn()
        return Attempt(arguments=("fetch", "-q", "--force"))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        stored = self._stored()
        sql = "SELECT url, etag FROM feed_states JOIN feeds ON feeds.id = feed_id WHERE etag <> ''"
        for url, etag in query(self.home, sql):
            missing = self.stand.shown(self.stand.urls.index(url), int(etag.strip('"'))).keys() - stored
            must(not missing, f"the validators of {url} are stored without {sorted(missing)}")

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        stored = self._stored()
        missing = self.stand.wanted() - stored
        must(not missing, f"after the next fetch there is no {sorted(missing, key=str)[:4]}")
        must_equal(column(self.home, "SELECT id FROM entries WHERE story_id IS NULL"), [], "entries in no story")
        unmatched = "SELECT id FROM entries EXCEPT SELECT entry_id FROM matches"
        must_equal(column(self.home, unmatched), [], "entries without their match")
        self.kept = stored

    def _stored(self) -> set[object]:
        """What is stored, once each, with all that was there at the end of the last whole fetch."""
        guids = column(self.home, "SELECT guid FROM entries")
        must_equal(len(guids), len(set(guids)), "entries and different entries")
        must(self.kept <= set(guids), "entries of an earlier fetch are gone")
        return set(guids)


class Marking:
    """Five stories marked in one command: all or none of them, all once it is said."""

    name = "mark"
    _KINDS = (("starred_at", "star", "unstar"), ("read_at", "read", "unread"), ("picked_at", "pick", "unpick"))

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.chance = home, random.Random(seed)  # noqa: S311 - the same each time
        self.stories = add_stories(*islice(make_titles(seed), 12))
        self.model: dict[str, set[int]] = {column: set() for column, _, _ in self._KINDS}

    def prepare(self) -> Attempt:
        self.column, on, off = self.chance.choice(self._KINDS)
        asked = set(self.chance.sample(self.stories, 5))
        word = self.chance.choice((on, off))
        before = self.model[self.column]
        self.wanted = before | asked if word == on else before - asked
        return Attempt(arguments=("mark", word, *map(str, sorted(asked))))

    def look(self, blow: Blow) -> None:
        found = self._read()
        before = self.model[self.column]
        must(found in ([self.wanted] if blow.said else [before, self.wanted]), f"{blow.said!r} but marked are {found}")
        self._check_others()

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        must_equal(self._read(), self.wanted, self.column)
        self._check_others()
        self.model[self.column] = self.wanted

    def _read(self, name: str = "") -> set[object]:
        return set(column(self.home, f"SELECT story_id FROM marks WHERE {name or self.column} IS NOT NULL"))

    def _check_others(self) -> None:
        for name in self.model.keys() - {self.column}:
            must_equal(self._read(name), self.model[name], name)


class Ruling:
    """Rules written into rules.toml and run over what is stored; each matches one entry and no other."""

    name = "rules"

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.chance = home, random.Random(seed)  # noqa: S311 - the same each time
        titles = list(islice(make_titles(seed), 30))
        self.words = {title.split()[1]: entry for title, entry in zip(titles, add_stories(*titles), strict=True)}
        self.rules: set[str] = set()
        self.stale = False

    def prepare(self) -> Attempt:
        self.wanted, self.runs = self.rules, self.stale
        if self.runs:
            # Until now nothing has looked which entries the file's rules match.
            return Attempt(arguments=("top", "--json", "-n", "3"))
        free = sorted(self.words.keys() - self.rules)
        if free and (not self.rules or self.chance.random() < 0.6):
            word = self.chance.choice(free)
            self.wanted = self.rules | {word}
            return Attempt(arguments=("rules", "add", word, "--name", word, "--weight", "2"))
        word = self.chance.choice(sorted(self.rules))
        self.wanted = self.rules - {word}
        return Attempt(arguments=("rules", "remove", word))

    def look(self, blow: Blow) -> None:
        written = "written to" in blow.said or "removed" in blow.said
        must(self._read() in ([self.wanted] if written else [self.rules, self.wanted]), "rules.toml is neither")
        whole = "SELECT r.key FROM rule_runs AS r LEFT JOIN matches AS m USING (key) GROUP BY 1 HAVING count(*) <> 1"
        must_equal(column(self.home, whole), [], "rules that have been run without their match")

    def complete(self, blow: Blow) -> None:
        # What was cut off after it was written cannot be written again: that is told.
        assert blow.code == 0 or (blow.code in (1, 2) and not self.runs), blow.said
        must_equal(self._read(), self.wanted, "rules.toml")
        self.rules, self.stale = self.wanted, not self.runs
        if self.runs:
            found = sorted(map(str, column(self.home, "SELECT entry_id FROM matches")))
            must_equal(found, sorted(str(self.words[word]) for word in self.rules), "matches")

    def _read(self) -> set[str]:
        path = self.home / "rules.toml"
        if not path.exists():
            return set()
        return {rule["name"] for rule in tomllib.loads(path.read_text("utf-8")).get("rule", [])}


class Digesting:
    """`digest --since last` with new stories each time: each in one issue, every file whole."""

    name = "digest"

    def __init__(self, home: Path, out: Path, seed: int) -> None:
        self.home, self.out = home, out
        self.titles, self.chance = make_titles(seed), random.Random(seed)  # noqa: S311 - the same each time
        self.wanted: set[int] = set()

    def prepare(self) -> Attempt:
        self.wanted.update(add_stories(*islice(self.titles, self.chance.randint(1, 3))))
        where = str(self.out / "{number}.json")
        arguments = ("digest", "matin", "--since", "last", "-n", "1000", "--format", "json", "-o", where)
        return Attempt(arguments=arguments)

    def look(self, blow: Blow) -> None:
        assert blow.killed
        told = [story for stories in read_issues(self.out).values() for story in stories]
        must_equal(len(told), len(set(told)), "stories told and different stories")

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        told = [story for stories in read_issues(self.out).values() for story in stories]
        must_equal(sorted(told), sorted(self.wanted), "stories in the issues")
        must_equal(column(self.home, "SELECT 1 FROM issues WHERE published_at IS NULL"), [], "issues cut off")
        must_equal([path.name for path in self.out.iterdir() if path.suffix != ".json"], [], "halves")


class Sitting:
    """Actions typed into `session --plain`: each that is answered is stored, with its mark, in order."""

    name = "session"
    acts = 12

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.number = home, 0
        self.chance = random.Random(seed)  # noqa: S311 - the same each time
        add_stories(*islice(make_titles(seed), 6))

    def prepare(self) -> Attempt:
        self.number += 1
        steps = [f"n {self.number}-{act}\n{self.chance.choice('jks')}\n" for act in range(self.acts)]
        return Attempt(arguments=("session", "--plain"), typed="".join(steps))

    def look(self, blow: Blow) -> None:
        done = blow.said.count("noted: ")
        stored = self._stored()
        must(stored[:done] == self._expected()[:done], f"{done} notes were answered, {stored} are stored")
        must(len(stored) <= done + 1, f"{done} notes were answered, {stored} are stored")
        self._check_notes()

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        # What was typed into the run before is typed again.
        must_equal(self._stored()[-self.acts :], self._expected(), "notes")
        self._check_notes()
        must_equal(column(self.home, "SELECT count(*) FROM sessions"), [1], "sessions")

    def _expected(self) -> list[object]:
        return [f"{self.number}-{act}" for act in range(self.acts)]

    def _stored(self) -> list[object]:
        sql = "SELECT value FROM session_actions WHERE what = 'note' AND value LIKE ? ORDER BY id"
        return column(self.home, sql, f"{self.number}-%")

    def _check_notes(self) -> None:
        """The note of each story is that of its last action."""
        last = "SELECT story_id, value, max(id) FROM session_actions WHERE what = 'note' GROUP BY story_id"
        wanted = {story: text for story, text, _ in query(self.home, last)}
        must_equal(dict(query(self.home, "SELECT story_id, text FROM notes")), wanted, "notes and the book of actions")
        assert all(story >= FIRST_ID for story in wanted)
