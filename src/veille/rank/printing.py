"""An expression as text that `parse_query` reads as the same expression."""

from __future__ import annotations

from veille.rank.expression import Both, Either, Expression, Filter, Near, Pattern, Term

_QUOTES = (('"', '"', '"'), ("«", "»", "»"), ("“", "”", "“”"))
_BARE_ENDS = tuple(",;:.!?…")


def print_query(expression: Expression) -> str:
    """The expression in our own words: `title:crise -(sport OR "coupe du monde")`."""
    match expression:
        case Either(parts):
            return " OR ".join(_print_inside(part, (Either,)) for part in parts)
        case Both(wanted, unwanted):
            kept = [_print_inside(part, (Either, Both)) for part in wanted]
            return " ".join([*kept, *(f"-{_print_inside(part, (Either, Both, Near))}" for part in unwanted)])
        case Near(one, other, distance, part):
            near = f"{_print_term(one)} NEAR/{distance} {_print_term(other)}"
            return f"{part}:({near})" if part else near
        case Term(part=part) | Pattern(part=part):
            leaf = _print_term(expression) if isinstance(expression, Term) else _print_pattern(expression)
            return f"{part}:{leaf}" if part else leaf
        case _:
            return _print_filter(expression)


def _print_inside(part: Expression, bracketed: tuple[type, ...]) -> str:
    printed = print_query(part)
    scoped = isinstance(part, Near) and part.part
    return f"({printed})" if isinstance(part, bracketed) and not scoped else printed


def _print_term(term: Term) -> str:
    words = " ".join(term.words)
    match term.kind:
        case "word":
            return words
        case "exact":
            return f"={words}"
        case "prefix":
            return f"{words}*" if len(term.words) == 1 else f'"{words}*"'
        case _:
            return f'"{words}"'


def _print_pattern(pattern: Pattern) -> str:
    return "/{}/".format(pattern.text.replace("/", r"\/"))


def _print_filter(wanted: Filter) -> str:
    value = wanted.value
    if wanted.name == "site" and "." not in value:
        value = f".{value}"
    if wanted.comparison != "=":
        return f"{wanted.name}:{wanted.comparison}{value}"
    if value.replace("-", "").replace(".", "").isalnum() and not value.endswith(_BARE_ENDS):
        return f"{wanted.name}:{value}"
    opened, closed, _ = next(quotes for quotes in _QUOTES if not any(mark in value for mark in quotes[2]))
    return f"{wanted.name}:{opened}{value}{closed}"
