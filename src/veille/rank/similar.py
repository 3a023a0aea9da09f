"""Are two headlines the same article? Titles and addresses in, a judgement out.

Two titles are copies when one is the other, word for word and in order, but for a label before it
("Rugby :"), an aside between commas, words cut off or added at an end, an inflection, or, in a long
title, a verb. What makes other news of it is refused: another number, name, day or town, a negation,
an opposite. Knows nothing of dates, feeds or stories: `cluster.py` asks, and decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, LCSseq

from veille.rank.turns import RANKS, is_denied, is_opposed
from veille.text import split_words, stem_word

if TYPE_CHECKING:
    from collections.abc import Iterable

# Common words that it takes, dates and figures apart, of two equal titles (one of two words is a
# heading), of two that a label or an aside sets apart, of two that differ otherwise; and all common
# words where one wording replaces another.
_EQUAL_WORDS, _CORE_WORDS, _COMMON_WORDS, _REWORDED_WORDS = 3, 4, 5, 7
# Of the longer title's words, the part that both must have.
_LEAST_SHARE = 0.6
_MOST_REPLACED = 2
# What of a title is looked at: headlines have 5 to 25 words, a text put in a title has thousands.
_MOST_WORDS = 40

# Words that carry grammar: articles, elisions, the commonest prepositions, pronouns, auxiliaries.
_LIGHT = frozenset(
    "le la les l un une des du de d au aux a en et ou dans sur par ce cet cette ces c son sa ses leur leurs "
    "se s on il elle ils elles je j nous nos notre vous vos votre qu que qui y m t est sont ont ete etre avoir "
    "the an of to in on at and or is are was were be been has have had it its his her their our your this that as by "
    "from".split(),
)
# What outlets write around a title to say what kind of item it is, whatever its subject.
_MARKERS = frozenset(
    "direct live video videos photos podcast exclusif exclusive maj update updated article reserve abonnes "
    "breaking infographie diaporama".split(),
)
_NONE: frozenset[str] = frozenset()

_LABEL = re.compile(r"([^:]{1,40}?)\s*(?::|\.\s|\s[-–—]\s)\s*(\S.*)", re.DOTALL)
_LABEL_WORDS = 4
_ASIDE = re.compile(r"(?<=\w), [^,:;.!?«»\"]{3,80}, |\([^()]*\)")
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: Thai to Lao, Myanmar, Khmer, kana and Han (Unicode blocks).
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class TitleKey:
    """A title as it is compared.

    `forms` are its content words: all of them, without the label, without the asides. `plain` are
    the words it writes without capitals.
    """

    forms: tuple[tuple[str, ...], ...]
    label: frozenset[str]
    numbers: tuple[str, ...]
    words: frozenset[str]
    plain: frozenset[str]


def content_words(title: str) -> tuple[str, ...]:
    """The folded words of a title that carry its news, in order; empty when there is no word."""
    words = split_words(title)
    news = [word for word in words if word not in _LIGHT and word not in _MARKERS]
    news = news or [word for word in words if word not in _LIGHT]
    if not title.isascii() and _UNSPACED.search(title):
        news = [piece for word in news for piece in _split_unspaced(word)]
    return tuple(news[:_MOST_WORDS])


def title_key(title: str) -> TitleKey:
    """What `same_title` compares of a title."""
    labelled = _LABEL.match(title)
    label, core = labelled.groups() if labelled else ("", title)
    if len(split_words(label)) > _LABEL_WORDS:
        label, core = "", title
    forms = dict.fromkeys(content_words(text) for text in (title, core, _ASIDE.sub(" ", core)))
    words = split_words(title)[: 2 * _MOST_WORDS]
    return TitleKey(
        forms=tuple(form for form in forms if form),
        label=frozenset(_stem(word) for word in content_words(label) if word not in _MARKERS),
        numbers=tuple(word for word in words if _has_digit(word)),
        words=frozenset(words),
        plain=frozenset(split_words(" ".join(word for word in _WORD.findall(title) if word.islower()))),
    )


def numbers_clash(a: TitleKey, b: TitleKey) -> bool:
    """Whether each title has a number, or an order of numbers, that the other does not have."""
    short, long = sorted((a.numbers, b.numbers), key=len)
    rest = iter(long)
    return not all(number in rest for number in short)


def same_title(a: TitleKey, b: TitleKey, *, threshold: float, one_feed: bool = False) -> float:
    """How alike two titles are, 0-100; 0.0 below the threshold or when a guard says other news.

    The score is 100 x common words / (common words + words inserted or replaced between them), less a
    fraction of a point for what one has before or after them. Within `one_feed`, where near-identical
    titles are mostly a series, nothing may be replaced, numbers must be equal, equal titles long.
    """
    if not a.forms or not b.forms or contradict(a, b) or (one_feed and a.numbers != b.numbers):
        return 0.0
    a, b = (a, b) if a.forms <= b.forms else (b, a)
    free = a.label <= b.label or b.label <= a.label
    pairs = product(a.forms, b.forms) if free else [(a.forms[0], b.forms[0])]
    score = 0.0
    for x, y in pairs:
        if x == y:
            whole = x is a.forms[0] and y is b.forms[0] and not one_feed
            found = 100.0 if _telling(x, len(x)) >= (_EQUAL_WORDS if whole else _CORE_WORDS) else 0.0
        else:
            found = _score(x, y, _NONE, _NONE) if one_feed else _score(x, y, a.plain, b.plain)
        score = max(score, found)
    short, long = sorted((len(a.forms[0]), len(b.forms[0])))
    return score - 1 + short / long if score >= max(threshold, 1.0) else 0.0


def contradict(a: TitleKey, b: TitleKey) -> bool:
    """Whether one denies, or says the opposite, or counts otherwise."""
    return numbers_clash(a, b) or is_denied(a.words, b.words) or is_opposed(a.words, b.words)


def _score(x: tuple[str, ...], y: tuple[str, ...], plain_x: frozenset[str], plain_y: frozenset[str]) -> float:
    """The score of two different word lists; `plain_*` are the words that may be replaced in each."""
    # Words that are one, however inflected or misspelt, begin alike: most pairs need no alignment.
    starts = {word[:2] for word in y}
    if sum(word[:2] in starts for word in x) < _LEAST_SHARE * max(len(x), len(y)):
        return 0.0
    gaps, common = _align(x, y)
    if common < _LEAST_SHARE * max(len(x), len(y)):
        return 0.0
    if _telling(set(x).intersection(y), common) < _COMMON_WORDS:
        return 0.0
    only_x = [word for gap in gaps for word in gap.x]
    only_y = [word for gap in gaps for word in gap.y]
    if only_x and only_y:
        if len(only_x) > len(only_y):
            only_x, only_y, plain_x, plain_y = only_y, only_x, plain_y, plain_x
        replaced = plain_x.issuperset(only_x) and len(only_x) <= len(plain_y.intersection(only_y))
        if not replaced or common < _REWORDED_WORDS or len(only_x) > _MOST_REPLACED:
            return 0.0
        if not RANKS.isdisjoint(only_x) or not RANKS.isdisjoint(only_y):
            return 0.0
    cost = sum(max(len(gap.x), len(gap.y)) for gap in gaps if not gap.outer or (gap.x and gap.y))
    return 100.0 * common / (common + cost)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Words that only one of two aligned titles has, at an end (`outer`) or between common ones."""

    x: tuple[str, ...]
    y: tuple[str, ...]
    outer: bool


