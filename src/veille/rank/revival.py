"""Whether a headline that joins a story tells something new to who has read it. Headlines in, yes or no out.

Knows nothing of marks: `app/revival.py` asks when a read story grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.wording import is_date, read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.model import Headline
    from veille.rank.window import Rarity

# Of what a title says, weighed by rarity, the part that nothing in the story told; less when a figure is new (a toll,
# a score). Two outlets word one event differently: on a labelled day the second headline of a story has 0.64 of new
# words by the median, the fifth to ninth 0.40, those after them 0.28: with these, the second brings news in 42 of 77
# cases, the fifth to ninth in 12 of 43.
_NEW_SHARE, _NEW_SHARE_WITH_FIGURE = 0.6, 0.3
# In words of a single story: one new word is another way to say it.
_NEW_WORTH = 2.0
_YEAR_DIGITS = 4


def brings_news(new: Headline, told: Iterable[Headline], rarity: Rarity) -> bool:
    """Whether the title of `new`, which is no copy, says enough that no headline of `told` said."""
    wordings = [read_wording(headline.title, headline.summary) for headline in told]
    known = {stem for wording in wordings for stem in (*wording.stems, *wording.summary)}
    wording = read_wording(new.title)
    fresh = [stem for stem in wording.stems if stem not in known]
    worth = sum(rarity[stem] for stem in fresh)
    every = sum(rarity[stem] for stem in wording.stems)
    if any(stem in wording.numbers and not _is_year(stem) for stem in fresh):
        # A small number is worth little as a word: that it is new is what counts.
        return worth >= _NEW_SHARE_WITH_FIGURE * every
    return worth >= max(_NEW_WORTH, _NEW_SHARE * every)


def _is_year(stem: str) -> bool:
    return len(stem) == _YEAR_DIGITS and is_date(stem)
