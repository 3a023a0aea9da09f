"""Which headlines are worth comparing: those on one page, those whose titles share rare words.

Headlines and texts in, candidates out. It only has to miss nothing and stay cheap: what takes a
hundred thousand headlines in is here, and `similar.py` judges the few pairs that come out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from veille.rank.similar import page_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from veille.model import Headline

# A word of more texts is frequent and finds nothing; copies share two rarer ones, if they have two;
# this many texts are candidates, those that share most rare words first.
_FREQUENT, _LEAST_RARE, _MOST_CANDIDATES = 300, 2, 40
# Fewer words in common, frequent ones with them, and `same_title` would refuse.
_LEAST_COMMON, _LIKELY_SHARE = 4, 0.4

# An address and its canonical form have the same runs of these characters, unless a needless escape
# ("%61") hides some.
_PIECE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_NEEDLESS = re.compile(r"%(?:[3-7]|2[dD])")


def likely_pairs(texts: Iterable[str], others: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each text with itself, then with those of `others` (which hold the texts too) that share its rare words.

    A text is a title's content words, spaced; each pair comes once. A word of many texts tells no two
    apart and finds none: so twenty thousand titles of the same words cost no more than as many different ones.
    """
    chosen = sorted(texts)
    words = {text: frozenset(text.split()) for text in others}
    vocabulary = frozenset(chain.from_iterable(words[text] for text in chosen))
    uses = Counter(chain.from_iterable(vocabulary & of_one for of_one in words.values()))
    rare = frozenset(word for word, count in uses.items() if count <= _FREQUENT)
    postings: defaultdict[str, list[str]] = defaultdict(list)
    for text in words.keys() - set(chosen):
        for word in rare & words[text]:
            postings[word].append(text)
    for text in chosen:
        yield text, text
        yield from ((text, other) for other in _find_likely(words[text], rare, postings, words))
        # Only now: of two new texts, the later finds the earlier.
        for word in rare & words[text]:
            postings[word].append(text)


def _find_likely(
    mine: frozenset[str], rare: frozenset[str], postings: Mapping[str, list[str]], words: Mapping[str, frozenset[str]]
) -> list[str]:
    """The texts that share enough words with one, rare ones among them; those that share most rare words first."""
    rare_words = mine & rare
    counts = Counter(chain.from_iterable([postings[word] for word in rare_words if word in postings]))
    # What is not rare in common is frequent, and there are only so many of these.
    least = max(min(_LEAST_RARE, len(rare_words)), _LEAST_COMMON - (len(mine) - len(rare_words)))
    likely = [(-count, other) for other, count in counts.items() if count >= least]
    best = [other for _, other in sorted(likely)[:_MOST_CANDIDATES]]
    shared = [(other, len(mine & words[other])) for other in best]
    size = len(mine)
    return [
        other
        for other, common in shared
        if common >= _LEAST_COMMON and common >= _LIKELY_SHARE * min(size, len(words[other]))
    ]


def find_pages(new: Sequence[Headline], known: Sequence[Headline], texts: Mapping[int, str]) -> dict[int, str]:
    """The page of each new headline, and of the known ones that are on one of these pages.

    A canonical address costs more than a title, so known ones that lack the longest piece of every
    page in question are passed over. Pages to which a feed gives different titles are left out: a
    live blog, a list, a home.
    """
    pages = {headline.entry_id: page for headline in new if (page := page_key(headline.url))}
    wanted = set(pages.values())
    paths = {page: _pieces(re.split("[/?]", page, maxsplit=1)[-1]) for page in wanted}
    longest = {max(pieces or _pieces(page), key=len) for page, pieces in paths.items()}
    for headline in known:
        url = headline.url
        if _NEEDLESS.search(url) or not longest.isdisjoint(_pieces(url)):
            pages[headline.entry_id] = page_key(url)
    titles = defaultdict(set)
    for headline in chain(known, new):
        if headline.entry_id in pages:
            titles[headline.feed_id, pages[headline.entry_id]].add(texts[headline.entry_id])
    wanted -= {page for (_, page), several in titles.items() if len(several) > 1}
    return {entry_id: page for entry_id, page in pages.items() if page in wanted}


def _pieces(address: str) -> list[str]:
    return _PIECE.findall(_ESCAPE.sub(" ", address) if "%" in address else address)
