"""What a headline says, as folding compares it: its telling words in order, which of them are names, its figures.

Title and summary in, a value out. Knows nothing of how rare a word is, of dates or of stories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from veille.rank.turns import TURNS
from veille.text import fold, split_words, stem_word

if TYPE_CHECKING:
    from collections.abc import Mapping

# What of a text is looked at: headlines have 5 to 25 words, a text put in a title has thousands.
_MOST_LETTERS, _MOST_STEMS, _MOST_SUMMARY_LETTERS, _MOST_SUMMARY_STEMS = 600, 40, 400, 40
# A stem is cut here: what follows makes a citizen of a country ("ukrain"), a doer of a deed.
_STEM_LETTERS = 6
_MOST_DAYS = 2

# Words that carry grammar or hold any sentence together, folded: articles, prepositions, pronouns, auxiliaries,
# question words, adverbs of degree and time.
_LIGHT = frozenset(
    "le la les l un une des du de d au aux a en et ou dans sur par ce cet cette ces c son sa ses leur leurs s se on il "
    "elle ils elles je j nous nos notre vous vos votre qu que qui quoi dont y m t est sont ont ete etre avoir "
    "comment pourquoi quand quel quelle quels quelles si mais donc or ni car comme plus moins tres trop peu tout tous "
    "toute toutes meme autre autres encore deja aussi bien alors apres avant pendant depuis entre vers chez sans avec "
    "contre pour selon face lors afin peut peuvent doit doivent va vont veut veulent fait faire faut fera sera seront "
    "etait etaient avait avaient ai as avons avez soit serait pourrait ca cela celui celle ceux celles ci jusqu jusque "
    "quelque quelques chaque plusieurs nouveau nouvelle nouveaux nouvelles lui eux mon ma mes ton ta tes toi moi te me "
    "suis es sommes ayant pas ne non jamais rien "
    "the an of to in at and is are was were be been has have had it its his her their our your this that by from "
    "how why what when where who which while with without for against after before about into over under more less "
    "most very all any some other new will would can could should may might must do does did done say says said get "
    "gets he she they we you i him them us my but so than then there here up down out off not no just also "
    "amid".split(),
)
# What outlets write around a title to say what kind of item it is, whatever its subject.
_MARKERS = frozenset(
    "direct live video videos photos podcast exclusif exclusive maj update updated article reserve abonnes breaking "
    "infographie diaporama reportage decryptage replay".split(),
)
# Words that say when: whatever happens on a day shares them.
_DATES = frozenset(
    "lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre "
    "octobre novembre decembre monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december aujourd hui hier demain matin soir jour jours semaine "
    "mois an ans annee annees today yesterday tomorrow day week month year years".split(),
)
_YEAR = re.compile(r"(?:19|20)\d\d")

# The figures of a match, neither a date nor part of a longer row.
_SCORE = re.compile(r"(?<![\d-])(\d{1,3})\s?[-–]\s?(\d{1,3})(?![\d-])")

# A word, or a sign after which a capital is only the start of a sentence.
_PIECE = re.compile(r"[^\W_]+|[.:!?…«»\"“”|–—\\(\[]|\s-\s")
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: Thai to Lao, Myanmar, Khmer, kana and Han (Unicode blocks).
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


# What ends a label ("Nantes.", "Rugby :"), how long it may be, and what stands between the parts of a name.
_LABEL_ENDS, _LABEL_WORDS = frozenset(".:"), 4
# What an outlet or a section is set apart with at the end of a title, and how long its name may be.
_ENDING_SIGNS, _ENDING_STEMS = frozenset((" - ", "|", "–", "—")), 3
_JOINTS = frozenset("de du des d la le les l en sur et of the".split())


@dataclass(frozen=True, slots=True)
class Wording:
    """The stems of a title in order, each once; those of its summary that the title lacks.

    `capitals` are the stems it writes with a capital, `names` those it does so inside a sentence. `skeleton` is the
    title with a star for what comes before a colon or a first full stop, for names and for numbers; `slots` are the
    words that stars stand for, `dates` the stems that say when or how many. It is "" when nothing or hardly more than
    that is left. `label` are the stems of what comes before that colon or full stop when all are names, `heading`
    whatever they are; `ending` those of what follows the last dash or bar; `turns` the words that say the opposite of
    others, `score` the two figures of the only score in it.
    """

    stems: tuple[str, ...]
    places: Mapping[str, int] = field(compare=False, repr=False)
    capitals: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    summary: tuple[str, ...]
    skeleton: str
    slots: frozenset[str]
    label: frozenset[str]
    heading: frozenset[str]
    ending: tuple[str, ...]
    turns: frozenset[str]
    score: tuple[str, ...]


_NONE: frozenset[str] = frozenset()


def is_light(word: str) -> bool:
    """Whether a folded word is of any title whatever its subject: grammar, dates, what outlets write around it."""
    return word in _LIGHT or word in _MARKERS or word in _DATES


# An entry is read when it comes and again when a later one may join its story.
@lru_cache(maxsize=1 << 15)
def read_wording(title: str, summary: str = "") -> Wording:
    """The wording of a headline."""
    read = _read(title[:_MOST_LETTERS], _MOST_STEMS)
    stems = tuple(read.stems)
    dates = frozenset(filter(is_date, stems))
    return Wording(
        stems=stems,
        places={stem: at for at, stem in enumerate(stems)},
        capitals=frozenset(read.capitals) or _NONE,
        names=frozenset(read.names) or _NONE,
        numbers=frozenset(filter(str.isdigit, stems)) or _NONE,
        dates=dates or _NONE,
        summary=_read_summary(summary[:_MOST_SUMMARY_LETTERS]) if summary else (),
        skeleton=" ".join(read.frame) if read.told and "*" in read.frame else "",
        slots=frozenset(read.slots) or _NONE,
        label=read.label,
        heading=read.heading,
        ending=stems[read.tail :] if 0 < read.tail < len(stems) <= read.tail + _ENDING_STEMS else (),
        turns=TURNS.intersection(split_words(title[:_MOST_LETTERS])) or _NONE,
        score=_read_score(title[:_MOST_LETTERS]),
    )


def _read_score(title: str) -> tuple[str, ...]:
    found = _SCORE.findall(title)
    return found[0] if len(found) == 1 else ()


@lru_cache(maxsize=1 << 14)
def is_date(stem: str) -> bool:
    """Whether a stem says when, or is a small number: a day, a rank, a count."""
    return stem in _DATE_STEMS or (stem.isdigit() and (len(stem) <= _MOST_DAYS or bool(_YEAR.fullmatch(stem))))


@dataclass(slots=True)
class _Reader:
    """A text as read so far. `frame` is the skeleton in the making, `heard` the words of what may be a label."""

    stems: dict[str, None] = field(default_factory=dict)
    capitals: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    slots: set[str] = field(default_factory=set)
    frame: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    label: frozenset[str] = _NONE
    heading: frozenset[str] = _NONE
    opening: bool = True
    told: int = 0
    words: int = 0
    tail: int = 0

    def hear_sign(self, sign: str) -> None:
        """After a sign a capital says nothing; a colon or a first full stop may end a label."""
        self.opening = True
        if sign in _ENDING_SIGNS:
            self.tail = len(self.stems)
        elif sign in _LABEL_ENDS and 0 < self.words <= _LABEL_WORDS and self.frame != ["*"]:
            self.slots.update(self.heard)
            self.heading = frozenset(self.stems)
            self.label = self.heading if self.capitals.issuperset(self.stems) else _NONE
            self.frame, self.told, self.words = ["*"], 0, _LABEL_WORDS + 1

    def hear_word(self, word: _Word) -> None:
        """A word with its stems, none when it tells nothing."""
        self.words += 1
        for stem in word.stems:
            self.stems[stem] = None
        name = word.capital and not self.opening
        if word.capital:
            self.capitals.update(word.stems)
            if name:
                self.names.update(word.stems)
        if word.filling and self.words <= _LABEL_WORDS:
            self.heard.append(word.filling)
        if name or not word.common:
            if word.filling:
                self.slots.add(word.filling)
            while self.frame and self.frame[-1] in _JOINTS:
                self.frame.pop()
            if self.frame[-1:] != ["*"]:
                self.frame.append("*")
        else:
            self.frame.append(word.lower)
            self.told += bool(word.stems)
        self.opening = self.opening and word.letter


def _read(text: str, most: int) -> _Reader:
    reader = _Reader()
    for piece in _PIECE.findall(text):
        word = _look_at(piece)
        if word is None:
            reader.hear_sign(piece)
        else:
            reader.hear_word(word)
            if len(reader.stems) >= most:
                break
    return reader


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as written: its stems; what fills a slot, folded, "" for what tells nothing or when.

    One that is `common` is neither date nor figure; a `letter` is one character.
    """

    stems: tuple[str, ...]
    filling: str
    lower: str
    capital: bool
    common: bool
    letter: bool


