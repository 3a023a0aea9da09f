"""What one piece of a query stands for: a word, a phrase, a hashtag or a web address in, an expression out."""

from __future__ import annotations

import re

from veille.errors import QueryError
from veille.rank.expression import Both, Expression, Near, Term
from veille.rank.filters import read_filter
from veille.text import clean_line, shorten, split_words
from veille.urls import host_of

FARTHEST = 100
# "l'e-réputation" asks for the word, whatever article the text puts before it.
_ELISION = r"(?i)^(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’ʼ](?=\w)"
# A star or a question mark that stands for letters inside a word.
_JOKER = r"(?<=[^\W\d_])(?:\*+(?=[^\W_])|\?(?=[^\W\d_]))|(?<=[^\W_])\*+(?=[^\W\d_])"
_LETTERS = r"[^\W\d_]+(?:[*?]+[^\W\d_]+)*\**"
_CUT_TOO_EARLY = r"(?<=[^\W_])\*+(?=\s+[^\s*])"
# What of a page's address tells what it is about.
_SLUG_WORD = r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])"
_EXTENSIONS = {"html", "shtml", "aspx", "json"}
_MOST_SLUG_WORDS = 8


def read_word(text: str, *, column: int) -> Term:
    """A word as typed: an elision before it is passed over, a star at its end cuts it."""
    joker = re.search(_JOKER, text) if "*" in text or "?" in text else None
    if joker and (joker[0] != "?" or re.fullmatch(_LETTERS, text)):
        _refuse_joker(text, joker, column)
    words = _words(text if text.isalnum() else re.sub(_ELISION, "", text), column)
    if text.endswith("*"):
        return Term(words, "prefix")
    return Term(words, "word" if len(words) == 1 else "phrase")


def read_exact(text: str, *, column: int) -> Term:
    """A word in the form typed only."""
    if text.endswith("*"):
        message = "= asks for one form of a word and * for all that begin so: keep one of them"
        raise QueryError(message, column=column + len(text))
    term = read_word(text, column=column + 1)
    return Term(term.words, "exact" if len(term.words) == 1 else "phrase")


def read_phrase(text: str, *, column: int, slop: int | None = None) -> Expression:
    """Words in order. A lone star is a word whatever it is; `slop` is how many may come between, in any order."""
    if slop is not None:
        if slop > FARTHEST:
            raise QueryError(f"near is {FARTHEST} words at most: use AND", column=column)
        terms = [Term((word,), "phrase") for word in _words(text, column)]
        return _chain(terms, [slop] * (len(terms) - 1))
    if "*" not in text:
        return Term(_words(text, column), "phrase")
    joker = re.search(_JOKER, text)
    if joker and joker[0] != "?":
        _refuse_joker(text, joker, column + 1)
    early = re.search(_CUT_TOO_EARLY, text)
    if early:
        message = "in a phrase only the last word may end with a *: use NEAR, or a /pattern/"
        raise QueryError(message, column=column + 1 + early.start())
    words = text.split()
    while words and not words[-1].strip("*"):
        words.pop()
    return _chain(*_part_at_stars(words, column))


def read_address(url: str, *, column: int) -> Expression:
    """A page's address: its site, and the words of its last part that has some."""
    try:
        site = read_filter("site", f".{host_of(url)}", column=column)
    except QueryError:
        return Term(_words(url, column), "phrase")
    for part in reversed(url.partition("://")[2].partition("?")[0].split("/")[1:]):
        found = [word for slug in re.findall(_SLUG_WORD, part) for word in split_words(slug) if slug not in _EXTENSIONS]
        words = tuple(Term((word,), "word") for word in dict.fromkeys(found))
        if len(words) > 1:
            return Both((site, *words[:_MOST_SLUG_WORDS]))
    return site


def _part_at_stars(words: list[str], column: int) -> tuple[list[Term], list[int]]:
    """The terms of a phrase that lone stars part, and how many stars stand before each but the first."""
    pieces: list[list[str]] = [[]]
    stars = [0]
    for word in words:
        if word.strip("*"):
            pieces[-1].append(word)
        else:
            if pieces[-1]:
                pieces.append([])
                stars.append(0)
            stars[-1] += len(word)
    return [_part_of_phrase(" ".join(piece), column) for piece in pieces], stars[1:]


def _part_of_phrase(text: str, column: int) -> Term:
    cut = text.endswith("*") and text.rstrip("*")[-1:].isalnum()
    return Term(_words(text, column), "prefix" if cut else "phrase")


def _chain(terms: list[Term], distances: list[int]) -> Expression:
    if len(terms) == 1:
        return terms[0]
    pairs = zip(terms, terms[1:], distances, strict=False)
    nears = tuple(Near(one, other, distance) for one, other, distance in pairs)
    return nears[0] if len(nears) == 1 else Both(nears)


def _refuse_joker(text: str, joker: re.Match[str], column: int) -> None:
    word = re.findall(r"[^\s]+", text[: joker.start()])[-1] + re.split(r"\s", text[joker.start() :], maxsplit=1)[0]
    pattern = re.sub(r"\*+", ".*", clean_line(word.strip("*"))).replace("?", ".")
    sign = "*" if "*" in joker[0] else "?"
    rule = "a * goes at the end of a word" if sign == "*" else "a ? stands for no letter"
    raise QueryError(f"{rule}; /{shorten(pattern, 40)}/ is a pattern", column=column + joker.start())


def _words(text: str, column: int) -> tuple[str, ...]:
    words = tuple(split_words(text))
    if not words:
        raise QueryError(f"“{clean_line(text)}” holds no word: write one to look for", column=column)
    return words
