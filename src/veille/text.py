"""Words, for every room: folding of case and accents, tokens, stems, language, safe lines.

Strings in, strings out. Knows nothing of feeds, rules or the terminal it protects.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Letters that Unicode does not decompose but that people type as two (or as a plain one); marks of
# typographers that stand for a plain one. All in lower case.
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
    | {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00ad": "", "\u2011": "-", "\u2010": "-"},
)
# Short, so that the same few runs ("é", "à", "œ") are met again and again.
_NOT_ASCII = re.compile(r"[^\x00-\x7f]{1,8}")

_TOKEN = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]")
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
# Signs that make another name of a word are spelled out: "C++" is not "C", nor "Canal+" a canal. Their
# words then follow one another as in a phrase. Found in folded text.
_SIGNS = re.compile(
    r"(?<=[^\W\d_])(?P<pluses>\+\+(?![^\W\d]|\+)|\+(?![\w+]))|(?<![\w#])(?P<sharp>[a-z])\#(?![\w#])|(?<!\w)\.(?=net\b)",
)

# Controls, and the marks that reorder or hide text: bidi embeddings, overrides and isolates
# (Unicode UAX #9), zero-width and interlinear characters, lone surrogates, non-characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]",
)
# No repetition below scans what another start has scanned: each is stopped by the next "<".
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAGS = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1[^<>]*>|</?[a-z!?][^<>]*>", re.IGNORECASE)
_BLOCK_ENDS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|/blockquote|/figure|/section)\b[^<>]*>", re.IGNORECASE)

# The commonest words of each language: enough to tell French from English in a line of text.
_STOP_WORDS = {
    "fr": frozenset(
        "le la les de des du un une et est en au aux ce ces cette son sa ses sur pour par pas que qui dans avec "
        "plus sont ont il elle ils nous vous je ne se leur mais ou comme apres avant sans entre chez".split(),
    ),
    "en": frozenset(
        "the of and to in is are was for on with that by from at it as be has have this an will not its their "
        "after before how why what who you your we they he she more than but over into about".split(),
    ),
}
_DECISIVE = 2

# Endings that make another word of a word in French, folded and in the singular: stemming stops there.
_DERIVED = (
    "tion", "sion", "isme", "iste", "ique", "able", "ible", "ment", "ence", "ance", "logie", "logue", "graphe",
)  # fmt: skip
_PLURAL = re.compile(r"(?<=[^s])s$|(?<=eau)x$|(?<=eu)x$")
# The letters of a verb's stem, at least, before "-ent" is taken for its ending.
_VERB = 5

_MOST_STEMS = 1 << 17

# Snowball's name of each language whose inflections are folded.
STEMMED = {"fr": "french", "en": "english"}


def fold(text: str) -> str:
    """Lower case without accents or ligatures: "Cœur d'Évêque" gives "coeur d'eveque". Idempotent."""
    lower = text.casefold()
    return lower if lower.isascii() else _NOT_ASCII.sub(lambda run: _fold_run(run[0]), lower)


@lru_cache(maxsize=1 << 14)
def _fold_run(run: str) -> str:
    """Folding goes character by character: what surrounds a run changes nothing to it."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", run) if not unicodedata.combining(c))
    return plain.casefold().translate(_LIGATURES)


def split_words(text: str) -> list[str]:
    """The folded words of a text in order; apostrophes and hyphens separate.

    "C++" gives c, plus, plus; "C#" c, sharp; ".NET" dot, net; "Canal+" canal, plus.
    """
    folded = fold(text)
    if "+" in folded or "#" in folded or ".net" in folded:
        folded = _SIGNS.sub(_spell_sign, folded)
    if not folded.isascii():
        folded = _NOT_ASCII.sub(lambda run: _blank_signs(run[0]), folded)
    # Same words, five times as fast: most texts are ASCII once folded and rid of their quotation marks.
    return folded.translate(_BLANKS).split() if folded.isascii() else _TOKEN.findall(folded)


def span_words(text: str) -> list[tuple[str, int, int]]:
    """The words of `split_words`, each with the characters (start, end) of the text that it stands on.

    Words that a sign is spelled out into ("C++") share its characters. Marks that folding drops go with what
    they follow.
    """
    # Folding goes character by character: each folded one is owned by the one it came from.
    pieces = [text.casefold()] if text.isascii() else list(map(fold, text))
    folded = "".join(pieces)
    owners = list(range(len(text))) if text.isascii() else [at for at, piece in enumerate(pieces) for _ in piece]
    ends = list(range(1, len(text) + 1))
    if not text.isascii():
        for at in range(len(text) - 2, -1, -1):
            ends[at] = at + 1 if pieces[at + 1] else ends[at + 1]
    spelled: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    done = 0
    for sign in [*_SIGNS.finditer(folded), None]:
        until = sign.start() if sign else len(folded)
        spelled.append(folded[done:until])
        starts += owners[done:until]
        stops += [ends[owner] for owner in owners[done:until]]
        if sign:
            spelled.append(_spell_sign(sign))
            starts += [owners[sign.start()]] * len(spelled[-1])
            stops += [ends[owners[sign.end() - 1]]] * len(spelled[-1])
            done = sign.end()
    return [
        (found[0], min(starts[found.start() : found.end()]), max(stops[found.start() : found.end()]))
        for found in _TOKEN.finditer("".join(spelled))
    ]


