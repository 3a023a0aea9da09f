"""The text of a query cut into lexemes, each leaf read; QueryError with its column for what cannot be read.

Knows which signs part words and what pairs with what; how they combine is the grammar's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from veille.errors import QueryError
from veille.rank.expression import Either, Expression, Pattern
from veille.rank.filters import FILTERS, OWN_NAMES, PARTS, WHOLE_PARTS, explain_field, missing_value, read_filter
from veille.rank.grammar import END, Lexeme
from veille.rank.leaves import FARTHEST, read_address, read_exact, read_phrase, read_word
from veille.rank.patterns import check_pattern
from veille.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 50
_NEAR = 10

# A word is anything but blanks, quotes and the signs of the language, so that `C++`, `l'IA` or `R&D` are typed as
# they are written; which words it holds is decided by `text.split_words`. Signs that stand alone (French puts
# blanks before its colons) are passed over. A word spelled like an operator is one: `(A OR)` is not about "or".
_EDGE = r"""(?=[\s"()|^«»“”]|$)"""
_BARE = r"""[^\s"()|^«»“”]"""
_LEXEME = re.compile(
    rf"""
      (?P<blank>\s+)
    | (?P<phrase>["«“”])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<OR>\|\|?|O[RU]{_EDGE})
    | (?P<AND>&&|(?:AND|ET){_EDGE})
    | (?P<NOT>(?:NOT|SAUF){_EDGE})
    | (?P<near>(?i:o?near|pr[eè]s|around)/\d+f?{_EDGE}|(?i:around)\ ?\(\s*\d+\s*\)|(?:O?NEAR|AROUND){_EDGE})
    | (?P<weight>\^[^\s^()"|]*)
    | (?P<pattern>/(?=\S)(?:[^/\\]|\\.)+/i?(?=[\s)|^]|$))
    | (?P<MINUS>[-−–](?![\s)|\-−–—]|$))
    | (?P<lone>[^\w\s"()|^«»“”]++(?=[\s)|]|$)|\++(?![\s+)|]|$)|=(?=["«“”]))
    | (?P<address>(?i:https?|ftp|feed)://{_BARE}+)
    | (?P<field>[^\W\d_][\w-]*+(?:\s+(?=:["«“(\w]))?:)
    | (?P<search>@(?:"[^"]+"|{_BARE}+))
    | (?P<exact>=(?!=){_BARE}+)
    | (?P<word>[^\s"()|^«»“”−–-]{_BARE}*)
    """,
    re.VERBOSE,
)
_VALUE_BEGINS = rf"""{_BARE}|["«“(]"""
_QUOTED = r"""(?:"(?P<straight>[^"]*)"|«(?P<angle>[^»]*)»|[“”](?P<curly>[^“”]*)[“”])"""
_PHRASE = re.compile(rf"{_QUOTED}(?:~(?P<slop>\d{{1,6}})|(?P<star>\*))?")
_VALUE = rf"\s*(?:(?P<group>\([^()]*\))|(?P<quoted>{_QUOTED})|(?P<bare>(?:[<>=≤≥]+\s+)?{_BARE}+))"
_OR = r"(?<!\s)(?:\s+O[RU]\s+|\s*(?:\|\|?|,)\s*)"
_COMMA = ","
_NEVER = r"(?!)"
# Fields whose values hold no comma of their own.
_LISTED = {"lang", "site", "is"}
_ENDS = ",;:.!?…"
# A pattern that nothing ends, told from a path.
_OPEN_PATTERN = r"/(?:$|.*(?:\\|\.[*+?]|\[))"
# What cannot be seen parts words, save what stands inside them.
_KEPT = "\xa0\u202f\xad\u200c\u200d"


def show_blanks(text: str) -> str:
    """The same with a blank for each character that cannot be seen: controls, marks of direction, NUL."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c in _KEPT else " " for c in text)


def split_lexemes(text: str, *, depth: int, look_up: Callable[[str, int, int], Any]) -> list[Lexeme]:
    """The lexemes of `text`, END last. Raises QueryError.

    `depth` is how many parentheses surround it already. `look_up` gives what a saved search stands for, None
    where there is none, from its name, its column and the parentheses around it.
    """
    cutter = _Cutter(text, depth, look_up)
    while cutter.place < len(text):
        found = _LEXEME.match(text, cutter.place)
        if not found or not found.lastgroup:
            raise QueryError(f"“{text[cutter.place]}” is not expected here", column=cutter.place + 1)
        cutter.place = found.end()
        if found.lastgroup not in {"blank", "lone"}:
            _READERS.get(found.lastgroup, _Cutter.add)(cutter, found)
    return cutter.end()


class _Cutter:
    """The lexemes found so far, and the parentheses open."""

    def __init__(self, text: str, depth: int, look_up: Callable[[str, int, int], Any]) -> None:
        self.text = text
        self.place = 0
        self.depth = depth
        self.look_up = look_up
        self.lexemes: list[Lexeme] = []
        # Where each open parenthesis stands; None for one that is understood.
        self.opened: list[int | None] = []

    def add(self, found: re.Match[str]) -> None:
        kind = "MINUS" if found.lastgroup == "NOT" else found.lastgroup or ""
        self.lexemes.append(Lexeme(kind, found.start(), found[0]))

    def add_leaf(self, found: re.Match[str], value: Any) -> None:
        self.lexemes.append(Lexeme("LEAF", found.start(), self.text[found.start() : self.place], value))

    def add_open(self, found: re.Match[str], *, understood: bool = False) -> None:
        self.opened.append(None if understood else found.start())
        if len(self.opened) + self.depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} parentheses deep", column=found.start() + 1)
        self.lexemes.append(Lexeme("OPEN", found.start(), found[0]))

    def add_close(self, found: re.Match[str]) -> None:
        self.close_understood(found.start())
        if not self.opened:
            raise QueryError("nothing opens this parenthesis", column=found.start() + 1)
        self.opened.pop()
        self.lexemes.append(Lexeme("CLOSE", found.start(), ")"))

    def close_understood(self, place: int) -> None:
        while self.opened and self.opened[-1] is None:
            self.opened.pop()
            self.lexemes.append(Lexeme("CLOSE", place, ""))

    def add_weight(self, found: re.Match[str]) -> None:
        self.close_understood(found.start())
        self.lexemes.append(Lexeme("WEIGHT", found.start(), found[0]))

    def end(self) -> list[Lexeme]:
        place = len(self.text.rstrip())
        self.close_understood(place)
        if self.opened:
            raise QueryError("unclosed parenthesis", column=(self.opened[-1] or 0) + 1)
        return [*self.lexemes, Lexeme(END, place, "")]

    def cut_phrase(self, found: re.Match[str]) -> None:
        whole = _PHRASE.match(self.text, found.start())
        if not whole:
            raise QueryError("unclosed quote", column=found.start() + 1)
        self.place = whole.end()
        words = _inside(whole)
        if whole["star"]:
            words = f"{words.rstrip()}*"
        slop = int(whole["slop"]) if whole["slop"] else None
        self.add_leaf(found, read_phrase(words, column=found.start() + 1, slop=slop))

    def cut_near(self, found: re.Match[str]) -> None:
        number = re.search(r"\d+", found[0])
        distance = _NEAR if number is None else int(number[0][:6])
        if distance > FARTHEST:
            raise QueryError(f"near is {FARTHEST} words at most: use AND", column=found.start() + 1)
        self.lexemes.append(Lexeme("NEAR", found.start(), found[0], distance))

    def cut_pattern(self, found: re.Match[str]) -> None:
        inside = found[0][1:].removesuffix("i").removesuffix("/")
        check_pattern(inside, column=found.start() + 2)
        self.add_leaf(found, Pattern(re.sub(r"\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], inside)))

    def cut_address(self, found: re.Match[str]) -> None:
        self.add_leaf(found, read_address(found[0].rstrip(_ENDS), column=found.start() + 1))

    def cut_search(self, found: re.Match[str]) -> None:
        name = found[0][1:].strip('"')
        for known in dict.fromkeys((name, name.rstrip(_ENDS))):
            value = self.look_up(known, found.start() + 1, self.depth + len(self.opened) + 1)
            if value is not None:
                self.add_leaf(found, value)
                return
        self.add_leaf(found, read_word(name, column=found.start() + 1))

    def cut_exact(self, found: re.Match[str]) -> None:
        self.add_leaf(found, read_exact(found[0][1:], column=found.start() + 1))

    def cut_word(self, found: re.Match[str]) -> None:
        column, text = found.start() + 1, found[0]
        if text[0] == "!" and text.strip("!")[:1].isalnum():
            raise QueryError("a ! leaves nothing out: write a - instead", column=column)
        if text[0] == "/" and re.match(_OPEN_PATTERN, text):
            raise QueryError("unclosed pattern: end it with a /", column=column)
        if text.startswith(("NEAR/", "ONEAR/", "AROUND/")):
            raise QueryError("NEAR takes a number of words: NEAR/5", column=column)
        self.add_leaf(found, read_word(text, column=column))

    def cut_field(self, found: re.Match[str]) -> None:
        name = fold(found[0][:-1].rstrip())
        apart = not self.text[self.place : self.place + 1].strip()
        if name in WHOLE_PARTS:
            self.lexemes.append(Lexeme("FIELD", found.start(), found[0], WHOLE_PARTS[name]))
            self.add_open(found, understood=True)
        elif name in PARTS and (not apart or name in OWN_NAMES):
            self.lexemes.append(Lexeme("FIELD", found.start(), found[0], PARTS[name]))
        elif name in FILTERS and (not apart or name in OWN_NAMES):
            self.cut_filter(found, name)
        else:
            self.cut_unknown(found, name)

    def cut_unknown(self, found: re.Match[str], name: str) -> None:
        """A colon that is only one: `Paris: la grève`, `C:`; unless it is close to what would be a field."""
        attached = not found[0][-2].isspace() and re.compile(_VALUE_BEGINS).match(self.text, found.end())
        explained = explain_field(name) if attached else ""
        if explained:
            raise QueryError(f"{explained}; between quotes it is words", column=found.start() + 1)
        whole = re.compile(f"{_BARE}+").match(self.text, found.start())
        self.place = whole.end() if whole else found.end()
        self.add_leaf(found, read_word(self.text[found.start() : self.place], column=found.start() + 1))

    def cut_filter(self, found: re.Match[str], name: str) -> None:
        value = re.compile(_VALUE).match(self.text, found.end())
        if not value:
            rest = self.text[found.end() :].lstrip()[:1]
            if rest and rest in '"«“(':
                message = "unclosed parenthesis" if rest == "(" else "unclosed quote"
                raise QueryError(message, column=self.text.index(rest, found.end()) + 1)
            raise missing_value(name, column=found.end() + 1)
        self.place = value.end()
        if value["quoted"]:
            self.add_leaf(found, read_filter(name, _inside(value), column=value.start("quoted") + 1))
        elif value["bare"]:
            parted = _COMMA if FILTERS[name] in _LISTED else _NEVER
            self.add_leaf(found, _read_several(name, value["bare"].rstrip(",;"), parted, start=value.start("bare")))
        else:
            inside = value["group"][1:-1]
            self.add_leaf(found, _read_several(name, inside, _OR, start=value.start("group") + 1))


def _read_several(name: str, text: str, parted: str, *, start: int) -> Expression:
    """The filter of each value, where several are given."""
    filters: list[Expression] = []
    place = 0
    for value in re.split(parted, text):
        place = text.index(value, place)
        filters.append(read_filter(name, value.strip('"«»“” '), column=start + place + 1))
        place += len(value)
    different = tuple(dict.fromkeys(filters))
    return different[0] if len(different) == 1 else Either(different)


def _inside(phrase: re.Match[str]) -> str:
    return next(phrase[kind] for kind in ("straight", "angle", "curly") if phrase[kind] is not None)


_READERS: dict[str, Callable[[_Cutter, re.Match[str]], None]] = {
    "phrase": _Cutter.cut_phrase,
    "open": _Cutter.add_open,
    "close": _Cutter.add_close,
    "near": _Cutter.cut_near,
    "weight": _Cutter.add_weight,
    "pattern": _Cutter.cut_pattern,
    "address": _Cutter.cut_address,
    "field": _Cutter.cut_field,
    "search": _Cutter.cut_search,
    "exact": _Cutter.cut_exact,
    "word": _Cutter.cut_word,
}
