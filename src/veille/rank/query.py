"""The query language: an expression as typed in, a Query out, QueryError with its column otherwise.

    community manager          both words, in any form
    "e-réputation de marque"   these words in this order
    communi*                   words that begin so
    -sport   NOT sport         without
    A OR B   A | B   (A B)     either; groups
    crise^5                    weight of the whole expression

AND/ET, OR/OU and NOT/SAUF are operators in capitals only. Case and accents never count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from veille.errors import QueryError
from veille.rank.expression import Both, Either, Expression, Term
from veille.text import clean_line, split_words

if TYPE_CHECKING:
    from lark import Lark, Token

_LONGEST = 10_000
_DEEPEST = 50
_HEAVIEST = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An expression, the text it was read from without its weight, and that weight if it has one."""

    text: str
    expression: Expression
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class _Negation:
    part: Expression
    column: int


# WORD is anything but blanks, quotes and the signs of the language, so that `C++`, `l'IA` or `R&D`
# are typed as they are written; which words it holds is decided by `text.split_words`.
# Signs that stand alone (French puts blanks before its colons) are passed over.
# A word that is spelled like an operator is one: `(A OR)` must not look for "or".
_GRAMMAR = r"""
    start: either [WEIGHT]
    ?either: both (_OR both)*
    ?both: part (_AND? part)*
    ?part: MINUS atom -> negation
         | NOT atom -> negation
         | atom
    ?atom: WORD -> word
         | PHRASE -> phrase
         | _OPEN either _CLOSE
    _OR.3: /(?:OR|OU)(?=[\s"()|^«»“”]|$)/ | /\|{1,2}/
    _AND.3: /(?:AND|ET)(?=[\s"()|^«»“”]|$)/ | "&&"
    NOT.3: /(?:NOT|SAUF)(?=[\s"()|^«»“”]|$)/
    MINUS.2: /[-−–](?![\s)|\-−–—]|$)/
    WEIGHT: /\^[^\s^()"|]*/
    PHRASE: /"[^"]*"|«[^»]*»|[“”][^“”]*[“”]/
    WORD: /(?!(?:OR|OU|AND|ET|NOT|SAUF)(?:[\s"()|^«»“”]|$)|&&)[^\s"()|^«»“”−–-][^\s"()|^«»“”]*/
    _OPEN: "("
    _CLOSE: ")"
    LONE.1: /[^\w\s"()|^«»“”]+(?=[\s)|]|$)/
    %ignore /\s+/
    %ignore LONE
"""
# What each mark that opens a phrase waits for.
_QUOTES = {'"': '"', "«": "»", "“": "“”", "”": "“”"}
# "l'e-réputation" asks for the word, whatever article the text puts before it.
_ELISION = re.compile(r"^(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’ʼ](?=\w)", re.IGNORECASE)


def parse_query(text: str) -> Query:
    """The query that `text` says. Raises QueryError, with the column of the trouble."""
    if len(text) > _LONGEST:
        raise QueryError(f"the expression is longer than {_LONGEST} characters", column=_LONGEST)
    if not split_words(text):
        raise QueryError("the expression holds no word: write one to look for", column=1)
    _check_marks(text)
    tree = _parse(text)
    weight = _read_weight(tree.children[1])
    expression = _build(tree.children[0])
    if isinstance(expression, _Negation):
        raise QueryError("only words to leave out: add one to look for", column=expression.column)
    written = text if weight is None else text[: text.rindex("^")]
    return Query(text=clean_line(written), expression=expression, weight=weight)


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _parse(text: str) -> Any:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        return _parser().parse(text)
    except UnexpectedToken as error:
        ended = error.token.type == "$END"
        column = len(text.rstrip()) + 1 if ended else _column(error.token)
        what = "the expression stops too early" if ended else f"“{clean_line(error.token)}” is not expected here"
        if error.token.isupper() and not ended:
            what += ": in lower case it is a word"
        if error.token.type == "WEIGHT" or "^" in text[: column - 1]:
            what = "a weight (^5) goes at the end of the whole expression"
        raise QueryError(what, column=column) from None
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        raise QueryError(f"“{text[position]}” is not expected here", column=position + 1) from None


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _check_marks(text: str) -> None:
    """Quotes and parentheses in pairs: said plainly, before the grammar meets them."""
    opened: list[int] = []
    quote, closing = 0, ""
    for position, sign in enumerate(text):
        if closing:
            closing = "" if sign in closing else closing
        elif sign in _QUOTES:
            quote, closing = position, _QUOTES[sign]
        elif sign == "(":
            opened.append(position)
            if len(opened) > _DEEPEST:
                raise QueryError(f"more than {_DEEPEST} parentheses deep", column=position + 1)
        elif sign == ")":
            if not opened:
                raise QueryError("nothing opens this parenthesis", column=position + 1)
            opened.pop()
    if closing:
        raise QueryError("unclosed quote", column=quote + 1)
    if opened:
        raise QueryError("unclosed parenthesis", column=opened[-1] + 1)


def _read_weight(token: Token | None) -> float | None:
    if token is None:
        return None
    column = _column(token)
    try:
        weight = float(token[1:].replace(",", "."))
    except ValueError:
        raise QueryError("a weight is a number: write it as ^5", column=column) from None
    if not -_HEAVIEST <= weight <= _HEAVIEST:  # also refuses NaN
        raise QueryError(f"a weight goes from -{_HEAVIEST:g} to {_HEAVIEST:g}", column=column)
    return weight


def _build(node: Any) -> Expression | _Negation:
    match node.data:
        case "word":
            return _word(node.children[0])
        case "phrase":
            return _phrase(node.children[0])
        case "negation":
            part = _build(node.children[1])
            # -(-A) is A: two negations meet only through parentheses.
            return part.part if isinstance(part, _Negation) else _Negation(part, node.meta.start_pos + 1)
        case "either":
            parts = [_build(child) for child in node.children]
            for part in parts:
                if isinstance(part, _Negation):
                    message = "one side of OR only leaves words out: add one to look for"
                    raise QueryError(message, column=part.column)
            return Either(tuple(part for part in parts if not isinstance(part, _Negation)))
        case _:
            return _both([_build(child) for child in node.children])


def _both(parts: list[Expression | _Negation]) -> Expression | _Negation:
    wanted = tuple(part for part in parts if not isinstance(part, _Negation))
    unwanted = tuple(part.part for part in parts if isinstance(part, _Negation))
    if wanted:
        return Both(wanted, unwanted)
    first = next(part for part in parts if isinstance(part, _Negation))
    return _Negation(Either(unwanted), first.column)


def _word(token: Token) -> Term:
    text = str(token)
    prefix = text.endswith("*")
    words = _words(_ELISION.sub("", text), token)
    if prefix:
        return Term(words, "prefix")
    return Term(words, "word" if len(words) == 1 else "phrase")


def _phrase(token: Token) -> Term:
    return Term(_words(token[1:-1], token), "phrase")


def _words(text: str, token: Token) -> tuple[str, ...]:
    words = tuple(split_words(text))
    if not words:
        message = f"“{clean_line(text)}” holds no word: write one to look for"
        raise QueryError(message, column=_column(token))
    return words