@lru_cache(maxsize=1 << 12)
def _blank_signs(run: str) -> str:
    """Letters and figures of a run, and a blank for whatever else."""
    return _NOT_WORD.sub(" ", run)


def _spell_sign(sign: re.Match[str]) -> str:
    if sign["pluses"]:
        return " plus" * len(sign["pluses"]) + " "
    return f"{sign['sharp']} sharp" if sign["sharp"] else "dot "


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    import Stemmer

    stem: Callable[[str], str] = Stemmer.Stemmer(STEMMED[language]).stemWord
    return stem


@lru_cache(maxsize=1 << 12)
def stem_word(word: str, language: str) -> str:
    """The stem of a folded word; the word itself where the language has no stemmer.

    Words are stemmed after folding, so that accented and plain spellings agree. What tells forms of one
    word apart goes; what makes another word of it stays: "élections" is "élection", but
    "communication", "communiqué" and "commune" are three, which Snowball's French takes for one.
    """
    if language != "fr":
        return _stemmer(language)(word) if language in STEMMED else word
    if len(word) > 3:  # noqa: PLR2004 - "bus", "gaz" and the like have no plural of their own
        word = _PLURAL.sub("", word)
    if word.endswith(_DERIVED):
        return word
    # Snowball reads "ée" by its accent, which folding has taken away, and leaves a final "i" of "publi".
    stem = _stemmer("fr")(word[:-1] if word.endswith("ee") else word)
    return stem.removesuffix("i") if len(stem) > _VERB - 1 else stem


def stem_words(words: Iterable[str], language: str) -> list[str]:
    """`stem_word` over words."""
    return list(map(_stems_of(language).__getitem__, words))


class _Stems(dict[str, str]):
    """The stems met so far in one language; a look-up is ten times as fast as a call."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_STEMS:
            self.clear()
        stem = self[word] = stem_word(word, self._language)
        return stem


@cache
def _stems_of(language: str) -> _Stems:
    return _Stems(language if language in STEMMED else "")


def query_stems(word: str) -> tuple[str, ...]:
    """Every stem a folded word may be indexed under: a query does not say its language.

    French verbs end in -ent with "they" ("dénoncent"), as many nouns do ("agent"), so Snowball leaves
    it: here a verb is also looked for with it and without it, where enough of the word remains.
    """
    french = stem_word(word, "fr")
    stems = [french, stem_word(word, "en"), word]
    if word.endswith("ent") and len(word) >= _VERB + 3:
        stems.append(stem_word(word[:-3] + "e", "fr"))
    elif word != french and len(french) >= _VERB and not french.endswith(_DERIVED):
        stems.append(f"{french}ent")
    return tuple(dict.fromkeys(stems))


def detect_language(text: str, *, declared: str = "") -> str:
    """Two-letter code: what the words show when they are decisive, else what was declared.

    Declarations come second because many French feeds carry their software's default, `en-US`.
    """
    said = declared.strip().lower().replace("_", "-").partition("-")[0]
    said = said if 2 <= len(said) <= 3 and said.isascii() and said.isalpha() else ""  # noqa: PLR2004
    if said and said not in STEMMED:
        return said
    words = _TOKEN.findall(fold(text[:2000]))
    counts = {language: sum(map(stops.__contains__, words)) for language, stops in _STOP_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    second = max(count for language, count in counts.items() if language != best)
    if counts[best] >= _DECISIVE and counts[best] >= 2 * second:
        return best
    return said


def is_stop_word(word: str) -> bool:
    """Whether a folded word is among the commonest of its language, and tells nothing by itself."""
    return any(word in stops for stops in _STOP_WORDS.values())


def clean_line(text: str) -> str:
    """One line, safe to print: no controls, no bidi overrides, blanks and newlines as one space."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_UNSAFE.sub("", line).split())


def clean_text(text: str) -> str:
    """Several lines, safe to print: as `clean_line`, with newlines kept (three or more become two)."""
    lines = (clean_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def strip_markup(markup: str) -> str:
    """The words of an HTML fragment as one or more clean lines; entities resolved once."""
    return clean_text(_drop_tags(markup))


def flatten_markup(markup: str) -> str:
    """`strip_markup` on one line."""
    return clean_line(_drop_tags(markup))


def _drop_tags(markup: str) -> str:
    if "<" in markup:
        # Every comment that opens before the last "-->" is closed: none is looked for in vain.
        head, end, tail = markup.rpartition("-->")
        markup = _COMMENT.sub("", head + end) + tail
        markup = _TAGS.sub("", _BLOCK_ENDS.sub("\n", markup))
    return html.unescape(markup) if "&" in markup else markup


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis when cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > limit // 2 else cut).rstrip(" ,;:.–-") + "…"


def count_words(text: str) -> int:
    """How many words a reader reads."""
    return len(_TOKEN.findall(text))


def is_in_folder(folder: str, wanted: str) -> bool:
    """Whether a folder path is `wanted` or below it; case and accents do not count."""
    path, top = _folder_parts(folder), _folder_parts(wanted)
    return path[: len(top)] == top


@lru_cache(maxsize=1 << 12)
def _folder_parts(folder: str) -> list[str]:
    """The names of a path. A slash inside a name is stored as U+2215 and may be typed as a slash."""
    return [part.strip() for part in fold(folder.replace("\u2215", "/")).strip("/").split("/")]