def _align(x: tuple[str, ...], y: tuple[str, ...]) -> tuple[list[_Gap], int]:
    """The gaps of the longest common subsequence of stems, and how many words are common."""
    gaps, common, x_at, y_at = [], 0, 0, 0
    stems_x, stems_y = [_stem(word) for word in x], [_stem(word) for word in y]
    equal = [op for op in LCSseq.opcodes(stems_x, stems_y) if op.tag == "equal"]
    ends = [(op.src_start, op.dest_start, op.src_end, op.dest_end) for op in equal]
    for x_to, y_to, x_next, y_next in [*ends, (len(x), len(y), len(x), len(y))]:
        outer = (x_at, y_at) == (0, 0) or (x_to, y_to) == (len(x), len(y))
        only_x, only_y, near = _pair_spellings(x[x_at:x_to], y[y_at:y_to])
        common += near + x_next - x_to
        if only_x or only_y:
            gaps.append(_Gap(only_x, only_y, outer))
        x_at, y_at = x_next, y_next
    return gaps, common


def _pair_spellings(x: tuple[str, ...], y: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """What is left of a gap when words that differ by a letter are paired, and how many were."""
    only_x, only_y = [], list(y)
    for word in x:
        twin = next((other for other in only_y if _near(word, other)), None)
        if twin is None:
            only_x.append(word)
        else:
            only_y.remove(twin)
    return tuple(only_x), tuple(only_y), len(x) - len(only_x)


def _near(a: str, b: str) -> bool:
    """One letter apart, after a common beginning: Islande and Irlande are two countries."""
    return (
        a[:3] == b[:3]
        and min(len(a), len(b)) >= 6  # noqa: PLR2004 - shorter words that differ by a letter are two words
        and OSA.distance(a, b, score_cutoff=1) <= 1
        and not _has_digit(a + b)
    )


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """One stem whatever the language: a title of five words does not show its own."""
    return word if _has_digit(word) else stem_word(stem_word(word, "fr"), "en")


def _telling(common: Iterable[str], count: int) -> int:
    """Of `count` common words, those that are no part of a date, a rank or a figure."""
    return count - sum(word in RANKS or _has_digit(word) for word in common)


def _has_digit(word: str) -> bool:
    return not word.isalpha()


def _split_unspaced(word: str) -> list[str]:
    """Pairs of neighbouring characters for a script without spaces, the word itself otherwise."""
    if not _UNSPACED.search(word) or len(word) == 1:
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]
