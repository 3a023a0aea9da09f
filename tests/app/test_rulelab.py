"""The rule lab on a real database: findings, trials, previews and suggestions, and that nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import entry, store, subscribe
from veille.app.home import open_home, read_clock
from veille.app.rulelab import advise, examine
from veille.app.trial import preview_rules, try_rule
from veille.rank.rulereader import read_rules
from veille.rank.rules import keyword_rule
from veille.store.db import write
from veille.store.stories import mark_story, note_story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.app.home import Home

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Each of another event: folding leaves them apart.
SUBJECTS = "pandas volcan cathédrale fromage satellite orchestre glacier tramway abeilles porcelaine".split()

FOOTBALL = [
    "Football : Lens recrute un gardien",
    "Quand le football finance les stades publics",
    "L'arbitre suspendu quitte le football amateur",
    "Une pelouse neuve avant la finale de football",
    "Billets trop chers, colère au football anglais",
    "Le football féminin remplit Bordeaux",
    "Mort d'une légende brésilienne, le football pleure",
    "Paris sportifs, la fraude ronge le football turc",
    "Trois maillots volés au musée du football",
    "Football sans hors-jeu : essai en Norvège",
]


@pytest.fixture
def desk(home: Path) -> Iterator[Home]:
    """Two feeds with a story each on every one of ten days; the second feed is in a folder and speaks of a crisis."""
    assert home.exists()
    with open_home() as opened:
        now = read_clock()
        feeds = [subscribe(opened.db, "gazette", title="Gazette"), subscribe(opened.db, "pro", folder="Presse")]
        for day, subject in enumerate(SUBJECTS):
            at = now - day * DAY - HOUR
            text = "Une crise, dit-on." if day % 2 else ""
            store(
                opened.db, feeds[0], entry(f"a{day}", f"Le {subject} arrive", published_at=at, language="fr"), now=now
            )
            title = f"Crise : tout sur {subject} demain"
            two = entry(f"b{day}", title, published_at=at - HOUR, summary=text, language="fr")
            store(opened.db, feeds[1], two, now=now)
        yield opened


def write_rules(home: Home, text: str) -> None:
    home.places.rules.write_text(text, encoding="utf-8")


def kinds_of(home: Home) -> dict[str, list[str]]:
    return {one.rule.name: [finding.kind for finding in one.findings] for one in examine(home).checkups}


def test_the_doctor_counts_within_the_scope_of_each_rule(desk: Home) -> None:
    write_rules(
        desk,
        "[[rule]]\nmatch = 'crise'\nweight = 3\n"
        "[[rule]]\nname = 'scoped'\nmatch = 'crise OR arrive'\nfolders = ['Presse']\n"
        "[[rule]]\nname = 'nobody'\nmatch = 'crise'\nfeeds = ['Inconnu']\n"
        "[[rule]]\nname = 'off'\nmatch = 'crise'\nenabled = false\n",
    )
    found = examine(desk)
    assert [one.matched for one in found.checkups] == [10, 10, 0, 0]
    assert (found.entries, found.feeds) == (20, 2)
    assert [what for what in found.no_effect if "Inconnu" in what]
    told = kinds_of(desk)
    assert (told["nobody"], told["off"]) == (["silent"], ["disabled"])
    assert "one feed" in told["scoped"]


def test_the_doctor_knows_what_moves_and_what_hides(desk: Home) -> None:
    write_rules(
        desk,
        "[[rule]]\nmatch = 'crise'\nweight = 3\n"
        "[[rule]]\nname = 'naught'\nmatch = 'arrive'\nweight = 0\n"
        "[[rule]]\nname = 'hides'\nmatch = 'pandas arrive'\nkind = 'kill'\n",
    )
    assert kinds_of(desk) == {"crise": ["one feed"], "naught": ["idle", "one feed"], "hides": []}


def test_the_doctor_looks_other_forms_up(desk: Home) -> None:
    write_rules(desk, "[[rule]]\nname = 'exact'\nmatch = '=crises OR =abeilles'\n")
    (checkup,) = examine(desk).checkups
    assert [(one.kind, one.words) for one in checkup.findings] == [
        ("narrow", "crises in any form would add 9 to 2"),
    ]


def test_patterns_are_timed_and_quick_ones_are_no_trouble(desk: Home) -> None:
    write_rules(desk, "[[rule]]\nmatch = '/cr[iy]se/'\nweight = 3\n")
    assert kinds_of(desk) == {"/cr[iy]se/": ["one feed"]}


def test_a_home_without_rules_or_entries_is_examined(home: Path) -> None:
    assert home.exists()
    with open_home() as opened:
        assert (examine(opened).checkups, examine(opened).entries) == ([], 0)
        write_rules(opened, "[[rule]]\nmatch = 'crise'\n")
        assert kinds_of(opened) == {"crise": []}


def test_progress_is_told_and_never_passes_its_end(desk: Home) -> None:
    write_rules(desk, "[[rule]]\nmatch = 'crise'\n[[rule]]\nname = 'x'\nmatch = '=arrive'\n")
    told: list[tuple[int, int, str]] = []
    examine(desk, on_progress=lambda done, total, what: told.append((done, total, what)))
    assert {what for _, _, what in told} == {
        "matching what is new", "ranking without each rule", "looking for other forms",
    }  # fmt: skip
    assert all(done < total for done, total, _ in told)


def test_a_trial_tells_each_day_what_comes_and_goes(desk: Home) -> None:
    trial = try_rule(desk, keyword_rule("crise^5"), days=7, most=1)
    assert (trial.touched, trial.hidden, len(trial.days)) == (7, 0, 7)
    for day, change in enumerate(trial.days):
        assert (change.stories, change.touched) == (2, 1)
        ((entered,), (left,)) = (change.entered, change.left)
        assert (entered.story.lead.title, entered.before, entered.after) == (
            f"Crise : tout sur {SUBJECTS[day]} demain", 2, 1,
        )  # fmt: skip
        assert (left.story.lead.title, left.before, left.after) == (f"Le {SUBJECTS[day]} arrive", 1, 2)


def test_a_kill_tried_hides_and_a_rule_that_matches_nothing_changes_nothing(desk: Home) -> None:
    rule = read_rules("[[rule]]\nmatch = 'arrive'\nkind = 'kill'\n", name="x").rules[0]
    trial = try_rule(desk, rule, days=2, most=1)
    assert (trial.touched, trial.hidden) == (2, 2)
    assert [(one.before, one.after) for one in trial.days[0].left] == [(1, None)]
    none = try_rule(desk, keyword_rule("introuvable"), days=2, most=1)
    assert [(len(one.entered), len(one.left), one.stories) for one in none.days] == [(0, 0, 2), (0, 0, 2)]


def test_filters_of_time_are_asked_as_of_each_day(desk: Home) -> None:
    trial = try_rule(desk, keyword_rule("crise since:3h"), days=7, most=1)
    assert [one.touched for one in trial.days] == [1] * 7


def test_rules_that_look_for_it_already_are_named(desk: Home) -> None:
    write_rules(
        desk, "[[rule]]\nname = 'a'\nmatch = 'Crise^2'\n[[rule]]\nname = 'b'\nmatch = 'crise'\nenabled = false\n"
    )
    trial = try_rule(desk, keyword_rule("crise"), days=1, most=1)
    assert (trial.already, trial.out_of_force) == (("a", "b"), ("b",))


def test_a_file_is_previewed_against_the_rules_in_use(desk: Home) -> None:
    write_rules(desk, "[[rule]]\nmatch = 'arrive'\nweight = 5\n")
    text = (
        "[[rule]]\nmatch = 'crise'\nweight = 5\n[[rule]]\nname = 'k'\nmatch = 'arrive'\nkind = 'kill'\n"
        "[[rule]]\nname = 'live'\nmatch = 'crise is:unread'\n[[rule]]\nname = 'off'\nmatch = 'x'\nenabled = false\n"
    )
    preview = preview_rules(desk, read_rules(text, name="draft"), days=7, most=1)
    assert [(one.rule.name, one.in_force, one.stories) for one in preview.samples] == [
        ("crise", True, 7), ("k", True, 7), ("live", True, 7), ("off", False, 0),
    ]  # fmt: skip
    assert [story.lead.title for story in preview.samples[1].latest] == [f"Le {one} arrive" for one in SUBJECTS[:3]]
    assert [one.story.lead.title for one in preview.today.entered] == ["Crise : tout sur pandas demain"]
    assert [(one.before, one.after) for one in preview.today.left] == [(1, None)]
    same = preview_rules(desk, read_rules(desk.places.rules.read_text(), name="same"), days=7, most=1)
    assert (same.today.entered, same.today.left) == ([], [])


def test_weights_of_a_file_count_in_its_preview(desk: Home) -> None:
    preview = preview_rules(desk, read_rules("[weights.folders]\nPresse = 9\n", name="draft"), days=7, most=1)
    assert [one.story.lead.title for one in preview.today.entered] == ["Crise : tout sur pandas demain"]


def test_nothing_is_written(desk: Home) -> None:
    examine(desk)
    before = desk.db.total_changes
    try_rule(desk, keyword_rule("crise"), days=7, most=5)
    preview_rules(desk, read_rules("[[rule]]\nmatch = 'crise'\n", name="x"), days=7, most=5)
    advise(desk, most=5)
    assert desk.db.total_changes == before
    assert not desk.places.rules.exists()


@pytest.fixture
def taste(desk: Home) -> Home:
    """Stories of leaks starred or noted, stories of football read or hidden, from both feeds."""
    now = read_clock()
    titles = [f"Fuite de données chez {one}" for one in SUBJECTS] + FOOTBALL
    for number, title in enumerate(titles):
        feed_id = 1 + number % 2
        one = entry(f"t{number}", title, published_at=now - number * DAY - HOUR, language="fr")
        store(desk.db, feed_id, one, now=now)
    advise(desk, most=1)  # folds
    ids = dict(desk.db.execute("SELECT title, story_id FROM entries").fetchall())
    with write(desk.db):
        for number, title in enumerate(titles):
            if number < 7:
                mark_story(desk.db, ids[title], "star", now=now)
                mark_story(desk.db, ids[title], "read", now=now)
            elif number < 10:
                note_story(desk.db, ids[title], "à suivre", now=now)
            elif number < 15:
                mark_story(desk.db, ids[title], "read", now=now)
    return desk


def test_suggestions_come_from_what_is_kept_read_and_hidden(taste: Home) -> None:
    advice = advise(taste, most=5)
    assert (advice.kept, advice.passed) == (10, 5)
    assert advice.suggestions[0].weight > 0
    assert {"fuite", "donnees"} & set(advice.suggestions[0].words.strip('"').split())
    write_rules(taste, "[[rule]]\nmatch = 'title:football'\nkind = 'kill'\n")
    assert advise(taste, most=5).passed == 10


def test_words_that_have_a_rule_are_not_suggested(taste: Home) -> None:
    write_rules(taste, "[[rule]]\nmatch = 'fuite données'\n")
    words = {word for one in advise(taste, most=50).suggestions for word in one.words.strip('"').split()}
    assert words.isdisjoint({"fuite", "donnees"})
