"""rules.toml for a terminal: a line for each rule, search and weight, in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from veille.kinds import show_setting
from veille.text import clean_line

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from veille.rank.rules import Rule, Rules

_STYLES = {"boost": "green", "kill": "red", "pin": "yellow", "note": "cyan"}


def print_rules(console: Console, rules: Rules, *, now: datetime) -> None:
    """Rules, saved searches and weights; what is out of force says so in the place of its points."""
    for rule in rules.rules:
        console.print(_rule_line(rule, now=now))
    for name, expression in rules.searches.items():
        line = Text(f"{'@':>8}{name}", "bold")
        line.append(f"  {clean_line(expression)}", "dim")
        console.print(line)
    for what, weights in (("feed", rules.feed_weights), ("folder", rules.folder_weights)):
        for name, points in weights.items():
            console.print(Text(f"{points:>+7g}  {what} {clean_line(name)}"))
    for name, value in rules.weights.items():
        shown = show_setting(value)
        console.print(Text(f"{f'{shown:g}' if isinstance(shown, float) else shown:>7}  {name}"))


def print_rule(console: Console, rule: Rule, *, now: datetime) -> None:
    """One rule, as it stands in the list."""
    console.print(_rule_line(rule, now=now))


def _rule_line(rule: Rule, *, now: datetime) -> Text:
    points = f"{rule.weight:+g}" if rule.kind == "boost" else rule.kind
    style = _STYLES[rule.kind]
    if not rule.is_in_force(now):
        points, style = "off" if rule.disabled else "past", "dim"
    line = Text(f"{points:>7}  ", style)
    line.append(rule.name, "bold" if rule.is_in_force(now) else "dim")
    if rule.query.text != rule.name:
        line.append(f"  {rule.query.text}", "dim")
    if scope := _scope_of(rule):
        line.append(f"  [{scope}]", "cyan")
    return line


def _scope_of(rule: Rule) -> str:
    """What narrows a rule, and what it says."""
    parts = (
        rule.group,
        f"in {' or '.join(rule.fields)}" if rule.fields else "",
        f"of {', '.join((*rule.folders, *rule.feeds))}" if rule.folders or rule.feeds else "",
        " or ".join(rule.lang),
        f"until {rule.until}" if rule.until else "",
        f"“{rule.note}”" if rule.note else "",
    )
    return " · ".join(clean_line(part) for part in parts if part)