# Headlines are made of the same words.
@lru_cache(maxsize=1 << 14)
def _look_at(piece: str) -> _Word | None:
    """What is to be known of a word; None for a sign."""
    stems = _stems_of(piece)
    if stems is None:
        return None
    dated = bool(stems) and is_date(stems[0])
    return _Word(
        stems=stems,
        filling=fold(piece) if stems and not dated else "",
        lower=piece.lower(),
        capital=piece[0].isupper(),
        common=piece.isalpha() and not dated,
        letter=len(piece) == 1,
    )


def _read_summary(text: str) -> tuple[str, ...]:
    """The stems of a summary: of it nothing else is asked."""
    every = dict.fromkeys(chain.from_iterable(map(_tell, text.split())))
    if len(every) < _MOST_SUMMARY_STEMS:
        return tuple(every)
    first: dict[str, None] = {}
    for word in _WORD.findall(text):
        first.update(dict.fromkeys(_stems_of(word) or ()))
        if len(first) >= _MOST_SUMMARY_STEMS:
            break
    return tuple(first)


@lru_cache(maxsize=1 << 15)
def _tell(words: str) -> tuple[str, ...]:
    """The stems of what stands between two blanks."""
    return tuple(stem for word in _WORD.findall(words) for stem in _stems_of(word) or ())


@lru_cache(maxsize=1 << 16)
def _stems_of(piece: str) -> tuple[str, ...] | None:
    """The stems of a word as written; None for a sign."""
    if not piece[0].isalnum():
        return None
    words = [part for word in split_words(piece) for part in _split_unspaced(word)]
    telling = [word for word in words if word not in _LIGHT and word not in _MARKERS]
    return tuple(_stem(word) for word in telling if len(word) > 1 or not word.isascii() or word.isdigit())


def _stem(word: str) -> str:
    """One stem whatever the language: a title of five words does not show its own."""
    return stem_word(stem_word(word, "fr"), "en")[:_STEM_LETTERS] if word.isalpha() else word


def _split_unspaced(word: str) -> list[str]:
    """Pairs of neighbouring characters for a script without spaces, the word itself otherwise."""
    if word.isascii() or not _UNSPACED.search(word) or len(word) == 1:
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


_DATE_STEMS = frozenset(_stem(word) for word in _DATES)
